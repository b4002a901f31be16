"""From verdicts to grades: points, lateness, a teacher's corrections, the scale. Pure, and
exact (see `scale`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from conformance.classes.model import Class, HandIn, LabPlan, LatePolicy, Override, Result, Student
from conformance.classes.scale import read_scale, rounded, tenths
from conformance.marks import tally, told_not_shown
from conformance.model import Outcome, Run, Verdict, WrongCall
from conformance.transcript import shorten

DAY = timedelta(days=1)
NOTHING = "nothing handed in"
NOT_YET = "not yet graded"

MOST_REASON = 200
"""Characters of a reason that stand in a remark."""


@dataclass(frozen=True)
class LabGrade:
    """What one student's work for one lab is worth."""

    lab: str
    points: int
    """As judged and corrected, before what lateness costs."""
    max_points: int
    """What this hand-in could have earned; where nothing was judged, what the lab is worth
    (0 where that is not known)."""
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
    run = result.run if result else None
    if run is None:
        return _without_run(plan, hand_in, result)
    total = tally(run.verdicts)
    days = late_days(plan, late, hand_in)
    cost = min(Fraction(str(late.per_day)) * days, Fraction(str(late.most)))
    earned = total.points * (1 - cost / 100)
    remarks = list(hand_in.remarks)
    if days:
        lost = f": {tenths(cost).removesuffix('.0')} % of the points" if cost else ""
        remarks.append(f"late by {days} day{'s' * (days > 1)}{lost}")
    if run.interrupted:
        remarks.append("the run was interrupted")
    elif not total.max_points:
        remarks.append("nothing that counts could be judged")
    elif total.provisional:
        remarks.append(f"provisional: {'; '.join(_open(run))}")
    if told := told_not_shown(run.verdicts):
        remarks.append(told)
    if result and result.overrides:
        clauses = ", ".join(override.clause for override in result.overrides)
        remarks.append(f"corrected by hand: {clauses}")
    return LabGrade(
        plan.name,
        total.points,
        total.max_points,
        provisional=total.provisional or run.interrupted or not total.max_points,
        earned=Decimal(rounded(earned, 2)),
        late_days=days,
        late_percent=Decimal(rounded(cost, 2)),
        remarks=tuple(remarks),
        share=earned / total.max_points if total.max_points else Fraction(0),
    )


def _open(run: Run) -> Iterator[str]:
    """What counts and is open, in words."""
    behind = open_behind_gate(run)
    doubted = [v.clause.number for v in run.verdicts if v.points is None and v not in behind]
    if doubted:
        yield f"could not be judged: {', '.join(doubted)}"
    if behind:
        yield told_behind_gate(run)
        for gate in _in_doubt(run):
            if gate.points is None and gate.reason:
                yield shorten(gate.reason.splitlines()[0], MOST_REASON)


def _in_doubt(run: Run) -> Sequence[Verdict]:
    """What could not be judged; where something stands behind a gate in doubt, the gate."""
    return [v for v in run.verdicts if v.outcome is Outcome.INCONCLUSIVE]


def open_behind_gate(run: Run) -> Sequence[Verdict]:
    """What stands behind a gate that could not be judged: open, even where the gate itself
    has been given points by hand."""
    return [v for v in run.verdicts if v.points is None and v.outcome is Outcome.NOT_RUN]


def told_behind_gate(run: Run) -> str:
    """How many points are open behind the gate."""
    points = _points(sum(verdict.max_points for verdict in open_behind_gate(run)))
    gates = " and ".join(verdict.clause.number for verdict in _in_doubt(run))
    return f"{points} behind {gates or 'the gate'} not judged"


def _points(number: int) -> str:
    return f"{number} point{'s' * (number != 1)}"


def _without_run(plan: LabPlan, hand_in: HandIn, result: Result | None) -> LabGrade:
    nothing = hand_in.path is None and not hand_in.problem
    trouble = (result.trouble if result else "") or hand_in.problem
    trouble = trouble or (NOTHING if nothing else NOT_YET)
    final = nothing or (result is not None and result.blame == "student")
    remarks = (*hand_in.remarks, NOTHING if nothing else trouble)
    return LabGrade(plan.name, 0, plan.max_points, not final, Decimal("0.00"), remarks=remarks)


def late_days(plan: LabPlan, late: LatePolicy, hand_in: HandIn) -> int:
    """Days that have begun between the deadline and the hand-in; 0 within the grace, and
    where it is not known when it came."""
    if plan.deadline is None or hand_in.submitted is None:
        return 0
    over = hand_in.submitted - plan.deadline
    if over <= max(late.grace, timedelta(0)):
        return 0
    return -(-over // DAY)


def apply(run: Run, overrides: Sequence[Override]) -> Run:
    """The run with a teacher's corrections: points replaced, a note added, the outcome as
    judged. Of several for one clause the last counts (by `at`).

    Raises WrongCall: no such clause in the run, or more points than it can earn.
    """
    by_number = {verdict.clause.number: verdict for verdict in run.verdicts}
    corrected: dict[str, Verdict] = {}
    for override in sorted(overrides, key=lambda each: each.at):
        verdict = by_number.get(override.clause)
        if verdict is None:
            known = ", ".join(by_number) or "none"
            raise WrongCall(f"the run of {run.lab} has no clause {override.clause}; it has {known}")
        if not 0 <= override.points <= verdict.max_points:
            raise WrongCall(
                f"clause {override.clause} of {run.lab} earns from 0 to {verdict.max_points}"
                f" points in this run, not {override.points}"
            )
        corrected[override.clause] = replace(
            verdict, points=override.points, notes=(*verdict.notes, _note(override, verdict))
        )
    return _with(run, {**_behind_nothing(run, corrected), **corrected})


def _behind_nothing(run: Run, corrected: Mapping[str, Verdict]) -> Mapping[str, Verdict]:
    """What stands behind a gate that could not be judged, and for which a teacher gave
    nothing: that is worth nothing, as behind a gate that failed."""
    gates = [verdict.clause.number for verdict in _in_doubt(run)]
    if not gates or any(gate not in corrected or corrected[gate].points for gate in gates):
        return {}
    return {v.clause.number: replace(v, points=0) for v in open_behind_gate(run)}


def apply_what_fits(run: Run, overrides: Sequence[Override]) -> tuple[Run, tuple[str, ...]]:
    """The same, for a run that came after the corrections: what no longer fits it is left
    out, and told, one sentence each."""
    fitting, told = [], []
    for override in overrides:
        try:
            apply(run, [override])
        except WrongCall as error:
            told.append(f"a correction was left out: {error}")
        else:
            fitting.append(override)
    return apply(run, fitting), tuple(told)


def _note(override: Override, verdict: Verdict) -> str:
    because = f": {override.because}" if override.because else ""
    return f"The teacher gave {override.points} of {_points(verdict.max_points)}{because}"


def _with(run: Run, corrected: Mapping[str, Verdict]) -> Run:
    return replace(run, verdicts=tuple(corrected.get(v.clause.number, v) for v in run.verdicts))
