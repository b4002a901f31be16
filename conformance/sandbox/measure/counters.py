"""What the kernel counts of a process and of the machine (proc(5)).

A process that has ended meanwhile is no error: it is left out. Times are in ns.
"""

from __future__ import annotations

import functools
import os
import re
import time
from dataclasses import dataclass

from conformance.verdict.delays import NANOSECONDS

_TICK = NANOSECONDS // os.sysconf("SC_CLK_TCK")
_IDLE, _STEAL = slice(4, 6), slice(8, 9)
"""Fields of the line `cpu` in /proc/stat (proc_stat(5)), counted from its name."""
_CHILDREN_FAULTS, _MAJOR_FAULTS, _CHILDREN_RAN = 8, slice(9, 11), slice(13, 15)
"""Fields of /proc/PID/stat (proc_pid_stat(5)), counted from behind the name."""
_SOME = re.compile(rb"some .*total=(\d+)")
"""The line of a file of /proc/pressure that counts when any task waited, in µs
(Documentation/accounting/psi)."""


@dataclass(frozen=True)
class Stat:
    """The counters in a process's file `stat`."""

    children_faults: int = 0
    """Page faults of the children that it has waited for."""
    children_ran: int = 0
    """CPU time of these children, and of theirs."""
    major_faults: tuple[bytes, ...] = ()
    """How often it waited for a page from a disk, and how often these children did."""


def counts() -> bool:
    """Whether this kernel counts how long threads wait. Else the file is missing, or has zeros."""
    found = read("/proc/self/schedstat").split()
    return len(found) > 1 and int(found[0]) > 0


def clock(pid: int) -> int | None:
    """CPU time of all threads of a process, ended ones included, in ns.

    Read from the clock of clock_getcpuclockid(3), which Python does not offer.
    """
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:
        return None


def affinity(tid: int) -> set[int] | None:
    """The cores that a thread may use (sched_getaffinity(2)); None where that is unknown."""
    try:
        return os.sched_getaffinity(tid)
    except (AttributeError, OSError):
        return None


def tids(pid: int) -> list[int]:
    """The live threads of a process."""
    try:
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return []


def state(pid: int, tid: int) -> bytes:
    """A thread's state, a letter of proc_pid_stat(5); b"" where it has ended."""
    return read(f"/proc/{pid}/task/{tid}/stat").rpartition(b") ")[2][:1]


def stat(pid: int) -> Stat:
    """The counters of a process; zeros where it has ended."""
    fields = read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    if not fields:
        return Stat()
    faults, ran = int(fields[_CHILDREN_FAULTS]), _ns(fields[_CHILDREN_RAN])
    return Stat(faults, ran, tuple(fields[_MAJOR_FAULTS]))


def disk_use(pid: int, major_faults: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Counters that change whenever a process reads from a disk or writes to one: its major
    faults, and the bytes of proc_pid_io(5). () where they are unknown."""
    amounts = read(f"/proc/{pid}/io").split()[9:12:2]
    return (*major_faults, *amounts) if major_faults and len(amounts) == 2 else ()


def pressure(resource: str) -> int | None:
    """For how long any task has waited for the resource, in ns; None where that is unknown."""
    found = _SOME.match(_read_again(f"/proc/pressure/{resource}"))
    return int(found[1]) * 1_000 if found else None


def idle_and_stolen() -> tuple[int, int]:
    """For how long the cores together had nothing to run, and for how long the host of this
    virtual machine kept them from running, in ns."""
    fields = _read_again("/proc/stat").partition(b"\n")[0].split()
    return _ns(fields[_IDLE]), _ns(fields[_STEAL])


def _ns(fields: list[bytes]) -> int:
    return sum(map(int, fields)) * _TICK


def _read_again(path: str) -> bytes:
    """The beginning of a file about the whole machine; nothing where there is none."""
    try:
        return os.pread(_kept_open(path), 256, 0)
    except OSError:
        return b""


@functools.cache
def _kept_open(path: str) -> int:
    """The file, opened once in a process: to open it and close it again takes longer than to read
    it, and a sample reads four of them. Raises OSError."""
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def read(path: str, most: int = 4096) -> bytes:
    """A small file of /proc; nothing where there is none."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(fd, most)
    except OSError:
        return b""
    finally:
        os.close(fd)
