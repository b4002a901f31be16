"""What a gradebook tells a student beside the grade, in a few lines: points, lateness, and the
clauses that earned less than they could.

It holds no more than the class reveals at its lowest level. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.classes.model import Class, Result
from conformance.classes.results.grades import LabGrade
from conformance.classes.results.scale import plain
from conformance.reports.classes.reveal import revealed
from conformance.reports.text.visible import shorten_middle, visible
from conformance.verdict.points import counted, fraction
from conformance.words import said

MAX_FEEDBACK = 1_000
"""Characters of one student's feedback."""


def feedback(graded: Class, grade: LabGrade, result: Result | None) -> str:
    """The feedback on one lab, a line for each thing that there is to say. `grade` and `result`:
    as the student may see them now (`reveal.seen`)."""
    lines = (visible(said(line)) for line in _lines(graded, grade, result))
    return shorten_middle("\n".join(lines), MAX_FEEDBACK)


def _lines(graded: Class, grade: LabGrade, result: Result | None) -> Iterator[str]:
    told = f"{grade.points} of {counted(grade.possible)}"
    if grade.is_open:
        told = f"{told} so far, something is open"
    if grade.hidden:
        hidden = counted(grade.hidden)
        told = f"{told}; {hidden} hidden"
    yield f"{grade.lab}: {told}"
    if grade.late.days and not grade.late.waived:
        days = counted(grade.late.days, "day")
        yield f"late by {days}: {plain(grade.late.cost)} % of the points"
    if result is None or result.run is None:
        if result is not None and result.total is None:
            yield result.told
        return
    shown = revealed(result, graded.reveal).run
    assert shown is not None  # nothing is revealed by leaving out the run
    for verdict in sorted(shown.verdicts, key=lambda each: each.clause.order):
        if verdict.counts and verdict.points is not None and verdict.points < verdict.possible:
            yield f"{verdict.clause.number}: {fraction(verdict)}"
