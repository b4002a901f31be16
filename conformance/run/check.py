"""One check: from a request to a run on disk and in the reports. What `conformance check`
and `conformance selfcheck` have in common."""

from __future__ import annotations

import contextlib
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from types import FrameType

from conformance import __version__
from conformance.contract.catalog import Catalog
from conformance.contract.lab import Scenario
from conformance.run.engine import Engine, Plan, verdicts
from conformance.run.prepare import Request, chosen, prepare
from conformance.run.scratch import scratch_folder
from conformance.sandbox import HostLock, Isolation, Tier
from conformance.sandbox.measure.slowness import why_stretched
from conformance.session.forked import INTERRUPTIONS
from conformance.verdict.events import Event, judged, noted, replay, run_began, run_ended
from conformance.verdict.model import Run, Verdict

LONGEST = 1_800.0
"""Seconds after which a check is given up: a build and each session in it are bounded,
and together take less than half of this on the slowest machine that is of use."""

WAIT_FOR_HOST = 600.0
"""Seconds to wait, in tier none, for another check on this machine to end."""


def new_seed() -> int:
    """A seed for a run that was given none: eight digits that can be typed again."""
    return random.SystemRandom().randrange(10_000_000, 100_000_000)


@contextlib.contextmanager
def host_to_ourselves(isolation: Isolation, *, remote: bool) -> Iterator[None]:
    """In tier none, the ports of this machine, one run at a time."""
    if isolation.tier is not Tier.NONE or remote:
        yield
        return
    with HostLock(within=WAIT_FOR_HOST):
        yield


def describe(plan: Plan) -> Run:
    """The run as it begins."""
    remote = plan.remote is not None
    isolation = plan.isolation
    notes = [plan.note] if plan.note else []
    if not remote:
        notes += [f"Isolation: {told}" for told in isolation.shortcomings()]
    if slow := why_stretched(plan.stretch):
        notes.append(slow)
    program = plan.program
    port = plan.port or int(plan.parameters.port)
    return Run(
        lab=plan.variant,
        submission=plan.submission,
        parameters=plan.lab.differences(plan.variant, plan.parameters),
        seed=plan.seed,
        tier="remote" if remote else isolation.tier.value,
        suite=__version__,
        strict=plan.strict,
        title=plan.lab.contract.title,
        notes=tuple(notes),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        worth=plan.counting.worth_together(
            (scenario.clause, scenario.level(plan.parameters)) for scenario in plan.scenarios
        ),
        command=program.told(port) if program else (),
        folder=program.folder if program else ".",
        doubt=program.doubt if program else "",
    )


@contextlib.contextmanager
def noticing_interrupts() -> Iterator[Callable[[], bool]]:
    """Ctrl-C, TERM and HUP are taken note of, and raise nothing: the run ends between two
    steps, and what was judged is written whole. A second one raises KeyboardInterrupt."""
    noticed: list[int] = []

    def notice(number: int, frame: FrameType | None) -> None:
        if noticed:
            raise KeyboardInterrupt
        noticed.append(number)

    former = {number: signal.getsignal(number) for number in INTERRUPTIONS}
    # One that is ignored stays so: then somebody else decides about our end.
    heeded = [number for number, was in former.items() if was is not signal.SIG_IGN]
    for number in heeded:
        signal.signal(number, notice)
    try:
        yield lambda: bool(noticed)
    finally:
        for number in heeded:
            signal.signal(number, former[number])


def hold(plan: Plan, scenarios: Sequence[Scenario]) -> Iterator[Event]:
    """Judges these scenarios, and tells what happens as it happens.

    Interrupted, it tells so as its last event.
    """
    began = time.monotonic()
    yield run_began(describe(plan))
    interrupted = True
    try:
        with (
            host_to_ourselves(plan.isolation, remote=plan.remote is not None),
            Engine(plan) as engine,
            noticing_interrupts() as asked_to_end,
        ):
            for verdict in verdicts(engine, scenarios, asked_to_end):
                yield from map(noted, engine.take_notes())
                yield judged(verdict)
            interrupted = engine.busy
    except KeyboardInterrupt:
        pass
    yield run_ended(time.monotonic() - began, interrupted=interrupted)


Listener = Callable[[Event], None]


def check(
    request: Request,
    catalog: Catalog,
    isolation: Isolation,
    *,
    began: Callable[[Run, Sequence[str]], None] = lambda run, numbers: None,
    told: Callable[[Verdict], None] = lambda verdict: None,
    events: Listener = lambda event: None,
) -> Run:
    """Checks one submission and returns the run. Raises WrongCall.

    `began` hears of the run and the clauses that will be judged, `told` of each verdict
    when it is final, `events` of everything, before anyone else does.
    """
    with scratch_folder() as scratch:
        plan, scenarios = chosen(request, prepare(request, catalog, isolation, scratch))
        began(describe(plan), [scenario.clause.number for scenario in scenarios])
        heard: list[Event] = []
        for event in hold(plan, scenarios):
            events(event)
            heard.append(event)
            if event["event"] == "verdict":
                told(replay([heard[0], event]).verdicts[0])
        return replay(heard)
