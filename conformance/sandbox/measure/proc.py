"""Processes seen from outside, through /proc: the tree, its sockets, what it uses.

Every function takes a snapshot of something that changes meanwhile. A process that is
gone when it is read is left out; that is no error. A process that is there and does not
let itself be read is one: `Hidden`.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from conformance.sandbox.kernel import SandboxError

_TICKS = os.sysconf("SC_CLK_TCK")

_CHEAP_BYTES = 512 * 1024 * 1024
"""Up to this, the sum of each process's own figures is good enough, although it counts shared
memory more than once. Above, the kernel computes the exact shares: some milliseconds for a JVM."""

TOO_MANY_PROCESSES = 1000
"""From so many processes on, they are only counted: the program is ended for them anyway."""

_LOOK_SECONDS = 0.2
"""Seconds for each of the two passes over the memory of all processes: a thousand processes that
fork can keep the reader waiting for half a minute."""

_BLOCK = 512
"""The unit of st_blocks (inode(7))."""

_NUMBER_INSIDE = re.compile(r"^NSpid:.*\s(\d+)$", re.M)
_SIZES = {
    name: re.compile(rf"^{name}:\s+(\d+) kB$", re.M)
    for name in ("RssAnon", "RssShmem", "Pss", "Pss_Shmem")
}
"""Compiled before the fork: in each session it would take most of a millisecond."""


@dataclass(frozen=True)
class Usage:
    """What all processes of a submission use together at one moment."""

    processes: int = 0
    """Without the zombies."""
    zombies: int = 0
    threads: int = 0
    open_files: int = 0
    cpu_seconds: float = 0.0
    """User and system time, including that of children that were waited for."""
    memory_bytes: int = 0
    hidden: int = 0
    """Processes that do not show what they have open; it is missing in `open_files`."""
    anonymous_bytes: int = 0
    """Of the memory, what belongs to no file: a file that is mapped, or sent by the kernel, is no
    part of it."""


class Hidden(SandboxError):  # noqa: N818 - an adjective for a process
    """A process does not show what it has open: it belongs to another user, or has made itself
    undumpable (prctl(2), PR_SET_DUMPABLE). So what it has open is unknown."""


def read(path: str, most: int = sys.maxsize) -> str:
    """A file of /proc, its first `most` bytes at least. Read so often that pathlib's overhead would
    exceed the kernel's work. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        pieces, size = [], 0
        while size < most and (piece := os.read(fd, 65_536)):
            pieces.append(piece)
            size += len(piece)
    finally:
        os.close(fd)
    return b"".join(pieces).decode("utf-8", "replace")


def children(pid: int) -> list[int]:
    """The children of a process, in the order of their birth."""
    found: list[int] = []
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with suppress(OSError):
                below = read(f"/proc/{pid}/task/{thread}/children")
                found += [int(word) for word in below.split()]
    return found


def descendants(pid: int) -> list[int]:
    """The children of a process and theirs, without itself."""
    if not _children_are_listed():
        import psutil  # not needed on most machines; it takes 10 ms

        try:
            return [child.pid for child in psutil.Process(pid).children(recursive=True)]
        except psutil.Error:
            return []
    found: list[int] = []
    queue = [pid]
    while queue:
        below = children(queue.pop())
        found += below
        queue += below
    return found


@cache
def _children_are_listed() -> bool:
    """Not on macOS, nor on a Linux without CONFIG_PROC_CHILDREN."""
    return os.path.exists("/proc/thread-self/children")


def pid_inside(pid: int) -> int:
    """The number that a process, or a thread, has in its own pid namespace; 0 when it is gone."""
    with suppress(OSError):
        found = _NUMBER_INSIDE.search(read(f"/proc/{pid}/status"))
        return int(found[1]) if found else pid
    return 0


def sockets(pid: int) -> Iterator[int]:
    """The inodes of the sockets that a process has open. Raises Hidden."""
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            with suppress(FileNotFoundError):  # closed meanwhile
                target = os.readlink(f"/proc/{pid}/fd/{name}")
                if target.startswith("socket:["):
                    yield int(target[8:-1])
    except OSError as error:
        if _lives(pid):
            raise Hidden(f"process {pid} does not show what it has open ({error})") from error


def _lives(pid: int) -> bool:
    """Whether the process may have anything open. A signal is tried as well: where /proc hides
    the processes of other users (option hidepid), they are missing there."""
    with suppress(OSError, IndexError):
        if _is_ending(_stat(pid)):
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _is_ending(fields: Sequence[str]) -> bool:
    """Whether a process, by its `_stat`, is dead or about to be: it has no memory any more. From
    then on its files in /proc belong to root, until it has closed them."""
    return fields[0] in "ZX" or fields[20] == "0"


def owner(inode: int, pids: Iterable[int]) -> int | None:
    """Which of the processes holds the socket; the first one, when several share it. Raises
    Hidden where none does, but one of them is hidden, which may hold it."""
    hidden: Hidden | None = None
    for pid in pids:
        try:
            if inode in sockets(pid):
                return pid
        except Hidden as one:
            hidden = one
    if hidden is not None:
        raise hidden
    return None


def usage(pids: Sequence[int], memory_bytes: int = 0) -> Usage:
    """What these processes use together; `memory_bytes`, which costs more to find, is given."""
    if len(pids) >= TOO_MANY_PROCESSES:
        return Usage(processes=len(pids), threads=len(pids))
    processes = zombies = threads = files = ticks = hidden = anonymous = 0
    for pid in pids:
        with suppress(OSError, IndexError):
            fields = _stat(pid)
            ticks += sum(int(field) for field in fields[11:15])
            if fields[0] in "ZX":
                zombies += 1
                continue
            processes += 1
            threads += int(fields[17])
            anonymous += _own_bytes(pid)[0]
            try:
                files += len(os.listdir(f"/proc/{pid}/fd"))
            except PermissionError:
                hidden += not _is_ending(_stat(pid))
    seconds = ticks / _TICKS
    return Usage(processes, zombies, threads, files, seconds, memory_bytes, hidden, anonymous)


def memory(pids: Sequence[int]) -> int:
    """Bytes of memory that these processes hold together, mapped or not; 0 for too many.
    Where the kernel answers slowly, the sum is extrapolated from a part of them."""
    if len(pids) >= TOO_MANY_PROCESSES:
        return 0
    own: list[tuple[int, int]] = []
    unmapped: dict[tuple[int, int], int] = {}
    until = time.monotonic() + _LOOK_SECONDS
    for pid in pids:
        own.append(_own_bytes(pid))
        unmapped |= _memory_files(pid)
        if time.monotonic() > until:
            break
    taken = _sum(own, unmapped) * len(pids) // max(len(own), 1)
    if taken <= _CHEAP_BYTES or len(own) < len(pids):
        return taken
    until = time.monotonic() + _LOOK_SECONDS
    exact = [_proportional_bytes(pid) for pid in pids if time.monotonic() < until]
    return _sum(exact + own[len(exact) :], unmapped)


def kills_for_memory() -> int:
    """How many processes of this machine the kernel has killed for lack of memory so far."""
    with suppress(OSError):
        # Asked at each attempt: a pattern tries each of two hundred lines.
        _, found, behind = read("/proc/vmstat").partition("\noom_kill ")
        return int(behind.partition("\n")[0]) if found else 0
    return 0


def _sum(mapped: list[tuple[int, int]], unmapped: Mapping[tuple[int, int], int]) -> int:
    """The sum of (private, shared) bytes and of files in memory, without counting a page twice."""
    private = sum(one for one, _ in mapped)
    return private + max(sum(two for _, two in mapped), sum(unmapped.values()))


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on (the name may hold anything)."""
    return read(f"/proc/{pid}/stat").rpartition(")")[2].split()


def _memory_files(pid: int) -> dict[tuple[int, int], int]:
    """The files of memfd_create(2) that a process has open, mapped or not, and their bytes."""
    found = {}
    with suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):
            with suppress(OSError):
                path = f"/proc/{pid}/fd/{name}"
                if os.readlink(path).startswith("/memfd:"):
                    about = os.stat(path)
                    found[about.st_dev, about.st_ino] = about.st_blocks * _BLOCK
    return found


def _own_bytes(pid: int) -> tuple[int, int]:
    """(private, shared) bytes of memory that belong to no file."""
    with suppress(OSError):
        text = read(f"/proc/{pid}/status")
        return _kilobytes("RssAnon", text), _kilobytes("RssShmem", text)
    return 0, 0


def _proportional_bytes(pid: int) -> tuple[int, int]:
    """The same, with shared memory divided among those who share it, and with mapped files."""
    with suppress(OSError):
        text = read(f"/proc/{pid}/smaps_rollup")
        shared = _kilobytes("Pss_Shmem", text)
        return _kilobytes("Pss", text) - shared, shared
    return _own_bytes(pid)  # the process hides it


def _kilobytes(name: str, text: str) -> int:
    found = _SIZES[name].search(text)
    return int(found[1]) * 1024 if found else 0
