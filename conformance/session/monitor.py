"""Watches what a submission takes while a session lasts, and how long it is kept waiting.

Checks are made at ticks of the session's loop lag, so that none wakes the process by itself.
"""

from __future__ import annotations

import contextlib
import math
import time

from conformance.sandbox import Limits
from conformance.sandbox.measure import proc
from conformance.sandbox.measure.wait_meter import WaitMeter
from conformance.session.host import Host
from conformance.session.loop_lag import TICK

CHECK_EVERY = 0.5
"""Seconds between two checks. Memory grows by a gigabyte a second at most; a check of a JVM takes
half a millisecond, and two hundred sessions may run at the same time."""

CHECK_LARGE_EVERY = 0.1
"""The same for a program that uses more than half of its memory limit."""

LISTED_ONCE = 20
"""Above this number, processes are listed again before they are counted: a fork bomb grows while we
sum up memory."""


class Monitor:
    """Ends a submission that takes more than its share."""

    def __init__(self, host: Host, meter: WaitMeter) -> None:
        """`meter` takes a sample at each check."""
        self.exceeded = ""
        """A sentence on what the program took too much of, for which it was ended; "" if
        nothing."""
        self._host = host
        self._meter = meter
        self._due = math.inf
        """When the next check is due (monotonic clock)."""

    def begin(self) -> None:
        """The program runs from now on."""
        self._check_within(CHECK_EVERY)

    def end(self) -> None:
        """No more checks."""
        self._due = math.inf

    def check_if_due(self) -> None:
        """Call it at each tick. Ends the program if it takes more than its share. That is no
        verdict; it only keeps the machine usable for others."""
        if time.monotonic() < self._due:
            return
        self._check_within(CHECK_EVERY)
        with contextlib.suppress(OSError):
            pids = self._host.pids()
            memory = proc.memory(pids)
            if len(pids) > LISTED_ONCE:
                pids = self._host.pids()
            used, limits = proc.usage(pids, memory), Limits()
            self.exceeded = limits.exceeded_by(used)
            if self.exceeded:
                self.end()
                self._host.kill()
                return
            self._meter.look(pids)
            is_large = used.memory_bytes > limits.memory_bytes // 2
            # Counted from the end of this check, which may have taken a while.
            self._check_within(CHECK_LARGE_EVERY if is_large else CHECK_EVERY)

    def _check_within(self, seconds: float) -> None:
        """Schedules the next check for the tick that is nearest."""
        self._due = time.monotonic() + seconds - TICK / 2
