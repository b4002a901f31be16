"""The disk of one session: a file system in memory, of limited size, for the working copy.

The kernel's limits are for each file, not for all of them; and a monitor would have to walk
through a million files, and would miss those that were removed and are still open. In a file
system of its own, the kernel counts every byte. The file system ends with the mount namespace
of the worker, so we need not remove what a program leaves there, however deep or locked.
"""

from __future__ import annotations

import os
from pathlib import Path

from conformance.sandbox import kernel
from conformance.sandbox.kernel import SandboxError
from conformance.sandbox.limits import MIB

ROOM_BYTES = 256 * MIB
"""What a program may write beside its working copy: as much as one file may have."""

ROOM_FILES = 50_000
"""Files and folders that it may make; each costs the kernel 1 KiB."""

MAX_COPIED = 1024 * MIB
"""The largest working copy, with all that was built and fetched: it is kept in memory."""

_BLOCK = 4096
"""The bytes that a file system in memory takes for the first byte of a file."""


class Disk:
    """A file system at `place`, with room for a copy of `original` and some more. The caller must
    have its own mount namespace. Raises SandboxError where the original is too large, or the kernel
    refuses."""

    def __init__(self, place: Path, original: Path) -> None:
        size, files = _extent(original)
        if size > MAX_COPIED:
            raise SandboxError(
                f"the submission, with what was built, takes {size // MIB:,} MiB of disk; a"
                f" session can hold {MAX_COPIED // MIB:,} MiB"
            )
        self._place = place
        place.mkdir(exist_ok=True)
        options = (
            f"size={size + ROOM_BYTES},nr_inodes={files + ROOM_FILES},"
            f"mode=755,uid={os.getuid()},gid={os.getgid()}"
        )
        flags = kernel.MS_NOSUID | kernel.MS_NODEV
        try:
            kernel.mount("tmpfs", str(place), "tmpfs", flags, options)
        except OSError as error:
            raise SandboxError(f"no disk for this session: {error}") from error

    def is_full(self) -> bool:
        """Whether the program has used up what it may write."""
        about = os.statvfs(self._place)
        return about.f_bfree == 0 or about.f_ffree == 0


def _extent(folder: Path) -> tuple[int, int]:
    """Bytes that a copy takes at most, and the number of files and folders in it."""
    size, count = _BLOCK, 1
    for where, folders, files in os.walk(folder):
        count += len(folders) + len(files)
        for name in [*folders, *files]:
            about = os.lstat(os.path.join(where, name))
            size += -(-about.st_size // _BLOCK) * _BLOCK + _BLOCK
    return size, count
