"""Folders and files: what is copied, what is refused, what is never touched."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.model import Submission, WrongCall
from conformance.submissions import intake, open_submission

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
    monkeypatch.setattr(intake, "MAX_BYTES", 1 << 20)
    with pytest.raises(WrongCall, match=r"^handed holds more than 1 MiB$"):
        opened(root)
    monkeypatch.undo()
    monkeypatch.setattr(intake, "MAX_ENTRIES", 1)
    with pytest.raises(WrongCall, match=r"^handed holds more than 1 files$"):
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
    def refuse(source: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(source))

    monkeypatch.setattr(intake, "copy_file", refuse)
    with pytest.raises(WrongCall, match=r"server\.py cannot be read: Permission denied$"):
        opened(tree({"server.py": SERVER}))
