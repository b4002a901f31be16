"""Collects what is said in one scenario, by all its clients, for the transcript.

Each voice (a TCP client, a UDP endpoint) keeps its own bytes and knows their
times; the recorder asks them all when the conversation is over, so that times
found late (from the capture) stand in the transcript all the same.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from conformance.verdict.transcript import REMARK, Entry, Series, Transcript, assemble

NANOSECONDS = 1_000_000_000

MOST_TAKEN = 32 * 2**20
"""Bytes that are taken in from all clients of one conversation; the longest of the labs has
16 MiB. A server that sends without end must not eat the grader's memory."""

_LINE_COST = 256
"""Bytes that a line, or a datagram, takes beside its text."""

_READ_COST = 80
"""Bytes that a read takes beside what it brings."""


def now() -> int:
    """Wall-clock time in nanoseconds: the clock of the kernel's own stamps."""
    return time.time_ns()


class Voice(Protocol):
    """An end of ours that takes part in a conversation."""

    def said(self) -> Iterable[tuple[float, str, str]]:
        """(time, who, text) of all that it sent, received and saw."""
        ...

    @property
    def stamped_by(self) -> str:
        """The clock of its times: "capture", "kernel" or "clock"."""
        ...

    @property
    def clock_error(self) -> float:
        """Seconds by which its times of what came may be too late, at the most."""
        ...


def rounded_up(seconds: float) -> float:
    """To a hundredth, so that an error is not understated by more than that of a float."""
    return math.ceil(round(seconds * 100, 6)) / 100


class Recorder:
    """One scenario's conversation, as it is being held."""

    def __init__(self, delay: Callable[[], float] = lambda: 0.0) -> None:
        """`delay` tells by how many seconds we may have read late what had arrived."""
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
        """Counts the bytes and lines that a read has brought; whether more is to be read."""
        self._taken += size + _LINE_COST * lines + _READ_COST
        return not self.flooded

    @property
    def flooded(self) -> bool:
        """Whether more has come than is taken in."""
        return self._taken >= MOST_TAKEN

    def join(self, voice: Voice) -> int:
        """Takes the voice in; returns its number, from 1."""
        self._voices.append(voice)
        return len(self._voices)

    def remark(self, text: str) -> None:
        """An event of the conversation that no one said: "the server was stopped"."""
        self._remarks.append((self.now(), text))

    def note(self, text: str) -> None:
        """Something worth knowing that costs nothing; stands in the verdict."""
        if text not in self.notes:
            self.notes.append(text)

    def clock_was_set(self) -> float:
        """By how many seconds the machine's clock was moved since the beginning: the kernel stamps
        by it, so where somebody sets it, no time of this conversation counts."""
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
        order = ("clock", "kernel", "capture")  # the worst that was used is the one to name
        clock = next((clock for clock in order if clock in clocks), "clock")
        return assemble(entries, clock, clock_error=self.clock_error, series=self.series)
