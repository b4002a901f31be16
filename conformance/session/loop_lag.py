"""How late the session's event loop runs: whether the machine stood still.

A timer that is due every 50 ms notes how late it was. A long lag means that the whole machine was
held up (a virtual machine that paused, a host that overcommits); what came late, or all at once
afterwards, proves nothing against the program. Time that we ran ourselves is no standstill, or a
program could fake one by flooding us. But it counts for how late we may have read.

Most of the cost of an idle session is being woken: 0.1 ms each time on a virtual machine. So a tick
starts no task and opens no file, and other periodic work is done at a tick.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator

TICK = 0.05
"""Seconds between two ticks: a quarter of what counts as a standstill, and cheap."""

STANDSTILL = 0.2
"""Seconds of lag that put times in doubt. Contracts tolerate 0.25 s; under twelve busy loops a
core, the event loop lags by less than 0.04 s."""

NOTICED = 0.01
"""Seconds of unexplained lag from which it counts: a timer may be late by a millisecond, and a wait
for a core is only known when it is over."""


class LoopLag:
    """The longest lag since `begin`, and all lags together."""

    def __init__(self, each: Callable[[], None] = lambda: None) -> None:
        """`each` is called at every tick."""
        self._each = each
        self._longest = 0.0
        self._stood_still = 0.0
        """The longest lag without what we ran ourselves."""
        self.delayed = 0.0
        """Seconds for which the machine stood still, in all: lags in which we neither ran nor
        waited for a core, which the kernel counts elsewhere."""
        self._due = 0.0
        """When the next tick is due (monotonic clock); 0.0 if none is."""
        self._timer: asyncio.TimerHandle | None = None
        self._schedstat: int | None = None
        """The open schedstat file of this thread; None where there is none."""
        self._ran = self._waited = 0.0
        """Seconds that this thread had run, and waited for a core, at the last tick."""

    def begin(self) -> None:
        """Forgets the longest lag: a new conversation begins."""
        self._longest = self._stood_still = 0.0

    @property
    def standstill(self) -> float:
        """Seconds of the longest time that we were kept from running, by a standstill of the
        machine or by a wait for a core; 0.0 if that was never long."""
        return self._stood_still if self._stood_still >= STANDSTILL else 0.0

    @property
    def delay(self) -> float:
        """The most seconds by which the session may have read too late: the longest lag, that of an
        overdue tick included, plus the time between two ticks, in which no lag is noticed."""
        overdue = time.monotonic() - self._due if self._due else 0.0
        return max(self._longest, overdue, 0.0) + TICK

    @contextlib.contextmanager
    def blocking(self) -> Iterator[None]:
        """In this block we wait without giving the event loop a turn, which is no standstill; but
        what comes meanwhile is read late."""
        began = time.monotonic()
        if self._timer is not None and self._due <= began:
            self._timer.cancel()
            self._tick()
        try:
            yield
        finally:
            self._longest = max(self._longest, time.monotonic() - began)
            if self._timer is not None:
                self._timer.cancel()
                self._set_timer()

    @contextlib.asynccontextmanager
    async def measuring(self) -> AsyncIterator[None]:
        """Ticks for as long as the block lasts."""
        with contextlib.suppress(OSError):
            self._schedstat = os.open("/proc/thread-self/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        self._set_timer()
        try:
            yield
        finally:
            if self._timer is not None:
                self._timer.cancel()
            if self._schedstat is not None:
                os.close(self._schedstat)
            self._timer = self._schedstat = None
            self._due = 0.0

    def _set_timer(self) -> None:
        self._due = time.monotonic() + TICK
        self._timer = asyncio.get_running_loop().call_at(self._due, self._tick)
        self._ran, self._waited = time.thread_time(), _waited(self._schedstat)

    def _tick(self) -> None:
        late, ran, waited = time.monotonic() - self._due, self._ran, self._waited
        self._longest = max(self._longest, late)
        self._set_timer()
        still = late - (self._ran - ran)
        self._stood_still = max(self._stood_still, still)
        still -= self._waited - waited
        self.delayed += still if still >= NOTICED else 0.0
        self._each()


def _waited(schedstat: int | None) -> float:
    """Seconds that a thread has waited for a core so far, by its open schedstat file; 0.0 where
    the kernel does not say (proc_pid_schedstat)."""
    if schedstat is None:
        return 0.0
    _, waited, _ = os.pread(schedstat, 64, 0).split()
    return int(waited) / 1e9
