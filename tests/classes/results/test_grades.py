from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.classes.model import (
    Class,
    HandIn,
    LabPlan,
    LatePolicy,
    Result,
    Student,
)
from conformance.classes.results.grades import grades
from conformance.classes.results.scale import read_scale, rounded
from conformance.verdict.model import Blame, Outcome, Run, WrongCall
from conformance.verdict.points import Counting, mark
from kit.anns_work import (
    ANN,
    FAILED,
    HIDDEN,
    OPEN,
    PASSED,
    PATH,
    behind_a_doubt,
    handed_in,
    not_run,
    of,
    older_doubt,
    run,
    with_these,
)


def test_points_and_grade() -> None:
    grade = of(handed_in(), run(PASSED, PASSED, FAILED))
    [lab] = grade.labs
    assert (lab.points, lab.possible, lab.earned) == (6, 9, Decimal("6.00"))
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
        (HandIn("ann", "echo", None, missing=True, problem="no owner"), "", "", "no owner", True),
    ],
)
def test_what_has_no_run(
    hand_in: HandIn, trouble: str, blame: str, remark: str, provisional: bool
) -> None:
    grade = of(hand_in, trouble=trouble, blame=blame)
    assert (grade.grade, grade.remarks, grade.provisional) == ("1.0", (remark,), provisional)
    assert (grade.labs[0].points, grade.labs[0].possible) == (0, 12)


def test_what_could_not_be_started_is_open_and_says_why() -> None:
    hand_in = HandIn("ann", "echo", PATH)
    result = Result(hand_in, None, trouble="ann.rar: no", blame="suite", refused=True)
    [grade] = grades(Class("c", (ANN,), (LabPlan("echo"),), (hand_in,)), [result])
    assert grade.provisional
    assert grade.remarks == ("could not be started: ann.rar: no",)


def test_no_points_have_their_reason_beside_them() -> None:
    gate, second = run(FAILED, FAILED).verdicts
    gate = gate.with_attempt(actual="EchoServer.java:24: error: ';' expected\nand more")
    second = second.with_attempt(actual="HALLO")
    lost = replace(run(), verdicts=(second, gate))
    grade = of(handed_in(), lost)
    assert grade.remarks == ("1.1 failed: EchoServer.java:24: error: ';' expected",)
    assert not grade.provisional
    some = with_these(lost, run(PASSED).verdicts[0])
    assert of(handed_in(), some).remarks == (), "points were earned: the page says the rest"


def test_what_counts_and_is_open_makes_the_grade_provisional() -> None:
    grade = of(handed_in(), run(PASSED, OPEN))
    assert grade.provisional
    assert grade.grade == "3.5"
    assert grade.remarks == ("provisional: could not be judged: 1.2",)


@pytest.mark.parametrize("doubted", [behind_a_doubt(), older_doubt()])
def test_what_is_behind_a_gate_in_doubt_is_told_in_points(doubted: Run) -> None:
    grade = of(handed_in(), doubted)
    assert grade.remarks == (
        "provisional: could not be judged: 1.1; 6 points behind 1.1 not judged",
    )


def test_why_a_gate_could_not_be_judged_is_told() -> None:
    doubted = behind_a_doubt()
    gate = doubted.verdicts[0].with_attempt(reason="it needs Java 21\nand more")
    grade = of(handed_in(), replace(doubted, verdicts=(gate, *doubted.verdicts[1:])))
    [remark] = grade.remarks
    assert remark.endswith("; 6 points behind 1.1 not judged; it needs Java 21")


def test_what_was_not_shown_earns_nothing_and_is_told_in_one_remark() -> None:
    grade = of(handed_in(), HIDDEN)
    [lab] = grade.labs
    assert (lab.points, lab.possible, lab.provisional) == (3, 12, False)
    assert grade.percent == Decimal("25.0")
    assert grade.remarks == ("6 points not shown, all behind 1.2: mend that first",)


def test_what_the_call_left_out_is_no_part_of_the_worth_and_is_told() -> None:
    grade = of(handed_in(), with_these(run(PASSED), not_run("1.2", Blame.CALL)))
    assert (grade.labs[0].points, grade.labs[0].possible) == (3, 3)
    assert grade.remarks == ("3 points left out, for the call or the tier rules them out: 1.2",)


def test_what_the_suite_gave_up_is_open_by_itself_and_behind_no_gate() -> None:
    grade = of(handed_in(), with_these(run(PASSED, OPEN), not_run("1.3", Blame.SUITE)))
    assert grade.remarks == ("provisional: could not be judged: 1.2, 1.3",)


OUTCOMES = st.lists(st.sampled_from(Outcome), min_size=1, max_size=6)
BLAMES = st.sampled_from([Blame.PROGRAM, Blame.SUITE])


@given(OUTCOMES, BLAMES)
def test_a_lab_is_worth_the_same_for_everybody(outcomes: list[Outcome], blame: Blame) -> None:
    judged = [verdict.with_attempt(blame=blame) for verdict in run(*outcomes).verdicts]
    marked = tuple(mark(verdict, Counting()) for verdict in judged)
    [lab] = of(handed_in(), replace(run(), verdicts=marked)).labs
    assert lab.possible == 3 * len(outcomes)


def test_an_older_run_keeps_the_points_that_it_had() -> None:
    """It says of nothing by whose doing it was not run, and left it out of the worth."""
    older = replace(not_run("1.2", None), possible=0)
    [lab] = of(handed_in(), with_these(run(PASSED), older)).labs
    assert (lab.points, lab.possible, lab.provisional) == (3, 3, False)


def test_an_interrupted_run_is_provisional() -> None:
    grade = of(handed_in(), replace(run(PASSED), interrupted=True))
    assert grade.provisional
    assert grade.remarks == ("the run was interrupted",)


def test_a_run_that_judged_nothing_is_provisional() -> None:
    grade = of(handed_in(), replace(run(), verdicts=(not_run("1.1", Blame.CALL),)))
    assert grade.provisional
    assert grade.remarks[0] == "nothing that counts could be judged"


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
    assert (lab.late.days, lab.late.cost, lab.earned) == (days, Fraction(cost), Decimal(earned))
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


def test_what_could_be_meant_as_well_is_remarked() -> None:
    doubted = replace(run(PASSED), doubt="a.py was started; b.py could be meant, too")
    assert of(handed_in(), doubted).remarks == ("a.py was started; b.py could be meant, too",)


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
    ("scale", "step", "percent", "grade"),
    [
        ("linear 1..6", "0.5", Fraction(65), "4.5"),  # 4.25: half up
        ("linear 1..6", "0.5", Fraction(64999, 1000), "4.0"),  # of 4.24995, not of 4.3
        ("linear 1..6", "0.25", Fraction(65), "4.25"),
        ("linear 1..6", "0.25", Fraction(125, 2), "4.25"),  # 4.125: half up
        ("linear 1..6", "0.1", Fraction(61), "4.1"),  # 4.05, which in base two is less
        ("linear 1..6", "0.10", Fraction(65), "4.3"),
        ("linear 1..6", "1", Fraction(70), "5"),  # 4.5
        ("linear 1..6", "1.0", Fraction(0), "1"),
        ("linear 6..1", "0.5", Fraction(100), "1.0"),
        ("linear 6..1", "0.5", Fraction(75), "2.5"),  # 2.25
        ("linear 0..20", "0.01", Fraction(100, 3), "6.67"),
        ("percent", "5", Fraction(135, 2), "70"),  # 67.5
        ("percent", "0.5", Fraction(200, 3), "66.5"),
        ("percent", "", Fraction(200, 3), "66.7"),
    ],
)
def test_grades_in_steps(scale: str, step: str, percent: Fraction, grade: str) -> None:
    assert read_scale(scale, step).grade(percent) == grade


@pytest.mark.parametrize(
    ("scale", "step"),
    [
        *(("linear 1..6", step) for step in ("0", "-0.5", "nan", "1e-05", "0.3", "2", "a", "0.0")),
        *(("percent", "0.3"), ("A 50, F 0", "0.5"), ("linear 0..20.5", "1")),
    ],
)
def test_a_step_that_is_none(scale: str, step: str) -> None:
    with pytest.raises(WrongCall, match="step"):
        read_scale(scale, step)


STEPS = st.sampled_from(["0.5", "0.25", "0.1", "0.05", "0.01", "1", "0.2"])


@given(STEPS, st.fractions(min_value=0, max_value=100))
def test_a_step_is_reached_from_within_half_of_it(step: str, percent: Fraction) -> None:
    exact = 1 + 5 * percent / 100
    given_ = Fraction(read_scale("linear 1..6", step).grade(percent))
    assert given_ % Fraction(step) == 0
    assert -Fraction(step) / 2 < given_ - exact <= Fraction(step) / 2
    assert 1 <= given_ <= 6


def test_the_class_says_the_step() -> None:
    hand_in = handed_in()
    a_class = Class("c", (ANN,), (LabPlan("echo"),), (hand_in,), scale="linear 1..6", step="0.5")
    [grade] = grades(a_class, [Result(hand_in, run(PASSED, PASSED, FAILED))])
    assert grade.grade == "4.5"


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
