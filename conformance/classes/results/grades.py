"""From verdicts to grades: points, corrections, lateness, scale. Pure, and exact (see `scale`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from conformance.classes.model import Class, HandIn, LabPlan, Result, Student
from conformance.classes.results.corrections import total_of
from conformance.classes.results.doubt import MAX_REASON, open_in_words, why_nothing
from conformance.classes.results.lateness import Lateness, lateness, told_moment
from conformance.classes.results.scale import plain, read_scale, rounded, tenths
from conformance.verdict.model import Run
from conformance.verdict.points import counted, tally, told_left_out, told_not_shown
from conformance.verdict.transcript import shorten

NOTHING = "nothing handed in"
NOT_YET = "not yet graded"


@dataclass(frozen=True)
class LabGrade:
    """The worth of one student's work for one lab."""

    lab: str
    points: int
    """Points as judged and corrected, before lateness."""
    possible: int
    """What the lab is worth; 0 if not known."""
    provisional: bool
    """Whether something that counts is open or hidden: the points may rise."""
    earned: Decimal
    """Points after lateness, in hundredths."""
    late: Lateness
    remarks: tuple[str, ...] = ()
    share: Fraction = Fraction(0)
    """Share of the lab's points, after lateness, from 0 to 1."""
    hidden: int = 0
    """Points of the clauses that the class hides from whom the grade is told to."""
    is_open: bool = False
    """Whether something that counts, and is not hidden, is open."""


@dataclass(frozen=True)
class Grade:
    student: Student
    labs: tuple[LabGrade, ...]
    """In the order of the class."""
    percent: Decimal
    """Percent of all labs by their weights, in tenths."""
    grade: str
    """By the class's scale."""
    provisional: bool
    remarks: tuple[str, ...]
    """The remarks on all labs, each with the lab's name if there are several."""
    hidden: bool = False
    """Whether clauses of a lab that counts are hidden from whom the grade is told to."""
    is_open: bool = False
    """Whether something else of such a lab is open."""


def grades(a_class: Class, results: Iterable[Result]) -> tuple[Grade, ...]:
    """The grades of all students, in the order of the class.

    A hand-in without an entry in `results` is not graded yet. Raises WrongCall if the class's scale
    is invalid.
    """
    scale = read_scale(a_class.scale, a_class.step)
    by_work = {(r.hand_in.author, r.hand_in.lab): r for r in results}
    hand_ins = {(h.author, h.lab): h for h in a_class.hand_ins}
    grants = {(grant.student, grant.lab): grant for grant in a_class.grants}

    def of(student: Student, plan: LabPlan) -> LabGrade:
        """The grade of one work. Members of a group may have different deadlines."""
        author, grant = a_class.author_of(student), grants.get((student.id, plan.name))
        key = (author, plan.name)
        hand_in = hand_ins.get(key) or HandIn(author, plan.name, None)
        late = lateness(plan, a_class.late, grant, hand_in)
        return grade_lab(plan, late, hand_in, by_work.get(key))

    weights = [Fraction(str(plan.weight)) for plan in a_class.labs]
    all_weights = sum(weights) or Fraction(1)
    told = []
    for student in a_class.students:
        labs = tuple(of(student, plan) for plan in a_class.labs)
        counting = [lab for w, lab in zip(weights, labs, strict=True) if w]
        earned = sum((w * lab.share for w, lab in zip(weights, labs, strict=True)), Fraction(0))
        percent = 100 * earned / all_weights
        remarks = (f"{lab.lab}: {remark}" for lab in labs for remark in lab.remarks)
        told.append(
            Grade(
                student,
                labs,
                percent=Decimal(tenths(percent)),
                grade=scale.grade(percent),
                provisional=any(lab.provisional for lab in counting),
                remarks=labs[0].remarks if len(labs) == 1 else tuple(remarks),
                hidden=any(lab.hidden for lab in counting),
                is_open=any(lab.is_open for lab in counting),
            )
        )
    return tuple(told)


def grade_lab(plan: LabPlan, late: Lateness, hand_in: HandIn, result: Result | None) -> LabGrade:
    """The worth of a hand-in. Nothing handed in is worth nothing, and final."""
    if result is None or not (result.run or result.total):
        final = hand_in.is_absent or (result is not None and result.blame == "student")
        told = (*hand_in.remarks, _trouble(hand_in, result))
        nothing = Decimal("0.00")
        return LabGrade(
            plan.name, 0, plan.possible, not final, nothing, Lateness(), told, is_open=not final
        )
    total = total_of(result)
    earned = total.points * (1 - late.cost / 100)
    remarks = [*hand_in.remarks, *_lateness(plan, late)]
    remarks += _as_judged(result, result.run) if result.run else [_trouble(hand_in, result)]
    remarks += _by_hand(result)
    return LabGrade(
        plan.name,
        total.points,
        total.possible,
        provisional=total.provisional or not _is_whole(result),
        earned=Decimal(rounded(earned, 2)),
        late=late,
        remarks=tuple(remarks),
        share=earned / total.possible if total.possible else Fraction(0),
        hidden=total.hidden,
        is_open=bool(total.open) or not _is_whole(result),
    )


def _lateness(plan: LabPlan, late: Lateness) -> Iterator[str]:
    """Remarks on lateness, its cost, and the student's own deadline."""
    own = ""
    if late.granted and late.deadline is not None:
        own = f"own deadline {told_moment(late.deadline, plan)}"
    if not late.days:
        yield from filter(None, [own])
        return
    told = f"late by {late.days} day{'s' * (late.days > 1)}"
    if late.waived:
        yield f"{told}: waived"
        return
    lost = f": {plain(late.cost)} % of the points" if late.cost else ""
    yield f"{told}{lost}{f' ({own})' if own else ''}"


def _is_whole(result: Result) -> bool:
    """Whether the whole run was judged, and something counts."""
    if result.total is not None or result.run is None:
        return True
    return not result.run.interrupted and bool(tally(result.run.verdicts).possible)


def _as_judged(result: Result, run: Run) -> Iterator[str]:
    """Why the grade is not final, and why points are missing. If the total was corrected, only what
    the clauses earned."""
    if run.doubt:
        yield run.doubt
    total = tally(run.verdicts)
    if result.total is not None:
        yield f"{total.points} of {counted(total.possible)} by the clauses"
        return
    if run.interrupted:
        yield "the run was interrupted"
    elif not total.possible:
        yield "nothing that counts could be judged"
    elif total.provisional:
        yield f"provisional: {'; '.join(open_in_words(run))}"
    elif not total.points:
        yield from why_nothing(run)
    yield from filter(None, (told_not_shown(run.verdicts), told_left_out(run)))


def _by_hand(result: Result) -> Iterator[str]:
    """Remarks on a teacher's corrections."""
    clauses = [override.clause for override in result.overrides if not override.is_total]
    if clauses:
        yield f"corrected by hand: {', '.join(clauses)}"
    if result.total is not None:
        given = f"{result.total.points} of {counted(result.total.possible)}"
        yield f"total corrected by hand, {given}: {shorten(result.total.because, MAX_REASON)}"


def _trouble(hand_in: HandIn, result: Result | None) -> str:
    """Why there is no run."""
    if hand_in.is_absent:
        return NOTHING
    return (result.told if result else "") or hand_in.problem or NOT_YET
