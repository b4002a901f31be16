"""The files of what was handed in, by their digests, and how they differ from another's."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.reports.receipts.bundle import digest
from conformance.reports.receipts.manifest import FileDigest
from conformance.reports.text.visible import shorten_middle, visible
from conformance.submissions.intake.limits import MAX_BYTES

MAX_FILES = 2_000
"""Files that are listed; of more, a receipt has the digest of the whole only."""

MAX_NAMED = 8
"""Files that a sentence names."""


def files_of(path: Path) -> tuple[FileDigest, ...]:
    """The files of an entry, in a fixed order; of one file, itself with the name "". Links in it
    are not followed. () if there are too many. Raises OSError."""
    top = Path(os.path.realpath(path))
    found = []
    for file in _below(top):
        name = "" if file == top else file.relative_to(top).as_posix()
        found.append(_digest_of(file, name))
        if len(found) > MAX_FILES:
            return ()
    return tuple(found)


def _below(place: Path) -> Iterator[Path]:
    if not stat.S_ISDIR(place.lstat().st_mode):
        yield place
        return
    for entry in sorted(place.iterdir()):
        yield from _below(entry)


def _digest_of(file: Path, name: str) -> FileDigest:
    found = file.lstat()
    if stat.S_ISLNK(found.st_mode):
        return FileDigest(name, 0, digest(b"link to " + os.fsencode(os.readlink(file))))
    if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_BYTES:
        return FileDigest(name, found.st_size, "")
    return FileDigest(name, found.st_size, digest(file.read_bytes()))


def differences(listed: Sequence[FileDigest], there: Sequence[FileDigest]) -> list[str]:
    """What differs, in words; nothing if they are the same files."""
    before, now = ({each.name: each for each in one} for one in (listed, there))
    if ("" in before) != ("" in now):
        return ["one is a file, the other a folder"]
    told = [
        f"{_named(name)} differs" for name in before if name in now and before[name] != now[name]
    ]
    told += [f"{_named(name)} is missing" for name in before if name not in now]
    told += [f"{_named(name)} is new" for name in now if name not in before]
    more = len(told) - MAX_NAMED
    return [*told[:MAX_NAMED], *([f"and {more} more"] if more > 0 else [])]


def _named(name: str) -> str:
    return visible(shorten_middle(name, 80)) or "the file"
