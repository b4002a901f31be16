"""grades.csv: a line for each student, for spreadsheets and course sites.

RFC 4180: commas (or semicolons, where the class asks for them), CR LF, quotes where they are
needed. An open result has no points and no grade here: a spreadsheet that adds up a column must
not count it as zero. The remarks say what is open, and which points are certain.
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
"""Without it, Excel reads UTF-8 as the machine's own code page."""

MAX_CELL = 1_000
"""Characters of a cell."""

_FORMULA = re.compile(r"(^|[,;|])([\s\"']*)(?=[=+\-@＝＋－＠])")  # noqa: RUF001 - full width, on purpose
"""Where a formula could begin: at the start of the cell, and after a character at which some
spreadsheets divide cells (in half of Europe, the semicolon)."""


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
    """Writes it to `path`. Raises WrongCall if that fails."""
    put_in_place(path, BOM + to_csv(graded, grades))


def cell(text: str) -> str:
    """Text that the suite did not write, made safe for a spreadsheet: on one line, all of it
    visible (also a TAB or CR, which would hide a formula), no formula, and no command to a CI
    runner."""
    return _FORMULA.sub(r"\1'\2", disarm(visible(shorten_middle(text, MAX_CELL))))


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
        most, late = str(lab.possible or ""), str(lab.late.days)
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
