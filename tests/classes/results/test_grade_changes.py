"""Whose grade is another than before is told, with what has changed it: also where no result
has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from conformance.classes.model import Class, Grant, HandIn, LatePolicy, Result
from conformance.classes.results.grade_changes import (
    GradesThen,
    compare_grades,
    ungraded,
)
from conformance.classes.results.grades import grades
from kit.classroom import Classroom
from kit.sample_class import (
    ALICE_STUDENT,
    BOB,
    CHLOE,
    CLASS,
    DAN,
    DEADLINE,
    ECHO,
    EVE,
    EVES,
    REDS,
    REDS_RUN,
)

LATE = replace(REDS, submitted=DEADLINE + timedelta(hours=30))
"""Two days."""
GONE = HandIn("eve", "echo", None)

ONE_LAB = replace(
    CLASS, labs=(ECHO,), students=(BOB, CHLOE, DAN), hand_ins=(LATE, HandIn("dan", "echo", None))
)


def then(of: Class = ONE_LAB, *, graded: bool = True) -> GradesThen:
    """The grades of a class in which all points were earned of whatever was handed in."""
    results = []
    for hand_in in of.hand_ins:
        if hand_in.is_absent:
            results.append(Result(hand_in, None, trouble="nothing handed in", blame="student"))
        elif hand_in.problem or not graded:
            trouble = hand_in.problem or "not graded yet"
            results.append(Result(hand_in, None, trouble=trouble, blame="suite"))
        else:
            results.append(Result(hand_in, REDS_RUN))
    return GradesThen(of, grades(of, results), ungraded(results))


def changed(before: GradesThen, after: GradesThen) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [
        (each.student, each.before, each.after, each.why) for each in compare_grades(before, after)
    ]


def test_the_same_grades_are_no_change() -> None:
    assert changed(then(), then()) == []


Change = Callable[[Class], Class]


@pytest.mark.parametrize(
    ("change", "after", "why"),
    [
        (
            lambda of: replace(of, late=LatePolicy(per_day=25.0)),
            "3.5",
            "echo: lateness costs 20 % → 50 % (class.toml)",
        ),
        (
            lambda of: replace(of, late=LatePolicy()),
            "6.0",
            "echo: lateness costs 20 % → 0 % (class.toml)",
        ),
        (
            lambda of: replace(of, labs=(replace(ECHO, deadline=DEADLINE + timedelta(days=1)),)),
            "5.5",
            "echo: lateness costs 20 % → 10 % (class.toml)",
        ),
        (
            lambda of: replace(of, scale="percent"),
            "80.0",
            "scale linear 1..6 → percent (class.toml)",
        ),
    ],
)
def test_a_rule_of_the_class_is_the_reason(change: Change, after: str, why: str) -> None:
    found = changed(then(), then(change(ONE_LAB)))
    assert ("bob", "5.0", after, (why,)) in found
    assert ("chloe", "5.0", after, (why,)) in found


def test_a_waiver_is_told_for_its_student_alone() -> None:
    waived = replace(ONE_LAB, grants=(Grant("bob", "echo", None),))
    why = "echo: lateness costs 20 % → 0 % (waived) (class.toml)"
    assert changed(then(), then(waived)) == [("bob", "5.0", "6.0", (why,))]


def test_work_that_came_at_another_time_is_not_the_class_file_s_doing() -> None:
    now = replace(ONE_LAB, hand_ins=(REDS, *ONE_LAB.hand_ins[1:]))
    assert changed(then(), then(now))[0][3] == ("echo: lateness costs 20 % → 0 %",)


def test_what_was_open_and_turned_out_to_be_missing_is_told() -> None:
    before = replace(ONE_LAB, students=(EVE,), hand_ins=(EVES,))
    after = replace(before, hand_ins=(GONE,))
    why = "echo: no longer open: nothing handed in"
    assert changed(then(before), then(after)) == [("eve", "open", "1.0", (why,))]
    back = changed(then(after), then(before))
    assert back == [("eve", "1.0", "open", ("echo: open now: two entries: eve.py and eve.zip",))]


def test_points_and_weights_are_reasons() -> None:
    absent = replace(ONE_LAB, hand_ins=(replace(REDS, path=None), *ONE_LAB.hand_ins[1:]))
    (bob, _) = changed(then(absent), then(replace(ONE_LAB, late=LatePolicy())))
    assert bob[:3] == ("bob", "1.0", "6.0")
    assert bob[3][0].startswith("echo: 0 of 9 points → ")
    two = replace(
        ONE_LAB,
        labs=(ECHO, replace(ECHO, name="echo-node", weight=1.0)),
        hand_ins=(*ONE_LAB.hand_ins, HandIn("red", "echo-node", None)),
    )
    heavier = replace(two, labs=(two.labs[0], replace(two.labs[1], weight=4.0)))
    assert "echo-node: weight 1 → 4 (class.toml)" in changed(then(two), then(heavier))[0][3]
    assert "echo-node: new in class.toml" in changed(then(), then(two))[0][3]


def test_a_first_grading_gives_grades_and_changes_none() -> None:
    assert changed(then(graded=False), then()) == []
    assert changed(then(), then(graded=False)) == [], "nor does one that was interrupted"
    more = replace(ONE_LAB, students=(*ONE_LAB.students, ALICE_STUDENT))
    assert changed(then(), then(more)) == []


def test_grade_tells_it_where_nothing_is_run_again(classroom: Classroom) -> None:
    classroom.hand_in("ann")
    assert "changed" not in classroom.grade().stdout
    class_file = classroom.folder / "class.toml"
    class_file.write_text(class_file.read_text().replace("linear 1..6", "A 50, F 0"))
    told = " ".join(classroom.grade().stdout.split())
    assert "1 grade changed: ann: 6.0 → A, scale linear 1..6 → A 50, F 0 (class.toml)" in told
