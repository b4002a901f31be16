"""What differs between the grades of a class at two times, and because of what. Pure.

A grade also changes where no result does: by a deadline, an extension, the cost of lateness, a
weight or the scale.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.classes.model import Class, Result, Student
from conformance.classes.results.grades import Grade, LabGrade
from conformance.classes.results.scale import plain
from conformance.verdict.points import counted
from conformance.verdict.transcript import shorten

OPEN = "open"
CLASS_FILE = "class.toml"

MAX_REMARKS = 300
"""Characters of the remarks on one lab."""


@dataclass(frozen=True)
class GradesThen:
    """The grades of a class at one time."""

    of: Class
    grades: Sequence[Grade]
    ungraded: frozenset[tuple[str, str]] = frozenset()
    """Author and lab of work that was still to be graded."""

    def waits(self, student: Student) -> bool:
        """Whether something of the student was still to be graded."""
        author = self.of.author_of(student)
        return any((author, plan.name) in self.ungraded for plan in self.of.labs)


@dataclass(frozen=True)
class GradeChange:
    """What has changed of one student's grade."""

    student: str
    before: str
    """The grade; `OPEN` while it is."""
    after: str
    why: tuple[str, ...]
    """What has changed in between, in words."""


def ungraded(results: Sequence[Result]) -> frozenset[tuple[str, str]]:
    """Author and lab of the work that is still to be graded. What cannot be graded, such as an
    entry that is not understood, is none."""
    return frozenset(
        (result.hand_in.author, result.hand_in.lab)
        for result in results
        if result.run is None
        and result.total is None
        and not (result.hand_in.is_absent or result.hand_in.problem or result.refused)
    )


def compare_grades(before: GradesThen, after: GradesThen) -> tuple[GradeChange, ...]:
    """The students whose grade is another, in the order of the class. Whoever came to the class
    since, or has work that was graded for the first time, has no former grade."""
    former = {grade.student.id: grade for grade in before.grades}
    found = []
    for new in after.grades:
        old = former.get(new.student.id)
        if old is None or before.waits(old.student) or after.waits(new.student):
            continue
        if (was := _told(old)) != (now := _told(new)):
            why = (*_by_lab(before, after, old, new), *_by_scale(before.of, after.of))
            found.append(GradeChange(new.student.id, was, now, why))
    return tuple(found)


def _told(grade: Grade) -> str:
    return OPEN if grade.provisional else grade.grade


def _by_lab(before: GradesThen, after: GradesThen, old: Grade, new: Grade) -> Iterator[str]:
    was, now = ({lab.lab: lab for lab in grade.labs} for grade in (old, new))
    plans = [{plan.name: plan for plan in of.of.labs} for of in (before, after)]
    for name in dict.fromkeys([*was, *now]):
        if name not in was or name not in now:
            yield f"{name}: {'new' if name in now else 'no longer'} in {CLASS_FILE}"
            continue
        for told in _of_lab(was[name], now[name]):
            yield f"{name}: {told}"
        if was[name].late.cost != now[name].late.cost:
            yield f"{name}: {_by_lateness(before, after, old, new, name)}"
        weights = [of[name].weight for of in plans]
        if weights[0] != weights[1]:
            yield f"{name}: weight {weights[0]:g} → {weights[1]:g} ({CLASS_FILE})"


def _of_lab(old: LabGrade, new: LabGrade) -> Iterator[str]:
    if (old.points, old.possible) != (new.points, new.possible):
        points = [f"{lab.points} of {counted(lab.possible)}" for lab in (old, new)]
        yield " → ".join(points)
    if old.provisional != new.provisional:
        remarks = shorten("; ".join(new.remarks), MAX_REMARKS)
        told = "open now" if new.provisional else "no longer open"
        yield f"{told}: {remarks}" if new.remarks else told


def _by_lateness(before: GradesThen, after: GradesThen, old: Grade, new: Grade, lab: str) -> str:
    late = [next(each.late for each in of.labs if each.lab == lab) for of in (old, new)]
    costs = [f"{plain(each.cost)} %{' (waived)' * each.waived}" for each in late]
    rules = [_rules(of.of, grade.student, lab) for of, grade in ((before, old), (after, new))]
    because = f" ({CLASS_FILE})" if rules[0] != rules[1] else ""
    return f"lateness costs {costs[0]} → {costs[1]}{because}"


def _rules(of: Class, student: Student, lab: str) -> tuple[object, ...]:
    """All in the class file that decides what lateness costs this student."""
    deadlines = [plan.deadline for plan in of.labs if plan.name == lab]
    grants = [each for each in of.grants if (each.student, each.lab) == (student.id, lab)]
    return of.late, deadlines, grants


def _by_scale(old: Class, new: Class) -> Iterator[str]:
    scales = [f"{of.scale}{f', step {of.step}' if of.step else ''}" for of in (old, new)]
    if scales[0] != scales[1]:
        yield f"scale {scales[0]} → {scales[1]} ({CLASS_FILE})"
