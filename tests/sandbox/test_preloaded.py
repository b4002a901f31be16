"""A forked process imports nothing: it may be a user by then who cannot read our Python.

Tried in two ways. A hook has each import fail in a process that was forked, and writes it down:
whatever is imported there some day is found. And a Python that root alone may read is what many
have (pyenv, uv, conda below /root).
"""

from __future__ import annotations

import ast
import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.sandbox import Tier
from conformance.sandbox.preloaded import CODECS
from kit.desk import REFERENCES, REPOSITORY, Checked, Desk, this_machines_ports

NO_IMPORTS = Path(__file__).parent / "no_imports"
PACKAGE = REPOSITORY / "conformance"


@dataclass
class Forked:
    """Checks whose forked processes are watched."""

    desk: Desk
    log: Path

    def check(self, path: object, *arguments: object, lab: str = "echo", **more: str) -> Checked:
        environment = {"PYTHONPATH": str(NO_IMPORTS), "IMPORTS": str(self.log), **more}
        return self.desk.check(path, *arguments, lab=lab, command=(), **environment)

    @property
    def imported(self) -> list[str]:
        return sorted(set(self.log.read_text().split()))


@pytest.fixture
def forked(desk: Desk) -> Forked:
    log = desk.folder / "imports"
    log.touch()
    log.chmod(0o666)
    return Forked(desk, log)


LABS = {
    "echo": "thread_per_client",
    "streaming-time": "one_at_a_time",
    "presence": "threads",
    "presence-udp": "event_loop",
    "roulette": "threads",
}


@pytest.mark.slow
@pytest.mark.parametrize("lab", LABS)
def test_a_whole_lab(lab: str, forked: Forked) -> None:
    program = REFERENCES / lab / "python" / f"{LABS[lab]}.py"
    checked = forked.check(program, "--keep", forked.desk.reports / "kept", lab=lab)
    assert forked.imported == []
    assert checked.status == 0, checked.stdout


@pytest.mark.parametrize("network", ["delay 5ms", "delay 5ms jitter 1ms loss 1%"])
def test_over_a_network(network: str, forked: Forked) -> None:
    program = REFERENCES / "echo" / "python" / "thread_per_client.py"
    checked = forked.check(program, "--only", "3.2", "--network", network)
    assert forked.imported == []
    assert checked.outcomes["3.2"] == "passed", checked.stdout


FAULTS = {
    "what is no text": r'client.sendall(f"> {text.upper()[:-1]}".encode() + b"\xff\x00\x1b[31m\n")',
    "letters of all kinds": r'client.sendall(f"> {text.upper()}\u200f\U0001f600\n".encode())',
    "a crash": "os._exit(3)",
}
"""Each shows at once: the suite does not wait for what could still come."""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_program(fault: str, forked: Forked) -> None:
    """What did not hold is told at length, and its evidence is kept."""
    program = forked.desk.echo(f"import os\n\ndef answer(client, text):\n    {FAULTS[fault]}")
    kept = forked.desk.reports / "kept"
    checked = forked.check(program, "--only", "1.1,3.1", "--keep", kept)
    assert forked.imported == []
    assert checked.outcomes == {"1.1": "passed", "3.1": "failed"}, checked.stdout
    assert list(kept.glob("3.1*.txt"))


@pytest.mark.parametrize("tier", [Tier.NETWORK, Tier.NONE])
def test_in_the_other_tiers(tier: Tier, forked: Forked) -> None:
    program = forked.desk.echo(f"def answer(client, text):\n    {FAULTS['what is no text']}")
    with this_machines_ports():
        checked = forked.check(
            program, "--only", "1.1,3.1",
            CONFORMANCE_TIER=tier, XDG_RUNTIME_DIR=str(forked.desk.reports),
        )  # fmt: skip
    assert forked.imported == []
    assert checked.outcomes == {"1.1": "passed", "3.1": "failed"}, checked.stdout


TRIMS = """
def answer(client, text):
    client.sendall(f"> {text.upper().strip()}\\n".encode())
"""


def test_a_search(forked: Forked) -> None:
    """Hypothesis imports some of its own when it is used. This one finds something, so that the
    conversation is held again, too."""
    program = forked.desk.echo(TRIMS)
    checked = forked.check(program, "--only", "1.1", "--search", "2m", "--seed", "7")
    assert forked.imported == []
    assert checked.run["search"]["verdict"] is not None, checked.stdout


@pytest.mark.parametrize("index", ["http://localhost:1/simple", "https://ä.example/simple"])
def test_the_proxy_of_a_build(index: str, forked: Forked) -> None:
    """It looks names up, some of them in other letters than ASCII's."""
    folder = forked.desk.folder / "handed-in"
    folder.mkdir()
    forked.desk.echo("import no_such_thing", name="handed-in/server.py")
    (folder / "requirements.txt").write_text("no-such-thing==1.0\n")
    checked = forked.check(
        folder, "--only", "1.1", "--fetch-dependencies", PIP_INDEX_URL=index, PIP_RETRIES="0"
    )
    assert forked.imported == []
    assert checked.outcomes == {"1.1": "inconclusive"}, checked.stdout


LAB = """
from conformance import Lab, Parameter

late = Lab("late", __file__, parameters=[Parameter("port", 2626, "its port")])


@late.scenario("1.1")
async def listens(server):
    \"\"\"The server listens.\"\"\"
    await server.expect_listening()


@late.scenario("1.2")
async def imports(server):
    \"\"\"Something is imported.\"\"\"
    import sched

    assert sched
"""
CONTRACT = """# late: a server

## Parameters

| name | default | meaning |
|---|---|---|
| `port` | 2626 | its port |

## 1 Listening
- **1.1** MUST (1) `listens`: it listens.
- **1.2** MUST (1) `imports`: it imports.
"""


def test_a_lab_that_imports_late_is_found(forked: Forked) -> None:
    """The net has no hole: and whoever falls through costs nobody a point."""
    labs = forked.desk.folder / "labs"
    labs.mkdir()
    (labs / "late.py").write_text(LAB)
    (labs / "late.md").write_text(CONTRACT)
    program = forked.desk.program(
        "import socket, threading\ns = socket.create_server(('', 2626))\nthreading.Event().wait()\n"
    )
    checked = forked.check(program, "--labs", labs, lab="late")
    assert forked.imported == ["sched"]
    assert checked.outcomes == {"1.1": "passed", "1.2": "inconclusive"}, checked.stdout


def words_for_codecs(tree: ast.AST) -> Iterator[str]:
    """What is given to `encode`, `decode` and `encoding=`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        given = [word.value for word in node.keywords if word.arg == "encoding"]
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("encode", "decode"):
            given += node.args[:1]
        yield from (str(one.value) for one in given if isinstance(one, ast.Constant))


def test_every_codec_that_we_name_is_loaded() -> None:
    """Also where no test comes by. Two names are none of a module: of a codec that is built in,
    and what ElementTree calls a text that is not encoded."""
    parts = ("run", "session", "sandbox", "wire", "submissions", "contract", "verdict", "labs")
    paths = [path for part in parts for path in (PACKAGE / part).rglob("*.py")]
    named = {word for path in paths for word in words_for_codecs(ast.parse(path.read_text()))}
    assert {"utf-8", "ascii"} < named
    assert named <= {*CODECS, "iso-8859-1", "unicode"}, "add it to CODECS"


# -- a Python that root alone may read ------------------------------------------------


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prefix of our interpreter whose standard library nobody else can read."""
    if os.geteuid() != 0:
        pytest.skip("an ordinary user remains who it is, and reads its own Python")
    prefix = tmp_path_factory.mktemp("private")
    library = Path(sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix}))
    unneeded = shutil.ignore_patterns("test", "idlelib", "*-packages", "ensurepip", "config-*")
    shutil.copytree(library, prefix / "lib" / library.name, ignore=unneeded)
    prefix.chmod(0o700)
    return prefix


@pytest.mark.parametrize("fault", FAULTS)
def test_the_verdict_is_that_of_any_other(fault: str, desk: Desk, private: Path) -> None:
    program = desk.echo(f"import os\n\ndef answer(client, text):\n    {FAULTS[fault]}")
    kept = desk.reports / "kept"
    checked = desk.check(program, "--only", "1.1,3.1", "--keep", kept, PYTHONHOME=str(private))
    assert checked.outcomes == {"1.1": "passed", "3.1": "failed"}, checked.stdout
    assert list(kept.glob("3.1*.txt"))
    assert checked.status == 1


def test_a_line_without_an_end(desk: Desk, private: Path) -> None:
    """Its evidence has letters that are written as escapes."""
    program = desk.echo("def answer(client, text):\n    client.sendall(text.upper().encode())")
    kept = desk.reports / "kept"
    checked = desk.check(program, "--only", "3.1", "--keep", kept, PYTHONHOME=str(private))
    assert checked.outcomes == {"3.1": "failed"}, checked.stdout
    assert "\\" in next(kept.glob("3.1*.txt")).read_text()


def test_a_correct_program_has_its_evidence(desk: Desk, private: Path) -> None:
    kept = desk.reports / "kept"
    checked = desk.check(
        desk.echo(), "--only", "1.1,3.1,3.8", "--keep", kept, "--keep", "all",
        PYTHONHOME=str(private),
    )  # fmt: skip
    assert set(checked.outcomes.values()) == {"passed"}, checked.stdout
    assert list(kept.glob("3.8*.txt"))


def test_a_class(desk: Desk, private: Path) -> None:
    """Its hand-ins are taken in, and judged, by processes that were forked, too."""
    folder = desk.folder / "class"
    (folder / "submissions").mkdir(parents=True)
    (folder / "class.toml").write_text(
        'title = "Ours"\nsubmissions = "submissions"\n[[lab]]\nname = "echo"\nonly = "3.1"\n'
    )
    program = desk.echo(f"def answer(client, text):\n    {FAULTS['what is no text']}")
    shutil.move(program, folder / "submissions/ann.py")
    graded = desk.call(
        "grade", folder / "class.toml", "--out", desk.reports / "out", PYTHONHOME=str(private)
    )
    assert "ann echo 0 of 3" in graded.stdout, graded.stdout + graded.stderr
    assert "1 graded · 0 handed in nothing · 0 still open" in graded.stdout
