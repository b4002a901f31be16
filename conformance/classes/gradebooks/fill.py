"""Fills an exported gradebook: the file's bytes as they were, with new grades in them. Pure.

Nothing is written on doubt. What holds a word (EX for excused), what the site would not accept, and
what is not final yet stays as it is, and is reported.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from conformance.classes.gradebooks.choice import chosen_column, require_points, require_score
from conformance.classes.gradebooks.columns import Columns, GradeColumn, amount, columns_of
from conformance.classes.gradebooks.encoding import decode
from conformance.classes.gradebooks.rows import match_rows
from conformance.classes.gradebooks.sheet import Sheet, harmless, read_sheet
from conformance.classes.hand_ins.sites import MOODLE
from conformance.classes.model import Student
from conformance.classes.results.scale import plain
from conformance.verdict.model import WrongCall

NOT_CHANGEABLE = frozenset({"no", "nein", "non"})
NOBODY_FOUND = "nobody was found in it: export it with ids or addresses that the roster has, too"
NO_FEEDBACK = (
    "only Moodle's grading worksheet has one, with “Feedback comments” switched on, and an export"
    " of Blackboard's, if it has “Feedback to Learner”. Call it without --feedback"
)
_NO_MARKUP = str.maketrans("<>", "()")
"""Other sites take feedback for text or for HTML: it holds nothing that is a tag in either."""
_WITH_COMMA = re.compile(r"-?\d+,\d+")
_WITH_POINT = re.compile(r"-?\d+\.\d+")


@dataclass(frozen=True)
class Earned:
    """What one student has earned for the lab."""

    student: Student
    points: Fraction | None
    """After lateness; None if it is not final."""
    feedback: str = ""
    """On one line or several, as the student may read it."""


@dataclass(frozen=True)
class FillRequest:
    """What the teacher asks for."""

    lab: str
    possible: int
    """The points that the lab is worth."""
    column: str = ""
    """The heading of the column, or its assignment's name; "" if it is to be found."""
    labs: tuple[str, ...] = ()
    """All labs of the class."""
    rescale: bool = False
    """Convert the points to those of the column, where it is worth another number of them."""
    feedback: bool = False


@dataclass
class Filled:
    """A filled gradebook, and what the teacher should know of it."""

    site: str
    column: str
    """The heading of the column of grades."""
    data: bytes = b""
    """The file."""
    written: int = 0
    """Students whose grade is in it now."""
    replaced: list[str] = field(default_factory=list)
    """Grades that stood there, and were others."""
    open: list[str] = field(default_factory=list)
    """Ids of students whose grade is not final."""
    kept: list[str] = field(default_factory=list)
    """Why a student's cell stays as it was."""
    doubts: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Ids of students who are in no row."""
    strangers: list[str] = field(default_factory=list)
    """Who is in the gradebook, and not in the class."""
    remarks: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether each student of the class has a grade in it."""
        return not (self.open or self.kept or self.doubts or self.missing)


def fill(data: bytes, marks: Sequence[Earned], wanted: FillRequest) -> Filled:
    """The export with the grades in it. Raises WrongCall, with one sentence, if it is no gradebook,
    or cannot be filled without doubt."""
    text, encoding = decode(data)
    sheet = read_sheet(text)
    columns = columns_of(sheet)
    column = chosen_column(columns, wanted.lab, named=wanted.column, labs=wanted.labs)
    require_score(column)
    if not wanted.rescale:
        require_points(column, wanted.lab, wanted.possible)
    matched = match_rows(sheet, columns, [mark.student for mark in marks])
    filled = Filled(columns.site, column.heading)
    filled.doubts, filled.strangers = matched.doubts, matched.strangers
    if wanted.feedback and columns.feedback is None:
        raise WrongCall(f"this export of {columns.site} has no column for feedback: {NO_FEEDBACK}")
    if column.possible is None and wanted.rescale:
        raise WrongCall(f"the export does not say what {column.heading!r} is worth: no --rescale")
    if column.possible is None:
        filled.remarks.append("the export does not say how many points are possible")
    if marks and not matched.rows:
        filled.remarks.append(NOBODY_FOUND)
    changes = _Changes(sheet, columns, column, wanted, filled)
    for mark in marks:
        row = matched.rows.get(mark.student.id)
        if row is None:
            if mark.student.id not in matched.doubted:
                filled.missing.append(mark.student.id)
        elif mark.points is None:
            filled.open.append(mark.student.id)
        else:
            changes.enter(mark, mark.points, row)
    filled.data = encoding.encode(sheet.with_cells(changes.cells))
    return filled


class _Changes:
    def __init__(
        self,
        sheet: Sheet,
        columns: Columns,
        column: GradeColumn,
        wanted: FillRequest,
        filled: Filled,
    ) -> None:
        self._sheet = sheet
        self._columns = columns
        self._column = column
        self._wanted = wanted
        self._filled = filled
        self._comma = _has_comma(sheet, columns)
        self.cells: dict[tuple[int, int], str] = {}

    def enter(self, mark: Earned, points: Fraction, row: int) -> None:
        """Writes a mark, or says why not."""
        who, place = mark.student.id, self._column.place
        former = self._cell(row, place)
        if former is None:
            raise WrongCall(f"the row {row + 1} has too few cells: export the gradebook anew")
        if self._is_locked(row):
            self._filled.kept.append(f"{who}: the site says that the grade cannot be changed")
            return
        stood = amount(former)
        if stood is None and former.strip() not in ("", "-"):
            self._filled.kept.append(f"{who}: the cell holds {former.strip()!r}")
            return
        earned = self._converted(points)
        self._filled.written += 1
        if stood is None or plain(abs(stood)) != plain(earned) or stood < 0:
            self.cells[row, place] = self._number(earned)
            if stood is not None:
                self._filled.replaced.append(f"{who}: {former.strip()} → {self._number(earned)}")
        if self._wanted.feedback and self._columns.feedback is not None:
            if self._cell(row, self._columns.feedback) is None:
                raise WrongCall(f"the row {row + 1} has too few cells: export the gradebook anew")
            self.cells[row, self._columns.feedback] = self._feedback(mark.feedback)

    def _feedback(self, text: str) -> str:
        """The feedback as the site reads it: Moodle takes it for HTML."""
        if self._columns.site == MOODLE:
            return harmless(html.escape(text, quote=False).replace("\n", "<br>"))
        return harmless("; ".join(text.splitlines()).translate(_NO_MARKUP))

    def _cell(self, row: int, place: int) -> str | None:
        cells = self._sheet.rows[row]
        return cells[place].text if place < len(cells) else None

    def _is_locked(self, row: int) -> bool:
        place = self._columns.changeable
        said = "" if place is None else self._cell(row, place) or ""
        return said.strip().casefold() in NOT_CHANGEABLE

    def _converted(self, points: Fraction) -> Fraction:
        most = self._column.possible
        if not self._wanted.rescale or most is None or not self._wanted.possible:
            return points
        return points * most / self._wanted.possible

    def _number(self, value: Fraction) -> str:
        return plain(value).replace(".", ",") if self._comma else plain(value)


def _has_comma(sheet: Sheet, columns: Columns) -> bool:
    """Whether the numbers of the file have a decimal comma."""
    texts = [cell.text.strip() for row in sheet.rows[1:] for cell in row]
    commas = sum(bool(_WITH_COMMA.fullmatch(text)) for text in texts)
    points = sum(bool(_WITH_POINT.fullmatch(text)) for text in texts)
    if commas and points:
        commas, points = (
            sum(bool(form.fullmatch(text)) for text in _of_grades(sheet, columns))
            for form in (_WITH_COMMA, _WITH_POINT)
        )
    return commas > points


def _of_grades(sheet: Sheet, columns: Columns) -> list[str]:
    """The cells of all columns of grades, with the points possible above or beside them."""
    places: Mapping[int, None] = dict.fromkeys(
        place for column in columns.grades for place in (column.place, column.place + 1)
    )
    return [row[p].text.strip() for row in sheet.rows[1:] for p in places if p < len(row)]
