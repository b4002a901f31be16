"""How slow this machine is compared with an ordinary laptop, measured once by a fixed task.

It is measured in CPU time, so that whatever else runs does not count; waiting for a core is
measured elsewhere (`wait_meter`). On a machine that is slow in itself (an emulated one, a small
board) the deadlines of the suite are stretched; on an ordinary one, fast or old, they are not.
"""

from __future__ import annotations

import os
import resource
import shutil
import time
from dataclasses import dataclass

NOISE = 1.75
"""Up to this factor nothing is stretched. A core that shares its caches with a busy one, or saves
power, slows down by less, and contracts leave room for that."""

MAX_STRETCH = 20.0
"""Deadlines are stretched by at most this factor. An emulated machine was 5 to 20 times as slow; a
slower one is of no use for servers that have to answer in time."""

ROUNDS = 5
"""How often the task is done. The quickest counts, because the first one warms the caches."""

STARTS = 4
"""How many processes are started. The quickest counts."""

_ORDINARY = 0.031
"""CPU seconds that `measure` takes on an ordinary laptop; on a fast server 0.014."""

STEPS = 20_000
"""CPU seconds for a piece of work."""


@dataclass(frozen=True)
class Slowness:
    factor: float
    """How many times as long as an ordinary laptop this machine takes."""

    @property
    def stretch(self) -> float:
        """The factor for deadlines on this machine; 1.0 where it is not slow."""
        return 1.0 if self.factor < NOISE else round(min(self.factor, MAX_STRETCH), 1)

    def __str__(self) -> str:
        """In words, for the doctor."""
        if self.stretch == 1.0:
            return "not slow"
        slow = f"{self.factor:.1f} times as slow as an ordinary laptop"
        return f"{slow}: deadlines are stretched {self.stretch:g} times"


def why_stretched(stretch: float) -> str:
    """What a report says of deadlines that are stretched by this factor; "" if they are not."""
    if stretch == 1.0:
        return ""
    return (
        f"This machine is slow: every deadline is stretched {stretch:g} times. With"
        " --timeout-scale you choose yourself."
    )


def chosen_or_measured(scale: float | None) -> tuple[float, float]:
    """Two factors for deadlines: the one chosen by hand, and the one for a slow machine, which is
    1.0 if one was chosen."""
    return (1.0, measure().stretch) if scale is None else (scale, 1.0)


def measure() -> Slowness:
    """Measures the slowness, which takes 15 to 40 ms on an ordinary machine."""
    work = min(_piece_of_work() for _ in range(ROUNDS))
    start = min(_start() for _ in range(STARTS))
    return Slowness((ROUNDS * work + STARTS * start) / _ORDINARY)


def _piece_of_work() -> float:
    """CPU seconds for what an interpreter does most: numbers, strings, a dictionary."""
    began = time.thread_time()
    table: dict[int, str] = {}
    number = 0
    for step in range(STEPS):
        number = (number * 31 + step) & 0xFFFFFFFF
        table[step & 1023] = str(number)
    return time.thread_time() - began


def _start() -> float:
    """CPU seconds for starting and ending the smallest program; 0.0 on a system without one."""
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
