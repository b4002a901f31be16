"""Unpacking .zip and .tar archives that a stranger has made.

No entry leaves the target, no link leads out of it, no device is made, and the
bytes that really come out are counted, whatever the archive claims.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from conformance.model import WrongCall
from conformance.submissions.intake import MAX_BYTES, Intake

SUFFIXES = (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tar", ".zip")
FOREIGN = (".rar", ".7z", ".tar.zst", ".gz", ".xz", ".bz2")
"""Archives that cannot be opened here, or hold a single nameless file."""

CHUNK = 1 << 20


class Stream(Protocol):
    """What all of Python's decompressors have in common."""

    def read(self, size: int = -1, /) -> bytes: ...

    def close(self) -> None: ...


OPENERS: dict[str, Callable[[Path], Stream]] = {
    ".tar": io.FileIO,
    ".tar.gz": gzip.GzipFile,
    ".tgz": gzip.GzipFile,
    ".tar.bz2": bz2.BZ2File,
    ".tar.xz": lzma.LZMAFile,
}


def suffix(path: Path) -> str | None:
    """The archive suffix of a file name, None if it is no archive that can be unpacked."""
    name = path.name.lower()
    return next((ending for ending in SUFFIXES if name.endswith(ending)), None)


def unpack(path: Path, target: Path, intake: Intake) -> None:
    """Unpacks an archive into `target`. Raises WrongCall: bad, too big, or leading out."""
    target.mkdir(parents=True, exist_ok=True)
    ending = suffix(path)
    try:
        if ending == ".zip":
            _unzip(path, target, intake)
        else:
            _untar(path, ending or ".tar", target, intake)
    except (
        zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError,
        NotImplementedError, RuntimeError, OSError, UnicodeError, ValueError,
    ) as error:  # fmt: skip
        raise WrongCall(f"{path.name} cannot be unpacked: {error}") from None


def _place(name: str, target: Path, archive: Path) -> Path | None:
    """Where an entry goes; None for the top folder itself. Raises WrongCall: it would leave."""
    pure = PurePosixPath(name.replace("\\", "/"))
    windows_drive = len(name) > 1 and name[1] == ":"
    if pure.is_absolute() or windows_drive or ".." in pure.parts:
        raise WrongCall(f"{archive.name} holds an entry that would leave it: {name!a}")
    parts = [part for part in pure.parts if part != "."]
    return target.joinpath(*parts) if parts else None


def _write(reader: IO[bytes], place: Path, intake: Intake) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as writer:
        while chunk := reader.read(CHUNK):
            intake.count(size=len(chunk))
            writer.write(chunk)


def _unzip(path: Path, target: Path, intake: Intake) -> None:
    links: list[tuple[Path, str]] = []
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            intake.count(entries=1)
            place = _place(entry.filename, target, path)
            mode = entry.external_attr >> 16
            if place is None:
                continue
            if entry.is_dir() or entry.filename.endswith("\\"):
                place.mkdir(parents=True, exist_ok=True)
                continue
            if entry.flag_bits & 1:
                raise WrongCall(f"{path.name} is encrypted")
            if stat.S_ISLNK(mode):
                with archive.open(entry) as reader:
                    links.append((place, os.fsdecode(reader.read(4096))))  # PATH_MAX
                continue
            if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                raise WrongCall(f"{path.name} holds a device or a pipe: {entry.filename!a}")
            with archive.open(entry) as reader:
                _write(reader, place, intake)
    _link(links, target, path)


class _Counted:
    """A decompressed stream that stops when too much has come out of it.

    A tar header may itself be huge; the entries' sizes alone would not show it.
    """

    def __init__(self, stream: Stream, archive: Path) -> None:
        self._stream = stream
        self._archive = archive
        self._left = 2 * MAX_BYTES  # twice: headers and padding, up to 1 KiB an entry

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise WrongCall(f"{self._archive.name} unpacks to more than can be taken")
        return data


def _untar(path: Path, ending: str, target: Path, intake: Intake) -> None:
    links: list[tuple[Path, str]] = []
    with contextlib.closing(OPENERS[ending](path)) as stream:
        counted = _Counted(stream, path)
        with tarfile.open(fileobj=counted, mode="r|") as archive:  # type: ignore[call-overload]
            for entry in archive:
                intake.count(entries=1)
                place = _place(entry.name, target, path)
                if place is None:
                    continue
                if entry.isdir():
                    place.mkdir(parents=True, exist_ok=True)
                elif entry.isfile():
                    _write(_body(archive, entry), place, intake)
                    place.chmod(0o755 if entry.mode & 0o111 else 0o644)
                    os.utime(place, (entry.mtime, entry.mtime))
                elif entry.issym():
                    links.append((place, entry.linkname))
                elif entry.islnk():
                    _copy_hard_link(entry, place, target, path, intake)
                else:
                    raise WrongCall(f"{path.name} holds a device or a pipe: {entry.name!a}")
    _link(links, target, path)


def _body(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    body = archive.extractfile(entry)
    if body is None:
        raise tarfile.ReadError(f"{entry.name} has no content")
    return body


def _copy_hard_link(
    entry: tarfile.TarInfo, place: Path, target: Path, archive: Path, intake: Intake
) -> None:
    """A hard link becomes a copy of the entry before it that it names."""
    original = _place(entry.linkname, target, archive)
    if original is None or not original.is_file():
        raise WrongCall(f"{archive.name} holds a link to a file outside: {entry.name!a}")
    with original.open("rb") as reader:
        _write(reader, place, intake)


def _link(links: list[tuple[Path, str]], target: Path, archive: Path) -> None:
    """Makes the links, once every file is in place: so none was ever written through.

    Then every one is looked at again, as two harmless links can make a harmful one.
    """
    for place, aim in links:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(aim)
    top = Path(os.path.realpath(target))
    for place, aim in links:
        if os.path.isabs(aim) or not Path(os.path.realpath(place)).is_relative_to(top):
            for made, _ in links:
                made.unlink(missing_ok=True)
            link = ascii(place.name)
            raise WrongCall(f"{archive.name} holds a link that leads out of it: {link}")
