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


class Pulse:
    """The longest delay since it was last asked to begin anew."""

    def __init__(self) -> None:
        self._longest = 0.0

    def begin(self) -> None:
        self._longest = 0.0

    @property
    def standstill(self) -> float:
        """Seconds for which the machine stood still at the longest; 0.0 if it did not."""
        return self._longest if self._longest >= STANDSTILL else 0.0

    @contextlib.asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Feels the pulse for as long as the block lasts."""
        task = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            task.cancel()

    async def _beat(self) -> None:
        while True:
            due = time.monotonic() + BEAT
            await asyncio.sleep(BEAT)
            self._longest = max(self._longest, time.monotonic() - due)
