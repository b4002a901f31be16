"""The list of a .tar, compressed or not, and its files.

It is read twice, for the list and for the files; the bytes are counted as they come out.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import IO, BinaryIO

from conformance.submissions.intake import limits, working_copy
from conformance.submissions.intake.limits import Intake
from conformance.submissions.intake.listing import MAX_LISTED, Member, MemberKind, parts_of
from conformance.submissions.intake.working_copy import Content
from conformance.submissions.recipe import TooMuch
from conformance.verdict.model import WrongCall

HEADER_BYTES = 128 * 1024
"""Bytes of headers before one file: its long name, its extended attributes, the map of its
holes."""
XZ_MEMORY = 256 * 1024 * 1024
"""Bytes of memory to unpack with; `xz -9` needs 65 MiB."""
_GNU_FOLDER, _GNU_LABEL = b"D", b"V"  # GNU tar: of an incremental backup; written by -V


class _Xz:
    """An unpacked .xz with a memory limit, which `lzma.LZMAFile` lacks."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._unpacker = lzma.LZMADecompressor(memlimit=XZ_MEMORY)

    def read(self, size: int = -1, /) -> bytes:
        while True:
            packed = self._next()
            if packed is None:
                return b""
            try:
                data = self._unpacker.decompress(packed, size)
            except lzma.LZMAError as error:
                if "Memory" in str(error):
                    raise TooMuch("such an .xz takes too much memory to be unpacked") from None
                raise
            if data:
                return data

    def _next(self) -> bytes | None:
        """The next bytes to unpack; None at the end."""
        if not self._unpacker.eof:
            packed = self._raw.read(working_copy.CHUNK) if self._unpacker.needs_input else b""
            if not packed and self._unpacker.needs_input:
                raise EOFError("it ends too early")
            return packed
        packed = self._unpacker.unused_data.lstrip(b"\0")
        while not packed:  # several streams in a row, with zeros between them
            more = self._raw.read(working_copy.CHUNK)
            if not more:
                return None
            packed = more.lstrip(b"\0")
        self._unpacker = lzma.LZMADecompressor(memlimit=XZ_MEMORY)
        return packed

    def close(self) -> None:
        """Does nothing: the caller closes the file that it reads."""


Decompressor = BinaryIO | gzip.GzipFile | bz2.BZ2File | _Xz
OPENERS: Mapping[str, Callable[[BinaryIO], Decompressor]] = {
    ".tar": lambda raw: raw,
    ".tar.gz": lambda raw: gzip.GzipFile(fileobj=raw),
    ".tar.bz2": bz2.BZ2File,
    ".tar.xz": _Xz,
}


class Tar:
    def __init__(self, raw: BinaryIO, form: str, what: str, taken: Intake) -> None:
        self._raw = raw
        self._opener = OPENERS[form]
        self._what = what
        self._taken = taken

    def close(self) -> None:
        """Does nothing: nothing is open between two readings."""

    def entries(self) -> Iterator[Member]:
        """The list. Raises WrongCall, and what `tarfile` raises for a broken tar."""
        for _, entry, _ in self._read():
            yield entry

    def contents(self) -> Iterator[Content]:
        """Each entry with its bytes, in the same order; read them before asking for the next."""
        for archive, entry, member in self._read():
            yield Content(
                entry,
                partial(_body, archive, member),
                program=bool(member.mode & 0o111),
                # Other times cannot be real.
                modified_ns=int(member.mtime * 1e9) if 0 <= member.mtime < 2**33 else None,
            )

    def _read(self) -> Iterator[tuple[tarfile.TarFile, Member, tarfile.TarInfo]]:
        self._raw.seek(0)
        most = 2 * limits.MAX_BYTES  # doubled for headers and padding, up to 1 KiB an entry
        listed = 0
        with contextlib.ExitStack() as stack:
            stream = self._opener(self._raw)
            if stream is not self._raw:
                stack.enter_context(contextlib.closing(stream))
            counted = _Counted(stream, self._what, self._taken)
            archive = stack.enter_context(
                tarfile.open(fileobj=counted, mode="r|")  # type: ignore[call-overload]
            )
            while (member := archive.next()) is not None:
                archive.members.clear()  # it would keep them all
                listed += 1
                if listed > MAX_LISTED:
                    raise TooMuch(f"{self._what} holds more than {MAX_LISTED:,} files and folders")
                if archive.offset > most:
                    claimed = (archive.offset, os.fstat(self._raw.fileno()).st_size)
                    so_far = (counted.position, self._raw.tell())
                    raise limits.too_big(
                        self._what, *max(claimed, so_far, key=lambda x: x[0] / x[1])
                    )
                counted.until = archive.offset + HEADER_BYTES
                if member.type != _GNU_LABEL:
                    yield archive, self._entry(member), member

    def _entry(self, member: tarfile.TarInfo) -> Member:
        parts = parts_of(member.name, self._what)
        if member.isdir() or member.type == _GNU_FOLDER:
            return Member(parts, MemberKind.FOLDER)
        if member.isfile():
            return Member(parts, MemberKind.FILE, size=member.size)
        if member.issym():
            return Member(parts, MemberKind.LINK, aim=member.linkname)
        if member.islnk():
            return Member(parts, MemberKind.COPY, original=parts_of(member.linkname, self._what))
        return Member(parts, MemberKind.OTHER)


def _body(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    body = archive.extractfile(member)
    if body is None:
        raise tarfile.ReadError(f"{member.name} has no content")
    return body


class _Counted:
    """A decompressed stream that is read no further than the listed files need, because a header
    may be huge as well."""

    def __init__(self, stream: Decompressor, what: str, taken: Intake) -> None:
        self._stream = stream
        self._what = what
        self._taken = taken
        self.position = 0
        self.until = HEADER_BYTES
        """The offset by which the next header must have ended."""

    def read(self, size: int = -1) -> bytes:
        self._taken.expect()
        if self.position > self.until:
            raise WrongCall(f"{self._what} holds a header that is longer than any header is")
        data = self._stream.read(size)
        self.position += len(data)
        return data
