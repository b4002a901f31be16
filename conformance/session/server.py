"""What a scenario is given: the server, and the lab author's words for what clients do.

Everything that its clients send and receive goes into the scenario's transcript. A scenario that
needs an unused server says so in its declaration, not here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import KW_ONLY, dataclass, field
from itertools import islice
from typing import Any

from conformance.contract.draw import Draw
from conformance.session.liveness import Liveness
from conformance.verdict.model import Parameters
from conformance.verdict.transcript import Series
from conformance.verdict.violation import Kind, NotJudged
from conformance.wire.recorder import NANOSECONDS, Recorder

MAX_TIMES = 1_000
"""The most arrivals kept of one rhythm: a stream of a quarter of an hour."""


@dataclass(eq=False, repr=False)
class Server(Liveness):
    """The submission's server, and the clients that talk to it."""

    parameters: Parameters
    _: KW_ONLY
    dialect: dict[str, Any] = field(default_factory=dict)
    """What the lab's teaching scenario learnt about how this server words its answers."""
    found_silent: bool = False
    """Whether an awaited reply never came in an earlier conversation; later waits can be shorter
    then."""
    draw: Draw = field(default_factory=lambda: Draw(0, ""), init=False)
    void: Collection[str] = field(default=(), init=False)
    """Clauses that hold, and so excuse nothing in this conversation (see `excuse`)."""
    relied: set[str] = field(default_factory=set, init=False)
    """Clauses whose failure the conversation relied on (see `relies_on`)."""

    def begin(self, scenario: str, seed: int, void: Collection[str] = ()) -> None:
        """Begins a new conversation, with its own transcript and source of payloads. `void`: the
        clauses that do not excuse it, because they hold."""
        for capture in self.captures.values():
            capture.begin()
        self.recorder = Recorder(self.delay)
        self.draw = Draw(seed, scenario)
        self.end_expected = False
        self.void = void
        self.relied.clear()

    def relies_on(self, clause: str) -> bool:
        """Whether the conversation may work around a fault of the server for which `clause` has to
        pay. The result counts only if that clause fails; if it holds, the conversation is held
        again, without the workaround."""
        if clause in self.void:
            return False
        self.relied.add(clause)
        return True

    def excuse(self, clause: str, kind: Kind, reason: str) -> None:
        """Raises NotJudged: what follows cannot be judged because of a fault of this kind, for
        which `clause` pays. Does nothing if that clause is known to hold: then there is no
        excuse."""
        if clause not in self.void:
            raise NotJudged(clause, kind, reason)

    def note(self, text: str) -> None:
        """Adds a note to the verdict; it costs no points."""
        self.recorder.note(text)

    def record(
        self, what: str, times: Iterable[float], *, period: float, tolerance: float, count: int = 0
    ) -> None:
        """Keeps the times of what came in a rhythm, for reports: `what` in the singular, and how
        many should have come (0: unknown). In a flood only the first are kept."""
        came = tuple(islice(times, MAX_TIMES))
        self.recorder.series.append(Series(what, period, tolerance, came, count))

    @property
    def clock_error(self) -> float:
        """Seconds by which our times of arrival may be too late: 0.0 where the kernel stamped them.
        No tolerance may be narrower."""
        return self.recorder.clock_error

    def slack(self, within: float) -> float:
        """Seconds that an answer may take beyond `within`: the clock's error, and an allowance for
        a slow machine."""
        return within * (self.scale - 1.0) + self.clock_error

    def now(self) -> float:
        """Seconds since the conversation began, as all times of clients."""
        return self.recorder.now()

    @property
    def epoch(self) -> float:
        """When the conversation began, in seconds since 1970; add a client's time to get a date."""
        return self.recorder.began / NANOSECONDS

    @property
    def started_at(self) -> float:
        """When the program was last started."""
        host = self._own_host("nobody knows when it was started")
        return self.recorder.seconds(host.started_at)
