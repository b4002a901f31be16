"""Attacks by what is handed in: bombs, entries that lead out, names that mean something.

What an archive can hold is told apart in tests/submissions/test_archives.py; here a whole
check is made of it.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from arena import User
from desk import ECHO, Desk

SERVER = f"{ECHO}\nmain()\n"


def bomb(path: Path) -> None:
    """A gigabyte of zeros in a file of one megabyte."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("server.py", SERVER)
        with archive.open("zeros", "w", force_zip64=True) as zeros:
            for _ in range(1024):
                zeros.write(bytes(2**20))


def many(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(25_000):
            archive.writestr(f"{number}.py", "")


def climbing(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("server.py", SERVER)
        archive.writestr("../../../../../../../../tmp/climbed.py", SERVER)


def linked(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        link = tarfile.TarInfo("results")
        link.type, link.linkname = tarfile.SYMTYPE, "../../../reports"
        archive.addfile(link)
        through = tarfile.TarInfo("results/server.py")
        through.size = len(SERVER)
        archive.addfile(through, io.BytesIO(SERVER.encode()))


@pytest.mark.parametrize(
    ("make", "name", "why"),
    [
        (bomb, "bomb.zip", "holds more than 500 MiB"),
        (many, "many.zip", "holds more than 20,000 files"),
        (climbing, "climbing.zip", "holds an entry that would"),
        (linked, "linked.tar", "linked.tar"),
    ],
)
def test_an_archive_that_means_harm(
    desk: Desk, user: User, make: object, name: str, why: str
) -> None:
    """It is refused with a sentence, and nothing of it is unpacked anywhere."""
    path = desk.folder / name
    assert callable(make)
    make(path)
    path.chmod(0o644)
    done = desk.call("check", path, "--lab", "echo", command=user.words)
    assert done.status == 2
    assert why in done.stderr, done.stderr
    assert done.stdout == ""
    assert not Path("/tmp/climbed.py").exists()
    assert list(desk.reports.iterdir()) == []


NAMES = [
    "<script>alert('owned')</script>",
    "a\n::error::owned\n.py",
    "\x1b[2J\u202e.txt",
    "=HYPERLINK(owned)",
    "-rf *",
    "]]>",
]


def test_names_that_mean_something(desk: Desk, user: User) -> None:
    """Of the files, and of the submission itself."""
    folder = desk.folder / "<script>owned\n::error::owned"
    folder.mkdir()
    for name in NAMES:
        (folder / name.replace("/", "\u2215")).write_text("")
    (folder / "server.py").write_text(SERVER)
    junit = desk.reports / "junit.xml"
    checked = desk.check(folder, "--only", "1.1,3.1", "--junit", junit, command=user.words)
    assert set(checked.outcomes.values()) == {"passed"}, checked.stdout
    for text in (checked.stdout, checked.stderr, junit.read_text(encoding="utf-8")):
        assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]
        assert "\x1b" not in text
        assert "\u202e" not in text
    suite = ElementTree.parse(junit).getroot()
    assert not list(suite.iter("script"))
    assert len(list(suite.iter("testcase"))) == 2
