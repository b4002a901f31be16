"""Collects what all clients of one scenario send and receive, for the transcript.

Each voice (a TCP client, a UDP endpoint) keeps its own bytes and their times. The recorder asks all
of them when the conversation is over, so that times found late (from the capture) are in the
transcript too.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from conformance.verdict.transcript import REMARK, Entry, Series, Transcript, assemble

NANOSECONDS = 1_000_000_000

MAX_TAKEN = 32 * 2**20
"""Bytes that are read in one conversation, by all its clients; the longest of the labs has 16 MiB.
A server that sends without end must not use up the grader's memory."""

_LINE_COST = 256
"""Bytes of memory that a line or a datagram takes beside its text."""

_READ_COST = 80
"""Bytes of memory that a read takes beside its data."""


def now() -> int:
    """Wall-clock time in nanoseconds: the clock of the kernel's own stamps."""
    return time.time_ns()


class Voice(Protocol):
    """An end of ours that takes part in a conversation."""

    def said(self) -> Iterable[tuple[float, str, str]]:
        """(time, who, text) of all that it sent, received and saw."""

    @property
    def stamped_by(self) -> str:
        """The clock of its times: "capture", "kernel" or "clock"."""

    @property
    def clock_error(self) -> float:
        """Seconds by which its times of arrival may be too late, at most."""


def rounded_up(seconds: float) -> float:
    """Rounded up to a hundredth of a second, so that an error is never understated."""
    return math.ceil(round(seconds * 100, 6)) / 100


class Recorder:
    """One scenario's conversation while it lasts."""

    def __init__(self, delay: Callable[[], float] = lambda: 0.0) -> None:
        """`delay` returns by how many seconds we may have read too late."""
        self.delay = delay
        self.began = now()
        self._began_monotonic = time.monotonic_ns()
        self._voices: list[Voice] = []
        self._remarks: list[tuple[float, str]] = []
        self.notes: list[str] = []
        self._taken = 0
        self.series: list[Series] = []
        """What came in a rhythm, for the reports to show."""

    def has_room(self, size: int, lines: int) -> bool:
        """Counts the bytes and lines of a read; returns whether there is room for more."""
        self._taken += size + _LINE_COST * lines + _READ_COST
        return not self.flooded

    @property
    def flooded(self) -> bool:
        """Whether more has come than is taken in."""
        return self._taken >= MAX_TAKEN

    def join(self, voice: Voice) -> int:
        """Takes the voice in; returns its number, from 1."""
        self._voices.append(voice)
        return len(self._voices)

    def remark(self, text: str) -> None:
        """Records an event that is no message: "the server was stopped"."""
        self._remarks.append((self.now(), text))

    def note(self, text: str) -> None:
        """Adds something worth knowing to the verdict; it costs no points."""
        if text not in self.notes:
            self.notes.append(text)

    def clock_was_set(self) -> float:
        """Seconds by which the machine's clock was set since the conversation began. The kernel
        stamps by that clock, so if it was set, no time of this conversation counts."""
        passed = time.monotonic_ns() - self._began_monotonic
        return abs(now() - self.began - passed) / NANOSECONDS

    def seconds(self, at: int) -> float:
        """A time of the wall clock (ns) as seconds since the conversation began."""
        return (at - self.began) / NANOSECONDS

    def now(self) -> float:
        """Seconds since the conversation began."""
        return self.seconds(now())

    @property
    def clock_error(self) -> float:
        """Seconds by which any time may be wrong; 0.0 where the kernel stamped each segment."""
        return max((voice.clock_error for voice in self._voices), default=0.0)

    def transcript(self) -> Transcript:
        entries = [Entry(at, REMARK, text) for at, text in self._remarks]
        for voice in self._voices:
            entries += [Entry(at, who, what) for at, who, what in voice.said()]
        clocks = {voice.stamped_by for voice in self._voices}
        order = ("clock", "kernel", "capture")  # from worst to best: the worst one used is named
        clock = next((clock for clock in order if clock in clocks), "clock")
        return assemble(entries, clock, clock_error=self.clock_error, series=self.series)
