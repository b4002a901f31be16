"""A change of a submission is told, and what tools do meanwhile is not."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from conformance.cli.file_changes import FileChanges, tells_of_changes

WITHIN = 60.0
"""Seconds for a change to be told: a bound."""


@contextlib.contextmanager
def watched(path: Path, tmp_path: Path, *but: Path, poll: bool = False) -> Iterator[FileChanges]:
    """The changes of that path, from a time on at which a change was told."""
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    changes = FileChanges(path, scratch, poll=poll, but=but)
    top = path if path.is_dir() else path.parent
    trial = "first.txt" if path.is_dir() else path.name
    try:
        until = time.monotonic() + WITHIN
        for number in range(1000):  # until it listens
            (top / trial).write_text(f"{number}")
            if changes.wait(0.1):
                break
            assert time.monotonic() < until
        while changes.wait(1.0):  # what was written meanwhile may be told in parts
            assert time.monotonic() < until
        yield changes
    finally:
        changes.close()


def told(changes: FileChanges) -> list[str]:
    until = time.monotonic() + WITHIN
    while not (names := changes.wait(1.0)):
        assert time.monotonic() < until
    return names


def forever(changes: FileChanges) -> None:
    while True:
        told(changes)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    # No name of a folder above counts.
    folder = tmp_path / "target" / "build" / "work"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("poll", [False, True])
def test_only_what_a_student_changes_is_told(work: Path, tmp_path: Path, poll: bool) -> None:
    evidence = work / "evidence"
    evidence.mkdir()
    with watched(work, tmp_path, evidence, work / "run.json", poll=poll) as changes:
        for folder in ("__pycache__", ".git", "target", "node_modules", "src"):
            (work / folder).mkdir()
            (work / folder / "a.py").write_text("1")
        for name in (".a.py.swp", "a.py~", "4913", "A.class", "a.o", "run.json", "evidence/b"):
            (work / name).write_text("1")
        names = told(changes)
        (work / "last.py").write_text("1")
        while "last.py" not in names:
            names += told(changes)
        # Of a folder that has just been made, the file in it may be told or not.
        assert {*names} - {"src", "src/a.py"} == {"last.py"}


def test_a_single_file_and_no_other(work: Path, tmp_path: Path) -> None:
    with watched(work / "server.py", tmp_path) as changes:
        (work / "other.py").write_text("1")
        saved = work / "server.py.new"  # as many editors save
        saved.write_text("2")
        saved.rename(work / "server.py")
        assert told(changes) == ["server.py"]


def test_a_java_file_with_those_beside_it(work: Path, tmp_path: Path) -> None:
    source = work / "Echo.java"
    source.write_text("class Echo { }")
    with watched(source, tmp_path) as changes:
        (work / "notes.txt").write_text("1")
        (work / "Client.java").write_text("class Client { }")
        assert told(changes) == ["Client.java"]


def test_a_folder_that_another_takes_the_place_of(work: Path, tmp_path: Path) -> None:
    with watched(work, tmp_path) as changes:
        shutil.rmtree(work)
        told(changes)
        work.mkdir()
        (work / "new.py").write_text("1")
        names: list[str] = []
        while "new.py" not in names:
            names += told(changes)
        (work / "newer.py").write_text("1")
        while "newer.py" not in names:
            names += told(changes)


@pytest.mark.parametrize("poll", [False, True])
def test_whatever_a_name_is(work: Path, tmp_path: Path, poll: bool) -> None:
    with watched(work, tmp_path, poll=poll) as changes:
        Path(os.fsdecode(bytes(work) + b"/\xff.py")).write_text("1")
        names: list[str] = []
        (work / "a\nb\x1b[1m.py").write_text("1")
        while "a\nb\x1b[1m.py" not in names:
            names += told(changes)


def test_why_files_cannot_be_watched(work: Path, tmp_path: Path) -> None:
    with watched(work, tmp_path, poll=True) as changes:
        (work / "loop").symlink_to(work)
        with pytest.raises(OSError, match=r"can no longer be watched: .* points to an ancestor"):
            forever(changes)


def test_it_says_when_it_can_tell_no_more(work: Path, tmp_path: Path) -> None:
    others = psutil.Process().children()
    with watched(work, tmp_path) as changes:
        [listener] = (each for each in psutil.Process().children() if each not in others)
        listener.kill()
        with pytest.raises(OSError, match="can no longer be watched"):
            told(changes)


@pytest.mark.parametrize(
    ("path", "tells"),
    [
        ("/home/ann/echo", True),
        ("/vagrant/echo", False),
        ("/vagrant", False),
        ("/vagrant/local/echo", True),
        ("/vagrants", True),
        ("/mnt/nas/echo", False),
        ("/mnt/ssh/echo", False),
        ("/mnt/host", False),
    ],
)
def test_which_file_systems_do_not_tell(
    monkeypatch: pytest.MonkeyPatch, path: str, tells: bool
) -> None:
    mounts = {
        "/": "ext4", "/vagrant": "vboxsf", "/vagrant/local": "tmpfs", "/mnt/nas": "nfs4",
        "/mnt/ssh": "fuse.sshfs", "/mnt/host": "9p",
    }  # fmt: skip
    listed = [SimpleNamespace(mountpoint=at, fstype=kind) for at, kind in mounts.items()]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: listed)
    assert tells_of_changes(Path(path)) is tells
