"""Whether a conversation was disturbed, so that what it showed proves nothing.

The machine may stand still, run out of something, have its clock set, or keep the program waiting;
we may have ended the program for taking too much; and our own code may fail.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.sandbox import Exhaustion
from conformance.sandbox.measure.wait_meter import WaitMeter
from conformance.session.host import Host
from conformance.session.loop_lag import LoopLag
from conformance.session.monitor import Monitor
from conformance.verdict.delays import Waited, Waiting
from conformance.verdict.model import Attempt
from conformance.verdict.violation import Fault
from conformance.wire.recorder import Recorder

CLOCK_TOLERANCE = 0.05
"""Seconds by which the wall clock may have moved during a conversation while its times are still
trusted; NTP slews by less."""

LONG_STANDSTILL = 1.0
"""Seconds of standstill that put an absence in doubt: we wait longer than that for a reply, mostly
five seconds."""

FRESH = 2_000_000
"""Nanoseconds for which a sample is as good as a new one when a program is found to listen: one
that has listened before does so right after the sample with which each conversation begins."""


@dataclass(frozen=True)
class _Noted:
    """What had disturbed a conversation by some moment."""

    lacked: str
    missed: str
    moved: float
    still: float
    waited: float | None


class Disturbance:
    """What disturbs one program on its host, in all conversations of a session."""

    def __init__(self, host: Host, disk: Path | None) -> None:
        """`disk`: a folder on the disk that the program writes to, unless it has one of its own."""
        self._host = host
        self._exhaustion = Exhaustion(disk)
        self._meter = WaitMeter(host.pids, lambda: self.lag.delayed)
        self.monitor = Monitor(host, self._meter)
        self.lag = LoopLag(self.monitor.check_if_due)
        self._listening = 0
        """When the program began to listen (wall clock, ns): waits during its start do not concern
        the conversation."""
        self.error: BaseException | None = None
        """An exception raised in one of our callbacks: some data was not taken in."""
        self._noted: _Noted | None = None
        self._left_out = 0.0
        """Seconds that the program was kept waiting while we looked at it."""

    def begin(self) -> None:
        """A new conversation begins."""
        self.lag.begin()
        self._meter.begin()
        self._listening = 0
        self._noted = None
        self._left_out = 0.0

    def listens(self) -> None:
        """The program listens from now on."""
        self._listening = self._meter.sample_at_most(FRESH)

    def metering(self, *, unseen: bool) -> contextlib.AbstractContextManager[None]:
        """Measures how long the program is kept waiting in a conversation, if that is visible;
        `unseen`: it is not."""
        return contextlib.nullcontext() if unseen else self._meter.sampling()

    @property
    def waiting(self) -> Waiting:
        """How long the program was kept waiting in this conversation, by time."""
        return self._meter.waiting()

    def kept_waiting(self, since: int) -> Waited:
        """How long the program was kept waiting from that moment (ns) until now."""
        self._meter.sample()
        return self.waiting.since(since)

    def waited(self, recorder: Recorder) -> float | None:
        """Seconds that the program was kept waiting since it listened; None if the clock was
        set."""
        if self._noted is not None:
            return self._noted.waited
        if recorder.clock_was_set() > CLOCK_TOLERANCE:
            return None
        waited = self.waiting.since(self._listening).most
        return None if waited is None else max(0.0, waited - self._left_out)

    def doubt(self, failed: Attempt, recorder: Recorder, *, timed: bool) -> str:
        """Why the failed attempt proves nothing, or "". `timed`: the failure rests on times."""
        known = self._noted or self._now(recorder)
        moved, still = known.moved, known.still
        if known.lacked:
            return f"{known.lacked} while the program ran"
        if known.missed:
            return f"this machine lacks what the program asks for: {known.missed}"
        if timed and moved > CLOCK_TOLERANCE:
            return f"the machine's clock was set by {moved:.2f} s during the conversation"
        if still and (timed or (failed.fault is Fault.ABSENT and still >= LONG_STANDSTILL)):
            return f"the machine stood still for {still:.2f} s during the conversation"
        return ""

    def note(self, recorder: Recorder) -> None:
        """The evidence is complete: from now on, nothing more disturbs this conversation."""
        self._meter.sample()
        self._noted = self._now(recorder)

    @contextlib.contextmanager
    def looking(self) -> Iterator[None]:
        """How long the program is kept waiting in this block does not count."""
        before = self.kept_waiting(self._listening).most
        try:
            yield
        finally:
            if before is not None:
                after = self.kept_waiting(self._listening).most or 0.0
                self._left_out += max(0.0, after - before)

    def forget(self) -> None:
        """The conversation goes on after all."""
        self._noted = None

    def _now(self, recorder: Recorder) -> _Noted:
        return _Noted(
            self._exhaustion.reason(),
            self._host.missed(),
            recorder.clock_was_set(),
            self.lag.standstill,
            self.waited(recorder),
        )

    def catch(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """The event loop's exception handler: keeps what one of our callbacks has raised."""
        if "handle" in context:
            self.error = self.error or context.get("exception")
        else:
            loop.default_exception_handler(context)
