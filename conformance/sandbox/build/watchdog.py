"""Watches a build while it runs, and stops one that takes too much of the machine."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.sandbox.limits import MIB, Limits
from conformance.sandbox.measure.exhaustion import Exhaustion, is_full
from conformance.sandbox.process.process import Process

CHECK_EVERY = 0.25
"""Seconds between two checks: a fork bomb takes about as long to reach its limit."""

DISK_BYTES = 4096 * MIB
"""What a build may write, with all that it fetches."""

DISK_FILES = 1_000_000
"""Files and folders that it may make: a large node_modules has a tenth of that."""

_ROOM = 64 * MIB
"""Bytes of the disk that must stay free. A tool that cannot write a library removes the part that
it wrote before it reports that, so the disk is no longer full by then."""

_OUT_OF_SIGHT = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG)


@dataclass(frozen=True)
class BuildEnd:
    status: int | None
    """None where it was stopped."""
    exceeded: str = ""
    """A sentence on what it took too much of, or what the machine lacked; "" if nothing."""


@dataclass(frozen=True)
class Amount:
    bytes: int
    files: int


def watch(process: Process, timeout: float, limits: Limits, folders: Sequence[Path]) -> BuildEnd:
    """Waits at most `timeout` seconds for a build that writes into `folders` only, which are on one
    disk. When this returns, no process of the build is left."""
    until = time.monotonic() + timeout
    exhaustion = Exhaustion(folders[0], room=_ROOM)
    disk = _Disk(process, folders)
    full = ""
    try:
        while (left := until - time.monotonic()) > 0:
            status = process.wait(within=min(CHECK_EVERY, left))
            exhaustion.check()
            if status is not None:
                short = (exhaustion.reason() or full) if status != 0 else ""
                return BuildEnd(status, f"{short} meanwhile" if short else "")
            full = full or _full_inside(process)
            exceeded = limits.exceeded_by(process.usage(), "the build")
            if exceeded := exceeded or disk.exceeded():
                return BuildEnd(None, exceeded)
        return BuildEnd(None)
    finally:
        process.terminate(grace=0)


def _full_inside(process: Process) -> str:
    """A sentence on which of the build's disks in memory is full: we chose their size, and a
    compiler may need more."""
    for pid in process.pids()[:1]:
        for place in ("/tmp", "/dev/shm"):
            if is_full(Path(f"/proc/{pid}/root{place}")):
                return f"the build's {place} was full"
    return ""


def free_on_disk(folder: Path) -> Amount:
    """What is free on the disk of that folder."""
    about = os.statvfs(folder)
    return Amount(about.f_bavail * about.f_frsize, about.f_ffree)


class _Disk:
    """What a build writes. To check how much free space the disk has lost costs nothing. But other
    programs write too, so the build's files are counted when that could be too much."""

    def __init__(self, process: Process, folders: Sequence[Path]) -> None:
        self._process = process
        self._folders = folders
        self._free = free_on_disk(folders[0])
        self._taken = Amount(0, 0)
        """What the build had written when its files were last counted; the disk had `_free`
        then."""

    def exceeded(self) -> str:
        """A sentence on what it has written too much of; "" if nothing."""
        free = free_on_disk(self._folders[0])
        most = Amount(
            self._taken.bytes + self._free.bytes - free.bytes,
            self._taken.files + self._free.files - free.files,
        )
        if most.bytes <= DISK_BYTES and most.files <= DISK_FILES:
            return ""
        self._taken, self._free = self._counted(most), free
        if self._taken.bytes > DISK_BYTES:
            what, may = f"{self._taken.bytes / 2**30:.1f} GiB of", f"{DISK_BYTES / 2**30:g} GiB"
        elif self._taken.files > DISK_FILES:
            what, may = f"{self._taken.files:,}", f"{DISK_FILES:,}"
        else:
            return ""
        return (
            f"the build laid down {what} files, more than the {may} that one may, and was stopped"
        )

    def _counted(self, most: Amount) -> Amount:
        """What the build has written; `most` if it has hidden a part of it."""
        hidden: list[OSError] = []
        device = os.stat(self._folders[0]).st_dev
        seen = dict(_removed(self._process.pids(), device))
        for folder in self._folders:
            for about in _below(folder, hidden):
                seen[about.st_ino] = about.st_blocks * 512
        if any(error.errno in _OUT_OF_SIGHT for error in hidden):
            return most
        return Amount(sum(seen.values()), len(seen))


def _below(folder: Path, hidden: list[OSError]) -> Iterator[os.stat_result]:
    for where, folders, files in os.walk(folder, onerror=hidden.append):
        for name in (*folders, *files):
            try:
                yield os.lstat(os.path.join(where, name))
            except OSError as error:  # most often, it is gone by now
                hidden.append(error)


def _removed(pids: Sequence[int], device: int) -> Iterator[tuple[int, int]]:
    """The files of this disk that are removed, but still open."""
    for pid in pids:
        try:
            opened = list(os.scandir(f"/proc/{pid}/fd"))
        except OSError:
            continue
        for each in opened:
            try:
                about = each.stat()
            except OSError:
                continue
            if stat.S_ISREG(about.st_mode) and about.st_dev == device and not about.st_nlink:
                yield about.st_ino, about.st_blocks * 512
