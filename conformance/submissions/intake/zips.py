"""What a .zip lists, and the files in it."""

from __future__ import annotations

import bz2
import io
import itertools
import os
import stat
import zipfile
from collections.abc import Iterator
from copy import copy
from functools import partial
from typing import IO, BinaryIO

from conformance.submissions.intake.listing import (
    AIM_BYTES,
    MAX_LISTED,
    Member,
    MemberKind,
    parts_of,
    shown,
)
from conformance.submissions.intake.working_copy import Content
from conformance.submissions.recipe import TooMuch
from conformance.verdict.model import WrongCall

_LIST_BYTES = 8 * 1024 * 1024
"""Bytes of the list at a zip's end, which is read at once: 20,000 names of 350 letters."""
_HEADER = 30
"""Bytes before each file, besides its name."""
_UNIX = (3, 19)
"""The systems ("made by" in a zip) whose file types we know: 19 is macOS."""
_DOS_FOLDER = 0x10


class Zip:
    def __init__(self, raw: BinaryIO, what: str) -> None:
        """Raises what `zipfile` raises for a broken zip."""
        self._what = what
        self._archive = zipfile.ZipFile(_Bounded(raw.fileno(), what))
        if len(self._archive.infolist()) > MAX_LISTED:
            raise TooMuch(f"{what} holds more than {MAX_LISTED:,} files and folders")

    def close(self) -> None:
        self._archive.close()

    def entries(self) -> Iterator[Member]:
        """The list. Raises WrongCall."""
        self._require_apart()
        for info in self._archive.infolist():
            yield self._entry(info)

    def contents(self) -> Iterator[Content]:
        """Each entry with its bytes, in the same order."""
        for info in self._archive.infolist():
            yield Content(self._entry(info), partial(self._open, info))

    def _open(self, info: zipfile.ZipInfo) -> IO[bytes]:
        """The bytes of a file; no more are unpacked at a time than are asked for. Raises
        NotImplementedError for an unknown compression."""
        if info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return self._archive.open(info)
        if info.compress_type != zipfile.ZIP_BZIP2:
            raise NotImplementedError(f"method {info.compress_type}")
        # For bzip2, zipfile would unpack gigabytes at once: a block of zeros is 45 bytes.
        packed = copy(info)
        packed.compress_type, packed.file_size = zipfile.ZIP_STORED, info.compress_size
        packed.CRC = None  # type: ignore[assignment]  # the checksum of the unpacked bytes; bzip2 has its own
        return bz2.BZ2File(self._archive.open(packed))

    def _require_apart(self) -> None:
        """Refuses files that share their bytes, by which a small zip could unpack to a huge one."""
        infos = sorted(self._archive.infolist(), key=lambda info: info.header_offset)
        for info, following in itertools.pairwise(infos):
            if following.header_offset < info.header_offset + _HEADER + info.compress_size:
                raise WrongCall(f"{self._what} holds files that overlap: it is a bomb")

    def _entry(self, info: zipfile.ZipInfo) -> Member:
        parts = parts_of(info.filename, self._what)
        kind = _kind(info)
        if kind is MemberKind.FOLDER or not parts:
            return Member(parts, MemberKind.FOLDER)
        if info.flag_bits & 1:
            raise WrongCall(f"{self._what} is encrypted")
        if kind is not MemberKind.LINK:
            return Member(parts, kind, size=info.file_size)
        if info.file_size > AIM_BYTES:
            raise TooMuch(f"{self._what} holds too long a link: {shown(parts)}")
        with self._open(info) as reader:
            return Member(parts, kind, aim=os.fsdecode(reader.read(AIM_BYTES)))


def _kind(info: zipfile.ZipInfo) -> MemberKind:
    mode = info.external_attr >> 16 if info.create_system in _UNIX else 0
    if info.filename.endswith(("/", "\\")) or stat.S_ISDIR(mode):
        return MemberKind.FOLDER
    if info.external_attr & _DOS_FOLDER and not info.file_size:
        return MemberKind.FOLDER
    if stat.S_ISLNK(mode):
        return MemberKind.LINK
    return MemberKind.FILE if stat.S_IFMT(mode) in (0, stat.S_IFREG) else MemberKind.OTHER


class _Bounded(io.FileIO):
    """A file that is read in small pieces only."""

    def __init__(self, descriptor: int, what: str) -> None:
        super().__init__(descriptor, closefd=False)
        self._what = what

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            size = os.fstat(self.fileno()).st_size - self.tell()
        if size > _LIST_BYTES:
            raise TooMuch(f"{self._what} has too long a list of what it holds")
        return super().read(size) or b""
