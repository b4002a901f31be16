"""The folder in which a run works; it is removed when the run ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "conformance-"
_ALIVE = "alive"
"""A file in each scratch folder, which everyone who works there, workers included, keeps locked.
The kernel drops the lock when all of them have ended, in whatever way."""


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for one run, which the sessions' users may enter (but not list); removed at the end
    of the block. First removes the folders of runs that were killed."""
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    lock = _lock(folder)
    try:
        enterable(folder)
        yield folder
    finally:
        _remove(folder)
        os.close(lock)


def enterable(folder: Path) -> Path:
    """Makes the folder if it is missing, and lets the sessions' users enter (but not list) it,
    whatever the umask."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    return folder


@contextlib.contextmanager
def folder_for_a_part(folder: Path) -> Iterator[Path]:
    """A new folder in a scratch folder, for one part of a run; removed at the end of the block."""
    try:
        yield enterable(folder)
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    """Removes it even if a build has locked folders in it, or nested more of them than Python can
    walk."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        for tool in (("chmod", "-R", "u+rwx"), ("rm", "-rf")):
            subprocess.run([*tool, "--", str(folder)], check=False, stderr=subprocess.DEVNULL)


def _lock(folder: Path) -> int:
    """Locks the file before it gets its name, so that it is never seen unlocked."""
    lock = os.open(folder / "new", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    (folder / "new").rename(folder / _ALIVE)
    return lock


def _sweep() -> None:
    """Removes our folders that are no longer in use."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            lock = os.open(folder / _ALIVE, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(folder)
            finally:
                os.close(lock)
