"""How many hand-ins this machine can run at a time."""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass

import psutil

from conformance.sandbox import Limits, processes_left

SESSION_BYTES = 100 * 2**20
"""Bytes of memory assumed for a session, unless the number of sessions is given: a JVM that serves
some clients, and our worker."""

SESSION_PROCESSES = 256
"""Processes and threads of an ordinary session at most: 200 for the largest crowd of clients, 20 of
a JVM, five of ours. Mostly it has a tenth of that."""

RESERVE = 0.1
"""Share of the machine's memory that stays free. Nothing is started below it."""

FILES_EACH = 8
"""Open files for each hand-in: its record, its engine's selector, and the pipes of its sessions."""

FILES_APART = 512
"""Open files for everything else: the grading's own, and those of a session, which inherits these
and opens one for each client."""

MAX_FILES = 65_536
"""Open files at most. More are useless, and some programs try to close every possible one."""


@dataclass(frozen=True)
class Pace:
    """How much may go on at a time."""

    starts: int
    """Programs and builds that may start at a time."""
    sessions: int
    """Sessions that may be under way at a time."""

    @classmethod
    def of_this_machine(cls, starts: int | None = None, sessions: int | None = None) -> Pace:
        """The pace for this machine: by its cores, its memory and its limits on processes, assuming
        ordinary sessions and one that uses all that it may."""
        held = max(2, int(psutil.virtual_memory().available * (1 - RESERVE) // SESSION_BYTES))
        others = (processes_left().processes - Limits().processes) // SESSION_PROCESSES
        return cls(starts or os.cpu_count() or 1, sessions or max(1, min(held, 1 + others)))


def memory_left() -> bool:
    """Whether there is memory for one more session."""
    memory = psutil.virtual_memory()
    return bool(memory.available > RESERVE * memory.total)


def open_at_most(files: int) -> int:
    """Hand-ins that may be open at a time in a process that may have so many open files."""
    return max(2, (files - FILES_APART) // FILES_EACH)


def files_allowed() -> int:
    """Raises this process's limit of open files as far as allowed, and returns it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most
