"""What the columns of an exported gradebook are. Pure.

- Canvas: `Student,ID,SIS User ID,SIS Login ID,Section,Lab 1 (4711)`; above the students a row of
  points possible, before it perhaps one on posting (its gradebook_exporter).
- Moodle's grading worksheet, of one assignment: `Identifier,Full name,Email address,Status,Grade,
  Maximum Grade,…,Feedback comments`, in the site's language (assignfeedback_offline).
- Moodle's gradebook: `First name,Last name,ID number,…,Assignment: Lab 1 (Real)`.
- Blackboard: `Last Name`, `First Name`, `Username`, `Student ID`, …, and for each assignment
  `Lab 1 [Total Pts: 10 Score] |123`.
- Brightspace: `OrgDefinedId,Username,…,Lab 1 Points Grade <Numeric MaxPoints:10>,End-of-Line
  Indicator`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from conformance.classes.gradebooks.sheet import Sheet
from conformance.classes.hand_ins.headings import FIRST, IDS, LAST, NAMES, heading
from conformance.classes.hand_ins.roster import PREFACE
from conformance.classes.hand_ins.sites import BLACKBOARD, BRIGHTSPACE, CANVAS, MOODLE
from conformance.verdict.model import WrongCall

POSSIBLE = frozenset(
    {
        *("maximum grade", "maximum mark", "bestwertung", "höchstbewertung", "note maximale"),
        *("voto massimo", "valutazione massima", "calificación máxima"),
    }
)
"""Headings of the points possible in Moodle's worksheet."""
GRADE = frozenset({"grade", "mark", "bewertung", "note", "valutazione", "voto", "calificación"})
SCALE = frozenset({"scale", "skala", "barème", "échelle", "scala", "escala"})
"""What stands beside the grade of an assignment that is graded by words instead of points."""
CHANGEABLE = frozenset(
    {
        *("grade can be changed", "mark can be changed", "bewertung kann geändert werden"),
        *("la note peut être modifiée", "la valutazione può essere modificata"),
    }
)
SCORE = frozenset({"score", "punktzahl", "punkte", "points", "note", "punteggio", "puntuación"})
"""How Blackboard calls a column that shows points."""
FEEDBACK = frozenset(
    {
        *("feedback comments", "feedback als kommentar", "feedback par commentaires"),
        *("commenti di feedback", "comentarios de retroalimentación"),
        *("feedback to learner", "feedback to user", "feedback", "comments"),
    }
)
"""Headings of feedback for one student; Blackboard's and those that others have given it."""

_OWN = ["percent", "grade", "provisional", "remarks"]
"""The last headings of a class's own grades.csv."""
_CANVAS_COLUMN = re.compile(r"(?P<name>.*\S) \((?P<number>\d+)\)", re.DOTALL)
_CANVAS_POSSIBLE = "points possible"
_BLACKBOARD_COLUMN = re.compile(
    r"(?P<name>.*\S) ?\[(?P<kind>[^\[\]]*)\] ?\|(?P<number>\d+)", re.DOTALL
)
_BRIGHTSPACE_COLUMN = re.compile(
    r"(?P<name>.*\S) Points Grade <Numeric MaxPoints:(?P<possible>[\d.,]{1,20})[^<>]{0,99}>",
    re.DOTALL,
)
_MOODLE_COLUMN = re.compile(
    r"(?:[^:()]{1,40}: ?)?(?P<name>.*\S) \((?:Real|Punkte|Brute?|Valeur|Reale|Points|Puntos)\)",
    re.DOTALL,
)
_PARTICIPANT = re.compile(r"(?P<word>\D*\D) ?(?P<number>\d{1,15})")
_AMOUNT = re.compile(r"-?(\d{1,9})(?:[.,](\d{1,9}))?")
_IN_WORDS = re.compile(r"\d{1,9}(?:[.,]\d{1,9})?")


def amount(text: str) -> Fraction | None:
    """The number in a cell, with a point or a comma; None if it holds something else."""
    text = text.strip()
    found = _AMOUNT.fullmatch(text)
    return Fraction(text.replace(",", ".")) if found else None


@dataclass(frozen=True)
class GradeColumn:
    """A column that takes grades."""

    place: int
    heading: str
    """As it stands in the file."""
    name: str
    """The name of the assignment; "" if the file is of one only."""
    possible: Fraction | None = None
    """The points possible; None if the file does not say."""
    shown_as: str = ""
    """What it shows instead of points, in the site's words: "Percentage", "Letter"."""


@dataclass(frozen=True)
class PersonColumns:
    """The columns that say who somebody is, by their places."""

    ids: tuple[int, ...] = ()
    """Columns with ids that other systems know, too."""
    mails: tuple[int, ...] = ()
    names: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()
    """Columns with the site's own numbers of people, which mean nothing elsewhere."""
    hashed: bool = False
    """Whether ids begin with Brightspace's `#`."""


@dataclass(frozen=True)
class Columns:
    """The columns of one export, by their places, and where its students begin."""

    site: str
    first: int
    """The row of the first student."""
    grades: tuple[GradeColumn, ...]
    people: PersonColumns
    feedback: int | None = None
    changeable: int | None = None
    """The column that says whether Moodle would accept another grade."""


def columns_of(sheet: Sheet) -> Columns:
    """The columns of an export. Raises WrongCall if it is of none of these sites."""
    rows = [place for place in range(len(sheet.rows)) if any(sheet.texts(place))]
    for place in rows[:PREFACE]:
        header = sheet.texts(place)
        words = [heading(cell) for cell in header]
        if words[:1] == ["id"] and words[-len(_OWN) :] == _OWN:
            raise WrongCall(
                "this is the grades.csv of a class, which is written anew by each grading: give the"
                " export of the course site"
            )
        for read in (_canvas, _brightspace, _blackboard, _moodle_worksheet, _moodle_gradebook):
            if (found := read(sheet, place, header, words)) is not None:
                return found
    raise WrongCall(
        "no line of it is the heading of a gradebook that Canvas, Moodle, Blackboard or"
        " Brightspace exports"
    )


def _canvas(sheet: Sheet, at: int, header: list[str], words: list[str]) -> Columns | None:
    if not {"id", "section"} <= {*words} or not {"student", "lastname"} & {*words}:
        return None
    points = at
    for row in range(at + 1, min(at + 4, len(sheet.rows))):
        if heading("".join(sheet.texts(row)[:1])) == _CANVAS_POSSIBLE:
            points = row
    possible = sheet.texts(points) if points > at else []
    grades = []
    for place, text in enumerate(header):
        found = _CANVAS_COLUMN.fullmatch(text)
        worth = amount(possible[place]) if place < len(possible) else None
        if found and worth is not None:  # a column without points is read-only
            grades.append(GradeColumn(place, text, found["name"], worth))
    people = PersonColumns(
        ids=_places(words, ("sis login id", "sis user id", "integration id")),
        numbers=_places(words, ("id",)),
        names=_places(words, ("student",)) or _places(words, ("firstname", "lastname")),
    )
    return Columns(CANVAS, points + 1, tuple(grades), people)


def _brightspace(sheet: Sheet, at: int, header: list[str], words: list[str]) -> Columns | None:
    if not {"orgdefinedid", "username"} & {*words}:
        return None
    read = [(place, _BRIGHTSPACE_COLUMN.fullmatch(text)) for place, text in enumerate(header)]
    grades = [
        GradeColumn(place, header[place], found["name"], amount(found["possible"]))
        for place, found in read
        if found
    ]
    if not grades and "end-of-line indicator" not in words:
        return None
    people = replace(_people(words), hashed=True)
    return Columns(BRIGHTSPACE, at + 1, tuple(grades), people, _feedback(words))


def _blackboard(sheet: Sheet, at: int, header: list[str], words: list[str]) -> Columns | None:
    grades = []
    for place, text in enumerate(header):
        if found := _BLACKBOARD_COLUMN.fullmatch(text):
            said = _IN_WORDS.findall(found["kind"])
            worth = amount(said[0]) if len(said) == 1 else None
            kind = found["kind"].rpartition(said[-1])[2].strip() if said else found["kind"]
            shown_as = "" if kind.casefold() in SCORE else kind
            grades.append(GradeColumn(place, text, found["name"].strip(), worth, shown_as))
    if not grades:
        return None
    return Columns(BLACKBOARD, at + 1, tuple(grades), _people(words), _feedback(words))


def _moodle_worksheet(sheet: Sheet, at: int, header: list[str], words: list[str]) -> Columns | None:
    rows = [sheet.texts(row) for row in range(at + 1, len(sheet.rows)) if any(sheet.texts(row))]
    numbers = [_PARTICIPANT.fullmatch(row[0].strip()) for row in rows]
    if not rows or not all(numbers) or len({found["word"] for found in numbers if found}) != 1:
        return None
    if _places(words, SCALE) and not _places(words, POSSIBLE):
        raise WrongCall("this assignment is graded by a scale of words: give it points in Moodle")
    possible, grade = _places(words, POSSIBLE), _places(words, GRADE)
    if not possible or not grade:
        possible = _by_contents(rows, len(header))
        grade = tuple(place - 1 for place in possible)
    if len(possible) != 1 or len(grade) != 1:
        return None
    worths = {_at(row, possible[0]) for row in rows}
    worth = amount(worths.pop())
    if worths or worth is None:
        raise WrongCall(f"the column {header[possible[0]]!r} must hold one number of points")
    people = _people(words)
    people = PersonColumns(
        ids=tuple(place for place in people.ids if place),
        mails=people.mails or _with_mails(rows, len(header)),
        names=people.names or _with_names(rows),
        numbers=(0,),
    )
    column = GradeColumn(grade[0], header[grade[0]], "", worth)
    changeable = next(iter(_places(words, CHANGEABLE)), None)
    return Columns(MOODLE, at + 1, (column,), people, _feedback(words), changeable)


def _at(row: Sequence[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""


def _by_contents(rows: Sequence[Sequence[str]], width: int) -> tuple[int, ...]:
    """The columns that may be the points possible of a worksheet in an unknown language: the same
    number in every row, behind a column of grades, or of cells that wait for one."""

    def column(place: int) -> list[str]:
        return [_at(row, place) for row in rows]

    return tuple(
        place
        for place in range(2, width)
        if len({*column(place)}) == 1
        and amount(column(place)[0])
        and all(cell in ("", "-") or amount(cell) is not None for cell in column(place - 1))
    )


def _with_mails(rows: Sequence[Sequence[str]], width: int) -> tuple[int, ...]:
    """The columns of addresses, by what they hold."""
    return tuple(
        place
        for place in range(width)
        if all(re.fullmatch(r"[^\s@]+@[^\s@]+", _at(row, place)) for row in rows)
    )


def _with_names(rows: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """The column of names, which is the second where a worksheet has them: each of two words."""
    words = [_at(row, 1) for row in rows]
    several = len({*words}) == len(words) and all(len(word.split()) > 1 for word in words)
    return (1,) if several else ()


def _moodle_gradebook(sheet: Sheet, at: int, header: list[str], words: list[str]) -> Columns | None:
    people = _people(words)
    if not people.ids and not people.mails:
        return None
    read = [(place, _MOODLE_COLUMN.fullmatch(text)) for place, text in enumerate(header)]
    grades = [GradeColumn(place, header[place], found["name"]) for place, found in read if found]
    return Columns(MOODLE, at + 1, tuple(grades), people) if grades else None


def _places(words: Sequence[str], wanted: Iterable[str]) -> tuple[int, ...]:
    """The columns with these headings, in the order of `wanted`."""
    return tuple(place for word in wanted for place, each in enumerate(words) if each == word)


def _feedback(words: Sequence[str]) -> int | None:
    """The column of feedback, if there is exactly one."""
    places = _places(words, FEEDBACK)
    return places[0] if len(places) == 1 else None


_MAIL = ("mail", "courriel", "posta elettronica", "adresse électronique")


def _people(words: Sequence[str]) -> PersonColumns:
    """The columns that say who somebody is, by their headings."""
    ids = [word for word in IDS if word not in NAMES]
    mails = [word for word in ids if any(part in word for part in _MAIL)]
    whole = _places(words, NAMES)
    return PersonColumns(
        ids=_places(words, [word for word in ids if word not in mails]),
        mails=_places(words, mails),
        names=whole[:1] or (*_places(words, FIRST)[:1], *_places(words, LAST)[:1]),
    )
