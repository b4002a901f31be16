"""grades.csv: a line for each student, for spreadsheets and course sites.

RFC 4180: commas (or semicolons, where the class asks for them), CR LF, quotes where they are
needed. What is open has no points and no grade here: a spreadsheet that adds up a column must
not take it for zero; the remarks say what is open, and what is certain already.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.classes.model import Class
from conformance.classes.results.grades import Grade
from conformance.reports.text.file import put_in_place
from conformance.reports.text.visible import disarm, shorten_middle, visible
from conformance.verdict.points import counted

BOM = "\ufeff"
"""Without it, Excel takes UTF-8 for the code page of the machine."""

LONGEST = 1_000
"""Characters of a cell."""

_FORMULA = re.compile(r"(^|[,;|])([\s\"']*)(?=[=+\-@＝＋－＠])")  # noqa: RUF001 - full width, on purpose
"""Where a formula would begin: in the cell, and, to a spreadsheet that divides cells where
we do not (at semicolons, in half of Europe), in the middle of it."""


def to_csv(graded: Class, grades: Sequence[Grade]) -> str:
    """The gradebook, in the order of `grades`."""
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=graded.separator, lineterminator="\r\n")
    grouped = any(student.group for student in graded.students)
    sheet.writerow(_heading(graded, grouped=grouped))
    for grade in grades:
        sheet.writerow(_row(grade, grouped=grouped))
    return out.getvalue()


def write(graded: Class, grades: Sequence[Grade], path: Path) -> None:
    """Puts it in place. Raises WrongCall where it cannot be written."""
    put_in_place(path, BOM + to_csv(graded, grades))


def cell(text: str) -> str:
    """Somebody's text as a spreadsheet may have it: on one line, all of it visible, no formula
    (TAB and CR, which would hide one behind them, are seen), and no command to a CI runner.
    """
    return _FORMULA.sub(r"\1'\2", disarm(visible(shorten_middle(text, LONGEST))))


def _heading(graded: Class, *, grouped: bool) -> list[str]:
    names = ["id", "name", *(["group"] if grouped else [])]
    for plan in graded.labs:
        lab = cell(plan.name)
        names += [f"{lab} points", f"{lab} max", f"{lab} late days", f"{lab} after lateness"]
    return [*names, "percent", "grade", "provisional", "remarks"]


def _row(grade: Grade, *, grouped: bool) -> list[str]:
    student = grade.student
    row = [cell(student.id), cell(student.name), *([cell(student.group)] if grouped else [])]
    for lab in grade.labs:
        most, late = str(lab.possible or ""), str(lab.late_days)
        earned = ("", "") if lab.provisional else (str(lab.points), f"{lab.earned:f}")
        row += [earned[0], most, late, earned[1]]
    if grade.provisional:
        row += ["", "", "yes"]
    else:
        row += [f"{grade.percent:f}", cell(grade.grade), ""]
    return [*row, cell("; ".join(_remarks(grade)))]


def _remarks(grade: Grade) -> Iterator[str]:
    if grade.provisional:
        yield f"provisional, at least {grade.percent:f} %"
    for lab in grade.labs:
        if lab.provisional and lab.points:
            points = counted(lab.possible)
            yield f"{lab.lab}: {lab.points} of {points} so far"
    yield from grade.remarks
