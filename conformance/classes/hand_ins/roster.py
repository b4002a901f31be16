"""The roster: a CSV file with a line for each student.

Columns: `id` (or login, username, "SIS Login ID", SID, "ID number", Matrikelnummer, identifier,
email, and others in `headings.IDS`), `name` (or "Full name", student; or two columns for first and
last name), and optionally `group` and `submitted`; `submitted echo` is for that lab alone. Other
columns are ignored. They are separated by commas, semicolons or tabs. A time is ISO 8601 with its
zone.

If several columns identify a student, the first in the list above is the id, and the others are
recognised in the names of entries, too. If the first is empty in a line, the next is the id.
Exports of course sites work unchanged: the gradebooks of Canvas, Brightspace, Moodle and Blackboard
(which is UTF-16), and Sakai's grades.csv.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from conformance.classes.file_names import Author, identity, lab_word, same, squeezed
from conformance.classes.hand_ins.headings import (
    CANVAS,
    FIRST,
    GROUPS,
    IDS,
    LAST,
    NAMES,
    SUBMITTED,
    heading,
)
from conformance.classes.hand_ins.ids import cleaned, rounded
from conformance.classes.model import Student
from conformance.verdict.model import WrongCall

DELIMITERS = ",;\t"
PREFACE = 10
"""Lines before the header at most: Sakai writes the assignment's name there."""

NO_PEOPLE = frozenset({"studenttest", "teststudent", "étudianttest", "testétudiant"})
"""Names of the test student that Canvas makes for teachers, without spaces."""

_SEPARATOR = re.compile(r'"?sep=([^"\r\n ])"?[,;\t]*', re.IGNORECASE)
_PARTICIPANT = re.compile(r"(?:participante?|teilnehmer(?:/in|in)?|partecipante) ?(\d+)", re.I)
_DIGEST = re.compile(r"[0-9a-f]{40}")
"""The login of Canvas' test student."""

_PREVIEW = "_previewuser"
"""The end of the login of Blackboard's test student."""


@dataclass(frozen=True)
class Roster:
    """The students in the file."""

    students: tuple[Student, ...] = ()
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Id -> what else identifies the student."""
    submitted: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    """When a student (id) handed in for a lab ("": for all labs)."""
    numbers: Mapping[str, str] = field(default_factory=dict)
    """Canvas' number of a person -> id. Only its own gradebook has them."""
    aside: tuple[Author, ...] = ()
    """Test students that course sites have put into the file."""


def read_roster(path: Path, labs: Collection[str] = ()) -> Roster:
    """The roster at `path`, for a class with these labs. Raises WrongCall, with the line:
    unreadable, missing columns, no id, the same id twice, a wrong time."""
    try:
        text = _decoded(path.read_bytes())
    except OSError as error:
        raise WrongCall(f"the roster {path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise WrongCall(f"the roster {path} is not UTF-8: save it as CSV UTF-8") from None
    return _Rows(path, text, labs).read()


def _decoded(data: bytes) -> str:
    """The text, in UTF-8 or (spreadsheets, Blackboard) UTF-16. Raises UnicodeDecodeError."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    start = data[:200]
    if len(start) > 3 and len(start) % 2 == 0 and b"\0" in start:
        for zeros, encoding in ((start[1::2], "utf-16-le"), (start[::2], "utf-16-be")):
            if zeros.count(0) > len(zeros) * 3 // 4:
                return data.decode(encoding)
    return data.decode("utf-8-sig")


class _Rows:
    """The file's lines, and the meaning of its columns."""

    def __init__(self, path: Path, text: str, labs: Collection[str]) -> None:
        self.path = path
        self.labs = labs
        lines = text.splitlines(keepends=True)
        self.before, delimiter = _header(lines)
        source = io.StringIO("".join(lines[self.before :]), newline="")
        self.rows = csv.reader(source, delimiter=delimiter, strict=True)

    @property
    def line(self) -> int:
        return self.before + self.rows.line_num

    def wrong(self, what: str, line: int = 0) -> WrongCall:
        return WrongCall(f"{self.path.name}, line {line or self.line}: {what}")

    def _filled(self) -> Iterator[list[str]]:
        """The lines that are not empty."""
        try:
            for row in self.rows:
                if any(cell.strip() for cell in row):
                    yield [identity(cell) for cell in row]
        except csv.Error as error:
            raise self.wrong(f"this is not CSV: {error}") from None

    def read(self) -> Roster:
        rows = self._filled()
        header = [heading(cell) for cell in next(rows, [])]
        columns = _Columns(header, self.labs)
        if complaint := columns.complaint():
            raise self.wrong(complaint, line=max(1, self.line))
        students: list[Student] = []
        aliases: dict[str, tuple[str, ...]] = {}
        submitted: dict[tuple[str, str], datetime] = {}
        numbers: dict[str, str] = {}
        aside: list[Author] = []
        known: dict[str, int] = {}
        for row in rows:
            if len(row) > len(header) and any(row[len(header) :]):
                raise self.wrong(f"{len(row)} cells, but the header has {len(header)}")
            cells = dict(enumerate(row))
            name = columns.name(cells)
            student, others = columns.student(cells, name)
            if columns.is_no_line(student, first=not students):
                continue
            if columns.is_nobody(student, others):
                aside += [Author(each, name) for each in (student.id, *others)]
                continue
            if not student.id:
                raise self.wrong(f"there is no {header[columns.ids[0]]}")
            if (key := same(student.id)) in known:
                raise self.wrong(_twice(student.id, known[key]))
            known[key] = self.line
            students.append(student)
            aliases[student.id] = others
            if number := columns.number(cells):
                numbers[number] = student.id
            for lab, column in columns.submitted.items():
                if text := cells.get(column, ""):
                    submitted[student.id, lab] = self._time(text)
        return Roster(tuple(students), aliases, submitted, numbers, tuple(aside))

    def _time(self, text: str) -> datetime:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise self.wrong(
                f"submitted is a time like 2026-11-20T23:59:00+01:00, not {text!r}"
            ) from None
        if moment.tzinfo is None:
            raise self.wrong(f"the time {text!r} needs its zone, as in 2026-11-20T23:59:00+01:00")
        return moment


def _header(lines: Sequence[str]) -> tuple[int, str]:
    """The number of lines before the header, and the delimiter of cells."""
    filled = [place for place, line in enumerate(lines) if line.strip()]
    if filled and (found := _SEPARATOR.fullmatch(lines[filled[0]].strip(" \r\n"))):
        return filled[0] + 1, found[1]
    for place in filled[:PREFACE]:
        delimiter = max(DELIMITERS, key=lines[place].count)
        if any(heading(cell.strip('" \r\n')) in IDS for cell in lines[place].split(delimiter)):
            return place, delimiter
    return 0, max(DELIMITERS, key=lines[filled[0]].count) if filled else ","


def _twice(id: str, line: int) -> str:
    told = f"{id} stands in line {line} already"
    if not rounded(id):
        return told
    advice = "export the roster anew, and keep the column as text"
    return f"{told}: a spreadsheet has rounded these numbers; {advice}"


class _Columns:
    """The meaning of each column, by the header."""

    def __init__(self, header: Sequence[str], labs: Collection[str]) -> None:
        self.header = header
        self.ids = [header.index(word) for word in IDS if word in header]
        self.is_canvas = set(header) >= CANVAS
        self.hashed = "orgdefinedid" in header
        # Canvas' gradebook has its own number beside the login: the login is what people know.
        if "sis login id" in header:
            login = header.index("sis login id")
            self.ids = [login, *(column for column in self.ids if column != login)]
        self.names = self._names()
        self.groups = [header.index(word) for word in GROUPS if word in header][:1]
        wanted = {SUBMITTED: ""} | {f"{SUBMITTED}-{lab_word(lab)}": lab for lab in labs}
        self.submitted = {
            wanted[lab_word(word)]: column
            for column, word in enumerate(header)
            if lab_word(word) in wanted
        }

    def _names(self) -> list[int]:
        """The column of names, or those of first and last names."""
        whole, first, last = (
            [self.header.index(word) for word in words if word in self.header][:1]
            for words in (NAMES, FIRST, LAST)
        )
        if whole and first and not last and self.header[whole[0]] == "name":
            return [*first, *whole]  # German lists call the last name Name
        return whole or [*first, *last]

    def complaint(self) -> str:
        if not self.ids:
            there = ", ".join(filter(None, self.header)) or "nothing"
            return f"the roster needs a column id (or {', '.join(IDS[1:])}); its header has {there}"
        double = sorted(
            word
            for word in {*IDS, *NAMES, *GROUPS, SUBMITTED}
            if word in self.header and self.header.count(word) > 1
        )
        return f"two columns are called {double[0]}" if double else ""

    def name(self, cells: Mapping[int, str]) -> str:
        parts = (cleaned(cells.get(column, "")) for column in self.names)
        return " ".join(filter(None, parts))

    def number(self, cells: Mapping[int, str]) -> str:
        """Canvas' number of the person; "" if it is not Canvas' gradebook."""
        return cleaned(cells.get(self.header.index("id"), "")) if self.is_canvas else ""

    def student(self, cells: Mapping[int, str], name: str) -> tuple[Student, tuple[str, ...]]:
        """The student, and what else identifies the person. A rounded number is the id only if
        there is nothing else."""
        told = [cleaned(cells.get(column, ""), hashed=self.hashed) for column in self.ids]
        said = sorted(filter(None, told), key=lambda id: rounded(id) is not None) or [""]
        group = cells.get(self.groups[0], "") if self.groups else ""
        others = {*said[1:]}
        # Moodle's grading worksheet writes "Participant 4711", its export only the number.
        others |= {found[1] for word in said if (found := _PARTICIPANT.fullmatch(word))}
        others |= {word.split()[-1] for word in said if word.split()[1:] and word[-1].isdecimal()}
        others |= {word.partition("@")[0] for word in said if "@" in word}
        return Student(said[0], name, group), tuple(sorted(others - {said[0]}))

    def is_no_line(self, student: Student, *, first: bool) -> bool:
        """Whether a line is not about a student: Canvas has one for points and one for posting."""
        about_points = student.name == "Points Possible"
        return about_points or (self.is_canvas and first and not student.id)

    def is_nobody(self, student: Student, others: Sequence[str]) -> bool:
        """Whether it is the test student of a course site."""
        logins = (student.id, *others)
        if any(each.endswith(_PREVIEW) and each != _PREVIEW for each in logins):
            return True
        digest = any(_DIGEST.fullmatch(each) for each in logins)
        return self.is_canvas and (digest or squeezed(student.name) in NO_PEOPLE)
