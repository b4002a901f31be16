"""The scenarios that can share a server are divided among sessions where it is known that one after
another would take long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.contract.catalog import load
from conformance.run.case import Case, Stage
from conformance.run.scenario_order import ScenarioOrder
from conformance.session.session_plan import LONG
from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.violation import Fault, Kind

ECHO = load()["echo"]

PASSED = Attempt(Outcome.PASSED, waited=0.0, seconds=0.1)
WRONG = Attempt(Outcome.FAILED, expected="a", actual="b", fault=Fault.WRONG, kind=Kind.FORM)
LATE = replace(WRONG, fault=Fault.LATE, kind=Kind.LATE, own=True)


def begun(learnt: Attempt = PASSED, *, at_a_time: int = 4) -> tuple[ScenarioOrder, list[Case]]:
    """An order in which the gate has passed, and the dialect is learnt; and what is left of the
    session."""
    known = ECHO.scenarios_for(ECHO.resolve(ECHO.name, {}))
    made = ScenarioOrder(ECHO, known, remote=False, at_a_time=at_a_time)
    for scenario in known:
        made.want(scenario)
    gate, teacher, *others = made.next([])
    for case in (gate, teacher, *others):
        case.stage = Stage.HELD
    made.heard(gate, PASSED, exclusive=False)
    made.heard(teacher, learnt, exclusive=False)
    return made, others


def sessions(made: ScenarioOrder, under_way: Sequence[Sequence[Case]] = ()) -> list[list[Case]]:
    """The sessions with several scenarios that may be under way together."""
    held = [list(cases) for cases in under_way]
    while len(held) < 20 and (cases := made.next(held)):
        for case in cases:
            case.stage = Stage.HELD
        held.append(cases)
    return [cases for cases in held if not cases[0].scenario.alone]


def test_what_the_first_that_fails_has_left_is_held_on_one_server() -> None:
    made, (first, *others) = begun()
    made.heard(first, replace(WRONG, shared=True), exclusive=False)
    made.put_back(others)
    shared = [cases for cases in sessions(made) if cases != [first]]
    assert [set(map(id, cases)) for cases in shared] == [set(map(id, others))]


def test_where_each_spoils_the_server_for_the_next_they_are_divided() -> None:
    made, (first, second, *others) = begun()
    made.put_back([second, *others])
    made.put_back(others)
    for case in (first, second):
        made.heard(case, PASSED, exclusive=False)
    sizes = [len(cases) for cases in sessions(made)]
    assert len(sizes) > 1
    assert sum(sizes) == len(others)
    assert max(sizes) <= (len(others) + 1) // 2


def test_with_a_program_that_is_late_several_go_on_at_a_time() -> None:
    made, (first, *others) = begun()
    made.heard(first, replace(LATE, shared=True), exclusive=False)
    made.put_back(others)
    assert max(len(cases) for cases in sessions(made)) <= (len(others) + 3) // 4


def test_so_they_do_where_one_conversation_has_taken_long() -> None:
    made, others = begun(replace(PASSED, seconds=LONG + 1))
    made.put_back(others)
    assert max(len(cases) for cases in sessions(made)) <= (len(others) + 3) // 4


def test_where_sessions_are_held_one_at_a_time_nothing_is_divided() -> None:
    made, others = begun(replace(PASSED, seconds=LONG + 1), at_a_time=1)
    made.put_back(others)
    assert [len(cases) for cases in sessions(made)] == [len(others)]


def test_each_is_held_in_one_of_them() -> None:
    made, others = begun(replace(PASSED, seconds=LONG + 1))
    made.put_back(others)
    divided = [case for cases in sessions(made) for case in cases]
    assert sorted(map(id, divided)) == sorted(map(id, others))
