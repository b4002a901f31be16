"""What every scenario is given: the host that the program runs on, a transcript, payloads, and the
lab author's words for what is noted, relied on and excused.

What clients do to a server is in `clients`, `liveness` and `server`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from itertools import islice
from typing import Any

from conformance.contract.draw import Draw
from conformance.sandbox import HostName, Usage
from conformance.session.host import POLL, Host
from conformance.session.submission_host import SubmissionHost
from conformance.verdict.delays import Waited
from conformance.verdict.model import Parameters
from conformance.verdict.transcript import Series
from conformance.verdict.violation import Hint, Kind, LeftOut, NotJudged, Violation
from conformance.wire.capture import Capture
from conformance.wire.connection import PASSING
from conformance.wire.recorder import NANOSECONDS, Recorder

MAX_TIMES = 1_000
"""The most arrivals kept of one rhythm: a stream of a quarter of an hour."""


@dataclass(eq=False, repr=False)
class Given:
    """The program on its host, and the conversation that is held with it."""

    host: Host
    parameters: Parameters
    _: KW_ONLY
    scale: float = 1.0
    captures: Mapping[HostName, Capture] = field(default_factory=dict)
    delay: Callable[[], float] = lambda: 0.0
    """By how many seconds we may have read late what had arrived."""
    network: Callable[[], float] = lambda: 0.0
    """Seconds that the network may add to a question and its answer; see `round_trip`."""
    look: Callable[[Violation | None, Recorder], Awaitable[None]] | None = None
    """Looks inside the program; see `Recorder`."""
    started: Callable[[], None] = lambda: None
    """Called once, when the program listens, or is known not to."""
    kept_waiting: Callable[[int], Waited] = lambda since: Waited()
    """Returns how long the program was kept waiting since a moment (ns)."""
    found_elsewhere: int = 0
    """The other port on which it listened when the gate was tried before; 0 if none."""
    dialect: dict[str, Any] = field(default_factory=dict)
    """What the lab's teaching scenario learnt about how this server words its answers."""
    found_silent: bool = False
    """Whether an awaited reply never came in an earlier conversation; later waits can be shorter
    then."""
    recorder: Recorder = field(init=False)
    draw: Draw = field(default_factory=lambda: Draw(0, ""), init=False)
    void: Collection[str] = field(default=(), init=False)
    """Clauses that hold, and so excuse nothing in this conversation (see `excuse`)."""
    relied: set[str] = field(default_factory=set, init=False)
    """Clauses whose failure the conversation relied on (see `relies_on`)."""
    listening_elsewhere: int | None = field(default=None, init=False)
    """The other port on which it listens in this session."""
    end_expected: bool = field(default=False, init=False)
    """Whether the conversation asks the program to end, so that its end is no fault."""

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.delay, self.look)

    @property
    def remote(self) -> bool:
        """Whether it is a server that was running already (`--connect`)."""
        return self.host.remote

    @property
    def port(self) -> int:
        return self.host.port

    @property
    def round_trip(self) -> float:
        """Seconds that the network between the hosts may add to a question and its answer; 0.0
        without conditions of a network (`--network`)."""
        return self.network()

    def _own_host(self, why: str) -> SubmissionHost:
        if not isinstance(self.host, SubmissionHost):
            raise LeftOut(f"with --connect the program is not ours: {why}")
        return self.host

    async def fate(self) -> str:
        """How the program ended; "" while it runs. Waits a moment, because sockets close before the
        end is known."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PASSING):
                while not self.host.remote and not self.host.ended():
                    await asyncio.sleep(POLL)
        return self.host.ended()

    @property
    def zone(self) -> str:
        """The TZ of its host; "" with `--connect`, where it is unknown."""
        return self.host.zone

    async def ready(self) -> None:
        """Waits until a conversation can begin. Violation where it cannot."""
        raise NotImplementedError

    def close(self) -> None:
        """The session is over, and the program has ended."""

    def begin(self, scenario: str, seed: int, void: Collection[str] = ()) -> None:
        """Begins a new conversation, with its own transcript and source of payloads. `void`: the
        clauses that do not excuse it, because they hold."""
        for capture in self.captures.values():
            capture.begin()
        self.recorder = Recorder(self.delay, self.look)
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
        """Seconds that an answer may take beyond `within`: the clock's error, and what is allowed
        for a slow machine and for the network."""
        return within * (self.scale - 1.0) + self.clock_error + self.round_trip

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

    async def expect_alive(self, lasting: float, *, hint: Hint = "") -> None:
        """The program lives for `lasting` more seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(lasting):
                while not self.host.ended():
                    await asyncio.sleep(POLL)
        if ended := self.host.ended():
            raise Violation("the program goes on running", ended, hint=hint, kind=Kind.ENDED)

    async def look_inside(self) -> None:
        """What was awaited has not come, and what that amounts to is judged when clients have left.
        Reports say where the program stands now. Nothing may be on its way: it takes a second."""
        await self.recorder.evidence_is_complete(None)

    def usage(self) -> Usage:
        """Processes, threads, open files, CPU seconds and memory of the program."""
        return self.host.usage()
