"""What each thread of some processes does at this moment, through /proc: the system call that it
waits in, and the file descriptors that it waits for.

For each thread the kernel says in which system call it waits, and with which arguments
(/proc/PID/task/TID/syscall). What poll(2) and select(2) were given stands in the program's memory;
what an epoll instance holds, the kernel lists.

Any language, no tool, and the program notices nothing. It takes the right to trace the processes
(ptrace(2)): where that is missing, only the state of each thread is known. What else cannot be read
is left out: the program may hide it, or change meanwhile.
"""

from __future__ import annotations

import os
import platform
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice

from conformance.sandbox.measure import proc

MAX_TASKS = 400
"""Threads that are looked at: each takes some 25 µs."""

MAX_WATCHED = 256
"""Descriptors that are taken from one call of poll or epoll_wait."""

_FD_SETSIZE = 1024
"""Descriptors that an fd_set of the C library has room for: of a select, these are always read."""

_EPOLL_LINE = 128
"""Bytes of a line of /proc/PID/fdinfo for a descriptor of an epoll instance, at most."""

_POLLED = struct.Struct("=ihh")  # struct pollfd: file, events, returned events
_READABLE = 0x1 | 0x40  # POLLIN | POLLRDNORM
_POLLOUT = 0x4

_X86_64 = {
    0: "read", 1: "write", 7: "poll", 19: "read", 20: "write", 23: "select", 34: "pause",
    35: "sleep", 40: "write", 42: "connect", 43: "accept", 44: "send", 45: "recv", 46: "send",
    47: "recv", 61: "wait", 73: "flock", 128: "sigwait", 130: "pause", 202: "futex",
    230: "sleep", 232: "epoll_wait", 247: "wait", 270: "select", 271: "poll", 281: "epoll_wait",
    288: "accept", 299: "recv", 307: "send", 441: "epoll_wait", 449: "futex",
}  # fmt: skip
_AARCH64 = {
    22: "epoll_wait", 32: "flock", 63: "read", 64: "write", 65: "read", 66: "write", 71: "write",
    72: "select", 73: "poll", 95: "wait", 98: "futex", 101: "sleep", 115: "sleep",
    133: "pause", 137: "sigwait", 202: "accept", 203: "connect", 206: "send", 207: "recv",
    211: "send", 212: "recv", 242: "accept", 243: "recv", 260: "wait", 269: "send",
    441: "epoll_wait", 449: "futex",
}  # fmt: skip
CALLS: Mapping[str, Mapping[int, str]] = {"x86_64": _X86_64, "aarch64": _AARCH64}
"""By machine and number: the family of a system call, as the manual calls its simplest form."""

_ON_A_DESCRIPTOR = ("read", "write", "connect", "accept", "send", "recv", "flock")
"""Those whose first argument is what they wait for."""
_WRITES = ("write", "send", "connect")


@dataclass(frozen=True)
class Watched:
    """A descriptor that a thread waits for."""

    fd: int
    target: str
    """What it is open on: `socket:[123]`, `pipe:[45]`, a path; "" where that is hidden."""
    to_write: bool = False
    """Whether it waits only until it can write there."""
    to_read: bool = True
    """Whether it waits until there is something to read, or a client to accept."""

    @property
    def inode(self) -> int:
        """Of a socket; 0 of anything else."""
        return int(self.target[8:-1]) if self.target.startswith("socket:[") else 0


@dataclass(frozen=True)
class Task:
    """A thread at one moment."""

    pid: int
    tid: int
    started: int
    """When it began, in ticks of the kernel: a thread's number may be used again."""
    name: str
    """As the kernel has it, 15 characters at most; by default that of the program."""
    state: str
    """A letter, as in proc_pid_stat(5): R runs, S sleeps, D waits for a disk, T is stopped."""
    call: str = ""
    """The family of the system call that it waits in; "" where it is in none, or unknown."""
    watched: tuple[Watched, ...] = ()


def tasks_of(
    pids: Iterable[int], *, most: int | None = MAX_TASKS, most_watched: int = MAX_WATCHED
) -> list[Task]:
    """The threads of these processes, those that are gone or zombies left out; the first thread of
    a process comes first. `most`: so many threads, all for None. `most_watched`: so many
    descriptors of one call."""
    return list(islice(chain.from_iterable(_Threads(pid, most_watched) for pid in pids), most))


class _Threads:
    """The threads of one process, read one after the other."""

    def __init__(self, pid: int, most_watched: int) -> None:
        self._pid = pid
        self._most = most_watched
        self._targets: dict[int, str] = {}
        """What has been looked up, by its descriptor: threads of one process share them."""

    def __iter__(self) -> Iterator[Task]:
        with suppress(OSError):
            for tid in sorted(map(int, os.listdir(f"/proc/{self._pid}/task"))):
                with suppress(OSError, ValueError, IndexError):
                    if (one := self._task(tid)) is not None:
                        yield one

    def _task(self, tid: int) -> Task | None:
        folder = f"/proc/{self._pid}/task/{tid}"
        before, _, after = proc.read(f"{folder}/stat").rpartition(")")
        fields = after.split()
        state, started = fields[0], int(fields[19])
        if state in "ZXx":
            return None
        name = before.partition("(")[2]
        call = ""
        arguments: list[int] = []
        with suppress(OSError):
            call, arguments = parsed(proc.read(f"{folder}/syscall"))
        watched = tuple(self._watched(call, arguments)) if arguments else ()
        return Task(self._pid, tid, started, name, state, call, watched)

    def _watched(self, call: str, arguments: list[int]) -> Iterator[Watched]:
        """The descriptors that a call waits for."""
        if call in _ON_A_DESCRIPTOR:
            writes = call in _WRITES
            yield self._on(arguments[0], to_write=writes, to_read=not writes)
        with suppress(OSError):
            if call == "poll":
                count = min(arguments[1], self._most)
                polled = self._memory(arguments[0], count * _POLLED.size)
                for fd, events, _ in _POLLED.iter_unpack(polled):
                    if fd >= 0:
                        reads = bool(events & _READABLE)
                        yield self._on(fd, to_write=events == _POLLOUT, to_read=reads)
            elif call == "select":
                for place, to_write in ((arguments[1], False), (arguments[2], True)):
                    for fd in self._of_set(place, arguments[0]):
                        yield self._on(fd, to_write=to_write, to_read=not to_write)
            elif call == "epoll_wait":
                held = f"/proc/{self._pid}/fdinfo/{arguments[0]}"
                told = proc.read(held, self._most * _EPOLL_LINE)
                for found in re.findall(r"^tfd:\s*(\d+)", told, re.M)[: self._most]:
                    yield self._on(int(found))

    def _of_set(self, place: int, below: int) -> Iterator[int]:
        """The descriptors in an fd_set of the program's."""
        below = min(below, max(self._most, _FD_SETSIZE))
        bits = self._memory(place, (below + 63) // 64 * 8)  # the kernel reads whole words, too
        yield from (fd for fd in range(min(below, 8 * len(bits))) if bits[fd // 8] >> fd % 8 & 1)

    def _on(self, fd: int, *, to_write: bool = False, to_read: bool = True) -> Watched:
        fd &= 0xFFFFFFFF  # a register may hold anything beside an int
        if fd not in self._targets:
            self._targets[fd] = ""
            with suppress(OSError):
                self._targets[fd] = os.readlink(f"/proc/{self._pid}/fd/{fd}")
        return Watched(fd, self._targets[fd], to_write, to_read)

    def _memory(self, place: int, size: int) -> bytes:
        """Bytes of the program's memory; nothing where it gave no address. Raises OSError where it
        has none there."""
        if not place:
            return b""
        handle = os.open(f"/proc/{self._pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
        try:
            data = os.pread(handle, size, place)
        except (OverflowError, ValueError) as error:  # an address beyond all memory
            raise OSError(str(error)) from error
        finally:
            os.close(handle)
        return data if len(data) == size else b""


def parsed(line: str, machine: str = "") -> tuple[str, list[int]]:
    """The family and the arguments of the call in a line of /proc/PID/syscall; nothing for a
    thread that runs, or waits without a call."""
    number, *rest = line.split() or [""]
    if not number.isdigit():  # "running", or -1
        return "", []
    family = CALLS.get(machine or platform.machine(), {}).get(int(number), f"call {number}")
    return family, [int(word, 16) for word in rest[:6]]


def catches(pid: int, number: int) -> bool:
    """Whether the process has a handler for that signal, which would end it otherwise."""
    with suppress(OSError):
        found = re.search(r"^SigCgt:\s*([0-9a-f]+)$", proc.read(f"/proc/{pid}/status"), re.M)
        return bool(found and int(found[1], 16) >> number - 1 & 1)
    return False


def executable(pid: int) -> str:
    """The name of the file that a process runs: `python3.11`, `java`, `node`; "" if unknown."""
    with suppress(OSError):
        return os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    return ""
