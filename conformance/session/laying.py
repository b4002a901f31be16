"""Lays files where a program is started.

The program may have put a link where a folder is expected, to have us write elsewhere: no link is
followed, in no part of a path.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from conformance.contract.laid import Laid

_FOLDER = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_RDONLY | os.O_CLOEXEC
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC


def clear(folder: Path, laid: Mapping[str, Laid], start: str = ".") -> None:
    """Removes what stands where something is to be laid: all of a name at the top of `start`, a
    folder below `folder`. What a link leads to is left alone. Raises OSError where `start` leads
    through a link."""
    with _start(folder, start) as there:
        for name in dict.fromkeys(path.split("/")[0] for path in laid):
            with contextlib.suppress(FileNotFoundError):
                if stat.S_ISDIR(os.lstat(name, dir_fd=there).st_mode):
                    shutil.rmtree(name, dir_fd=there)
                else:
                    os.unlink(name, dir_fd=there)


def lay(
    folder: Path,
    laid: Mapping[str, Laid],
    own: Callable[[int], None] | None = None,
    start: str = ".",
) -> None:
    """Lays each of these in `start`, a folder below `folder`; a file that stands there is replaced
    in one step. `own` is called with a descriptor of what is new, to make it the program's. Raises
    OSError where something else stands in the way."""
    with _start(folder, start) as top:
        for path, what in laid.items():
            *above, name = path.split("/")
            with _folder_in(top, above, own) as there:
                _lay_one(there, name, what, own)


@contextlib.contextmanager
def _start(folder: Path, start: str) -> Iterator[int]:
    """A descriptor of `start` below `folder`. A build may have put a link there, too."""
    there = os.open(folder, _FOLDER)
    try:
        for name in PurePosixPath(start).parts:
            below = os.open(name, _FOLDER, dir_fd=there)
            os.close(there)
            there = below
        yield there
    finally:
        os.close(there)


@contextlib.contextmanager
def _folder_in(top: int, names: list[str], own: Callable[[int], None] | None) -> Iterator[int]:
    """A descriptor of the folder of these names below `top`, which is made where it is missing."""
    there = os.dup(top)
    try:
        for name in names:
            new = False
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, 0o755, dir_fd=there)
                new = True
            below = os.open(name, _FOLDER, dir_fd=there)
            os.close(there)
            there = below
            if new and own is not None:
                own(there)
        yield there
    finally:
        os.close(there)


def _lay_one(there: int, name: str, what: Laid, own: Callable[[int], None] | None) -> None:
    if what.folder:
        with _folder_in(there, [name], own):
            return
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISDIR(os.lstat(name, dir_fd=there).st_mode):
            raise IsADirectoryError(f"{name} is a folder")
    new = f".{name[:200]}.laid"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(new, dir_fd=there)
    if what.link:
        os.symlink(what.link, new, dir_fd=there)
    else:
        fd = os.open(new, _NEW, 0o755 if what.executable else 0o644, dir_fd=there)
        try:
            _fill(fd, what)
            if own is not None:
                own(fd)
        finally:
            os.close(fd)
    os.rename(new, name, src_dir_fd=there, dst_dir_fd=there)


def _fill(fd: int, what: Laid) -> None:
    left = memoryview(what.data)
    while left:
        left = left[os.write(fd, left) :]
    os.ftruncate(fd, what.length)
    os.fchmod(fd, 0o755 if what.executable else 0o644)  # whatever the umask
    if what.modified:
        os.utime(fd, (what.modified, what.modified))
