"""The manifests of a class are read before anything is graded: none of them may end it, or keep
it waiting."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.classes.class_file import open_class
from conformance.classes.hand_ins import contents
from conformance.classes.hand_ins.contents import named_labs
from conformance.classes.model import Class
from conformance.contract.catalog import load
from conformance.submissions import manifest

CATALOG = load()

HOSTILE = {
    "deep": "lab = " + "[" * 5000,
    "deeper": "lab = " + "{a = " * 3000,
    "long": "port = " + "9" * 5000,
    "longer": "port = 0x" + "f" * 10_000,
    "square": "lab." + "a." * 8000 + "b = 1",
    "huge": "#" * 3_000_000,
    "bytes": "\ud800\ud8ff",
    "endless": 'lab = """' + "\\" * 10_000,
}


def hand_in(folder: Path, student: str, text: str) -> Path:
    (folder / student).mkdir()
    (folder / student / "server.py").touch()
    (folder / student / manifest.NAME).write_text(text, encoding="utf-8", errors="surrogatepass")
    return folder / student


@pytest.fixture
def hostile(tmp_path: Path) -> Class:
    """A class with two good manifests among those, the second one for another lab."""
    for student, text in HOSTILE.items():
        hand_in(tmp_path, student, text)
    hand_in(tmp_path, "ann", 'lab = "echo"')
    hand_in(tmp_path, "zoe", 'lab = "presence"')
    return open_class(tmp_path, ["echo"], CATALOG)


def test_nobody_is_lost(hostile: Class) -> None:
    assert {student.id for student in hostile.students} == {*HOSTILE, "ann", "zoe"}
    handed_in = {hand_in.author for hand_in in hostile.hand_ins if hand_in.path}
    assert handed_in == {*HOSTILE, "ann"}


def test_what_can_be_read_still_says_for_which_lab_it_is(hostile: Class) -> None:
    [told] = [warning for warning in hostile.warnings if "names the lab" in warning]
    assert told.startswith("zoe: its submission.toml names the lab presence")


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    for kind in ("pipe", "folder", "device", "outside", "itself"):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "server.py").touch()
        there = tmp_path / kind / manifest.NAME
        if kind == "pipe":
            os.mkfifo(there)
        elif kind == "folder":
            there.mkdir()
        else:
            there.symlink_to({"device": "/dev/zero", "outside": "/etc/passwd"}.get(kind, there))
    return tmp_path


def test_what_is_no_file_is_no_manifest(odd: Path) -> None:
    assert named_labs(sorted(odd.iterdir())) == {}
    graded = open_class(odd, ["echo"], CATALOG)
    assert len([hand_in for hand_in in graded.hand_ins if hand_in.path]) == 5


def test_one_that_ends_its_process_is_the_only_one_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However that should come about: a reader that crashes, or never ends."""
    read = manifest.read

    def fragile(path: Path) -> manifest.Manifest:
        if path.parent.name == "crashes":
            os.abort()
        while path.parent.name == "hangs":
            pass
        return read(path)

    monkeypatch.setattr(manifest, "read", fragile)
    monkeypatch.setattr(contents, "READ_WITHIN", 0.3)
    for student in ("ann", "crashes", "eve", "hangs", "zoe"):
        hand_in(tmp_path, student, f'lab = "{student}"')
    found = named_labs(sorted(tmp_path.iterdir()))
    assert {path.name: lab for path, lab in found.items()} == {
        "ann": "ann", "eve": "eve", "zoe": "zoe",
    }  # fmt: skip


def test_a_class_of_many_has_one_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forks = []
    fork = os.fork
    monkeypatch.setattr(os, "fork", lambda: forks.append(1) or fork())  # type: ignore[func-returns-value]
    paths = [hand_in(tmp_path, f"s{number}", 'lab = "echo"') for number in range(300)]
    assert named_labs(paths) == dict.fromkeys(paths, "echo")
    assert len(forks) == 1


def test_folders_without_end_have_no_time(tmp_path: Path) -> None:
    """Deeper than a path may be: when it was handed in is not known, and nothing else is lost."""
    there = os.getcwd()
    (tmp_path / "ann").mkdir()
    (tmp_path / "class.toml").write_text('submitted = "mtime"\n[[lab]]\nname = "echo"\n')
    try:
        os.chdir(tmp_path / "ann")
        for _ in range(1500):
            os.mkdir("d")
            os.chdir("d")
        os.chdir(there)
        graded = open_class(tmp_path, [], CATALOG)
        [ann] = [hand_in for hand_in in graded.hand_ins if hand_in.author == "ann"]
        assert ann.submitted is None
    finally:
        os.chdir(tmp_path / "ann")
        depth = 0
        while os.path.isdir("d"):
            os.chdir("d")
            depth += 1
        for _ in range(depth):
            os.chdir("..")
            os.rmdir("d")
        os.chdir(there)
