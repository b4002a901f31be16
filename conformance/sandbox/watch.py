"""Processes seen from outside, through /proc: the tree, its sockets, what it uses.

Every function takes a snapshot of something that changes meanwhile: a process
that is gone when it is looked at is left out, and that is no error.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")

_CHEAP_BYTES = 512 * 1024 * 1024
"""Below this, the sum of anonymous memory (in which forked children count what
they share again) is good enough; above, the kernel is asked for the exact share,
which takes it some milliseconds for a JVM."""


@dataclass(frozen=True)
class Usage:
    """What a submission uses at the moment, all its processes together."""

    processes: int = 0
    """Without the zombies."""
    zombies: int = 0
    threads: int = 0
    open_files: int = 0
    cpu_seconds: float = 0.0
    """User and system time, with that of children that were waited for."""
    memory_bytes: int = 0


def children(pid: int) -> list[int]:
    """The children of a process, in the order of their birth."""
    found: list[int] = []
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with suppress(OSError):
                text = Path(f"/proc/{pid}/task/{thread}/children").read_text()
                found += [int(word) for word in text.split()]
    return found


def descendants(pid: int) -> list[int]:
    """The children of a process and theirs, without itself."""
    if not Path("/proc/self/task").exists():
        return _descendants_by_psutil(pid)
    found: list[int] = []
    queue = [pid]
    while queue:
        below = children(queue.pop())
        found += below
        queue += below
    return found


def _descendants_by_psutil(pid: int) -> list[int]:
    import psutil  # macOS; not needed on Linux, where it takes 10 ms a call

    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return []


def state(pid: int) -> str:
    """The letter of ps(1): R, S, D, T, Z, …; empty when it is gone."""
    with suppress(OSError, IndexError):
        return _stat(pid)[0]
    return ""


def pid_inside(pid: int) -> int:
    """The number that a process has in its own pid namespace; 0 when it is gone."""
    with suppress(OSError):
        found = re.search(r"^NSpid:.*\s(\d+)$", Path(f"/proc/{pid}/status").read_text(), re.M)
        return int(found[1]) if found else pid
    return 0


def sockets(pid: int) -> Iterator[int]:
    """The inodes of the sockets that a process has open."""
    with suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):
            with suppress(OSError):
                target = os.readlink(f"/proc/{pid}/fd/{name}")
                if target.startswith("socket:["):
                    yield int(target[8:-1])


def owner(inode: int, pids: Iterable[int]) -> int | None:
    """Which of the processes holds the socket; the first one, when several share it."""
    return next((pid for pid in pids if inode in sockets(pid)), None)


def usage(pids: Iterable[int]) -> Usage:
    """What these processes use together."""
    processes = zombies = threads = files = memory = 0
    ticks = 0
    alive: list[int] = []
    for pid in pids:
        with suppress(OSError, IndexError):
            fields = _stat(pid)
            ticks += sum(int(field) for field in fields[11:15])
            if fields[0] in "ZX":
                zombies += 1
                continue
            threads += int(fields[17])
            files += len(os.listdir(f"/proc/{pid}/fd"))
            memory += _anonymous_bytes(pid)
            processes += 1
            alive.append(pid)
    if memory > _CHEAP_BYTES:
        memory = sum(_proportional_bytes(pid) for pid in alive)
    return Usage(processes, zombies, threads, files, ticks / _TICKS, memory)


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on (the name may hold anything)."""
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _anonymous_bytes(pid: int) -> int:
    _, resident, shared, *_ = (_PROC / str(pid) / "statm").read_text().split()
    return (int(resident) - int(shared)) * _PAGE


def _proportional_bytes(pid: int) -> int:
    with suppress(OSError):
        text = (_PROC / str(pid) / "smaps_rollup").read_text()
        found = re.search(r"^Pss:\s+(\d+) kB$", text, re.M)
        return int(found[1]) * 1024 if found else 0
    return 0
