"""A class to report on, with every possible fate of a hand-in, and one with hostile texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from conformance.classes.model import (
    TOTAL,
    Class,
    HandIn,
    LabPlan,
    LatePolicy,
    Override,
    Result,
    Reveal,
    Student,
)
from conformance.classes.results.corrections import apply, total_that_fits
from conformance.classes.results.grades import grades
from conformance.verdict.model import Run
from conformance.verdict.points import tally
from kit.runs import ALICE, HANGS_UP, HOSTILE, NOISY, UPPER_CASE, passed

FOLDER = Path("/home/teacher/class")
"""The teacher's folder of hand-ins, whose path no student may see."""

DEADLINE = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)

ECHO = LabPlan("echo", weight=2, deadline=DEADLINE, possible=9, settings={"port": "2424"})
TIME = LabPlan("streaming-time", possible=12)

GIVEN = Override(
    "alice", "echo", "4.1", 2, "the lecture's own example said bye", "2026-11-23T08:00:00+00:00"
)
TOTAL_GIVEN = replace(GIVEN, clause=TOTAL, points=7, because="seen in the lab")
TOTAL_SENTENCE = "The teacher gave 7 of 9 points for the whole lab: seen in the lab"
SENTENCE = "The teacher gave 2 of 3 points: the lecture's own example said bye"

ALICE_STUDENT = Student("alice", "Zoë Müller")
BOB = Student("bob", "Bob Ross", group="red")
CHLOE = Student("chloe", "Chloe", group="red")
DAN = Student("dan")
EVE = Student("eve")
STUDENTS = (ALICE_STUDENT, BOB, CHLOE, DAN, EVE)

_AGAIN = f"conformance check {FOLDER}/alice.py --lab echo --only 4.1"

ALICES = HandIn(
    "alice", "echo", FOLDER / "alice.py", submitted=datetime(2026, 11, 22, 10, 30, tzinfo=UTC),
    remarks=("left aside: report.pdf",),
)  # fmt: skip
REDS = HandIn("red", "echo", FOLDER / "red.zip", submitted=datetime(2026, 11, 20, 9, tzinfo=UTC))
EVES = HandIn("eve", "echo", None, problem="two entries: eve.py and eve.zip")

CLASS = Class(
    title="Network programming",
    students=STUDENTS,
    labs=(ECHO, TIME),
    hand_ins=(
        ALICES, HandIn("alice", "streaming-time", FOLDER / "alice.java"),
        REDS, HandIn("red", "streaming-time", FOLDER / "red.jar"),
        HandIn("dan", "echo", None), HandIn("dan", "streaming-time", None),
        EVES, HandIn("eve", "streaming-time", None),
    ),
    late=LatePolicy(per_day=10.0, most=50.0),
    scale="linear 1..6",
    warnings=("stray.zip belongs to nobody on the roster",),
)  # fmt: skip
"""alice: late, one clause corrected, one open; not yet graded in the other lab. bob and chloe: one
group, all points. dan: absent. eve: unclear which entry counts."""

ALICES_RUN = replace(
    ALICE,
    verdicts=tuple(replace(v, again=_AGAIN) if v.clause is HANGS_UP else v for v in ALICE.verdicts),
)
REDS_RUN = replace(
    ALICE, submission="red", verdicts=(passed(UPPER_CASE), passed(HANGS_UP)), notes=()
)
RESULTS = (
    Result(ALICES, apply(ALICES_RUN, [GIVEN]), (GIVEN,)),
    Result(REDS, REDS_RUN),
    Result(CLASS.hand_ins[3], replace(REDS_RUN, lab="streaming-time", title="")),
    *(Result(h, None, trouble="nothing handed in", blame="student") for h in CLASS.hand_ins[4:6]),
    Result(EVES, None, trouble=EVES.problem, blame="suite"),
)
GRADES = grades(CLASS, RESULTS)


def alone(
    student: Student, run: Run | None, *overrides: Override, reveal: Reveal = Reveal.HINTS,
    scale: str = "percent",
) -> tuple[Class, Sequence[Result]]:  # fmt: skip
    """A class of one student and one lab."""
    hand_in = HandIn(student.group or student.id, "echo", FOLDER / "alice.py")
    graded = Class(
        "A class", (student,), (replace(ECHO, deadline=None),), (hand_in,),
        scale=scale, reveal=reveal,
    )  # fmt: skip
    total, _ = total_that_fits(overrides, tally(run.verdicts).possible if run else 9, "echo")
    run = apply(run, overrides) if run else None
    return graded, [Result(hand_in, run, overrides, total=total)]


def many(number: int, absent: int) -> tuple[Class, Sequence[Result]]:
    """A class of `number` students, of whom `absent` handed in nothing."""
    students = tuple(Student(f"s{n:04}", f"Student {n}") for n in range(number))
    hand_ins = tuple(
        HandIn(student.id, plan.name, FOLDER / student.id if n >= absent else None)
        for n, student in enumerate(students)
        for plan in (ECHO, TIME)
    )
    graded = replace(CLASS, students=students, hand_ins=hand_ins, warnings=())
    results = [
        Result(h, replace(REDS_RUN, lab=h.lab) if h.path else None,
               trouble="" if h.path else "nothing handed in", blame="" if h.path else "student")
        for h in hand_ins
    ]  # fmt: skip
    return graded, results


WORST = Student(HOSTILE, HOSTILE, group=HOSTILE + "::error::x")
_WORST_HAND_IN = HandIn(
    WORST.group, "echo", FOLDER / "x", submitted=DEADLINE, remarks=(HOSTILE, "::error::r"),
)  # fmt: skip
_WORST_OVERRIDE = Override(WORST.group, "echo", "4.1", 1, f"{HOSTILE}\n::error::why", "2026")
_WORST_VERDICTS = tuple(
    replace(verdict, clause=replace(verdict.clause, number=f"4.{number}"))
    for number, verdict in enumerate(NOISY.verdicts, 1)
)
WORST_CLASS = Class(
    HOSTILE, (WORST, Student("=1+1")), (ECHO, replace(TIME, name="x" + HOSTILE)),
    (_WORST_HAND_IN, HandIn(WORST.group, "x" + HOSTILE, None, problem="::error::p" + HOSTILE)),
    warnings=("::error::w", HOSTILE),
)  # fmt: skip
WORST_RESULTS = (
    Result(
        _WORST_HAND_IN,
        apply(replace(NOISY, verdicts=_WORST_VERDICTS), [_WORST_OVERRIDE]),
        (_WORST_OVERRIDE,),
    ),
)
"""A class in which every text that others write is hostile."""
