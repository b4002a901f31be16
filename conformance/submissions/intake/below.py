"""Reading and writing below a folder, and nowhere else.

Each part of a path is opened relative to the folder before it, and never through a link. So
whatever happens to the names meanwhile, only files below the folder are opened.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self

from conformance.submissions.intake.listing import Parts

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Does not block if somebody has just put a pipe there.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_CHANGED = frozenset({errno.ELOOP, errno.ENOTDIR, errno.ENXIO, errno.ENODEV, errno.EISDIR})
"""Errors raised if a link, file or device has taken a name since it was listed."""


class Below:
    """A folder, kept open, with the path to the folder below it that was used last."""

    def __init__(self, top: Path) -> None:
        self._way: list[tuple[str, int]] = []
        self._top = _entered(top)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._back_to(0)
        os.close(self._top)

    def _back_to(self, depth: int) -> None:
        while len(self._way) > depth:
            os.close(self._way.pop()[1])

    def folder(self, parts: Parts) -> int:
        """The descriptor of a folder, good until the next call. Raises OSError."""
        same = 0
        for (name, _), part in zip(self._way, parts, strict=False):
            if name != part:
                break
            same += 1
        self._back_to(same)
        for depth in range(same, len(parts)):
            here = self._way[-1][1] if self._way else self._top
            with _named(parts[: depth + 1]):
                self._way.append((parts[depth], _entered(parts[depth], here)))
        return self._way[-1][1] if self._way else self._top

    def read(self, parts: Parts) -> BinaryIO:
        """A file, for reading. Raises OSError if it is missing, or not a regular file."""
        folder = self.folder(parts[:-1])
        with _named(parts):
            descriptor = os.open(parts[-1], _FILE, dir_fd=folder)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.close(descriptor)
                raise OSError(errno.ENODEV, "it is no ordinary file")
        return open(descriptor, "rb")

    def make_folder(self, parts: Parts) -> None:
        folder = self.folder(parts[:-1])
        with _named(parts):
            os.mkdir(parts[-1], dir_fd=folder)

    def make_file(self, parts: Parts) -> BinaryIO:
        """A new file, for writing, that only we may read until `finish`; replaces an older one."""
        folder = self.folder(parts[:-1])
        with _named(parts):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(parts[-1], dir_fd=folder)
            descriptor = os.open(parts[-1], _NEW, 0o600, dir_fd=folder)
        return open(descriptor, "wb")

    def make_link(self, parts: Parts, aim: str) -> None:
        folder = self.folder(parts[:-1])
        with _named(parts):
            os.symlink(aim, parts[-1], dir_fd=folder)


def _entered(path: Path | str, folder: int | None = None) -> int:
    """The descriptor of a folder; if it may be entered but not read, one for names only."""
    try:
        return os.open(path, _FOLDER, dir_fd=folder)
    except PermissionError:
        return os.open(path, _FOLDER | os.O_PATH, dir_fd=folder)


def finish(file: BinaryIO, *, program: bool, modified_ns: int | None) -> None:
    """Gives a written file its mode (only the x bits are taken over) and its time, if known."""
    file.flush()
    os.fchmod(file.fileno(), 0o755 if program else 0o644)
    if modified_ns is not None:
        os.utime(file.fileno(), ns=(modified_ns, modified_ns))


@contextlib.contextmanager
def _named(parts: Parts) -> Iterator[None]:
    """Makes an error name the whole path, and say if the file changed meanwhile."""
    try:
        yield
    except OSError as error:
        path = "/".join(parts)
        if error.errno in _CHANGED:
            raise OSError(errno.ESTALE, "it changed while it was read", path) from None
        raise OSError(error.errno, error.strerror or str(error), path) from None
