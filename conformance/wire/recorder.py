"""Collects what all clients of one scenario send and receive, for the transcript.

Each voice (a TCP client, a UDP endpoint) keeps its own bytes and their times. The recorder asks all
of them when the conversation is over, so that times found late (from the capture) are in the
transcript too.
"""

from __future__ import annotations

import math
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from conformance.verdict.symptoms import Moment
from conformance.verdict.transcript import REMARK, Entry, Series, Transcript, assemble
from conformance.verdict.violation import Violation

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

    @property
    def name(self) -> str: ...

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

    def __init__(
        self,
        delay: Callable[[], float] = lambda: 0.0,
        look: Callable[[Violation | None, Recorder], Awaitable[None]] | None = None,
    ) -> None:
        """`delay` returns by how many seconds we may have read too late. `look` is called when the
        evidence of a violation is complete, and all clients are still connected."""
        self.delay = delay
        self._look = look
        self._paused: tuple[int, int] | None = None
        """When the pause began and ended (ns)."""
        self.someone_left = False
        """Whether one of our ends was closed in this conversation."""
        self.began = now()
        self._began_monotonic = time.monotonic_ns()
        self._voices: list[Voice] = []
        self._remarks: list[tuple[float, str]] = []
        self.notes: list[str] = []
        self.failed_at: float | None = None
        """When what was awaited was given up, before clients left because of that."""
        self.first_came_at: float | None = None
        """When the first of our clients began to connect."""
        self.first_left_at: float | None = None
        """When the first of our clients ended its direction of a connection."""
        self._taken = 0
        self._names: Counter[str] = Counter()
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

    def join(self, voice: Voice, since: float | None = None) -> int:
        """Takes the voice in, which is there since that time; returns its number, from 1."""
        if self.first_came_at is None:
            self.first_came_at = self.now() if since is None else since
        self._voices.append(voice)
        return len(self._voices)

    def bears(self, name: str) -> None:
        """A voice bears this name, which its author has given it."""
        self._names[name] += 1

    def label(self, name: str, number: int) -> str:
        """What the voice is called in the transcript: by its name, with its number where several
        bear it."""
        return f"{name} (client {number})" if self._names[name] > 1 else name

    def remark(self, text: str) -> None:
        """Records an event that is no message: "the server was stopped"."""
        self._remarks.append((self.now(), text))

    def give_up(self, at: float | None = None) -> None:
        """What was awaited has not come: what clients do from now on (or from `at`) can only make
        the program print more. Only the first call counts."""
        if self.failed_at is None:
            self.failed_at = self.now() if at is None else at

    def note_failure(self) -> Violation | None:
        """The violation that makes clients leave, if one does; notes in it that this is now."""
        failed = sys.exception()
        if not isinstance(failed, Violation):
            return None
        if failed.at is None:
            failed.at = self.now()
        return failed

    def client_ends(self) -> None:
        """A client ends its direction of a connection."""
        if self.first_left_at is None:
            self.first_left_at = self.now()

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
        """A time of the wall clock (ns) as seconds since the conversation began, without a
        pause."""
        if self._paused is not None and at > self._paused[0]:
            begin, end = self._paused
            at = max(begin, at - (end - begin)) if end else begin
        return (at - self.began) / NANOSECONDS

    def now(self) -> float:
        """Seconds since the conversation began."""
        return self.seconds(now())

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The time in this block is no part of the conversation. Once in a conversation."""
        begin = now()
        self._paused = begin, 0
        try:
            yield
        finally:
            self._paused = begin, now()

    async def evidence_is_complete(self, violation: Violation | None) -> None:
        """A violation was found, or is going to be, and no client of it has left yet."""
        if self._look is not None:
            await self._look(violation, self)

    def names(self) -> dict[int, str]:
        """The name of each TCP client, by its port."""
        return {port: voice.name for voice in self._voices if (port := getattr(voice, "port", 0))}

    @property
    def clock_error(self) -> float:
        """Seconds by which any time may be wrong; 0.0 where the kernel stamped each segment."""
        return max((voice.clock_error for voice in self._voices), default=0.0)

    def transcript(self, proof: Iterable[Moment] = ()) -> Transcript:
        """What was said; what is around the `proof` of a fault is kept, however long it is."""
        entries = [Entry(at, REMARK, text) for at, text in self._remarks]
        for voice in self._voices:
            entries += [Entry(at, who, what) for at, who, what in voice.said()]
        clocks = {voice.stamped_by for voice in self._voices}
        order = ("clock", "kernel", "capture")  # from worst to best: the worst one used is named
        clock = next((clock for clock in order if clock in clocks), "clock")
        return assemble(entries, clock, clock_error=self.clock_error, series=self.series,
                        proof=proof)  # fmt: skip
