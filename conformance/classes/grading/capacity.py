"""How much of a class this machine can have going on at a time."""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass

import psutil

from conformance.sandbox import Limits, processes_left

SESSION_BYTES = 100 * 2**20
"""What a session is taken to need, when nobody says how many there may be: a JVM that
serves some clients, and our own worker."""

SESSION_PROCESSES = 256
"""Processes and threads that an ordinary session takes at its most: one for each of the 200
clients of the largest crowd, 20 of a JVM, and five of ours. Most of the time it is a tenth."""

RESERVE = 0.1
"""Share of the machine's memory that stays free: nothing starts below it."""

FILES_EACH = 8
"""Files that the grading holds open for a hand-in: its record, its engine's selector, and
the pipe of each of its sessions."""

FILES_APART = 512
"""Files that stay for all else: what the grading had open, and a session's own, which
inherits those and holds a room full of clients besides."""

MOST_FILES = 65_536
"""More are of no use, and some programs look at each that there might be."""


@dataclass(frozen=True)
class Pace:
    """How much goes on at a time."""

    starts: int
    """Programs (and builds) that start at a time."""
    sessions: int
    """Sessions under way at a time."""

    @classmethod
    def of_this_machine(cls, starts: int | None = None, sessions: int | None = None) -> Pace:
        """What the cores can start, and what the memory and the limits on processes can hold:
        of ordinary sessions, beside one that takes all that a program may."""
        held = max(2, int(psutil.virtual_memory().available * (1 - RESERVE) // SESSION_BYTES))
        others = (processes_left().processes - Limits().processes) // SESSION_PROCESSES
        return cls(starts or os.cpu_count() or 1, sessions or max(1, min(held, 1 + others)))


def memory_left() -> bool:
    """Whether there is memory for one more session."""
    memory = psutil.virtual_memory()
    return bool(memory.available > RESERVE * memory.total)


def open_at_most(files: int) -> int:
    """Hand-ins that are open at a time, in a process that may open so many files."""
    return max(2, (files - FILES_APART) // FILES_EACH)


def files_allowed() -> int:
    """Files that this process may open, once it has asked for all that it may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most
