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

CHUNK = 1 << 20


def fingerprint(submission: Path, lab: Path, settings: Mapping[str, Any]) -> str:
    """Of what was handed in, of the lab (its `.py`; the contract stands beside it), of the
    suite, and of how it is judged. Raises OSError where it cannot be read."""
    work = _digest(submission)
    digest = hashlib.sha256(work.encode())
    for file in (lab, lab.with_suffix(".md")):
        digest.update(file.read_bytes())
    digest.update(_suite())
    digest.update(json.dumps(settings, sort_keys=True, default=str).encode())
    return f"{work}-{digest.hexdigest()[:32]}"


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
    a submission would keep us waiting for ever.
    """
    found = path.lstat()
    kind = stat.S_IFMT(found.st_mode) | (found.st_mode & stat.S_IXUSR)
    yield os.fsencode(f"\0{path.name}\0{kind:o}\0")
    if stat.S_ISLNK(found.st_mode):
        yield os.fsencode(os.readlink(path))
    elif stat.S_ISREG(found.st_mode):
        yield f"{found.st_size}\0".encode()
        with path.open("rb") as file:
            while data := file.read(CHUNK):
                yield data
    elif stat.S_ISDIR(found.st_mode):
        for entry in sorted(path.iterdir()):
            yield from _tree(entry)
        yield b"\0end"


@lru_cache(maxsize=1)
def _suite() -> bytes:
    """The suite's own sources: another version of it may judge otherwise. Its labs are not
    among them: each stands for itself."""
    root = Path(conformance.__file__).parent
    digest = hashlib.sha256(conformance.__version__.encode())
    for file in sorted(root.rglob("*.py")):
        if file.parent.name not in ("labs", "reports", "cli", "pytest_plugin"):
            digest.update(file.read_bytes())
    return digest.digest()
