"""Unpacking .zip and .tar archives from strangers.

The whole list is read and judged before anything is written. While writing, no path goes through a
link, no device is made, and the actual bytes are counted, whatever the archive claims.
"""

from __future__ import annotations

import contextlib
import shutil
import struct
import tarfile
import zipfile
import zlib
from lzma import LZMAError
from pathlib import Path
from typing import BinaryIO

from conformance.submissions.intake import limits, working_copy
from conformance.submissions.intake.below import Below, finish
from conformance.submissions.intake.limits import Intake
from conformance.submissions.intake.listing import MemberKind
from conformance.submissions.intake.safe_paths import Judged, judge
from conformance.submissions.intake.tars import Tar
from conformance.submissions.intake.working_copy import pour
from conformance.submissions.intake.zips import Zip
from conformance.submissions.recipe import TooMuch
from conformance.verdict.model import WrongCall

SUFFIXES = (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tar", ".zip")
FOREIGN = (".rar", ".7z", ".tar.zst", ".gz", ".xz", ".bz2")
"""Archives that cannot be opened here, or hold a single nameless file."""

_MAGIC = (
    (0, b"PK\3\4", ".zip"),
    (0, b"PK\5\6", ".zip"),
    (257, b"ustar", ".tar"),
    (0, b"\x1f\x8b", ".tar.gz"),
    (0, b"BZh", ".tar.bz2"),
    (0, b"\xfd7zXZ\0", ".tar.xz"),
    (0, b"Rar!\x1a\7", ".rar"),
    (0, b"7z\xbc\xaf\x27\x1c", ".7z"),
)
"""Formats by their magic bytes and offsets: browsers unpack a .tar.gz and keep its name."""

_HOSTILE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, LZMAError, struct.error, EOFError,
    RuntimeError, OSError, ValueError, ArithmeticError, LookupError,
)  # fmt: skip
"""The errors of Python's readers for bytes that are no archive, RecursionError included."""


def suffix(path: Path) -> str | None:
    """The archive suffix of a file name, None if it is no archive that can be unpacked."""
    name = path.name.lower()
    return next((ending for ending in SUFFIXES if name.endswith(ending)), None)


def unpack(path: Path, target: Path, taken: Intake) -> None:
    """Unpacks an archive into `target`, a new folder that is removed on failure. Raises WrongCall
    if it is broken, hostile, or leads out of the folder; TooMuch if it exceeds a limit."""
    made = False
    try:
        with path.open("rb") as raw, contextlib.closing(_opened(raw, path, taken)) as archive:
            judged = judge(archive.entries(), path.name)
            taken.count(entries=judged.count)
            if taken.size + judged.size > limits.MAX_BYTES:
                raise limits.too_big(path.name, judged.size, path.stat().st_size)
            taken.notes += judged.notes
            target.mkdir(parents=True)
            made = True
            _make(archive, judged, target, path.name, taken)
            made = False
    except NotImplementedError as error:
        raise TooMuch(f"{path.name} is packed in a way that is not known here: {error}") from None
    except MemoryError:
        raise TooMuch(f"{path.name} takes more memory to unpack than there is") from None
    except _HOSTILE as error:
        told = " ".join(str(error).split())[:200]
        raise WrongCall(f"{path.name} cannot be unpacked: {told}") from None
    finally:
        if made:
            shutil.rmtree(target, ignore_errors=True)  # our own folder, with only what was judged


def _opened(raw: BinaryIO, path: Path, taken: Intake) -> Zip | Tar:
    start = raw.read(512)
    known = (form for at, magic, form in _MAGIC if start[at : at + len(magic)] == magic)
    form = next(known, None) or suffix(path) or ".tar"
    if form in FOREIGN:
        raise WrongCall(
            f"{path.name} is a {form}, which cannot be opened here: hand in a .zip or a .tar.gz"
        )
    if form == ".zip":
        return Zip(raw, path.name)
    return Tar(raw, ".tar.gz" if form == ".tgz" else form, path.name, taken)


def _make(archive: Zip | Tar, judged: Judged, target: Path, what: str, taken: Intake) -> None:
    with Below(target) as below:
        for folder in judged.folders:
            below.make_folder(folder)
        # The list is read again: it must still be the one that was judged.
        for place, content in zip(judged.places, archive.contents(), strict=True):
            if place is None:
                continue
            if place != content.entry.parts:
                raise WrongCall(f"{what} changed while it was read")
            if content.entry.kind is MemberKind.COPY:  # a copy of the earlier file that it names
                original = content.entry.original
                with below.read(original) as copied, below.make_file(place) as writer:
                    working_copy.copy(copied, writer, taken)
                continue
            with content.open() as reader, below.make_file(place) as writer:
                pour(reader, writer, taken, content.entry.size)
                finish(writer, program=content.program, modified_ns=content.modified_ns)
        # Links come last, so that nothing is written through one.
        for place, aim in judged.links:
            below.make_link(place, aim)
