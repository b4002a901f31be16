"""The page of one student of a class: the grade, and of each lab what it rests on.

It holds only what the class reveals, says nothing of others, and nothing that is for the teacher
alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.classes.model import Class, LabPlan, Result, Reveal, Student
from conformance.classes.results.grades import Grade, LabGrade
from conformance.reports.classes.student_page import (
    NOTHING_JUDGED,
    called,
    grade_in_words,
    grading_rules,
    lab_title,
    labs_of,
    own_command,
    points_of,
    title_of,
    told_of_hand_in,
    why_not_judged,
)
from conformance.reports.pages.environment import render
from conformance.reports.pages.links import anchor_of
from conformance.reports.pages.run_details import RunDetails, run_details
from conformance.words import _, said


@dataclass(frozen=True)
class LabDetails:
    """What the page says about one lab."""

    name: str
    title: str
    points: str
    place: str
    """The name of this part as a place in the page."""
    told: Sequence[str]
    """On the hand-in, and why nothing was judged."""
    notes: Sequence[str]
    """What the teacher advises all who share a symptom."""
    run: RunDetails | None
    decided: bool
    """Whether a teacher has given the points of the whole lab."""
    own_command: str
    """With it the student checks the same; "" where the class does not reveal hints."""


def student_page(graded: Class, student: Student, grade: Grade, results: Iterable[Result]) -> str:
    """The page, as HTML. Results of others in `results` are ignored."""
    labs = [_lab(graded, *each) for each in labs_of(graded, student, grade, results)]
    return render(
        "student.html",
        title=title_of(graded),
        student=called(student),
        grade=grade_in_words(grade),
        rules=[*grading_rules(graded)],
        labs=labs,
    )


def _lab(graded: Class, plan: LabPlan, worth: LabGrade, result: Result) -> LabDetails:
    run = result.run
    told = [*told_of_hand_in(graded, plan, worth, result)]
    if run is None:
        told += why_not_judged(worth, result)
    elif not worth.possible:
        told.append(_(NOTHING_JUDGED))
    shown = None
    if run is not None:
        shown = run_details(run, decided=result.total is not None, seed=False)
    return LabDetails(
        name=plan.name,
        title=lab_title(plan, run),
        points=points_of(worth),
        place=anchor_of(plan.name, "all"),
        told=told,
        notes=[said(note.told) for note in result.notes] if run is not None else [],
        run=shown,
        decided=result.total is not None,
        own_command=own_command(plan) if graded.reveal is Reveal.HINTS else "",
    )
