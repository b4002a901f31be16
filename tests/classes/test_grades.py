from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.classes.grades import Grade, apply, apply_what_fits, grades
from conformance.classes.model import (
    Class,
    HandIn,
    LabPlan,
    LatePolicy,
    Override,
    Result,
    Student,
)
from conformance.classes.scale import read_scale, rounded
from conformance.judgement import cannot_be_judged
from conformance.marks import mark
from conformance.model import Clause, Level, Outcome, Run, Verdict, WrongCall

ANN = Student("ann", "Ann Smith")
PATH = Path("/class/ann.py")
DEADLINE = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
PASSED, FAILED, OPEN = Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE


def run(*outcomes: Outcome, weight: int = 3, lab: str = "echo") -> Run:
    """Clauses 1.1, 1.2, … with these outcomes, all of them MUST."""
    verdicts = [
        Verdict(Clause(f"1.{place}", Level.MUST, weight, "x", "…"), Level.MUST, outcome, 0, 0)
        for place, outcome in enumerate(outcomes, 1)
    ]
    marked = tuple(mark(verdict, strict=False) for verdict in verdicts)
    return Run(lab, "ann", {}, seed=1, tier="full", suite="0", verdicts=marked)


def of(
    hand_in: HandIn,
    result: Run | None = None,
    *,
    trouble: str = "",
    blame: str = "",
    late: LatePolicy | None = None,
    scale: str = "linear 1..6",
) -> Grade:
    """The grade of Ann, who is alone in her class and has one lab."""
    plan = LabPlan("echo", deadline=DEADLINE, max_points=12)
    a_class = Class("c", (ANN,), (plan,), (hand_in,), late or LatePolicy(), scale)
    results = [Result(hand_in, result, trouble=trouble, blame=blame)] if result or trouble else []
    [grade] = grades(a_class, results)
    return grade


def handed_in(late_by: timedelta | None = None) -> HandIn:
    return HandIn("ann", "echo", PATH, None if late_by is None else DEADLINE + late_by)


def test_points_and_grade() -> None:
    grade = of(handed_in(), run(PASSED, PASSED, FAILED))
    [lab] = grade.labs
    assert (lab.points, lab.max_points, lab.earned) == (6, 9, Decimal("6.00"))
    assert (grade.percent, grade.grade) == (Decimal("66.7"), "4.3")
    assert not grade.provisional
    assert grade.remarks == ()


@pytest.mark.parametrize(
    ("hand_in", "trouble", "blame", "remark", "provisional"),
    [
        (HandIn("ann", "echo", None), "", "", "nothing handed in", False),
        (HandIn("ann", "echo", None), "nothing handed in", "student", "nothing handed in", False),
        (HandIn("ann", "echo", None, problem="two"), "", "", "two", True),
        (HandIn("ann", "echo", PATH), "", "", "not yet graded", True),
        (HandIn("ann", "echo", PATH), "a bad archive", "student", "a bad archive", False),
        (HandIn("ann", "echo", PATH), "the disk is full", "suite", "the disk is full", True),
    ],
)
def test_what_has_no_run(
    hand_in: HandIn, trouble: str, blame: str, remark: str, provisional: bool
) -> None:
    grade = of(hand_in, trouble=trouble, blame=blame)
    assert (grade.grade, grade.remarks, grade.provisional) == ("1.0", (remark,), provisional)
    assert (grade.labs[0].points, grade.labs[0].max_points) == (0, 12)


def test_what_counts_and_is_open_makes_the_grade_provisional() -> None:
    grade = of(handed_in(), run(PASSED, OPEN))
    assert grade.provisional
    assert grade.grade == "3.5"
    assert grade.remarks == ("provisional: could not be judged: 1.2",)


def behind_a_doubt() -> Run:
    """Nobody knows whether the gate holds; two clauses of 3 points stand behind it."""
    doubt = run(OPEN, Outcome.NOT_RUN, Outcome.NOT_RUN)
    gated = [replace(verdict, max_points=3, points=None) for verdict in doubt.verdicts[1:]]
    return replace(doubt, verdicts=(doubt.verdicts[0], *gated))


def test_what_is_behind_a_gate_in_doubt_is_told_in_points() -> None:
    grade = of(handed_in(), behind_a_doubt())
    assert grade.remarks == (
        "provisional: could not be judged: 1.1; 6 points behind 1.1 not judged",
    )


def test_why_a_gate_could_not_be_judged_is_told() -> None:
    doubted = behind_a_doubt()
    gate = replace(doubted.verdicts[0], reason="it needs Java 21\nand more")
    grade = of(handed_in(), replace(doubted, verdicts=(gate, *doubted.verdicts[1:])))
    [remark] = grade.remarks
    assert remark.endswith("; 6 points behind 1.1 not judged; it needs Java 21")


def test_points_for_a_gate_leave_open_what_is_behind_it() -> None:
    given = override("1.1", 3)
    hand_in = handed_in()
    a_class = Class("c", (ANN,), (LabPlan("echo"),), (hand_in,))
    corrected = apply(behind_a_doubt(), [given])
    [grade] = grades(a_class, [Result(hand_in, corrected, (given,))])
    assert grade.provisional
    assert (grade.labs[0].points, grade.labs[0].max_points) == (3, 9)
    assert grade.remarks == (
        "provisional: 6 points behind 1.1 not judged",
        "corrected by hand: 1.1",
    )
    others = [given, override("1.2", 1), override("1.3", 0)]
    [grade] = grades(a_class, [Result(hand_in, apply(behind_a_doubt(), others), (given,))])
    assert not grade.provisional


def test_nothing_for_a_gate_is_nothing_for_what_is_behind_it() -> None:
    """As where the gate fails: a teacher has settled it."""
    hand_in, given = handed_in(), override("1.1", 0)
    a_class = Class("c", (ANN,), (LabPlan("echo"),), (hand_in,))
    corrected = apply(behind_a_doubt(), [given])
    [grade] = grades(a_class, [Result(hand_in, corrected, (given,))])
    assert not grade.provisional
    assert (grade.labs[0].points, grade.labs[0].max_points) == (0, 9)
    assert grade.remarks == ("corrected by hand: 1.1",)
    [grade] = grades(a_class, [Result(hand_in, apply(behind_a_doubt(), [override("1.2", 0)]))])
    assert grade.provisional


def excused(because: str) -> Run:
    """1.1 has failed; 1.2 and 1.3 are NOT RUN for this reason."""
    excuses = run(FAILED, Outcome.NOT_RUN, Outcome.NOT_RUN)
    told = [replace(verdict, reason=because) for verdict in excuses.verdicts[1:]]
    return replace(excuses, verdicts=(excuses.verdicts[0], *told))


def test_why_the_most_is_less_is_told() -> None:
    failed = run(FAILED, FAILED).verdicts
    one = of(handed_in(), excused(cannot_be_judged([failed[0].clause])))
    assert (one.labs[0].max_points, one.remarks) == (3, ("6 points not judged because of 1.1",))
    both = of(handed_in(), excused(cannot_be_judged([verdict.clause for verdict in failed])))
    assert both.remarks == ("6 points not judged because of 1.1 and 1.2",)
    other = of(handed_in(), excused("there is no second network here"))
    assert other.remarks == ("3 points not judged in 1.2", "3 points not judged in 1.3")


def test_what_the_class_is_not_graded_for_is_not_missed() -> None:
    hand_in = handed_in()
    plan = LabPlan("echo", only="1.1, 1.3")
    a_run = excused("there is no second network here")
    [grade] = grades(Class("c", (ANN,), (plan,), (hand_in,)), [Result(hand_in, a_run)])
    assert grade.remarks == ("3 points not judged in 1.3",)


def test_an_interrupted_run_is_provisional() -> None:
    grade = of(handed_in(), replace(run(PASSED), interrupted=True))
    assert grade.provisional
    assert grade.remarks == ("the run was interrupted",)


def test_a_run_that_judged_nothing_is_provisional() -> None:
    grade = of(handed_in(), run(Outcome.NOT_RUN))
    assert grade.provisional
    assert grade.remarks == ("nothing that counts could be judged",)


LATE = LatePolicy(per_day=10, grace=timedelta(minutes=15), most=25)


@pytest.mark.parametrize(
    ("by", "days", "cost", "earned"),
    [
        (None, 0, "0.00", "9.00"),
        (timedelta(days=-1), 0, "0.00", "9.00"),
        (timedelta(0), 0, "0.00", "9.00"),
        (timedelta(minutes=15), 0, "0.00", "9.00"),
        (timedelta(minutes=15, microseconds=1), 1, "10.00", "8.10"),
        (timedelta(days=1), 1, "10.00", "8.10"),
        (timedelta(days=1, microseconds=1), 2, "20.00", "7.20"),
        (timedelta(days=9), 9, "25.00", "6.75"),
    ],
)
def test_what_lateness_costs(by: timedelta | None, days: int, cost: str, earned: str) -> None:
    [lab] = of(handed_in(by), run(PASSED, PASSED, PASSED), late=LATE).labs
    assert (lab.late_days, lab.late_percent, lab.earned) == (days, Decimal(cost), Decimal(earned))
    assert lab.points == 9


def test_lateness_is_told() -> None:
    grade = of(handed_in(timedelta(days=2)), run(PASSED), late=LatePolicy(per_day=7.5))
    assert grade.remarks == ("late by 2 days: 15 % of the points",)
    assert grade.percent == Decimal("85.0")


def test_nothing_is_late_where_lateness_costs_nothing_but_it_is_told() -> None:
    grade = of(handed_in(timedelta(hours=1)), run(PASSED))
    assert (grade.percent, grade.remarks) == (
        Decimal("100.0"),
        ("late by 1 day",),
    )


def test_labs_weigh_as_the_class_says() -> None:
    labs = (LabPlan("echo", weight=0.1), LabPlan("presence", weight=0.2), LabPlan("x", weight=0))
    hand_ins = tuple(HandIn("ann", plan.name, PATH) for plan in labs)
    a_class = Class("c", (ANN,), labs, hand_ins, scale="linear 1..6")
    results = [Result(hand_ins[0], run(PASSED)), Result(hand_ins[1], run(PASSED, FAILED))]
    [grade] = grades(a_class, results)
    assert (grade.percent, grade.grade) == (Decimal("66.7"), "4.3")
    assert not grade.provisional, "what weighs nothing holds nothing up"
    assert grade.remarks == ("x: not yet graded",)


def test_all_of_a_group_get_what_it_has_earned() -> None:
    students = (Student("ann", group="g"), Student("bob", group="g"), Student("cy"))
    hand_ins = (HandIn("g", "echo", PATH), HandIn("cy", "echo", None))
    a_class = Class("c", students, (LabPlan("echo"),), hand_ins)
    told = grades(a_class, [Result(hand_ins[0], run(PASSED))])
    assert [(each.student.id, each.grade) for each in told] == [
        ("ann", "100.0"),
        ("bob", "100.0"),
        ("cy", "0.0"),
    ]


# -- scales ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scale", "percent", "grade"),
    [
        ("linear 1..6", Fraction(0), "1.0"),
        ("linear 1..6", Fraction(100), "6.0"),
        ("linear 1..6", Fraction(65), "4.3"),  # 4.25: half up
        ("linear 1..6", Fraction(61), "4.1"),  # 4.05, which in base two is less
        ("linear 1..6", Fraction(64999, 1000), "4.2"),
        ("linear 6 .. 1", Fraction(100), "1.0"),
        ("linear 0..20.5", Fraction(50), "10.3"),
        ("percent", Fraction(200, 3), "66.7"),
        ("A 90, B 80, F 0", Fraction(90), "A"),
        ("A 90, B 80, F 0", Fraction(8996, 100), "A"),
        ("A 90, B 80, F 0", Fraction(8994, 100), "B"),
        ("letters A+ 97.5 %, pass 50, fail 0", Fraction(1), "fail"),
    ],
)
def test_scales(scale: str, percent: Fraction, grade: str) -> None:
    assert read_scale(scale).grade(percent) == grade


@pytest.mark.parametrize(
    "scale",
    [
        *("", "linear", "linear 1-6", "linear 4..4", "linear 1..inf", "A", "A 90", "90 A, F 0"),
        *("A 80, B 90, F 0", "A 101, F 0", "A 90, A 80, F 0", "A 90, B 90, F 0"),
    ],
)
def test_a_scale_that_is_none(scale: str) -> None:
    with pytest.raises(WrongCall, match=r'scale is .*"linear 1\.\.6"'):
        read_scale(scale)


@given(st.fractions(min_value=0, max_value=10**6))
def test_rounding_is_to_the_nearest_with_halves_up(value: Fraction) -> None:
    assert Fraction(-1, 20) < Fraction(rounded(value, 1)) - value <= Fraction(1, 20)


# -- corrections by hand --------------------------------------------------------------


def override(clause: str, points: int, because: str = "it works", at: str = "2026") -> Override:
    return Override("ann", "echo", clause, points, because, at)


def points_of(a_run: Run) -> list[int | None]:
    return [verdict.points for verdict in a_run.verdicts]


def test_a_correction_replaces_points_and_is_told() -> None:
    corrected = apply(run(PASSED, FAILED), [override("1.2", 2)])
    verdict = corrected.verdicts[1]
    assert (verdict.points, verdict.max_points, verdict.outcome) == (2, 3, FAILED)
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
