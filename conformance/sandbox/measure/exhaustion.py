"""What the machine has run out of: memory, processes and threads, room on the disk.

A submission shares these with all that runs beside it, so another program may have taken what it
lacked. Its own `Limits` are not meant here: reaching them is its own doing.
"""

from __future__ import annotations

import functools
import os
import re
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from conformance.sandbox import uids
from conformance.sandbox.measure import proc

PROC = Path("/proc")

FULL_BYTES = 64 * 1024
"""A disk with fewer free bytes counts as full: a program cannot write one buffer."""

_LEAST_MEMORY = 64 * 1024 * 1024
"""Bytes. A machine with less than that available has run out of memory."""


class Exhaustion:
    """What this machine has run out of since this was made."""

    def __init__(self, disk: Path | None = None, *, room: int = FULL_BYTES) -> None:
        """`disk`: a folder on the disk that the submission writes to, where that disk is the
        machine's. It counts as full when fewer than `room` bytes are left."""
        self._disk = disk
        self._room = room
        self._seen = ""
        self._killed = proc.kills_for_memory()
        self._refused = refusals()

    def check(self) -> None:
        """Note what is exhausted right now: a program that failed for it may free it again."""
        if self._disk is not None and is_full(self._disk, self._room):
            self._seen = self._seen or "the machine's disk was full"
        if _memory_left() < _LEAST_MEMORY:
            self._seen = self._seen or "the machine ran out of memory"

    def reason(self) -> str:
        """What ran out, as the beginning of a sentence; "" if nothing."""
        if proc.kills_for_memory() > self._killed:
            return "the machine ran out of memory"
        if self._seen:
            return self._seen
        if self._disk is not None and is_full(self._disk, self._room):
            return "the machine's disk was full"
        if refusals() <= self._refused:
            return ""
        limits = [limit for group in limiting_groups() if (limit := _number(group / "pids.max"))]
        together = f" (pids.max: {min(limits):,} for all that runs in its cgroup)" if limits else ""
        return f"the machine ran out of processes and threads{together}"


def is_full(folder: Path, room: int = FULL_BYTES) -> bool:
    """Whether a user other than root can write fewer than `room` bytes there, or no file."""
    with suppress(OSError):
        about = os.statvfs(folder)
        no_files = about.f_files > 0 and about.f_favail == 0
        return about.f_bavail * about.f_frsize < room or no_files
    return False


def _memory_left() -> int:
    """Bytes that programs can still get, as the kernel estimates (proc_meminfo(5)). Without
    overcommit (vm.overcommit_memory 2), at most what it has not promised yet."""
    try:
        told = (PROC / "meminfo").read_text()
    except OSError:
        return sys.maxsize
    kilobytes = {name: int(size) for name, size in re.findall(r"^(\w+):\s+(\d+) kB$", told, re.M)}
    left = kilobytes.get("MemAvailable", sys.maxsize) + kilobytes.get("SwapFree", 0)
    if _number(PROC / "sys/vm/overcommit_memory") == 2:
        promised = kilobytes.get("CommitLimit", 0) - kilobytes.get("Committed_AS", 0)
        left = min(left, promised)
    return left * 1024


def refusals() -> int:
    """How many processes and threads the kernel has refused so far because of a limit of our
    cgroups. Refusals for a program's own limit do not count here: the kernel checks that
    limit first (copy_process in kernel/fork.c)."""
    return sum(_number(counter) or 0 for counter in refusal_counters())


@functools.cache
def refusal_counters() -> tuple[Path, ...]:
    """The files that count `refusals`, looked up once, before the fork; () without a limit.

    Since Linux 6.11 each cgroup counts how often its own limit was hit (cgroup-v2.rst), so every
    limited cgroup above ours is read. Before, and in version 1, our own cgroup counts all
    refusals of its members."""
    groups = limiting_groups()
    if not groups or not (groups[0] / "pids.events.local").exists():
        return tuple(group / "pids.events" for group in groups[:1])
    limited = [group for group in groups[1:] if _number(group / "pids.max") is not None]
    return tuple(group / "pids.events.local" for group in (groups[0], *limited))


@dataclass(frozen=True, order=True)
class Left:
    """How many processes and threads may still start under a shared limit."""

    processes: int
    limit: str = ""
    """The name of the limit."""


def processes_left() -> Left:
    """The limit that leaves the fewest."""
    return min(_left(), default=Left(sys.maxsize))


def _left() -> Iterator[Left]:
    for group in limiting_groups():
        if (limit := _number(group / "pids.max")) is not None:
            yield Left(limit - (_number(group / "pids.current") or 0), f"pids.max of {group}")
    # Processes in a user namespace also count for the user outside, so sessions share this
    # limit. Where root runs the suite, each session has a user of its own.
    limit = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    if limit != resource.RLIM_INFINITY and not uids.is_real_root():
        yield Left(limit - _threads_of(os.getuid()), "RLIMIT_NPROC (ulimit -u)")
    for name in ("pid_max", "threads-max"):
        if (limit := _number(PROC / "sys/kernel" / name) or 0) > 0:
            yield Left(limit - _threads(), f"kernel.{name}")


def _threads_of(uid: int) -> int:
    import psutil

    own = (p for p in psutil.process_iter(["uids", "num_threads"]) if p.info["uids"])
    return sum(p.info["num_threads"] or 0 for p in own if p.info["uids"].real == uid)


def _threads() -> int:
    """The threads of the whole machine (proc_loadavg(5))."""
    with suppress(OSError):
        return int((PROC / "loadavg").read_text().split()[3].partition("/")[2])
    return 0


def _number(path: Path) -> int | None:
    """The number in a file, alone or behind `max`; None where there is no file or no number."""
    with suppress(OSError):
        found = re.match(r"(?:max )?(\d+)$", path.read_text(), re.M)
        return int(found[1]) if found else None
    return None


@functools.cache
def limiting_groups() -> tuple[Path, ...]:
    """The folders of the cgroup that limits our processes, and of those above it, as far as
    they are visible: a container sees none above its own (cgroups(7))."""
    with suppress(OSError, ValueError):
        lines = [line.split(":", 2) for line in (PROC / "self/cgroup").read_text().splitlines()]
        first = [path for _, names, path in lines if "pids" in names.split(",")]
        own = first or [path for _, names, path in lines if not names]
        for root, point in _mounts("cgroup" if first else "cgroup2") if own else ():
            below = os.path.relpath(own[0], root)
            folder = Path(point, "" if below.startswith("..") else below)
            line = [each for each in (folder, *folder.parents) if each.is_relative_to(point)]
            return tuple(each for each in line if (each / "pids.max").exists())
    return ()


def _mounts(kind: str) -> Iterator[tuple[str, str]]:
    """(root, mount point) of each mounted hierarchy of this version that limits processes."""
    for mount in (PROC / "self/mountinfo").read_text().splitlines():
        about, _, what = mount.partition(" - ")
        is_kind, _, options = what.split(" ", 2)
        if is_kind == kind and (kind == "cgroup2" or "pids" in options.split(",")):
            root, point = about.split()[3:5]
            yield root, point
