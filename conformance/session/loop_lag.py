"""Whether the machine stood still: the session's own delays, felt as a pulse.

A timer that is due every 50 ms notes how late it was. Where that is long, the whole machine
was held up (a virtual machine that paused, a host that overcommits), and what came late, or
in a heap afterwards, proves nothing against the program. What we ran ourselves meanwhile is
no standstill of the machine: a program that floods us would have it stand still at will. How
late we may have read is told with it all the same.

To be woken is most of what a session costs that merely lasts: 0.1 ms each time, on a virtual
machine. So a beat starts no task and opens no file, and what is to be done now and then is
done at a beat.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable

BEAT = 0.05
"""Seconds between two beats: a quarter of what counts as standing still, and cheap."""

STANDSTILL = 0.2
"""Seconds of delay from which on times are in doubt. Contracts tolerate 0.25 s; under
twelve busy loops a core, delays of the event loop stay under 0.04 s."""


NOTICED = 0.01
"""Seconds of a delay that nothing explains from which on it counts: a timer may be late by
a millisecond, and what we waited is told when it is over."""


class Pulse:
    """The longest delay since it was last asked to begin anew, and all delays together."""

    def __init__(self, each: Callable[[], None] = lambda: None) -> None:
        """`each` is called at every beat."""
        self._each = each
        self._longest = 0.0
        self._stood_still = 0.0
        """The same without what we ran ourselves."""
        self.delayed = 0.0
        """Seconds for which the machine stood still, in all: delays in which we neither ran
        nor waited for a core. Whoever waits for a core has that counted by the kernel."""
        self._due = 0.0
        """When the beat that is awaited is due, on the monotonic clock; 0.0: none is."""
        self._awaited: asyncio.TimerHandle | None = None
        self._schedstat: int | None = None
        """The file of this thread, open while the pulse beats; None where there is none."""
        self._ran = self._waited = 0.0
        """What we had run, and waited for a core, at the beat before."""

    def begin(self) -> None:
        self._longest = self._stood_still = 0.0

    @property
    def standstill(self) -> float:
        """Seconds for which the machine stood still at the longest, or kept us from running;
        0.0 if it did not."""
        return self._stood_still if self._stood_still >= STANDSTILL else 0.0

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
        with contextlib.suppress(OSError):
            self._schedstat = os.open("/proc/thread-self/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        self._await_beat()
        try:
            yield
        finally:
            if self._awaited is not None:
                self._awaited.cancel()
            if self._schedstat is not None:
                os.close(self._schedstat)
            self._awaited = self._schedstat = None
            self._due = 0.0

    def _await_beat(self) -> None:
        self._due = time.monotonic() + BEAT
        self._awaited = asyncio.get_running_loop().call_at(self._due, self._beat)
        self._ran, self._waited = time.thread_time(), _waited(self._schedstat)

    def _beat(self) -> None:
        late, ran, waited = time.monotonic() - self._due, self._ran, self._waited
        self._longest = max(self._longest, late)
        self._await_beat()
        still = late - (self._ran - ran)
        self._stood_still = max(self._stood_still, still)
        still -= self._waited - waited
        self.delayed += still if still >= NOTICED else 0.0
        self._each()


def _waited(schedstat: int | None) -> float:
    """Seconds that a thread has waited for a core, so far, by its open file; 0.0 where the
    kernel does not say (proc_pid_schedstat)."""
    if schedstat is None:
        return 0.0
    _, waited, _ = os.pread(schedstat, 64, 0).split()
    return int(waited) / 1e9
