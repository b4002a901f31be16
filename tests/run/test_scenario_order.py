"""Which scenario is held next, and in whose company."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.contract.catalog import load
from conformance.contract.lab import Lab
from conformance.run.case import Case, Stage
from conformance.run.scenario_order import ScenarioOrder
from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.violation import Fault

LABS = load()
echo, presence, streaming = (LABS[name] for name in ("echo", "presence", "streaming-time"))
orchestra = LABS["orchestra"]

PASSED = Attempt(Outcome.PASSED, waited=0.0)
ABSENT = Attempt(Outcome.FAILED, expected="a", actual="nothing", fault=Fault.ABSENT, waited=0.01)
DISTURBED = Attempt(Outcome.FAILED, expected="a", fault=Fault.ABSENT, waited=0.7)
WRONG = Attempt(Outcome.FAILED, expected="a", actual="b", fault=Fault.WRONG)
OWN = Attempt(Outcome.FAILED, expected="a", actual="late", fault=Fault.LATE, own=True)
EXPLAINED = Attempt(Outcome.INCONCLUSIVE, reason="it was kept waiting", waited=0.7)


def ordered() -> tuple[ScenarioOrder, Case, Case]:
    """An order whose gate holds, with two cases that build on nothing else."""
    known = presence.scenarios_for(presence.resolve(presence.name, {}))
    made = ScenarioOrder(presence, known, remote=False)
    first = (presence.gate, presence.teaches)
    free = [s for s in known if not s.grounds and not s.alone and s.clause.number not in first]
    for scenario in free[:2]:
        made.want(scenario)
    made.heard(made[presence.gate], PASSED, exclusive=False)
    made.heard(made[presence.teaches], PASSED, exclusive=False)
    one, other = (made[scenario.clause.number] for scenario in free[:2])
    return made, one, other


@pytest.mark.parametrize("shown", [ABSENT, DISTURBED, OWN])
def test_what_is_late_or_absent_is_held_again_at_once_beside_others(shown: Attempt) -> None:
    made, one, other = ordered()
    made.heard(one, shown, exclusive=False)
    other.stage = Stage.HELD
    assert one.stage is Stage.FRESH
    assert made.next([[other]]) == [one]


def test_where_nothing_disturbs_the_program_the_second_time_decides() -> None:
    made, one, _ = ordered()
    made.heard(one, ABSENT, exclusive=False)
    made.heard(one, ABSENT, exclusive=False)
    assert one.failed


@pytest.mark.parametrize("shown", [DISTURBED, EXPLAINED])
def test_what_was_disturbed_again_waits_until_it_is_alone(shown: Attempt) -> None:
    made, one, other = ordered()
    made.heard(one, ABSENT, exclusive=False)
    made.heard(one, shown, exclusive=False)
    other.stage = Stage.HELD
    assert one.stage is Stage.EXCLUSIVE
    assert made.next([[other]]) == []
    assert made.next([]) == [one]
    made.heard(one, ABSENT, exclusive=True)
    assert one.failed


def test_what_waiting_explains_waits_for_a_calm_machine() -> None:
    made, one, _ = ordered()
    made.heard(one, EXPLAINED, exclusive=False)
    assert one.stage is Stage.EXCLUSIVE


def whole(lab: Lab) -> ScenarioOrder:
    """An order in which everything is wanted."""
    known = lab.scenarios_for(lab.resolve(lab.name, {}))
    made = ScenarioOrder(lab, known, remote=False)
    for scenario in known:
        made.want(scenario)
    return made


def numbers(cases: list[Case]) -> list[str]:
    return [case.clause.number for case in cases]


def test_the_stream_goes_on_with_the_client_of_the_gate_and_others_come_after_it() -> None:
    of_the_stream = [f"2.{number}" for number in range(1, 9)]  # the last may join it
    assert numbers(whole(streaming).next([])) == ["1.1", *of_the_stream, "1.2"]


def test_a_gate_that_has_to_show_again_is_held_by_itself() -> None:
    made = whole(streaming)
    first = made.next([])
    made.heard(made["1.1"], ABSENT, exclusive=False)
    for case in first[1:]:
        case.stage = Stage.WAITING
    assert numbers(made.next([])) == ["1.1"]


def held(made: ScenarioOrder, cases: list[Case]) -> list[Case]:
    for case in cases:
        case.stage = Stage.HELD
    return cases


def test_the_rough_come_last_on_the_server_that_all_share() -> None:
    made = whole(echo)
    shared = made.next([])
    assert numbers(shared)[:2] == ["1.1", "3.1"]
    are_destructive = [case.scenario.destructive for case in shared]
    assert any(are_destructive)
    assert are_destructive == sorted(are_destructive)
    assert not any(case.scenario.alone for case in shared)


def test_a_rough_one_that_fails_after_another_is_tried_on_a_server_of_its_own() -> None:
    made = whole(echo)
    shared = held(made, made.next([]))
    gentle = [case for case in shared if not case.scenario.destructive]
    first, second, *others = shared[len(gentle) :]
    for case in (*gentle, first):
        made.heard(case, PASSED, exclusive=False)
    made.heard(second, replace(WRONG, shared=True), exclusive=False)
    for case in others:
        case.stage = Stage.WAITING  # their session ended before they were held
    assert held(made, made.next([])) == others
    while second not in (following := held(made, made.next([others]))):
        assert following, "it is to be held again"
    assert following == [second]
    made.heard(second, WRONG, exclusive=False)
    assert second.failed


def behind_a_gate_that_fails(*, built: bool) -> ScenarioOrder:
    """An orchestra whose auditor has failed its gate."""
    made = whole(orchestra)
    first = made.next([])
    made.nothing_runs = not built
    made.heard(made["2.1"], WRONG, exclusive=False)
    for case in first[1:]:
        case.stage = Stage.WAITING
    return made


def test_another_program_is_judged_though_the_server_does_not_listen() -> None:
    made = behind_a_gate_that_fails(built=True)
    assert numbers(held(made, made.next([]))) == ["1.1", "1.2", "1.3"]
    for number in ("1.1", "1.2", "1.3"):
        made.heard(made[number], PASSED, exclusive=False)
    assert numbers(held(made, made.next([]))) == ["1.4"]
    made.heard(made["1.4"], PASSED, exclusive=False)
    assert made.next([]) == []
    assert made["1.1"].outcome is made["1.4"].outcome is Outcome.PASSED
    assert made["2.2"].outcome is made["3.1"].outcome is Outcome.NOT_RUN


def test_what_does_not_build_is_not_judged_at_all() -> None:
    made = behind_a_gate_that_fails(built=False)
    assert made.next([]) == []
    assert {made[number].outcome for number in ("1.1", "1.4", "2.2")} == {Outcome.NOT_RUN}
