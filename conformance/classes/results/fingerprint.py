"""A short text for all that a result depends on: while it is equal, nothing has to be run again."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import conformance
from conformance.submissions.intake.limits import MAX_BYTES

CHUNK = 1 << 20

NO_PART = ("labs", "reports", "cli", "pytest_plugin", "words")
"""Folders of the package on which no verdict depends. A lab's own files are added for each lab."""


TRANSLATED = ".fr.md"
"""How the names of contracts end that are read in another language, and judge nobody."""


def fingerprint(submission: Path, lab: Path, settings: Mapping[str, Any]) -> str:
    """The fingerprint of a hand-in, its lab (given by its `.py`), the suite, and the settings.
    Raises OSError if something cannot be read."""
    work = work_digest(submission)
    digest = hashlib.sha256(work.encode())
    for file in _lab_files(lab, submission):
        digest.update(file.read_bytes())
    digest.update(_suite())
    digest.update(json.dumps(settings, sort_keys=True, default=str).encode())
    return f"{work}-{digest.hexdigest()[:32]}"


def lab_digest(lab: Path, submission: Path | None = None) -> str:
    """A digest of the lab's files. Raises OSError."""
    digest = hashlib.sha256()
    for file in _lab_files(lab, submission or Path(os.devnull)):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:32]


def suite_digest() -> str:
    """A digest of the suite's own sources, as far as verdicts depend on them."""
    return _suite().hex()[:32]


def _lab_files(lab: Path, submission: Path) -> list[Path]:
    """The lab's `.py` and its contract. If the lab has a folder named after it: all files in that,
    or only its modules if the hand-in lies there, too."""
    folder, contract = lab.parent, lab.with_suffix(".md")
    if folder.name != lab.stem:
        return [lab, contract]
    if Path(os.path.realpath(submission)).is_relative_to(os.path.realpath(folder)):
        return [contract, *sorted(folder.glob("*.py"))]
    found = (
        path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(TRANSLATED)
    )
    # Without files that Python, an editor or git has put there.
    return sorted(
        path
        for path in found
        if not any(p == "__pycache__" or p.startswith(".") for p in path.relative_to(folder).parts)
    )


def suite_files(package: Path) -> list[Path]:
    """The sources of the suite on which verdicts depend, in the folder of its package."""
    found = sorted(package.rglob("*.py"))
    return [path for path in found if path.relative_to(package).parts[0] not in NO_PART]


def work_of(fingerprint: str) -> str:
    """The part of a fingerprint that identifies the hand-in, however it is judged."""
    return fingerprint.partition("-")[0]


def work_digest(path: Path, name: str = "") -> str:
    """A digest of the entry's name (`name`: as if it had this one) and contents. An entry that is a
    link is followed. Raises OSError."""
    digest = hashlib.sha256(os.fsencode(name or path.name))
    for part in _tree(Path(os.path.realpath(path)), name):
        digest.update(part)
    return digest.hexdigest()[:32]


def _tree(path: Path, name: str = "") -> Iterator[bytes]:
    """Names, kinds and contents of a file, or of everything in a folder, in a fixed order.

    Links in it are not followed, and only files and folders are opened, since a pipe would block. A
    file that is too large to be taken in counts by its size only.
    """
    found = path.lstat()
    kind = stat.S_IFMT(found.st_mode) | (found.st_mode & stat.S_IXUSR)
    yield os.fsencode(f"\0{name or path.name}\0{kind:o}\0")
    if stat.S_ISLNK(found.st_mode):
        yield os.fsencode(os.readlink(path))
    elif stat.S_ISREG(found.st_mode):
        yield f"{found.st_size}\0".encode()
        if found.st_size > MAX_BYTES:
            return
        with path.open("rb") as file:
            while data := file.read(CHUNK):
                yield data
    elif stat.S_ISDIR(found.st_mode):
        for entry in sorted(path.iterdir()):
            yield from _tree(entry)
        yield b"\0end"


@lru_cache(maxsize=1)
def _suite() -> bytes:
    """A digest of the suite's own sources: another version may judge otherwise."""
    digest = hashlib.sha256(conformance.__version__.encode())
    for file in suite_files(Path(conformance.__file__).parent):
        digest.update(file.read_bytes())
    return digest.digest()
