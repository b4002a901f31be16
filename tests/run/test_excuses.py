"""What a fault excuses elsewhere, what it does not, and who pays for a program that ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.contract.catalog import load
from conformance.run.case import Case, Stage
from conformance.run.scenario_order import ScenarioOrder
from conformance.verdict.model import Attempt, Blame, Outcome
from conformance.verdict.stands_or_repeat import excuse, explains
from conformance.verdict.violation import Fault, Kind

echo = load()["echo"]

PASSED = Attempt(Outcome.PASSED, waited=0.0)


def failed(kind: Kind, fault: Fault = Fault.WRONG, **more: Any) -> Attempt:
    return Attempt(
        Outcome.FAILED, expected="a", actual="b", fault=fault, kind=kind, waited=0.0, **more
    )


def excused(clause: str, kind: Kind) -> Attempt:
    """What a scenario shows that raises NotJudged."""
    return Attempt(
        Outcome.NOT_RUN, reason="why", blame=Blame.PROGRAM, behind=(clause,), kind=kind, waited=0.0
    )


MUTE = failed(Kind.SILENCE, Fault.ABSENT)
CRASHED = failed(Kind.ENDED)
AFTERWARDS = failed(Kind.ENDED, aftermath=True)


def behind_the_gate(*wanted: str) -> ScenarioOrder:
    """The order of the echo lab: its gate holds, and so does the clause that teaches."""
    known = echo.scenarios_for(echo.resolve("echo", {}))
    made = ScenarioOrder(echo, known, remote=False)
    for scenario in known:
        if scenario.clause.number in wanted:
            made.want(scenario)
    made.heard(made["1.1"], PASSED, exclusive=False)
    if "3.1" not in wanted:
        made.heard(made["3.1"], PASSED, exclusive=False)
    return made


def outcome(made: ScenarioOrder, number: str) -> Outcome:
    """What the case amounts to, when nothing is left to be held."""
    while made.next([]):
        raise AssertionError("there is still something to hold")
    case = made[number]
    assert case.ruling is not None
    return excuse(case.ruling, made.excuses(case, case.ruling.attempt)).attempt.outcome


def twice(made: ScenarioOrder, number: str, attempt: Attempt) -> None:
    for _ in range(2):
        made.heard(made[number], attempt, exclusive=False)


# -- what explains what ------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Kind))
def test_a_fault_explains_one_of_its_own_kind(kind: Kind) -> None:
    assert explains(failed(kind), failed(kind))


@pytest.mark.parametrize(
    ("ground", "attempt"),
    [
        (Kind.CLOSED, Kind.OPEN),  # a close explains no BYE that is not understood
        (Kind.CLOSED, Kind.FORM),
        (Kind.LATE, Kind.FORM),
        (Kind.LATE, Kind.SILENCE),
        (Kind.FORM, Kind.LATE),
        (Kind.FORM, Kind.ENDED),
        (Kind.CLOSED, Kind.ENDED),
        (Kind.SILENCE, Kind.ENDED),
    ],
)
def test_no_fault_explains_one_of_another_kind(ground: Kind, attempt: Kind) -> None:
    assert not explains(failed(ground), failed(attempt))


def test_what_holds_explains_nothing() -> None:
    assert not explains(replace(MUTE, outcome=Outcome.INCONCLUSIVE), MUTE)
    assert not explains(PASSED, MUTE)


# -- what builds on another clause ---------------------------------------------------------


def test_the_same_fault_is_paid_for_once() -> None:
    made = behind_the_gate("4.1", "4.2")
    twice(made, "4.1", failed(Kind.OPEN, Fault.ABSENT))
    made.heard(made["4.4"], PASSED, exclusive=False)
    made.heard(made["4.2"], failed(Kind.OPEN, Fault.ABSENT), exclusive=False)
    assert outcome(made, "4.2") is Outcome.NOT_RUN


def test_another_fault_is_paid_for_by_itself() -> None:
    made = behind_the_gate("4.1", "4.2")
    made.heard(made["4.1"], failed(Kind.FORM), exclusive=False)
    made.heard(made["4.4"], PASSED, exclusive=False)
    twice(made, "4.2", failed(Kind.OPEN, Fault.ABSENT))
    assert outcome(made, "4.2") is Outcome.FAILED


def test_what_fails_on_a_used_server_is_tried_on_a_fresh_one_before_it_is_excused() -> None:
    made = behind_the_gate("4.1", "4.2")
    twice(made, "4.1", failed(Kind.OPEN, Fault.ABSENT))
    made.heard(made["4.4"], PASSED, exclusive=False)
    made.heard(made["4.2"], failed(Kind.OPEN, Fault.ABSENT, shared=True), exclusive=False)
    assert made["4.2"].stage is Stage.FRESH
    assert made.next([]) == [made["4.2"]]


def test_behind_a_server_that_never_answers_nothing_is_tried() -> None:
    made = behind_the_gate("3.1", "3.2", "6.6")
    twice(made, "3.1", MUTE)
    assert [case.clause.number for case in made.next([])] == ["6.6"]
    made.heard(made["6.6"], PASSED, exclusive=False)
    assert outcome(made, "3.2") is Outcome.NOT_RUN
    ruling = made["3.2"].ruling
    assert ruling is not None
    assert (ruling.attempt.blame, ruling.attempt.behind) == (Blame.PROGRAM, ("3.1",))


# -- what a scenario says itself -----------------------------------------------------------


def test_an_excuse_is_believed_where_that_clause_fails_by_that() -> None:
    made = behind_the_gate("3.4")
    made.heard(made["3.4"], excused("3.3", Kind.CLOSED), exclusive=False)
    assert made["3.4"].stage is Stage.EXCUSED
    assert made.next([]) == [made["3.3"]], "the clause that pays has to be judged, too"
    made.heard(made["3.3"], failed(Kind.CLOSED), exclusive=False)
    assert outcome(made, "3.4") is Outcome.NOT_RUN


@pytest.mark.parametrize("shown", [PASSED, failed(Kind.FORM)], ids=["holds", "fails otherwise"])
def test_an_excuse_is_void_where_that_clause(shown: Attempt) -> None:
    made = behind_the_gate("3.4")
    made.heard(made["3.4"], excused("3.3", Kind.CLOSED), exclusive=False)
    made.heard(made["3.3"], shown, exclusive=False)
    assert made.next([]) == [made["3.4"]]
    assert made["3.4"].stage is Stage.FRESH
    assert made["3.4"].void == {"3.3"}


@pytest.mark.parametrize("shown", [PASSED, failed(Kind.FORM)])
def test_without_its_excuse_it_is_judged_by_what_comes(shown: Attempt) -> None:
    made = behind_the_gate("3.4")
    made.heard(made["3.4"], excused("3.3", Kind.CLOSED), exclusive=False)
    made.heard(made["3.3"], PASSED, exclusive=False)
    made.next([])
    made.heard(made["3.4"], shown, exclusive=False)
    assert outcome(made, "3.4") is shown.outcome


def test_who_insists_on_a_void_excuse_proves_nothing() -> None:
    made = behind_the_gate("3.4")
    made.heard(made["3.4"], excused("3.3", Kind.CLOSED), exclusive=False)
    made.heard(made["3.3"], PASSED, exclusive=False)
    made.next([])
    made.heard(made["3.4"], excused("3.3", Kind.CLOSED), exclusive=False)
    assert outcome(made, "3.4") is Outcome.INCONCLUSIVE


def test_a_clause_that_does_not_apply_here_excuses_nothing() -> None:
    made = behind_the_gate("3.4")
    made.heard(made["3.4"], excused("5S.1", Kind.CLOSED), exclusive=False)
    assert made["3.4"].stage is Stage.FRESH


def test_two_that_excuse_themselves_with_each_other_are_held_without() -> None:
    made = behind_the_gate("3.3", "3.4")
    made.heard(made["3.4"], excused("3.3", Kind.CLOSED), exclusive=False)
    made.heard(made["3.3"], excused("3.4", Kind.CLOSED), exclusive=False)
    first = made.next([])
    assert first
    assert first[0].void


# -- a program that ended ------------------------------------------------------------------


def test_a_crash_on_a_server_that_others_had_used_is_proof() -> None:
    made = behind_the_gate("3.7")
    made.heard(made["3.7"], replace(CRASHED, shared=True), exclusive=False)
    assert made["3.7"].stage is Stage.FRESH
    made.heard(made["3.7"], PASSED, exclusive=False)
    assert outcome(made, "3.7") is Outcome.FAILED


def test_a_crash_is_paid_for_once() -> None:
    made = behind_the_gate("3.7", "3.9")
    made.heard(made["3.7"], replace(CRASHED, shared=True), exclusive=False)
    made.heard(made["3.7"], PASSED, exclusive=False)
    made.heard(made["3.9"], CRASHED, exclusive=False)
    assert outcome(made, "3.9") is Outcome.FAILED
    assert outcome(made, "3.7") is Outcome.PASSED
    ruling = made["3.7"].ruling
    assert ruling is not None
    assert "clause 3.9 pays" in ruling.attempt.notes[-1]


def settle_those_that_ask_to_outlive(made: ScenarioOrder, shown: Attempt) -> None:
    for number in echo.outlives:
        made.heard(made[number], shown, exclusive=False)


def test_who_ends_after_its_client_pays_where_that_is_asked() -> None:
    made = behind_the_gate("3.7")
    made.heard(made["3.7"], AFTERWARDS, exclusive=False)
    settle_those_that_ask_to_outlive(made, CRASHED)
    assert outcome(made, "3.7") is Outcome.PASSED


def test_who_ends_after_one_conversation_only_pays_there() -> None:
    made = behind_the_gate("3.7")
    made.heard(made["3.7"], AFTERWARDS, exclusive=False)
    settle_those_that_ask_to_outlive(made, PASSED)
    assert outcome(made, "3.7") is Outcome.FAILED


def test_nobody_pays_for_an_end_while_it_is_in_doubt_who_should() -> None:
    made = behind_the_gate("3.7")
    made.heard(made["3.7"], AFTERWARDS, exclusive=False)
    doubt = Attempt(Outcome.INCONCLUSIVE, reason="the machine stood still")
    for number in echo.outlives:
        made.heard(made[number], doubt, exclusive=True)
    assert outcome(made, "3.7") is Outcome.PASSED


# -- giving up -----------------------------------------------------------------------------


def test_what_is_given_up_is_not_run_by_whose_doing_it_is() -> None:
    made = behind_the_gate("3.7", "3.9")
    made.heard(made["3.7"], failed(Kind.SILENCE, Fault.ABSENT), exclusive=False)
    assert made.found_slow
    made.give_up("it took too long", Blame.PROGRAM)
    cases: list[Case] = [made["3.7"], made["3.9"]]
    assert {case.ruling.attempt.blame for case in cases if case.ruling} == {Blame.PROGRAM}
    assert not made.next([])


def test_a_program_that_was_never_late_was_not_slow() -> None:
    made = behind_the_gate("3.7")
    made.heard(made["3.7"], failed(Kind.FORM), exclusive=False)
    assert not made.found_slow


# -- what is judged through a fault -----------------------------------------------------------


def through(clause: str, outcome: Outcome = Outcome.PASSED) -> Attempt:
    """What a conversation shows that relies on a clause to pay for how it was held."""
    shown = PASSED if outcome is Outcome.PASSED else failed(Kind.FORM)
    return replace(shown, relies=(clause,))


@pytest.mark.parametrize("shown", [Outcome.PASSED, Outcome.FAILED])
def test_what_was_judged_through_a_fault_stands_where_that_is_paid_for(shown: Outcome) -> None:
    made = behind_the_gate("3.7")
    made.heard(made["3.7"], through("3.3", shown), exclusive=False)
    assert made["3.7"].stage is Stage.RELYING
    assert made.next([]) == [made["3.3"]], "the clause that pays has to be judged, too"
    made.heard(made["3.3"], failed(Kind.CLOSED), exclusive=False)
    assert outcome(made, "3.7") is shown


@pytest.mark.parametrize("shown", [Outcome.PASSED, Outcome.FAILED])
def test_where_nobody_pays_it_is_held_again_like_with_any_other_server(shown: Outcome) -> None:
    made = behind_the_gate("3.7")
    made.heard(made["3.7"], through("3.3", shown), exclusive=False)
    made.heard(made["3.3"], PASSED, exclusive=False)
    assert made.next([]) == [made["3.7"]]
    assert made["3.7"].void == {"3.3"}
    made.heard(made["3.7"], PASSED, exclusive=False)
    assert outcome(made, "3.7") is Outcome.PASSED


def test_the_others_go_on_while_it_is_open_who_pays_for_what_the_teacher_relied_on() -> None:
    made = behind_the_gate("3.1", "3.9")
    made.heard(made["3.1"], through("3.3"), exclusive=False)
    following = {case.clause.number for case in made.next([])}
    assert {"3.3", "3.9"} <= following


def test_a_doubt_about_who_pays_is_not_held_against_what_was_shown() -> None:
    made = behind_the_gate("3.7")
    made.heard(made["3.7"], through("3.3"), exclusive=False)
    doubt = Attempt(Outcome.INCONCLUSIVE, reason="the machine stood still")
    made.heard(made["3.3"], doubt, exclusive=True)
    assert outcome(made, "3.7") is Outcome.PASSED
