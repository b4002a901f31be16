"""The roster: a CSV file with a line for each student.

Columns: `id` (or login, username, "SIS Login ID", SID, "ID number", Matrikelnummer, identifier,
email, and what `IDS` has besides),
`name` (or "Full name", student; or first and last name apart), and where it is wanted `group`
and `submitted`; `submitted echo` is for that lab alone. Other columns are ignored. They are
separated by commas, semicolons or tabs. A time is ISO 8601 with its zone.

Where a roster has several columns that identify a student, the first in the list above is the
id, and the others are recognised in the names of entries too.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from conformance.classes.model import Student
from conformance.classes.names import identity, lab_word, same
from conformance.model import WrongCall

IDS = (
    *("id", "student id", "login", "login id", "sis login id", "username", "user name"),
    *("github username", "sid", "student number", "id number", "sis user id", "identifier"),
    *("matriculation number", "matrikelnummer", "matrikelnr", "matrikel-nr", "matrikel-nr."),
    *("matrikel", "id-nummer", "numéro d'étudiant", "numéro d'identification", "matricule"),
    *("benutzername", "anmeldename", "kennung", "nom d'utilisateur", "identifiant"),
    *("email", "e-mail", "email address", "mail", "e-mail-adresse", "adresse de courriel"),
)
NAMES = (
    *("name", "full name", "fullname", "student", "student name", "display name"),
    *("vollständiger name", "nom complet"),
)
FIRST = ("first name", "firstname", "given name", "prénom", "prenom", "vorname")
LAST = ("last name", "lastname", "surname", "family name", "nom", "nachname")
GROUPS = ("group", "group name", "team", "groupe", "gruppe")
SUBMITTED = "submitted"
DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Roster:
    """Who is in the class."""

    students: tuple[Student, ...] = ()
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What else identifies a student, by id."""
    submitted: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    """When a student (id) handed in for a lab; "" for all labs."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Where in the file a student stands."""


def read_roster(path: Path, labs: Collection[str] = ()) -> Roster:
    """The roster at `path`, for a class with these labs. Raises WrongCall, with the line:
    unreadable, no such columns, no id, one that stands there twice, a time that is none."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise WrongCall(f"the roster {path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise WrongCall(f"the roster {path} is not UTF-8: save it as CSV UTF-8") from None
    return _Rows(path, text, labs).read()


def _delimiter(header: str) -> str:
    """The one that the header has most of."""
    return max(DELIMITERS, key=header.count)


class _Rows:
    """The file's lines, and what its columns are."""

    def __init__(self, path: Path, text: str, labs: Collection[str]) -> None:
        self.path = path
        self.labs = labs
        header = next((line for line in text.splitlines() if line.strip()), "")
        source = io.StringIO(text, newline="")
        self.rows = csv.reader(source, delimiter=_delimiter(header), strict=True)

    def wrong(self, what: str, line: int = 0) -> WrongCall:
        return WrongCall(f"{self.path.name}, line {line or self.rows.line_num}: {what}")

    def _filled(self) -> Iterator[list[str]]:
        """The lines that hold anything."""
        try:
            for row in self.rows:
                if any(cell.strip() for cell in row):
                    yield [identity(cell) for cell in row]
        except csv.Error as error:
            raise self.wrong(f"this is not CSV: {error}") from None

    def read(self) -> Roster:
        rows = self._filled()
        header = [same(cell).replace("_", " ") for cell in next(rows, [])]
        columns = _Columns(header, self.labs)
        if complaint := columns.complaint():
            raise self.wrong(complaint, line=max(1, self.rows.line_num))
        students: list[Student] = []
        aliases: dict[str, tuple[str, ...]] = {}
        submitted: dict[tuple[str, str], datetime] = {}
        lines: dict[str, int] = {}
        known: dict[str, int] = {}
        for row in rows:
            if len(row) > len(header) and any(row[len(header) :]):
                raise self.wrong(f"{len(row)} cells, but the header has {len(header)}")
            cells = dict(enumerate(row))
            name = columns.name(cells)
            if name == "Points Possible":
                continue  # the second line of Canvas' gradebook
            student, others = columns.student(cells, name)
            if not student.id:
                raise self.wrong(f"there is no {header[columns.ids[0]]}")
            if (key := same(student.id)) in known:
                raise self.wrong(f"{student.id} stands in line {known[key]} already")
            known[key] = lines[student.id] = self.rows.line_num
            students.append(student)
            aliases[student.id] = others
            for lab, column in columns.submitted.items():
                if text := cells.get(column, ""):
                    submitted[student.id, lab] = self._time(text)
        return Roster(tuple(students), aliases, submitted, lines)

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


class _Columns:
    """Which column holds what, by the header."""

    def __init__(self, header: Sequence[str], labs: Collection[str]) -> None:
        self.header = header
        self.ids = [header.index(word) for word in IDS if word in header]
        # Canvas' gradebook has its own number beside the login: the login is what people know.
        if "sis login id" in header:
            login = header.index("sis login id")
            self.ids = [login, *(column for column in self.ids if column != login)]
        self.names = [header.index(word) for word in NAMES if word in header][:1]
        if not self.names:
            self.names = [
                column
                for words in (FIRST, LAST)
                for column in [header.index(word) for word in words if word in header][:1]
            ]
        self.groups = [header.index(word) for word in GROUPS if word in header][:1]
        wanted = {SUBMITTED: ""} | {f"{SUBMITTED}-{lab_word(lab)}": lab for lab in labs}
        self.submitted = {
            wanted[lab_word(word)]: column
            for column, word in enumerate(header)
            if lab_word(word) in wanted
        }

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
        return " ".join(filter(None, (cells.get(column, "") for column in self.names)))

    def student(self, cells: Mapping[int, str], name: str) -> tuple[Student, tuple[str, ...]]:
        """The student, and what else identifies the person."""
        said = [cells.get(column, "") for column in self.ids]
        group = cells.get(self.groups[0], "") if self.groups else ""
        others = {other for other in said[1:] if other}
        # Moodle's grading worksheet writes "Participant 4711", its export only the number.
        others |= {word.split()[-1] for word in said if word.split()[1:] and word[-1].isdecimal()}
        others |= {word.partition("@")[0] for word in said if "@" in word}
        return Student(said[0], name, group), tuple(sorted(others - {said[0]}))
