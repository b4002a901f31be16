"""A plan becomes verdicts, by sessions that are started when the engine is told to."""

from __future__ import annotations

import errno
import math
import os
import selectors
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.contract.catalog import load
from conformance.run.engine import Engine
from conformance.run.plan import Plan, Prepared, Request
from conformance.run.scheduler import Wants
from conformance.sandbox import Isolation, Tier
from conformance.verdict.model import Attempt, Blame, Outcome, Verdict
from conformance.verdict.violation import Fault, Kind
from kit.fake_sessions import Sessions

CATALOG = load()
PASSED = Attempt(Outcome.PASSED, waited=0.0, seconds=0.1)
WRONG = Attempt(Outcome.FAILED, expected="a", actual="b", fault=Fault.WRONG, kind=Kind.FORM)
ABSENT = Attempt(
    Outcome.FAILED, actual="nothing", fault=Fault.ABSENT, kind=Kind.SILENCE, waited=0.0
)
DISTURBED = replace(ABSENT, waited=0.7)
BROKEN = Attempt(Outcome.FAILED, expected="it builds", actual="; expected", fault=Fault.WRONG)

Begin = Callable[..., Engine]


@pytest.fixture
def sessions() -> Sessions:
    return Sessions()


@pytest.fixture
def begin(tmp_path: Path, sessions: Sessions) -> Iterator[Begin]:
    """Begins with clauses of echo."""
    selector = selectors.DefaultSelector()
    begun: list[Engine] = []
    lab = CATALOG["echo"]
    parameters = lab.resolve("echo", {})

    def begin_with(*numbers: str, jobs: int = 4, failure: Attempt | None = None) -> Engine:
        known = lab.scenarios_for(parameters)
        chosen = tuple(s for s in known if not numbers or s.clause.number in numbers)
        plan = Plan(
            Request(seed=7, jobs=jobs),
            Prepared("echo", "ann", build_failure=failure),
            lab, parameters, chosen, Isolation(Tier.FULL), tmp_path,
        )  # fmt: skip
        begun.append(Engine(plan, selector, sessions))
        return begun[-1]

    yield begin_with
    for engine in begun:
        engine.close()
    selector.close()


def wanted(engine: Engine) -> Wants:
    return engine.wants


def outcomes(verdicts: list[Verdict]) -> dict[str, Outcome]:
    return {verdict.clause.number: verdict.outcome for verdict in verdicts}


def opened(begin: Begin, sessions: Sessions, *numbers: str, jobs: int = 4) -> Engine:
    """An engine whose gate, and the clause that learns the dialect, hold; of what shared their
    session, nothing was judged."""
    engine = begin(*numbers, jobs=jobs)
    engine.start()
    sessions.last.find("1.1", PASSED)
    sessions.last.find("3.1", PASSED)
    sessions.last.end()
    engine.step()
    return engine


def test_nothing_starts_by_itself(begin: Begin, sessions: Sessions) -> None:
    engine = begin()
    assert engine.step() == []
    assert sessions.held == []
    assert wanted(engine) is Wants.START
    assert engine.under_way == []


def test_behind_the_gate_nothing_is_wanted_before_it_is_judged(
    begin: Begin, sessions: Sessions
) -> None:
    engine = begin()
    engine.start()
    assert sessions.last.numbers[0] == "1.1"
    assert wanted(engine) is Wants.NOTHING
    assert [start.waits for start in engine.under_way] == [False]
    sessions.last.started = True
    assert [start.waits for start in engine.under_way] == [True]


def test_verdicts_come_as_they_are_found(begin: Begin, sessions: Sessions) -> None:
    engine = begin("1.1", "3.1", "3.3")
    engine.start()
    sessions.last.find("1.1", PASSED)
    assert outcomes(engine.step()) == {"1.1": Outcome.PASSED}
    sessions.last.find("3.1", WRONG)
    sessions.last.end()
    assert outcomes(engine.step()) == {"3.1": Outcome.FAILED}
    assert sessions.last.closed
    assert engine.busy


def test_so_many_sessions_are_held_at_a_time_as_the_plan_says(
    begin: Begin, sessions: Sessions
) -> None:
    engine = opened(begin, sessions, jobs=2)
    for _ in range(2):
        assert wanted(engine) is Wants.START
        engine.start()
    assert wanted(engine) is Wants.NOTHING
    assert len(engine.under_way) == 2


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.EMFILE])
def test_where_there_is_no_room_the_same_is_wanted_as_before(
    begin: Begin, sessions: Sessions, number: int
) -> None:
    engine = begin()
    sessions.full = OSError(number, os.strerror(number))
    with pytest.raises(OSError, match=os.strerror(number)):
        engine.start()
    assert wanted(engine) is Wants.START
    assert engine.under_way == []
    sessions.full = None
    engine.start()
    assert sessions.last.numbers[0] == "1.1"


def test_what_was_disturbed_again_is_wanted_alone(begin: Begin, sessions: Sessions) -> None:
    engine = opened(begin, sessions, "3.3")
    for _ in range(2):
        engine.start()
        sessions.last.find("3.3", DISTURBED)
        sessions.last.end()
        assert engine.step() == []
    assert wanted(engine) is Wants.EXCLUSIVE
    engine.start()
    assert [start.kind for start in engine.under_way] == [Wants.EXCLUSIVE]
    sessions.last.find("3.3", ABSENT)
    assert outcomes(engine.step()) == {"3.3": Outcome.FAILED}


def test_nothing_of_its_own_goes_on_beside_what_has_to_be_alone(
    begin: Begin, sessions: Sessions
) -> None:
    engine = opened(begin, sessions, "3.3", "6.1", "6.2")
    while engine.wants is Wants.START:
        engine.start()
    for session in sessions.open:
        for number in session.numbers:
            session.find(number, DISTURBED if number == "3.3" else PASSED)
    engine.step()
    assert wanted(engine) is not Wants.EXCLUSIVE, "its first session goes on"
    for session in sessions.open:
        session.end()
    engine.step()
    assert wanted(engine) is Wants.START, "again, beside others"


def test_what_a_session_that_broke_off_has_not_told_is_our_fault(
    begin: Begin, sessions: Sessions
) -> None:
    engine = opened(begin, sessions, "3.3")
    for _ in range(2):
        engine.start()
        sessions.last.end(done=False, trouble="KeyError: 'x'")
        found = engine.step()
    [verdict] = found
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "the suite's own worker failed: KeyError: 'x'" in verdict.attempt.reason


def test_what_a_session_leaves_when_another_has_not_passed_is_held_on_another_server(
    begin: Begin, sessions: Sessions
) -> None:
    engine = begin("1.1", "3.1", "3.3", "3.7")
    engine.start()
    sessions.last.find("1.1", PASSED)
    sessions.last.find("3.1", replace(WRONG, shared=True))
    sessions.last.end()
    assert outcomes(engine.step()) == {"1.1": Outcome.PASSED}
    engine.start()
    assert sessions.last.numbers == ["3.1"]
    assert wanted(engine) is Wants.NOTHING, "what builds on it waits until it is settled"


def test_a_session_that_does_not_end_is_ended(begin: Begin, sessions: Sessions) -> None:
    engine = opened(begin, sessions, "3.3")
    for _ in range(2):
        engine.start()
        sessions.last.deadline = -math.inf
        found = engine.step()
        assert sessions.last.closed
    assert "it did not end in time" in found[0].attempt.reason


@pytest.mark.parametrize(
    ("seen", "blame"), [(PASSED, Blame.SUITE), (replace(ABSENT, shared=True), Blame.PROGRAM)]
)
def test_when_its_time_is_up_no_more_is_judged(
    begin: Begin, sessions: Sessions, seen: Attempt, blame: Blame
) -> None:
    engine = begin()
    engine.start()
    sessions.last.find("1.1", PASSED)
    sessions.last.find("3.1", seen)
    engine.step()
    sessions.last.talking = engine.plan.longest_talk + 1
    verdicts = engine.step()
    assert sessions.last.closed
    assert wanted(engine) is Wants.NOTHING
    assert not engine.busy
    assert {verdict.outcome for verdict in verdicts} == {Outcome.NOT_RUN}
    assert {verdict.attempt.blame for verdict in verdicts} == {blame}
    assert all("(--budget)" in verdict.attempt.reason for verdict in verdicts)


def test_what_does_not_build_needs_no_session(begin: Begin, sessions: Sessions) -> None:
    engine = begin(failure=BROKEN)
    assert wanted(engine) is Wants.NOTHING
    verdicts = outcomes(engine.step())
    assert verdicts.pop("1.1") is Outcome.FAILED
    assert set(verdicts.values()) == {Outcome.NOT_RUN}
    assert not engine.busy
    assert sessions.held == []


def test_only_what_was_chosen_earns_points(begin: Begin, sessions: Sessions) -> None:
    engine = begin("3.1")
    engine.start()
    sessions.last.find_all(PASSED)
    points = {v.clause.number: (v.points, v.possible) for v in engine.step()}
    assert points["1.1"] == (0, 0)
    assert points["3.1"][0] == points["3.1"][1] > 0


def test_where_one_session_fails_to_end_the_others_end(begin: Begin, sessions: Sessions) -> None:
    engine = opened(begin, sessions)
    while engine.wants is Wants.START and len(sessions.open) < 3:
        engine.start()
    sessions.last.fails_to_end = True
    with pytest.raises(ChildProcessError):
        engine.close()
    assert sessions.open == []
    assert engine.under_way == []
