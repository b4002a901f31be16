"""Folders and files: what is copied, what is refused, what is never touched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.submissions import TooMuch, open_submission
from conformance.submissions.intake import limits, working_copy
from conformance.submissions.intake.below import Below
from conformance.submissions.submission import Submission
from conformance.verdict.model import WrongCall
from kit.packing import blames_the_machine, file, inside

Tree = Callable[..., Path]
Opened = Callable[..., Submission]

SERVER = "print('server')\n"


def names(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


def snapshot(root: Path) -> list[tuple[str, int, int]]:
    paths = sorted(root.rglob("*"))
    return [(str(p), p.lstat().st_mtime_ns, p.lstat().st_mode) for p in [root, *paths]]


def test_what_was_handed_in_is_only_read(tree: Tree, opened: Opened) -> None:
    root = tree({"__init__.py": "", "__main__.py": "from . import x", "x.py": ""}, "bob-1")
    before = snapshot(root)
    assert not opened(root).root.is_relative_to(root)
    assert snapshot(root) == before


def test_a_second_call_starts_afresh(tree: Tree, opened: Opened) -> None:
    root = tree({"server.py": SERVER, "old.txt": ""})
    opened(root)
    (root / "old.txt").unlink()
    assert names(opened(root).root) == ["server.py"]


def test_the_name_is_given_or_the_path_s(tree: Tree, opened: Opened) -> None:
    root = tree({"server.py": SERVER}, "Müller Léa")
    assert opened(root).name == "Müller Léa"
    assert opened(root, name="lea").name == "lea"


def test_clutter_is_left_behind(tree: Tree, opened: Opened) -> None:
    clutter = {
        ".git/HEAD": "", "__pycache__/server.pyc": "", ".venv/bin/python": "",
        "env/pyvenv.cfg": "", "env/lib/x.py": "", ".idea/x.xml": "", ".vscode/x.json": "",
    }  # fmt: skip
    root = tree({"server.py": SERVER, "target/notes.txt": "", **clutter})
    assert names(opened(root).root) == ["server.py", "target", "target/notes.txt"]


@pytest.mark.needs("mvn", "java")
def test_what_maven_makes_again_is_left_behind(tree: Tree, opened: Opened) -> None:
    root = tree({"pom.xml": "<project/>", "target/old.jar": ""})
    assert names(opened(root).root) == ["pom.xml"]


def test_links_that_lead_out_are_dropped(tree: Tree, opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    root = tree({"server.py": SERVER, "lib/a.py": ""})
    (root / "out").symlink_to(tmp_path / "secret.txt")
    (root / "up").symlink_to("../..")
    (root / "passwd").symlink_to("/etc/passwd")
    (root / "inside").symlink_to("lib/a.py")
    (root / "folder").symlink_to("lib")
    submission = opened(root)
    assert names(submission.root) == ["folder", "inside", "lib", "lib/a.py", "server.py"]
    assert "the link out leads out of the folder and was left out" in submission.note


def test_pipes_and_sockets_are_dropped(tree: Tree, opened: Opened) -> None:
    root = tree({"server.py": SERVER})
    os.mkfifo(root / "pipe")
    submission = opened(root)
    assert names(submission.root) == ["server.py"]
    assert "pipe is no ordinary file and was left out" in submission.note


def test_size_and_number_are_limited(
    tree: Tree, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree({"server.py": SERVER, "big.bin": b"\0" * (2 << 20)})
    monkeypatch.setattr(limits, "MAX_BYTES", 1 << 20)
    with pytest.raises(TooMuch, match=r"^handed holds more than 1 MiB$"):
        opened(root)
    monkeypatch.undo()
    monkeypatch.setattr(limits, "MAX_ENTRIES", 1)
    with pytest.raises(TooMuch, match=r"^handed holds more than 1 files and folders$"):
        opened(root)


def test_no_such_path(tmp_path: Path, opened: Opened) -> None:
    with pytest.raises(WrongCall, match=r"there is no file or folder .*/nobody$"):
        opened(tmp_path / "nobody")


def test_an_empty_folder(tree: Tree, opened: Opened) -> None:
    with pytest.raises(WrongCall, match=r"^handed: the folder is empty: nothing was handed in$"):
        opened(tree({}))


def test_nothing_recognisable(tree: Tree, opened: Opened) -> None:
    with pytest.raises(
        WrongCall, match=r"was found in data/, notes/, report\.pdf; looked for submis"
    ):
        opened(tree({"report.pdf": "", "notes/a.csv": "", "data/b.csv": ""}))


def test_a_windows_program(tree: Tree, opened: Opened) -> None:
    with pytest.raises(WrongCall, match=r"only a Windows program \(\.exe\) was found"):
        opened(tree({"server.exe": b"MZ"}) / "server.exe")


def test_two_languages(tree: Tree, opened: Opened) -> None:
    python = "import socket\nsocket.socket().listen()\n"
    node = "require('net').createServer()"
    with pytest.raises(WrongCall, match=r"holds programs in Python and in JavaScript"):
        opened(tree({"server.py": python, "server.js": node}, "two"))
    assert opened(tree({"server.py": python, "client.js": ""}, "one")).kind == "python"


def test_a_device_is_no_submission(opened: Opened) -> None:
    with pytest.raises(WrongCall, match=r"neither a file nor a folder"):
        opened(Path("/dev/null"))


def test_a_project_beside_other_things(tree: Tree, opened: Opened) -> None:
    files = {"shots/1.png": "", "code/package.json": '{"main": "s.js"}', "code/s.js": "1"}
    assert opened(tree(files)).root.name == "code"


def test_a_scratch_folder_inside_the_submission(tree: Tree) -> None:
    root = tree({"server.py": SERVER})
    with pytest.raises(WrongCall, match=r"lies inside the submission"):
        open_submission(root, root / "scratch")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(tree: Tree, opened: Opened) -> None:
    root = tree({"server.py": SERVER})
    (root / "server.py").chmod(0)
    with pytest.raises(WrongCall, match=r"server\.py cannot be read: Permission denied"):
        opened(root)


def test_a_file_that_vanishes_or_cannot_be_read(
    tree: Tree, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(below: Below, place: tuple[str, ...]) -> None:
        raise PermissionError(13, "Permission denied", "/".join(place))

    monkeypatch.setattr(Below, "read", refuse)
    with pytest.raises(WrongCall, match=r"src/server\.py cannot be read: Permission denied$"):
        opened(tree({"src/server.py": SERVER}))


@pytest.mark.parametrize("becomes", ["link", "pipe", "folder", "nothing"])
def test_what_changes_while_it_is_copied(
    becomes: str, tree: Tree, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing outside is read, nobody waits for a pipe, and whose fault it is stays open."""
    (tmp_path / "secret.txt").write_text("secret")
    root = tree({"server.py": SERVER, "lib/a.py": ""})
    read = Below.read

    def swapping(below: Below, place: tuple[str, ...]) -> object:
        (root / "server.py").unlink(missing_ok=True)
        if becomes == "link":
            (root / "server.py").symlink_to(tmp_path / "secret.txt")
        elif becomes == "pipe":
            os.mkfifo(root / "server.py")
        elif becomes == "folder":
            (root / "server.py").mkdir()
        return read(below, place)

    monkeypatch.setattr(Below, "read", swapping)
    with pytest.raises(WrongCall, match=r"server\.py cannot be read: (it ch|No such)") as refusal:
        opened(root)
    assert blames_the_machine(refusal.value)
    copied = [path for path in (tmp_path / "scratch").rglob("*") if path.is_file()]
    assert "secret" not in {path.read_text() for path in copied}


def test_a_folder_that_becomes_a_link_while_it_is_copied(
    tree: Tree, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.py").write_text("secret")
    root = tree({"lib/a.py": "", "server.py": SERVER})
    make_folder = Below.make_folder

    def swapping(below: Below, place: tuple[str, ...]) -> None:
        shutil.move(root / "lib", tmp_path / "moved")
        (root / "lib").symlink_to(tmp_path / "elsewhere")
        make_folder(below, place)

    monkeypatch.setattr(Below, "make_folder", swapping)
    with pytest.raises(WrongCall, match=r"^handed: lib cannot be read: it changed while it was"):
        opened(root)


def test_folders_in_folders_without_end(tree: Tree, opened: Opened) -> None:
    root = tree({"server.py": SERVER, **{"d/" * 99 + "x.py": ""}})
    assert opened(root).command[-1] == "server.py"
    here = os.open(root, os.O_RDONLY)
    for _ in range(200):
        os.mkdir("e", dir_fd=here)
        below = os.open("e", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    with pytest.raises(TooMuch, match=r"^handed holds more than 100 folders in one another$"):
        opened(root)


def test_more_files_than_anybody_looks_at(
    tree: Tree, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working_copy, "MAX_LISTED", 5)
    with pytest.raises(TooMuch, match=r"^handed holds more than 5 files and folders$"):
        opened(tree({f"{number}.py": "" for number in range(6)}))


def test_a_file_that_claims_much_is_not_read(tree: Tree, opened: Opened) -> None:
    root = tree({"server.py": SERVER})
    with (root / "disk.img").open("wb") as image:
        image.truncate(1 << 40)
    with pytest.raises(TooMuch, match=r"^handed holds more than 500 MiB$"):
        opened(root)


def test_taking_in_ends(tree: Tree, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TAKING_IN_WITHIN", -1.0)
    with pytest.raises(TooMuch, match=r"^handed was not taken in after -1 s$"):
        opened(tree({"server.py": SERVER}))


def test_links_into_links(tree: Tree, opened: Opened, tmp_path: Path) -> None:
    """Each is followed to its end, whichever others it leads through."""
    root = tree({"server.py": SERVER, "lib/a.py": "", "lib/deep/b.py": ""})
    for name, aim in {
        "lib/up": "..",
        "good": "lib/up/lib/deep/../a.py",
        "out": "lib/up/../x",
        "round": "round",
        "through": "out/y",
        "later": "build/server",
    }.items():
        (root / name).symlink_to(aim)
    submission = opened(root)
    links = {path.name for path in submission.root.rglob("*") if path.is_symlink()}
    assert links == {"up", "good", "later"}
    assert "the link out leads out of the folder and was left out" in submission.note


DEEP = "main/java/edu/uni/net/labs/shouting/server/impl/"


@pytest.mark.needs("javac")
def test_the_folders_of_a_package_are_as_deep_as_it_is(tree: Tree, opened: Opened) -> None:
    """A limit of ours costs nobody anything."""
    package = DEEP.removeprefix("main/java/").strip("/").replace("/", ".")
    main = "public static void main(String[] a) throws Exception { new java.net.ServerSocket(1); }"
    source = f"package {package};\npublic class Shout {{ {main} }}\n"
    submission = opened(tree({f"{DEEP}Shout.java": source}))
    assert submission.command[-1] == f"{package}.Shout"


@pytest.mark.parametrize("depth", [7, 30, 98])
def test_single_folders_are_entered_to_their_end(depth: int, tree: Tree, opened: Opened) -> None:
    submission = opened(tree({"d/" * depth + "server.py": SERVER}))
    assert submission.command[-1] == "server.py"


@pytest.mark.parametrize("name", ["...zip", "..tar.gz", ".zip", "-.zip", "a\nb.zip"])
def test_an_archive_of_any_name(name: str, tree: Tree, opened: Opened, tmp_path: Path) -> None:
    """The folder that is made of it is one of ours, and not the one that `..` names."""
    packed = inside([file("server.py")], "zip" if name.endswith("zip") else "gz", tmp_path / "x")
    submission = opened(tree({name: packed.read_bytes()}) / name)
    assert submission.root.parent == tmp_path / "scratch" / "handed-in"
