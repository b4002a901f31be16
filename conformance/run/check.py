"""One check, from what was handed in to its last verdict: take in → build → judge → end. Where it
was asked for, a search comes before the end.

`conformance check`, `grade`, `selfcheck` and the pytest plugin all use this one. The submission is
taken in and built in a process of its own, because an archive, a source or a build may crash or
block it. An engine in this process judges the result; the sessions are forked from here. What
happens becomes events; `trouble` says why there is no whole run.
"""

from __future__ import annotations

import contextlib
import math
import pickle
import selectors
import signal
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Protocol

from conformance.contract.catalog import Catalog
from conformance.run.doing import Doing, Phase
from conformance.run.engine import Engine, StartSession
from conformance.run.plan import Plan, Prepared, Request
from conformance.run.prepare import network_of, of_machine, plan, prepare
from conformance.run.scheduler import Scheduler, Start, Wants
from conformance.run.scratch import scratch_folder
from conformance.run.search import SearchPhase
from conformance.sandbox import HostLock, Isolation, SandboxError, Tier
from conformance.session.forked import INTERRUPTIONS, NO_ROOM, Forked, Tell
from conformance.session.worker import Worker
from conformance.verdict.causes import common
from conformance.verdict.events import Event, judged, noted, replay, run_began, run_ended, searched
from conformance.verdict.model import Outcome, Run, Verdict, WrongCall

CHECKED_WITHIN = 1_800.0
"""Seconds after which a check among others is given up. A build and all sessions have deadlines of
their own, in sum less than half of this on the slowest usable machine."""

WAIT_FOR_HOST = 600.0
"""Seconds to wait, in tier none, for another check on this machine to end."""


class NotStartable(WrongCall):
    """What was handed in could not be taken in or recognised."""


@dataclass(frozen=True)
class Trouble:
    """Why there is no whole run. Can be sent from one process to another."""

    error: Exception
    text: str
    by_hand_in: bool = False
    """The submission could not be taken in or recognised. To try again will not help."""

    @classmethod
    def of(cls, error: Exception) -> Trouble:
        if isinstance(error, WrongCall):
            by_hand_in = not of_machine(error)
            plain = NotStartable(str(error)) if by_hand_in else WrongCall(str(error))
            return cls(plain, str(error), by_hand_in)
        if isinstance(error, OSError | SandboxError):
            return cls(error, f"{type(error).__name__}: {error}")
        where = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
        return cls(RuntimeError("".join(traceback.format_exception(error))), text)


EARLY = Trouble(SandboxError("its process ended early"), "its process ended early")
LATE = Trouble(SandboxError("it did not end in time"), "it did not end in time")


class BuildProcess(Protocol):
    """Our own work in another process; `Forked` is one."""

    def fileno(self) -> int: ...

    def has_ended(self) -> bool: ...

    def told(self) -> bytes: ...

    def close(self) -> None: ...


@dataclass(eq=False)
class Check:
    """One submission under way. `close` ends it and all that it started. Creating one may raise
    OSError."""

    request: Request
    catalog: Catalog
    isolation: Isolation
    scratch: Path
    """An empty folder for it alone."""
    longest: float = field(default=CHECKED_WITHIN, kw_only=True)
    """Seconds after which it is given up, not counting those in which it waits for its turn."""
    build: Callable[[], Prepared] | None = field(default=None, kw_only=True)
    """How it is built, if it is taken in already."""
    start_build: Callable[[Callable[[Tell], None], Path], BuildProcess] = Forked
    start_session: StartSession = Worker

    def __post_init__(self) -> None:
        self.plan: Plan | None = None
        """How it is judged; None until it is taken in and built."""
        self.trouble: Trouble | None = None
        self.ended = False
        """Whether the check has ended, with a whole run or with `trouble`."""
        self._selector = selectors.DefaultSelector()
        self._building: BuildProcess | None = None
        self._engine: Engine | None = None
        self._search: SearchPhase | None = None
        self._judged: list[Verdict] = []
        self._began = time.monotonic()
        """When the present phase began: the build, or the judging."""
        self._deadline = self._began + self.longest

    # -- what the scheduler asks ----------------------------------------------------

    @property
    def wants(self) -> Wants:
        if self.ended or self._building is not None:
            return Wants.NOTHING
        return Wants.BUILD if self._engine is None else self._at_work.wants

    @property
    def under_way(self) -> Sequence[Start]:
        if self._engine is not None:
            return self._at_work.under_way
        return [] if self._building is None else [Start(Wants.BUILD, self._began)]

    @property
    def doing(self) -> Doing:
        """What goes on just now."""
        return Doing(Phase.BUILDING) if self._engine is None else self._at_work.doing

    def start(self) -> None:
        """Starts what it wants; call `step` next. Raises OSError where the machine has no room for
        it; `wants` stays the same then."""
        try:
            if self._engine is not None:
                self._at_work.start()
                return
            # Tried before the fork, so that its result is kept.
            network_of(self.request.network, self.isolation, remote=bool(self.request.connect))
            self._building = self.start_build(self._prepare, self.scratch)
        except Exception as error:
            if isinstance(error, OSError) and error.errno in NO_ROOM:
                raise
            self._give_up(Trouble.of(error))
        else:
            self._began = time.monotonic()
            self._selector.register(self._building, selectors.EVENT_READ)

    def refuse(self, error: OSError) -> None:
        """Gives up: the machine has no room for what it wants, and nothing else is running whose
        end would make room."""
        told = (error.strerror or str(error)).lower()
        self._give_up(Trouble(error, f"it could not go on: {told}"))

    def fileno(self) -> int:
        return self._selector.fileno()

    # -- going on -------------------------------------------------------------------

    def step(self) -> list[Event]:
        """Goes on as far as it can without waiting; returns the events since the last call. Call it
        after `start`, when `fileno` is readable, and about once a second."""
        events: list[Event] = []
        try:
            events.extend(self._go_on())
            self._keep_in_time()
        except Exception as error:
            self._give_up(Trouble.of(error))
        return events

    def interrupt(self) -> list[Event]:
        """Ends what is under way; returns the closing event of the incomplete run, if one had
        begun."""
        self.close()
        seconds = time.monotonic() - self._began
        return [run_ended(seconds, interrupted=True)] if self._engine is not None else []

    def close(self) -> None:
        """Ends the check if it still runs, and waits until all its processes are gone."""
        self.ended = True
        with contextlib.closing(self._selector):
            try:
                if self._engine is not None:
                    self._at_work.close()
            finally:
                if self._building is not None:
                    building, self._building = self._building, None
                    building.close()

    def _go_on(self) -> Iterator[Event]:
        if self.ended:
            return
        if self._building is not None and self._building.has_ended():
            yield from self._begin(self._building)
        if self._engine is None:
            return
        if self._search is not None:
            self._search.step()
            if not self._search.busy:
                yield searched(self._search.found)
                yield from self._end(self._engine)
            return
        for verdict in self._engine.step():
            yield from map(noted, self._engine.take_notes())
            # A clause that was not asked for is reported too if it does not hold: the chosen ones
            # need it, and a filter must not make a broken program look whole.
            unheld = verdict.outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE)
            if unheld or self._engine.plan.is_chosen(verdict.clause.number):
                self._judged.append(verdict)
                yield judged(verdict)
        if self._engine.busy:
            return
        if self._engine.plan.request.search:
            self._search = SearchPhase(
                self._engine.plan, tuple(self._judged), self._selector, self.start_session
            )
            yield from self._go_on()
        else:
            yield from self._end(self._engine)

    @property
    def _at_work(self) -> Engine | SearchPhase:
        assert self._engine is not None, "nothing is at work before it is built"
        return self._engine if self._search is None else self._search

    def _end(self, engine: Engine) -> Iterator[Event]:
        self.ended = True
        # Only now is it certain that no clause which needs them has had them judged.
        reported = {verdict.clause.number for verdict in self._judged}
        for each in engine.plan.left_out:
            if each.scenario.clause.number not in reported:
                yield judged(engine.plan.verdict_on(each))
        causes = common(self._judged, engine.plan.lab.causes)
        yield run_ended(time.monotonic() - self._began, common=causes)

    def _keep_in_time(self) -> None:
        now = time.monotonic()
        if self.wants is not Wants.NOTHING and not self.under_way:
            self._deadline = now + self.longest
        elif not self.ended and now > self._deadline:
            self._give_up(LATE)

    # -- taking in, and building ----------------------------------------------------

    def _prepare(self, tell: Tell) -> None:
        """Runs in the build's own process, where both ends of its pipe are open."""
        told: Prepared | Trouble
        asked = (self.request, self.catalog, self.isolation, self.scratch)
        try:
            told = self.build() if self.build is not None else prepare(*asked)
        except Exception as error:
            told = Trouble.of(error)
        tell(pickle.dumps(told))

    def _begin(self, building: BuildProcess) -> Iterator[Event]:
        """The submission is taken in and built; starts the engine that judges it."""
        self._selector.unregister(building)
        told = building.told()
        self._building = None
        building.close()
        prepared = pickle.loads(told) if told else EARLY
        if isinstance(prepared, Trouble):
            self._give_up(prepared)
            return
        self.plan = plan(self.request, self.catalog, self.isolation, self.scratch, prepared)
        self._engine = Engine(self.plan, self._selector, self.start_session)
        self._began = time.monotonic()
        yield run_began(self.plan.described())

    def _give_up(self, trouble: Trouble) -> None:
        self.trouble, self.ended = trouble, True


# -- one by itself ----------------------------------------------------------------------


@contextlib.contextmanager
def host_to_ourselves(isolation: Isolation, *, remote: bool) -> Iterator[None]:
    """In tier none runs share this machine's ports: holds the lock that lets one run at a time."""
    shared = isolation.tier is Tier.NONE and not remote
    with HostLock(within=WAIT_FOR_HOST) if shared else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def noticing_interrupts() -> Iterator[Callable[[], bool]]:
    """Ctrl-C, TERM and HUP are noted and raise nothing: the run ends between two steps, and what
    was judged is written out. A second one raises KeyboardInterrupt."""
    noticed: list[int] = []

    def notice(number: int, frame: FrameType | None) -> None:
        if noticed:
            raise KeyboardInterrupt
        noticed.append(number)

    former = {number: signal.getsignal(number) for number in INTERRUPTIONS}
    # A signal that our parent has ignored stays ignored.
    heeded = [number for number, was in former.items() if was is not signal.SIG_IGN]
    for number in heeded:
        signal.signal(number, notice)
    try:
        yield lambda: bool(noticed)
    finally:
        for number in heeded:
            signal.signal(number, former[number])


def check(
    request: Request,
    catalog: Catalog,
    isolation: Isolation,
    *,
    began: Callable[[Run, Sequence[str]], None] = lambda run, numbers: None,
    told: Callable[[Verdict], None] = lambda verdict: None,
    events: Callable[[Event], None] = lambda event: None,
    turned: Callable[[Doing], None] = lambda doing: None,
) -> Run:
    """Checks one submission and returns the run; if it was interrupted, as far as it went. Raises
    WrongCall, SandboxError and OSError.

    `events` gets each event as it happens, `began` the run and the clauses that will be judged, and
    `told` each verdict when it is final. `turned` gets what goes on, about twice a second; what it
    raises ends the check, and all that the check has started.
    """
    heard: list[Event] = []

    def hear(coming: Iterable[Event]) -> None:
        for event in coming:
            events(event)
            heard.append(event)
            if event["event"] == "run" and one.plan is not None:
                began(replay(heard), [scenario.clause.number for scenario in one.plan.chosen])
            if event["event"] == "verdict":
                told(replay([heard[0], event]).verdicts[0])

    with scratch_folder() as scratch, contextlib.ExitStack() as last:
        one = Check(request, catalog, isolation, scratch, longest=math.inf)
        last.callback(one.close)
        # The plan limits how much it starts at a time.
        scheduler = Scheduler[Check](starts=request.jobs, sessions=request.jobs)
        last.callback(scheduler.close)
        scheduler.enter(one)
        hear(_events(one, scheduler, turned, lambda: one.plan is not None))
        if one.trouble is not None:
            raise one.trouble.error
        with contextlib.suppress(KeyboardInterrupt):
            if isolation.tier is Tier.NONE and not request.connect:
                turned(Doing(Phase.WAITING))
            last.enter_context(host_to_ourselves(isolation, remote=bool(request.connect)))
            with noticing_interrupts() as asked_to_end:
                hear(_events(one, scheduler, turned, asked_to_end))
        if one.trouble is not None:
            raise one.trouble.error
        if not one.ended:
            hear(one.interrupt())
    return replay(heard)


def _events(
    one: Check,
    scheduler: Scheduler[Check],
    turned: Callable[[Doing], None],
    asked_to_end: Callable[[], bool],
) -> Iterator[Event]:
    """The events until the check has ended, or is asked to end."""
    while not one.ended and not asked_to_end():
        turned(one.doing)
        while (started := scheduler.start()) is not None:
            yield from started.step()
        for ready in scheduler.ready():
            yield from ready.step()
