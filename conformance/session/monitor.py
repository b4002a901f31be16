"""Looks at a submission while a session lasts: how long it waits, and what it takes.

Each look wakes nobody: it is taken at a beat of the session's pulse.
"""

from __future__ import annotations

import contextlib
import math
import time

from conformance.sandbox import Limits
from conformance.sandbox.measure import proc
from conformance.sandbox.measure.wait_meter import WaitMeter
from conformance.session.host import Host
from conformance.session.loop_lag import BEAT

LOOK = 0.5
"""Seconds between two looks. At a gigabyte a second, the most that a core fills, memory
stays within reach of the limit; and a look at a JVM takes half a millisecond, where two
hundred sessions may run beside one another."""

CLOSER_LOOK = 0.1
"""The same from half of the memory on that it may use."""

FEW = 20
"""Processes up to which they are listed once a look: a fork bomb grows while the memory of
those that were there is asked for."""


class Looks:
    """At one submission, from when it runs."""

    def __init__(self, host: Host, meter: WaitMeter) -> None:
        """`meter` takes a sample at each look."""
        self.exceeded = ""
        """What the program took too much of, as a sentence, and was ended for."""
        self._host = host
        self._meter = meter
        self._due = math.inf
        """When it is to be looked at next (monotonic clock)."""

    def begin(self) -> None:
        """The program runs, from now on."""
        self._again(LOOK)

    def end(self) -> None:
        """It is to be looked at no more."""
        self._due = math.inf

    def look_if_due(self) -> None:
        """To be called at each beat. Ends the program when it takes more than its share: that
        is no verdict, but the machine must go on grading others."""
        if time.monotonic() < self._due:
            return
        self._again(LOOK)
        with contextlib.suppress(OSError):
            pids = self._host.pids()
            memory = proc.memory(pids)
            if len(pids) > FEW:
                pids = self._host.pids()
            used, limits = proc.usage(pids, memory), Limits()
            self.exceeded = limits.exceeded_by(used)
            if self.exceeded:
                self.end()
                self._host.kill()
                return
            self._meter.look(pids)
            is_large = used.memory_bytes > limits.memory_bytes // 2
            self._again(CLOSER_LOOK if is_large else LOOK)  # counted from the end of this

    def _again(self, within: float) -> None:
        """At the beat that is nearest to then."""
        self._due = time.monotonic() + within - BEAT / 2
