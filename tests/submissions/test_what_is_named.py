"""The first word of a command: what it may name, and that naming shows nothing of this machine
that is not every submission's to see."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from conformance.sandbox import bubblewrap
from conformance.submissions import (
    BuildFailed,
    BuildResult,
    Program,
    build,
    first_word,
    readable_by,
    toolchain,
)
from conformance.submissions.submission import Submission
from conformance.verdict.model import WrongCall

Tree = Callable[..., Path]
Opened = Callable[..., Submission]
Says = Callable[[Path], str]

SCRIPT = "#!/bin/sh\necho well\n"
LEADS_OUT = "leads out of what was handed in, by a link"
REFUSED = "a command may begin with the name of a program"


def ran(*_: object) -> BuildResult:
    return BuildResult(0, "")


@pytest.fixture
def neighbour(tmp_path: Path) -> Path:
    """Another student's program, and a file of this machine beside it."""
    folder = tmp_path / "class" / "bob"
    (folder / "bin").mkdir(parents=True)
    (folder / "lib").mkdir()
    (folder / "bin" / "server").write_text(SCRIPT)
    (folder / "bin" / "server").chmod(0o755)
    (folder / "secret.txt").write_text("the teacher's secret")
    return folder


NAMED = {
    "absolute": "{bob}/bin/server",
    "absolute, and through the system": "/usr/..{bob}/bin/server",
    "absolute, twice a slash": "/{bob}/bin/server",
    "by /proc": "/proc/self/root{bob}/bin/server",
    "by the folder of a process": "/proc/self/cwd/server",
    "beside the hand-in": "../../../class/bob/bin/server",
    "out and in": "x/../../handed/../../../class/bob/bin/server",
    "a file of the machine": "/etc/passwd",
    "a home": f"{Path.home()}/.bashrc",
    "as the sandbox has it": "/home/student/../cache/x",
    "the folder above": "..",
    "the folder": ".",
    "a device": "/dev/fd/0",
}


@pytest.mark.parametrize("key", ["command", "build"])
@pytest.mark.parametrize("how", NAMED)
def test_what_may_not_be_named(
    how: str, key: str, neighbour: Path, tree: Tree, opened: Opened
) -> None:
    word = NAMED[how].format(bob=neighbour)
    says = {"command": ["python3", "x.py"], "build": ["true"], key: [word, "secret.txt"]}
    text = "".join(f"{name} = {words!r}\n" for name, words in says.items())
    with pytest.raises(WrongCall, match=REFUSED) as refusal:
        opened(tree({"submission.toml": text, "x.py": ""}))
    assert "submission.toml" in str(refusal.value)
    assert readable_by([word]) == ()
    assert toolchain.readable((word,)) == ()


def test_a_link_that_leads_out(neighbour: Path, tree: Tree, opened: Opened) -> None:
    """Those that are handed in are left behind; here one is there all the same."""
    root = tree({"submission.toml": "", "x": ""})
    (root / "server").symlink_to(neighbour / "bin" / "server")
    (root / "bin").symlink_to(neighbour / "bin")
    for word in ("server", "./server", "bin/server", "./bin/../bin/server"):
        assert first_word.refused(word, root) == f"{word!r} {LEADS_OUT}"
    (root / "own").symlink_to("x")
    (root / "shell").symlink_to("/bin/sh")
    (root / "as-the-build-saw-it").symlink_to("/home/student/x")
    for word in ("own", "./own", "shell", "./shell", "./as-the-build-saw-it"):
        assert first_word.refused(word, root) == ""


LINKS = {
    "the program": ("server", "{bob}/bin/server", ["./server"]),
    "a folder above it": ("out", "{bob}/bin", ["out/server"]),
    "a link to a link": ("server", "{bob}/link", ["server"]),
    "by /proc": ("server", "/proc/self/root{bob}/bin/server", ["./server"]),
    "the virtual environment": (".venv", "{bob}", [".venv/bin/python", "x.py"]),
    "an interpreter": (".venv/bin/python", "{bob}/bin/server", [".venv/bin/python", "x.py"]),
}


@pytest.mark.parametrize("what", LINKS)
def test_a_link_that_a_build_has_made(
    what: str, neighbour: Path, tree: Tree, opened: Opened
) -> None:
    name, aim, command = LINKS[what]
    (neighbour / "link").symlink_to(neighbour / "bin" / "server")
    text = f"build = ['true']\ncommand = {command!r}\n"
    submission = opened(tree({"submission.toml": text, "x.py": ""}))

    def run(_: Sequence[str], root: Path, __: float) -> BuildResult:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(aim.format(bob=neighbour))
        return BuildResult(0, "")

    with pytest.raises(BuildFailed, match=LEADS_OUT) as failure:
        build(submission, run)
    assert not failure.value.machine


@pytest.mark.parametrize("what", ["python", "the whole environment"])
def test_an_environment_that_requirements_have_changed(
    what: str, neighbour: Path, tree: Tree, opened: Opened
) -> None:
    """What pip installs may be the student's own, and do as it likes with its environment."""
    submission = opened(tree({"main.py": "import mine", "requirements.txt": "./mine\n"}))

    def run(command: Sequence[str], root: Path, _: float) -> BuildResult:
        venv = root / ".venv"
        if "venv" in command:
            (venv / "bin").mkdir(parents=True)
            (venv / "bin" / "python").symlink_to(toolchain.python(with_venv=True))
        elif what == "python":
            (venv / "bin" / "python").unlink()
            (venv / "bin" / "python").symlink_to(neighbour / "bin" / "server")
        else:
            shutil.rmtree(venv)
            venv.symlink_to(neighbour)
        return BuildResult(0, "")

    with pytest.raises(BuildFailed, match=LEADS_OUT):
        build(submission, run)


def test_an_environment_that_is_a_link(neighbour: Path, tree: Tree, opened: Opened) -> None:
    """To a folder that has an interpreter, too: it would be shown with what lies beside that."""
    submission = opened(tree({"main.py": "import mine", "requirements.txt": "./mine\n"}))
    (neighbour / "bin" / "python").symlink_to(toolchain.python())

    def run(_: Sequence[str], root: Path, __: float) -> BuildResult:
        if not (root / ".venv").is_symlink():
            (root / ".venv").symlink_to(neighbour)
        return BuildResult(0, "")

    with pytest.raises(BuildFailed, match="no virtual environment"):
        build(submission, run)


ALLOWED = [
    (["python3", "x.py"], []),
    (["sh", "-c", "exit"], []),
    (["/bin/sh", "x"], []),
    (["/usr/bin/env", "python3"], []),
    (["./start", "{port}"], ["start"]),
    (["start"], ["start"]),
    (["bin/start"], ["bin/start"]),
    (["./bin/../start"], ["start"]),
    (["/home/student/start"], ["start"]),
    (["made/later"], []),
    (["./made-later"], []),
    ([".venv/bin/python", "x.py"], []),
]


@pytest.mark.parametrize(("command", "files"), ALLOWED)
def test_what_may_be_named(
    command: list[str], files: list[str], tree: Tree, opened: Opened
) -> None:
    text = f"build = ['true']\ncommand = {command!r}\n"
    root = tree({"submission.toml": text, **dict.fromkeys(files, SCRIPT)})
    assert opened(root).command == tuple(command)


def test_the_sandbox_has_it_where_this_says() -> None:
    assert first_word.SEEN_AS == bubblewrap.HOME


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tool that is installed outside /usr, and found by PATH."""
    place = tmp_path / "opt" / "sdkman" / "candidates" / "deno" / "1.40"
    for folder in ("bin", "lib"):
        (place / folder).mkdir(parents=True)
    (place / "bin" / "deno").write_text(SCRIPT)
    (place / "bin" / "deno").chmod(0o755)
    (place.parent / "current").symlink_to("1.40")
    path = f"{place.parent / 'current' / 'bin'}:{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    return place


@pytest.mark.skipif(shutil.which("deno") is not None, reason="this machine has a deno")
class TestToolsElsewhere:
    def program(self, tree: Tree, opened: Opened, word: str) -> Program:
        text = f"command = ['{word}', 'x']\n"
        return build(opened(tree({"submission.toml": text, "x": ""})), ran)

    def test_by_its_name(self, elsewhere: Path, tree: Tree, opened: Opened) -> None:
        current = elsewhere.parent / "current"
        program = self.program(tree, opened, "deno")
        assert program.command == (f"{current}/bin/deno", "x")
        assert {current, elsewhere} <= set(program.readable)
        assert set(readable_by(["deno"])) == {current, elsewhere}

    def test_by_its_path(self, elsewhere: Path, tree: Tree, opened: Opened) -> None:
        """A teacher may tell a class where it is: it is what the name would mean, too."""
        for folder in (elsewhere, elsewhere.parent / "current"):
            program = self.program(tree, opened, f"{folder}/bin/deno")
            assert elsewhere in program.readable

    def test_alone_where_other_things_lie(
        self, tmp_path: Path, tree: Tree, opened: Opened, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for place in (tmp_path / "home" / ".local" / "bin", tmp_path / "course" / "bin"):
            place.mkdir(parents=True)
            (place / "deno").write_text(SCRIPT)
            (place / "deno").chmod(0o755)
            (place / "passwords.sh").write_text(SCRIPT)
            with monkeypatch.context() as patch:
                patch.setenv("PATH", f"{place}:{os.environ['PATH']}")
                program = self.program(tree, opened, "deno")
            assert place / "deno" in program.readable
            assert place not in program.readable
            assert place.parent not in program.readable

    def test_what_is_no_tool_of_a_language(
        self, neighbour: Path, tree: Tree, opened: Opened, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A bare name is no way either to what lies on the teacher's PATH."""
        monkeypatch.setenv("PATH", f"{neighbour}/bin:{os.environ['PATH']}")
        with pytest.raises(WrongCall, match=f"{REFUSED}.*'server'"):
            self.program(tree, opened, "server")
        assert readable_by(["server"]) == ()

    def test_a_program_of_the_folder_comes_before_it(
        self, neighbour: Path, tree: Tree, says: Says, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", f"{neighbour}/bin:{os.environ['PATH']}")
        files = {"submission.toml": "command = ['server']", "server": "#!/bin/sh\necho own\n"}
        assert says(tree(files)) == "own"


def test_nothing_of_this_suite_s_own_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the name of a program that was installed with it; nor what lies in the current folder,
    whatever PATH says."""
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "lib").mkdir()
    for name in ("deno", "python3.99"):
        (venv / "bin" / name).write_text(SCRIPT)
        (venv / "bin" / name).chmod(0o755)
    monkeypatch.setattr(sys, "prefix", str(venv))
    monkeypatch.chdir(venv / "bin")
    monkeypatch.setenv("PATH", f"{venv}/bin:.::/usr/bin:/bin")
    for name in ("python3.99", "./deno", "bin/deno"):
        assert toolchain.readable((name,)) == ()
        assert toolchain.installed(name) is None
    for word in ("deno", "./deno"):
        assert not any(each.is_relative_to(tmp_path) for each in toolchain.readable((word,)))
