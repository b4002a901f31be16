"""What a result rests on, as one short text: where it is the same, nothing has to be run again."""

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

NO_PART = ("labs", "reports", "cli", "pytest_plugin")
"""Folders of the package that no verdict rests on. Each lab stands for itself."""


def fingerprint(submission: Path, lab: Path, settings: Mapping[str, Any]) -> str:
    """Of what was handed in, of the lab (its `.py`), of the suite, and of how it is judged.
    Raises OSError where it cannot be read."""
    work = _digest(submission)
    digest = hashlib.sha256(work.encode())
    for file in _lab_files(lab, submission):
        digest.update(file.read_bytes())
    digest.update(_suite())
    digest.update(json.dumps(settings, sort_keys=True, default=str).encode())
    return f"{work}-{digest.hexdigest()[:32]}"


def _lab_files(lab: Path, submission: Path) -> list[Path]:
    """The lab's `.py` and the contract beside it. Where the lab has a folder of its own, called
    as it is: all that this holds, helpers and data; its modules only where what was handed in
    lies there, too: then not all of it is the lab's."""
    folder, contract = lab.parent, lab.with_suffix(".md")
    if folder.name != lab.stem:
        return [lab, contract]
    if Path(os.path.realpath(submission)).is_relative_to(os.path.realpath(folder)):
        return [contract, *sorted(folder.glob("*.py"))]
    found = (path for path in folder.rglob("*") if path.is_file())
    # Not what Python, an editor or git has put there.
    return sorted(
        path
        for path in found
        if not any(p == "__pycache__" or p.startswith(".") for p in path.relative_to(folder).parts)
    )


def suite_files(package: Path) -> list[Path]:
    """The sources of the suite that verdicts rest on, in the folder of its package."""
    found = sorted(package.rglob("*.py"))
    return [path for path in found if path.relative_to(package).parts[0] not in NO_PART]


def work_of(fingerprint: str) -> str:
    """The part of it that tells what was handed in, however that is judged."""
    return fingerprint.partition("-")[0]


def _digest(path: Path) -> str:
    """Of the entry's own name, and of what is there: where the entry is a link, it is
    followed, as it is when it is taken in."""
    digest = hashlib.sha256(os.fsencode(path.name))
    for part in _tree(Path(os.path.realpath(path))):
        digest.update(part)
    return digest.hexdigest()[:32]


def _tree(path: Path) -> Iterator[bytes]:
    """Names, kinds and contents of a file, or of all that a folder holds, in a fixed order.

    Links within it are not followed, and what is neither file nor folder is not opened: a pipe in
    a submission would keep us waiting for ever. Of a file that is too large to be taken in, its
    size stands for its content.
    """
    found = path.lstat()
    kind = stat.S_IFMT(found.st_mode) | (found.st_mode & stat.S_IXUSR)
    yield os.fsencode(f"\0{path.name}\0{kind:o}\0")
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
    """The suite's own sources: another version of it may judge otherwise."""
    digest = hashlib.sha256(conformance.__version__.encode())
    for file in suite_files(Path(conformance.__file__).parent):
        digest.update(file.read_bytes())
    return digest.digest()
