"""How slow this machine is, measured once: by a fixed piece of work, against an ordinary laptop.

What is measured is CPU time, so that whatever else runs does not count: who is kept waiting
for a core is known otherwise (`waiting`). A machine that is slow in itself (one that is
emulated, a small board) stretches the deadlines of the suite; an ordinary one, whether it
is a fast or a tired one, changes nothing.
"""

from __future__ import annotations

import os
import resource
import shutil
import time
from dataclasses import dataclass

NOISE = 1.75
"""Times as slow up to which nothing is stretched: a core that shares its caches with a busy
one, or saves power, is slower by less, and contracts have room for that."""

MOST_STRETCH = 20.0
"""Times by which deadlines are stretched at the most; an emulated machine was 5 to 20 times as
slow. What is slower still is of no use for servers that have to answer in time."""

ROUNDS = 5
"""Pieces of work, of which the quickest counts: the first warms the caches."""

STARTS = 4
"""Processes that are started, of which the quickest counts."""

_ORDINARY = 0.031
"""CPU seconds that an ordinary laptop takes for the work and the starts of `measure`; the
server on which this was written takes 0.014."""

STEPS = 20_000
"""Of a piece of work."""


@dataclass(frozen=True)
class Slowness:
    """What was measured."""

    factor: float
    """How many times as long as an ordinary laptop this machine takes for the same."""

    @property
    def stretch(self) -> float:
        """By how much deadlines are to be stretched here; 1.0 on a machine that is not slow."""
        return 1.0 if self.factor < NOISE else round(min(self.factor, MOST_STRETCH), 1)

    def __str__(self) -> str:
        """In words, for the doctor."""
        if self.stretch == 1.0:
            return "not slow"
        slow = f"{self.factor:.1f} times as slow as an ordinary laptop"
        return f"{slow}: deadlines are stretched {self.stretch:g} times"


def why_stretched(stretch: float) -> str:
    """What a reader of a report is told of deadlines that are stretched by so much; "" where
    they are not."""
    if stretch == 1.0:
        return ""
    return (
        f"This machine is slow: every deadline is stretched {stretch:g} times. With"
        " --timeout-scale you choose yourself."
    )


def chosen_or_measured(scale: float | None) -> tuple[float, float]:
    """By how much deadlines are stretched by hand, and beside that, where nobody has chosen,
    for the slowness of this machine."""
    return (1.0, measure().stretch) if scale is None else (scale, 1.0)


def measure() -> Slowness:
    """Measures it, in 15 to 40 ms on an ordinary machine."""
    work = min(_piece_of_work() for _ in range(ROUNDS))
    start = min(_start() for _ in range(STARTS))
    return Slowness((ROUNDS * work + STARTS * start) / _ORDINARY)


def _piece_of_work() -> float:
    """CPU seconds for what an interpreter does most: numbers, texts, a table."""
    began = time.thread_time()
    table: dict[int, str] = {}
    number = 0
    for step in range(STEPS):
        number = (number * 31 + step) & 0xFFFFFFFF
        table[step & 1023] = str(number)
    return time.thread_time() - began


def _start() -> float:
    """CPU seconds for the start of the smallest program, and for its end: ours and its own. 0.0
    on a system that has none."""
    program = shutil.which("true", path="/usr/bin:/bin")
    if program is None:
        return 0.0
    began, before = time.thread_time(), _of_children()
    os.waitpid(os.posix_spawn(program, ["true"], {}), 0)
    return time.thread_time() - began + _of_children() - before


def _of_children() -> float:
    """CPU seconds of all children that have been waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
