"""What a teacher's corrections change, of clauses and of a lab's total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from conformance.classes.model import (
    TOTAL,
    Class,
    LabPlan,
    LatePolicy,
    Override,
    Result,
)
from conformance.classes.results.corrections import (
    apply,
    apply_what_fits,
    corrected_total,
    total_that_fits,
)
from conformance.classes.results.grades import Grade, grades
from conformance.verdict.model import Attempt, Blame, Clause, Level, Run, Verdict, WrongCall
from conformance.verdict.points import Status, status, tally
from kit.anns_work import (
    ANN,
    DEADLINE,
    FAILED,
    HIDDEN,
    OPEN,
    PASSED,
    behind_a_doubt,
    handed_in,
    not_run,
    older_doubt,
    override,
    run,
    with_these,
)


def points_of(a_run: Run) -> list[int | None]:
    return [verdict.points for verdict in a_run.verdicts]


def test_a_correction_replaces_points_and_is_told() -> None:
    corrected = apply(run(PASSED, FAILED), [override("1.2", 2)])
    verdict = corrected.verdicts[1]
    assert (verdict.points, verdict.possible, verdict.outcome) == (2, 3, FAILED)
    assert verdict.notes == ("The teacher gave 2 of 3 points: it works",)
    assert corrected.verdicts[0] == run(PASSED).verdicts[0]


def test_a_correction_settles_what_was_open() -> None:
    hand_in = handed_in()
    corrected = apply(run(PASSED, OPEN), [override("1.2", 0)])
    a_class = Class("c", (ANN,), (LabPlan("echo"),), (hand_in,))
    [grade] = grades(a_class, [Result(hand_in, corrected, (override("1.2", 0),))])
    assert not grade.provisional
    assert (grade.grade, grade.remarks) == ("50.0", ("corrected by hand: 1.2",))


@pytest.mark.parametrize("order", [1, -1])
def test_the_last_correction_counts(order: int) -> None:
    both = [override("1.1", 0, "no", "2026-01-01"), override("1.1", 2, "yes", "2026-01-02")]
    corrected = apply(run(PASSED), both[::order])
    assert points_of(corrected) == [2]
    assert corrected.verdicts[0].notes == ("The teacher gave 2 of 3 points: yes",)


@pytest.mark.parametrize(
    ("clause", "points", "told"),
    [
        ("9.9", 1, "the run of echo has no clause 9.9; it has 1.1"),
        ("1.1", 4, "clause 1.1 of echo earns from 0 to 3 points in this run, not 4"),
        ("1.1", -1, "from 0 to 3 points in this run, not -1"),
    ],
)
def test_a_correction_that_cannot_be(clause: str, points: int, told: str) -> None:
    with pytest.raises(WrongCall, match=told):
        apply(run(PASSED), [override(clause, points)])


def test_what_no_longer_fits_is_left_out_and_told() -> None:
    overrides: Sequence[Override] = [override("9.9", 1), override("1.1", 1)]
    corrected, told = apply_what_fits(run(PASSED), overrides)
    assert points_of(corrected) == [1]
    assert told == ("a correction was left out: the run of echo has no clause 9.9; it has 1.1",)


@pytest.mark.parametrize("number", ["1.1", "1.2", "1.3"])
def test_any_clause_may_be_given_its_full_weight_and_the_worth_stays(number: str) -> None:
    """It passed, it failed, or it was not shown."""
    corrected = apply(HIDDEN, [override(number, 3)])
    assert tally(corrected.verdicts).possible == tally(HIDDEN.verdicts).possible == 12
    assert {v.clause.number: v.points for v in corrected.verdicts}[number] == 3


def test_what_was_not_shown_and_is_given_by_hand_is_missing_no_longer() -> None:
    hand_in, given = handed_in(), override("1.3", 3)
    a_class = Class("c", (ANN,), (LabPlan("echo"),), (hand_in,))
    [grade] = grades(a_class, [Result(hand_in, apply(HIDDEN, [given]), (given,))])
    assert (grade.labs[0].points, grade.labs[0].possible) == (6, 12)
    assert grade.remarks == (
        "3 points not shown, all behind 1.2: mend that first",
        "corrected by hand: 1.3",
    )


SHOULD = Clause("1.2", Level.SHOULD, 3, "x", "…")


@pytest.mark.parametrize(
    ("worthless", "told"),
    [
        (not_run("1.2", Blame.CALL), r"left out of this run, .*\(with --connect .*--total"),
        (Verdict(SHOULD, Level.SHOULD, Attempt(FAILED)), "a SHOULD that does not count here"),
        (replace(not_run("1.2", None), possible=0), "older version.*graded again"),
        (replace(run(PASSED, FAILED).verdicts[1], possible=0), "graded for: it has no points"),
    ],
)
@pytest.mark.parametrize("points", [0, 1])
def test_what_has_no_worth_here_says_why_there_is_nothing_to_correct(
    worthless: Verdict, told: str, points: int
) -> None:
    with pytest.raises(WrongCall, match=f"^clause 1.2 of echo .*{told}"):
        apply(with_these(run(PASSED), worthless), [override("1.2", points)])


@pytest.mark.parametrize("doubted", [behind_a_doubt(), older_doubt()])
def test_points_for_a_gate_leave_open_what_is_behind_it(doubted: Run) -> None:
    given = override("1.1", 3)
    hand_in = handed_in()
    a_class = Class("c", (ANN,), (LabPlan("echo"),), (hand_in,))
    corrected = apply(doubted, [given])
    [grade] = grades(a_class, [Result(hand_in, corrected, (given,))])
    assert grade.provisional
    assert (grade.labs[0].points, grade.labs[0].possible) == (3, 9)
    assert grade.remarks == (
        "provisional: 6 points behind 1.1 not judged",
        "corrected by hand: 1.1",
    )
    others = [given, override("1.2", 1), override("1.3", 0)]
    [grade] = grades(a_class, [Result(hand_in, apply(doubted, others), (given,))])
    assert not grade.provisional


@pytest.mark.parametrize("doubted", [behind_a_doubt(), older_doubt()])
def test_nothing_for_a_gate_is_nothing_for_what_is_behind_it(doubted: Run) -> None:
    """As where the gate fails: a teacher has settled it."""
    hand_in, given = handed_in(), override("1.1", 0)
    a_class = Class("c", (ANN,), (LabPlan("echo"),), (hand_in,))
    corrected = apply(doubted, [given])
    assert status(corrected) is not Status.PASSED
    [grade] = grades(a_class, [Result(hand_in, corrected, (given,))])
    assert not grade.provisional
    assert (grade.labs[0].points, grade.labs[0].possible) == (0, 9)
    assert grade.remarks == ("corrected by hand: 1.1",)
    [grade] = grades(a_class, [Result(hand_in, apply(doubted, [override("1.2", 0)]))])
    assert grade.provisional


# -- of a lab's total -----------------------------------------------------------------


def totalled(
    a_run: Run | None, *overrides: Override, late: LatePolicy | None = None, most: int = 12
) -> Grade:
    """Ann's grade with these corrections, of clauses and of the total."""
    hand_in = handed_in(timedelta(hours=1)) if late else handed_in()
    plan = LabPlan("echo", deadline=DEADLINE, possible=most)
    a_class = Class("c", (ANN,), (plan,), (hand_in,), late or LatePolicy())
    worth = tally(a_run.verdicts).possible if a_run else most
    total = corrected_total(overrides, worth, "echo")
    corrected = apply(a_run, overrides) if a_run else None
    trouble = "" if a_run else "the disk is full"
    result = Result(hand_in, corrected, overrides, trouble, "" if a_run else "suite", total)
    [grade] = grades(a_class, [result])
    return grade


def total(points: int, because: str = "seen in the lab", at: str = "2026") -> Override:
    return override(TOTAL, points, because, at)


def test_a_total_replaces_what_the_clauses_earned_and_is_told() -> None:
    grade = totalled(HIDDEN, total(9))
    [lab] = grade.labs
    assert (lab.points, lab.possible, lab.provisional) == (9, 12, False)
    assert grade.percent == Decimal("75.0")
    assert grade.remarks == (
        "3 of 12 points by the clauses",
        "total corrected by hand, 9 of 12 points: seen in the lab",
    )


def test_a_total_settles_what_was_open() -> None:
    assert totalled(run(PASSED, OPEN)).provisional
    grade = totalled(run(PASSED, OPEN), total(4), override("1.1", 1))
    assert not grade.provisional
    assert grade.labs[0].points == 4
    assert "corrected by hand: 1.1" in grade.remarks


def test_a_total_may_be_given_where_nothing_was_judged() -> None:
    grade = totalled(None, total(6))
    assert not grade.provisional
    assert (grade.labs[0].points, grade.labs[0].possible) == (6, 12)
    assert grade.percent == Decimal("50.0")
    assert grade.remarks == (
        "the disk is full",
        "total corrected by hand, 6 of 12 points: seen in the lab",
    )


def test_lateness_costs_of_a_corrected_total_too() -> None:
    [lab] = totalled(run(PASSED), total(2), late=LatePolicy(per_day=10)).labs
    assert (lab.points, lab.earned) == (2, Decimal("1.80"))


def test_the_last_total_counts() -> None:
    both = [total(1, "no", "2026-01-01"), total(2, "yes", "2026-01-02")]
    for order in (1, -1):
        given = corrected_total(both[::order], 12, "echo")
        assert given is not None
        assert given.told == "The teacher gave 2 of 12 points for the whole lab: yes"
    assert corrected_total([override("1.1", 2)], 12, "echo") is None


@pytest.mark.parametrize(
    ("points", "most", "told"),
    [
        (13, 12, "echo is worth from 0 to 12 points, not 13"),
        (-1, 12, "from 0 to 12 points, not -1"),
        (0, 0, "nobody knows what echo is worth"),
    ],
)
def test_a_total_that_cannot_be(points: int, most: int, told: str) -> None:
    with pytest.raises(WrongCall, match=told):
        corrected_total([total(points)], most, "echo")
    fitting, left_out = total_that_fits([total(points)], most, "echo")
    assert fitting is None
    assert told in left_out[0]
