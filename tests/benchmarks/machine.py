"""The machine on which it is measured: what it is, what is made to run beside, and the
memory of a tree of processes."""

from __future__ import annotations

import os
import platform
import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from conformance.sandbox import die_with_parent

PROC = Path("/proc")
MIB = 2**20

ROLES = ("workers", "keepers")
"""What is forked from the grading, from what is forked from that, and so on."""


def facts() -> str:
    """Cores, memory, kernel, Python, and how busy the machine was before we began."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()},"
        f" Python {platform.python_version()}; load before: {os.getloadavg()[0]:.1f}"
    )


@contextmanager
def busy(loops: int) -> Iterator[None]:
    """Programs beside us that do nothing but compute.

    Each is a session of its own (setsid(2)), as another user's would be: the kernel shares
    the cores out between sessions first (sched(7), autogroup), so that loops of our own
    session would take less than their part.
    """
    parent, started = os.getpid(), []
    try:
        for _ in range(loops):
            pid = os.fork()
            if pid == 0:
                _compute(parent)
            started.append(pid)
        yield
    finally:
        for pid in started:
            os.kill(pid, signal.SIGKILL)  # ours until we have waited for it
            os.waitpid(pid, 0)


def _compute(parent: int) -> None:
    try:
        os.setsid()
        die_with_parent(parent)
        while True:
            pass
    finally:
        os._exit(0)


@dataclass(frozen=True)
class Memory:
    """What a grading holds at one moment. Bytes, what is shared divided by those who share it
    (proc(5), Pss)."""

    sessions: int
    """Programs that were launched, and run."""
    parent: int
    """The grading itself: one process."""
    ours: dict[str, int]
    """All else of ours, by what it is: see `ROLES`, and bubblewrap."""
    servers: int
    own: tuple[int, ...]
    """What each session has that no other process shares with it (Private_Clean and
    Private_Dirty): what it alone would give back."""
    unseen: int
    """Processes that did not let themselves be looked at."""


def memory(parent: int) -> Memory:
    """Of the grading whose first process is `parent`. Ours are those that were forked from it,
    and so have its command line, and bubblewrap; all others are the submissions'.

    One look costs a millisecond or so a process.
    """
    forked = _command(parent)
    above = _parents()
    tree = [pid for pid in _below(parent, above) if _command(pid)]
    found = {pid: rollup(pid, "Pss") for pid in (parent, *tree)}
    of_ours, ours = {parent: -1}, dict.fromkeys([*ROLES, "bubblewrap"], 0)
    for pid in tree:
        if _is_bubblewrap(_command(pid)):
            role = "bubblewrap"
        elif _command(pid) == forked and above[pid] in of_ours:
            role = ROLES[min(of_ours[above[pid]] + 1, len(ROLES) - 1)]
        else:
            continue
        of_ours[pid] = of_ours.get(above[pid], -1) + 1
        ours[role] += found[pid] or 0
    programs = [pid for pid in tree if pid not in of_ours and above[pid] in of_ours]
    return Memory(
        sessions=len(programs),
        parent=found[parent] or 0,
        ours=ours,
        servers=sum(found[pid] or 0 for pid in tree if pid not in of_ours),
        own=tuple(filter(None, map(own, {_first_below(parent, pid, above) for pid in programs}))),
        unseen=sum(size is None for size in found.values()),
    )


def _first_below(parent: int, pid: int, above: dict[int, int]) -> int:
    """The child of `parent` from which the process descends."""
    while above[pid] != parent:
        pid = above[pid]
    return pid


def rollup(pid: int, what: str) -> int | None:
    """Bytes of one process: its `Rss`, or `Pss` (proc(5)), or the sum of what matches the pattern;
    None where it does not tell."""
    with suppress(OSError):
        text = (PROC / str(pid) / "smaps_rollup").read_text()
        if told := re.findall(rf"^{what}:\s+(\d+) kB$", text, re.M):
            return sum(map(int, told)) * 1024
    return None


def own(pid: int) -> int | None:
    """Bytes that no other process shares with this one; None where it does not tell."""
    return rollup(pid, "Private_(?:Clean|Dirty)")


def _command(pid: int) -> Sequence[bytes]:
    """Its command line; empty where it has ended."""
    with suppress(OSError):
        return (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")[:-1]
    return ()


def _is_bubblewrap(command: Sequence[bytes]) -> bool:
    return bool(command) and command[0].rpartition(b"/")[2] == b"bwrap"


def _parents() -> dict[int, int]:
    """Each process of this machine, and its parent."""
    found = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                found[int(entry.name)] = int(stat[1])
    return found


def _below(pid: int, above: dict[int, int]) -> list[int]:
    below: dict[int, list[int]] = {}
    for child, parent in above.items():
        below.setdefault(parent, []).append(child)
    found = list(below.get(pid, ()))
    for each in found:
        found += below.get(each, ())
    return found
