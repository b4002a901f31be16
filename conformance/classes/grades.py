"""From verdicts to grades: points, a teacher's corrections, lateness, the scale. Pure, and
exact (see `scale`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from conformance.classes.corrections import total_of
from conformance.classes.doubt import MOST_REASON, open_in_words
from conformance.classes.model import Class, HandIn, LabPlan, LatePolicy, Result, Student
from conformance.classes.scale import read_scale, rounded, tenths
from conformance.marks import counted, tally, told_left_out, told_not_shown
from conformance.model import Run
from conformance.transcript import shorten

DAY = timedelta(days=1)
NOTHING = "nothing handed in"
NOT_YET = "not yet graded"


@dataclass(frozen=True)
class LabGrade:
    """What one student's work for one lab is worth."""

    lab: str
    points: int
    """As judged and corrected, before what lateness costs."""
    max_points: int
    """What the lab is worth, whatever was handed in; 0 where that is not known."""
    provisional: bool
    """Something that counts is still open: the points may rise."""
    earned: Decimal
    """Points after lateness, in hundredths."""
    late_days: int = 0
    """Days begun after the deadline."""
    late_percent: Decimal = Decimal(0)
    """What they cost, in percent of the points."""
    remarks: tuple[str, ...] = ()
    share: Fraction = Fraction(0)
    """Of all points, after lateness; from 0 to 1."""


@dataclass(frozen=True)
class Grade:
    """What one student has achieved."""

    student: Student
    labs: tuple[LabGrade, ...]
    """In the order of the class."""
    percent: Decimal
    """Of all labs by their weights, in tenths."""
    grade: str
    """By the class's scale."""
    provisional: bool
    remarks: tuple[str, ...]
    """Those of the labs, each with its lab's name where there are several."""


def grades(a_class: Class, results: Iterable[Result]) -> tuple[Grade, ...]:
    """The grade of every student, in the order of the class.

    `results` may lack some: what was handed in and has no result is not yet graded.
    Raises WrongCall where the class's scale is none.
    """
    scale = read_scale(a_class.scale)
    by_work = {(r.hand_in.author, r.hand_in.lab): r for r in results}
    hand_ins = {(h.author, h.lab): h for h in a_class.hand_ins}
    work: dict[tuple[str, str], LabGrade] = {}

    def of(author: str, plan: LabPlan) -> LabGrade:
        key = (author, plan.name)
        if key not in work:
            hand_in = hand_ins.get(key) or HandIn(author, plan.name, None)
            work[key] = grade_lab(plan, a_class.late, hand_in, by_work.get(key))
        return work[key]

    weights = [Fraction(str(plan.weight)) for plan in a_class.labs]
    all_weights = sum(weights) or Fraction(1)
    told = []
    for student in a_class.students:
        labs = tuple(of(a_class.author_of(student), plan) for plan in a_class.labs)
        earned = sum((w * lab.share for w, lab in zip(weights, labs, strict=True)), Fraction(0))
        percent = 100 * earned / all_weights
        told.append(
            Grade(
                student,
                labs,
                percent=Decimal(tenths(percent)),
                grade=scale.grade(percent),
                provisional=any(lab.provisional for w, lab in zip(weights, labs, strict=True) if w),
                remarks=_remarks(labs),
            )
        )
    return tuple(told)


def _remarks(labs: Sequence[LabGrade]) -> tuple[str, ...]:
    if len(labs) == 1:
        return labs[0].remarks
    return tuple(f"{lab.lab}: {remark}" for lab in labs for remark in lab.remarks)


def grade_lab(plan: LabPlan, late: LatePolicy, hand_in: HandIn, result: Result | None) -> LabGrade:
    """What a hand-in is worth. Nothing handed in is worth nothing, and that is final."""
    if result is None or not (result.run or result.total):
        return _without_points(plan, hand_in, result)
    total = total_of(result)
    days = late_days(plan, late, hand_in)
    cost = min(Fraction(str(late.per_day)) * days, Fraction(str(late.most)))
    earned = total.points * (1 - cost / 100)
    remarks = list(hand_in.remarks)
    if days:
        lost = f": {tenths(cost).removesuffix('.0')} % of the points" if cost else ""
        remarks.append(f"late by {days} day{'s' * (days > 1)}{lost}")
    remarks += _as_judged(result, result.run) if result.run else [_trouble(hand_in, result)]
    remarks += _by_hand(result)
    return LabGrade(
        plan.name,
        total.points,
        total.max_points,
        provisional=total.provisional or not _is_whole(result),
        earned=Decimal(rounded(earned, 2)),
        late_days=days,
        late_percent=Decimal(rounded(cost, 2)),
        remarks=tuple(remarks),
        share=earned / total.max_points if total.max_points else Fraction(0),
    )


def _is_whole(result: Result) -> bool:
    """Whether all was judged that there is, and something counts."""
    if result.total is not None or result.run is None:
        return True
    return not result.run.interrupted and bool(tally(result.run.verdicts).max_points)


def _as_judged(result: Result, run: Run) -> Iterator[str]:
    """What stands in the way of a final grade, and why points are missing; nothing of it
    matters where the total was corrected."""
    if run.doubt:
        yield run.doubt
    total = tally(run.verdicts)
    if result.total is not None:
        yield f"{total.points} of {counted(total.max_points)} by the clauses"
        return
    if run.interrupted:
        yield "the run was interrupted"
    elif not total.max_points:
        yield "nothing that counts could be judged"
    elif total.provisional:
        yield f"provisional: {'; '.join(open_in_words(run))}"
    yield from filter(None, (told_not_shown(run.verdicts), told_left_out(run)))


def _by_hand(result: Result) -> Iterator[str]:
    """What a teacher has corrected."""
    clauses = [override.clause for override in result.overrides if not override.is_total]
    if clauses:
        yield f"corrected by hand: {', '.join(clauses)}"
    if result.total is not None:
        given = f"{result.total.points} of {counted(result.total.most)}"
        yield f"total corrected by hand, {given}: {shorten(result.total.because, MOST_REASON)}"


def _without_points(plan: LabPlan, hand_in: HandIn, result: Result | None) -> LabGrade:
    """Nothing was judged, and nothing given by hand."""
    final = _is_absent(hand_in) or (result is not None and result.blame == "student")
    remarks = (*hand_in.remarks, _trouble(hand_in, result))
    return LabGrade(plan.name, 0, plan.max_points, not final, Decimal("0.00"), remarks=remarks)


def _is_absent(hand_in: HandIn) -> bool:
    return hand_in.path is None and not hand_in.problem


def _trouble(hand_in: HandIn, result: Result | None) -> str:
    """Why there is no run."""
    if _is_absent(hand_in):
        return NOTHING
    return (result.trouble if result else "") or hand_in.problem or NOT_YET


def late_days(plan: LabPlan, late: LatePolicy, hand_in: HandIn) -> int:
    """Days that have begun between the deadline and the hand-in; 0 within the grace, and
    where it is not known when it came."""
    if plan.deadline is None or hand_in.submitted is None:
        return 0
    over = hand_in.submitted - plan.deadline
    if over <= max(late.grace, timedelta(0)):
        return 0
    return -(-over // DAY)
