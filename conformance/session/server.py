"""What a scenario is given: the server, and the lab author's words for what clients do.

Everything that its clients send and see goes into the scenario's transcript. A
scenario that needs a server that nobody has used says so in its declaration, not here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import KW_ONLY, dataclass, field
from itertools import islice
from typing import Any

from conformance.contract.draw import Draw
from conformance.session.liveness import Liveness
from conformance.verdict.model import Kind, NotJudged, Parameters
from conformance.verdict.transcript import Series
from conformance.wire.recorder import NANOSECONDS, Recorder

MOST_TIMES = 1_000
"""Of what came in a rhythm: a stream of a quarter of an hour."""


@dataclass(eq=False, repr=False)
class Server(Liveness):
    """The submission's server, and the clients that talk to it."""

    parameters: Parameters
    _: KW_ONLY
    dialect: dict[str, Any] = field(default_factory=dict)
    """What the lab's teaching scenario found out about how this server answers."""
    found_silent: bool = False
    """In an earlier conversation something never came: nobody need wait as long for it again."""
    draw: Draw = field(default_factory=lambda: Draw(0, ""), init=False)
    void: Collection[str] = field(default=(), init=False)
    """Clauses that hold, and excuse nothing in this conversation (see `excuse`)."""
    relied: set[str] = field(default_factory=set, init=False)
    """Clauses that it was relied upon to fail (see `relies_on`)."""

    def begin(self, scenario: str, seed: int, void: Collection[str] = ()) -> None:
        """A new conversation begins: a new transcript, its own source of payloads. `void`: the
        clauses that are no excuse for it, since they hold."""
        for capture in self.captures.values():
            capture.begin()
        self.recorder = Recorder(self.delay)
        self.draw = Draw(seed, scenario)
        self.end_expected = False
        self.void = void
        self.relied.clear()

    def relies_on(self, clause: str) -> bool:
        """Whether the conversation may be held as a fault of the server asks for, that `clause`
        has to pay for. What is shown so counts only where that clause does not hold; where it
        does, the conversation is held again, as with any other server."""
        if clause in self.void:
            return False
        self.relied.add(clause)
        return True

    def excuse(self, clause: str, kind: Kind, reason: str) -> None:
        """NotJudged: what follows cannot be judged for a fault of this kind that `clause` pays for.
        Where that clause holds there is no such excuse, and the conversation goes on."""
        if clause not in self.void:
            raise NotJudged(clause, kind, reason)

    def note(self, text: str) -> None:
        """Reports something that costs nothing."""
        self.recorder.note(text)

    def record(
        self, what: str, times: Iterable[float], *, period: float, tolerance: float, count: int = 0
    ) -> None:
        """Keeps the times of what came in a rhythm, for reports: `what` in the singular, and how
        many should have come (0: nobody knows). Of a flood the first are kept."""
        came = tuple(islice(times, MOST_TIMES))
        self.recorder.series.append(Series(what, period, tolerance, came, count))

    @property
    def clock_error(self) -> float:
        """Seconds by which our times of what came may be too late: 0.0 where the kernel
        stamped them. No tolerance may be narrower."""
        return self.recorder.clock_error

    def slack(self, within: float) -> float:
        """Seconds that an answer is given beyond the `within` that a check judges it by: by
        so much the clock may be off, and so much a slow machine is given."""
        return within * (self.scale - 1.0) + self.clock_error

    def now(self) -> float:
        """Seconds since the conversation began: the unit of all times of clients."""
        return self.recorder.now()

    @property
    def epoch(self) -> float:
        """When the conversation began, in seconds since 1970: added to a client's time, a date."""
        return self.recorder.began / NANOSECONDS

    @property
    def started_at(self) -> float:
        """When the program was started last."""
        host = self._own_host("nobody knows when it was started")
        return self.recorder.seconds(host.started_at)
