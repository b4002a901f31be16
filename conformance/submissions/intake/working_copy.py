"""Takes in a submission: makes a working copy, and writes nothing outside it.

The student's folder is only read. Links are never followed; special files and clutter are left out.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO

from conformance.submissions.intake import clutter
from conformance.submissions.intake.below import Below, finish
from conformance.submissions.intake.clutter import is_clutter
from conformance.submissions.intake.limits import Intake
from conformance.submissions.intake.listing import MAX_LISTED, Member, MemberKind, Parts
from conformance.submissions.intake.safe_paths import MAX_DEPTH, judge
from conformance.submissions.recipe import TooMuch
from conformance.verdict.model import WrongCall

CHUNK = 1 << 20
"""Bytes that are copied at a time."""


@dataclass(frozen=True)
class Content:
    """One entry of an archive, with its bytes."""

    entry: Member
    open: Callable[[], IO[bytes]]
    """Readable until the next entry is asked for."""
    program: bool = False
    modified_ns: int | None = None


def copy_folder(source: Path, target: Path, intake: Intake) -> None:
    """Copies a folder into a new one. Raises WrongCall if something cannot be read; TooMuch."""
    try:
        with Below(source.resolve()) as here:
            judged = judge(_Listed(here, intake).entries(), intake.what, lenient=True)
            intake.count(entries=judged.count)
            intake.expect(size=judged.size)
            intake.notes += judged.notes
            target.mkdir(parents=True)
            with Below(target) as there:
                for folder in judged.folders:
                    there.make_folder(folder)
                for place in filter(None, judged.places):
                    with here.read(place) as reader, there.make_file(place) as writer:
                        copy(reader, writer, intake)
                for place, aim in judged.links:
                    there.make_link(place, aim)
    except OSError as error:
        raise unreadable(error, source) from None


class _Listed:
    """What is in a folder, as far as it is the student's work."""

    def __init__(self, top: Below, intake: Intake) -> None:
        self._top = top
        self._intake = intake
        self._seen: dict[Parts, dict[str, os.stat_result]] = {}
        self._count = 0

    def entries(self) -> Iterator[Member]:
        """Each folder before what it holds, read only as asked for. Raises OSError, TooMuch."""
        waiting: list[Parts] = [()]
        while waiting:
            folder = waiting.pop()
            inside = self._inside(folder)
            del self._seen[folder]
            for name in sorted(inside):
                entry = self._entry((*folder, name), inside)
                if entry is not None:
                    yield entry
                    if entry.kind is MemberKind.FOLDER:
                        waiting.append(entry.parts)

    def _inside(self, folder: Parts) -> dict[str, os.stat_result]:
        """What a folder holds; listed once."""
        if folder not in self._seen:
            found = self._seen[folder] = {}
            with os.scandir(self._top.folder(folder)) as scan:
                for entry in scan:
                    self._intake.expect()
                    self._count += 1
                    if self._count > MAX_LISTED:
                        told = f"more than {MAX_LISTED:,} files and folders"
                        raise TooMuch(f"{self._intake.what} holds {told}")
                    found[entry.name] = entry.stat(follow_symlinks=False)
        return self._seen[folder]

    def _entry(self, place: Parts, beside: dict[str, os.stat_result]) -> Member | None:
        """None for clutter."""
        name, status = place[-1], beside[place[-1]]
        is_folder = stat.S_ISDIR(status.st_mode)
        inside = (lambda: self._inside(place).keys()) if is_folder else frozenset[str]
        if is_clutter(
            name,
            folder=is_folder,
            beside=beside.keys(),
            inside=inside,
            is_large=partial(self._is_large, place, status),
        ):
            for seen in [seen for seen in self._seen if seen[: len(place)] == place]:
                del self._seen[seen]
            return None
        if is_folder:
            return Member(place, MemberKind.FOLDER)
        if stat.S_ISLNK(status.st_mode):
            aim = os.readlink(name, dir_fd=self._top.folder(place[:-1]))
            return Member(place, MemberKind.LINK, aim=aim)
        if stat.S_ISREG(status.st_mode):
            return Member(place, MemberKind.FILE, size=status.st_size)
        return Member(place, MemberKind.OTHER)

    def _is_large(self, place: Parts, status: os.stat_result) -> bool:
        count = 0
        waiting = [place] if stat.S_ISDIR(status.st_mode) else []
        while waiting:
            folder = waiting.pop()
            inside = self._inside(folder)
            count += len(inside)
            if count > clutter.MAX_LIBRARIES or len(folder) > MAX_DEPTH:
                return True
            waiting += [(*folder, n) for n, s in inside.items() if stat.S_ISDIR(s.st_mode)]
        return False


def copy_file(source: Path, target: Path, intake: Intake) -> None:
    """Copies a regular file with its times (make looks at them). Raises WrongCall, OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        Below(source.parent.resolve()) as here,
        Below(target.parent) as there,
        here.read((source.name,)) as reader,
        there.make_file((target.name,)) as writer,
    ):
        copy(reader, writer, intake)


def copy(reader: BinaryIO, writer: BinaryIO, intake: Intake) -> None:
    status = os.fstat(reader.fileno())
    pour(reader, writer, intake)
    program = bool(status.st_mode & 0o111)
    finish(writer, program=program, modified_ns=status.st_mtime_ns)


def pour(reader: IO[bytes], writer: BinaryIO, intake: Intake, claimed: int | None = None) -> None:
    """Copies and counts all bytes. Raises WrongCall if there are more than `claimed`; TooMuch,
    OSError."""
    total = 0
    while data := reader.read(CHUNK):
        total += len(data)
        if claimed is not None and total > claimed:
            raise WrongCall(f"{intake.what} holds more than it claims to")
        intake.count(size=len(data))
        writer.write(data)


def tidy(folder: Path) -> None:
    """Makes programs in a working copy executable again: course sites' zips lose the x bit."""
    for parent, _, files in os.walk(folder):
        for name in files:
            path = Path(parent, name)
            if not path.is_symlink() and is_program(path):
                path.chmod(0o755)


def is_program(path: Path) -> bool:
    """Whether the system can start the file: it is ELF, or a script with an interpreter."""
    with path.open("rb") as reader:
        start = reader.read(4)
    return start == b"\x7fELF" or start[:2] == b"#!"


def visible(folder: Path) -> Iterator[Path]:
    """The entries of a folder, without hidden ones, in a fixed order."""
    return (path for path in sorted(folder.iterdir()) if not path.name.startswith("."))


def unreadable(error: OSError, path: Path) -> WrongCall:
    """The sentence for a file that the system does not let us read (or copy)."""
    where = error.filename if isinstance(error.filename, str) else str(path)
    return WrongCall(f"{where} cannot be read: {error.strerror or error}")
