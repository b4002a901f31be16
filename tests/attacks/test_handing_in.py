"""Attacks by what is handed in: bombs, entries that lead out, names that mean something.

What an archive can hold is told apart in tests/submissions/intake/ (test_unpacking.py, and for
archives of any entries test_nothing_outside.py); here a whole check is made of it.
"""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kit.arena import User
from kit.desk import ECHO, Desk

SERVER = f"{ECHO}\nmain()\n"


def bomb(path: Path) -> None:
    """Six hundred megabytes of zeros in a file of half a one."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("server.py", SERVER)
        with archive.open("zeros", "w", force_zip64=True) as zeros:
            for _ in range(600):
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


def through_a_link(path: Path) -> None:
    """A link to a folder outside, and what would be made there through it."""
    outside = path.parent / "outside"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("server.py", SERVER)
        for name, aim in (("a", outside), ("a/link", "/any"), ("a/new/folder/link", "/any")):
            link = zipfile.ZipInfo(name)
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, str(aim))


def through_links(path: Path) -> None:
    """The same in a tar, where each of two links is harmless."""
    with tarfile.open(path, "w:gz") as archive:
        up = "../" * len(path.parts)
        aims = {"a/up": "..", "b": f"a/up/{up}{path.parent}/outside"}
        for name, aim in {**aims, "b/link": "/any", "b/new/link": "/any"}.items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, aim
            archive.addfile(link)
        file = tarfile.TarInfo("b/file")
        archive.addfile(file, io.BytesIO())


def without_end(path: Path) -> None:
    """A kilobyte, and a million folders that no entry counts."""
    with tarfile.open(path, "w:gz") as archive:
        for number in range(1_000):
            archive.addfile(tarfile.TarInfo(f"{number}/" + "d/" * 95 + "f"))


def aimless(path: Path) -> None:
    """A link that no system can make: that is not the machine's fault."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("server.py", SERVER)
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "")


@pytest.mark.parametrize(
    ("make", "name", "why"),
    [
        (through_a_link, "evil.zip", "holds an entry below a link: 'a/link'"),
        (through_links, "evil.tar.gz", "holds an entry below a link: 'b/link'"),
        (without_end, "folders.tar.gz", "holds more than 20,000 files and folders"),
        (aimless, "aimless.zip", "holds an empty link: 'link'"),
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
    outside = desk.folder / "outside"
    outside.mkdir()
    outside.chmod(0o777)
    assert callable(make)
    make(path)
    path.chmod(0o644)
    done = desk.call("check", path, "--lab", "echo", command=user.words)
    assert done.status == 2
    assert why in done.stderr, done.stderr
    assert done.stdout == ""
    assert not Path("/tmp/climbed.py").exists()
    assert list(outside.iterdir()) == []
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
