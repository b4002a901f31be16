"""What a scenario is given: the server, and the lab author's words for what clients do.

Everything that its clients send and see goes into the scenario's transcript. A
scenario that needs a server that nobody has used says so in its declaration, not here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import islice
from typing import Any

from conformance.contract.draw import Draw
from conformance.sandbox import HostName
from conformance.session.host import Host
from conformance.session.liveness import Liveness
from conformance.verdict.delays import Waited
from conformance.verdict.model import Kind, NotJudged, Parameters
from conformance.verdict.transcript import Series
from conformance.wire.capture import Capture
from conformance.wire.recorder import NANOSECONDS, Recorder

MOST_TIMES = 1_000
"""Of what came in a rhythm: a stream of a quarter of an hour."""


class Server(Liveness):
    """The submission's server, and the clients that talk to it."""

    def __init__(
        self,
        host: Host,
        parameters: Parameters,
        *,
        protocol: str,
        scale: float = 1.0,
        captures: Mapping[HostName, Capture] | None = None,
        dialect: dict[str, Any] | None = None,
        started: Callable[[], None] = lambda: None,
        delay: Callable[[], float] = lambda: 0.0,
        kept_waiting: Callable[[int], Waited] = lambda since: Waited(),
    ) -> None:
        """See `Clients` and `Liveness` for what the functions are asked."""
        super().__init__(
            host,
            protocol=protocol,
            scale=scale,
            captures=captures,
            started=started,
            delay=delay,
            kept_waiting=kept_waiting,
        )
        self.parameters = parameters
        self.dialect: dict[str, Any] = dialect or {}
        """What the lab's teaching scenario found out about how this server answers."""
        self.draw = Draw(0, "")
        self.void: Collection[str] = ()
        """Clauses that hold, and excuse nothing in this conversation (see `excuse`)."""
        self.relied: set[str] = set()
        """Clauses that it was relied upon to fail (see `relies_on`)."""
        self.found_silent = False
        """What was waited for never came in an earlier conversation: nobody need wait for it as
        long again."""

    def begin(self, scenario: str, seed: int, void: Collection[str] = ()) -> None:
        """A new conversation begins: a new transcript, its own source of payloads. `void`: the
        clauses that are no excuse for it, since they hold."""
        for capture in self._captures.values():
            capture.begin()
        self.recorder = Recorder(self._delay)
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
        """What follows cannot be judged because of a fault of this kind that `clause` pays for:
        NotJudged. Where that clause turned out to hold there is no such excuse, and the
        conversation goes on."""
        if clause not in self.void:
            raise NotJudged(clause, kind, reason)

    def note(self, text: str) -> None:
        """Reports something that costs nothing."""
        self.recorder.note(text)

    def record(
        self, what: str, times: Iterable[float], *, period: float, tolerance: float, count: int = 0
    ) -> None:
        """Keeps the times of what came in a rhythm, for the reports to show: `what` in the
        singular, and how many should have come (0: nobody knows). Of a flood the first are
        kept."""
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
        """When the conversation began, in seconds since 1970: a time of a client, and this,
        make a date."""
        return self.recorder.began / NANOSECONDS

    @property
    def started_at(self) -> float:
        """When the program was started last."""
        host = self._own_host("nobody knows when it was started")
        return self.recorder.seconds(host.started_at)
