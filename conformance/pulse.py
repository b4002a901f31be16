"""Whether the machine stood still: the session's own delays, felt as a pulse.

A task that asks to be woken every 50 ms notes how late it was. Where that is long, the
whole machine was held up (a virtual machine that paused, a host that overcommits), and
what came late, or in a heap afterwards, proves nothing against the program. So it is
where the suite itself was busy that long: nothing in a session may block its event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

BEAT = 0.05
"""Seconds between two beats: a quarter of what counts as standing still, and cheap."""

STANDSTILL = 0.2
"""Seconds of delay from which on times are in doubt. Contracts tolerate 0.25 s; under
twelve busy loops a core, delays of the event loop stay under 0.04 s."""


NOTICED = 0.01
"""Seconds of a delay that nothing explains from which on it counts: a timer may be late by
a millisecond, and what we have run is told at each tick only, of 4 ms or more."""


class Pulse:
    """The longest delay since it was last asked to begin anew, and all delays together."""

    def __init__(self) -> None:
        self._longest = 0.0
        self.delayed = 0.0
        """Seconds for which the machine stood still, in all: delays in which we neither ran
        nor waited for a core. Whoever waits for a core has that counted by the kernel."""
        self._due = 0.0
        """When the beat that is awaited is due, on the monotonic clock; 0.0: none is."""

    def begin(self) -> None:
        self._longest = 0.0

    @property
    def standstill(self) -> float:
        """Seconds for which the machine stood still at the longest; 0.0 if it did not."""
        return self._longest if self._longest >= STANDSTILL else 0.0

    @property
    def delay(self) -> float:
        """Seconds by which the session may have read late what had arrived, at the most:
        the longest delay that was felt, also of the beat that is overdue now, and what
        can pass unfelt between two beats."""
        overdue = time.monotonic() - self._due if self._due else 0.0
        return max(self._longest, overdue, 0.0) + BEAT

    @contextlib.asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Feels the pulse for as long as the block lasts."""
        task = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            task.cancel()
            self._due = 0.0

    async def _beat(self) -> None:
        while True:
            self._due = time.monotonic() + BEAT
            before = _ran_or_waited()
            await asyncio.sleep(BEAT)
            late = time.monotonic() - self._due
            self._longest = max(self._longest, late)
            still = late - (_ran_or_waited() - before) if late >= NOTICED else 0.0
            self.delayed += still if still >= NOTICED else 0.0


def _ran_or_waited() -> float:
    """Seconds that we, the thread that asks, have run or waited for a core, so far; 0.0
    where the kernel does not say (proc_pid_schedstat)."""
    try:
        with open("/proc/thread-self/schedstat", "rb") as file:
            ran, waited, _ = file.read().split()
    except (OSError, ValueError):
        return 0.0
    return (int(ran) + int(waited)) / 1e9
