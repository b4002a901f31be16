"""Which row of a gradebook is whose. Pure.

By ids that other systems know, else by the address of mail, else by the site's own number of the
person, which proves something only together with the name. Where names are known, they must not
contradict.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from conformance.classes.file_names import Author, in_short, same, spellings, squeezed
from conformance.classes.gradebooks.columns import Columns, PersonColumns
from conformance.classes.gradebooks.sheet import Sheet
from conformance.classes.hand_ins.ids import cleaned
from conformance.classes.hand_ins.roster import NO_PEOPLE
from conformance.classes.hand_ins.student_lookup import StudentLookup
from conformance.classes.model import Student
from conformance.verdict.model import WrongCall

MIN_LETTERS = 3
"""Letters of a word that two names of one person may have in common."""


@dataclass
class Matched:
    """The rows of a gradebook, and whose they are."""

    rows: dict[str, int] = field(default_factory=dict)
    """Student's id -> row."""
    strangers: list[str] = field(default_factory=list)
    """Who is in the gradebook only, as it names them."""
    doubts: list[str] = field(default_factory=list)
    """Sentences about rows of which it is not certain whose they are."""
    doubted: set[str] = field(default_factory=set)
    """Ids of the students who may be meant by them."""


def match_rows(sheet: Sheet, columns: Columns, students: Sequence[Student]) -> Matched:
    """Whose each row is. Raises WrongCall if two rows are one student's."""
    people = _People(students)
    matched = Matched()
    for row in range(columns.first, len(sheet.rows)):
        texts = sheet.texts(row)
        if not any(text.strip() for text in texts):
            continue
        person = _Person(texts, columns.people)
        found = people.of(person)
        if len(found) == 1 and people.agree(person, found[0]):
            [student] = found
            if student.id in matched.rows:
                lines = f"{matched.rows[student.id] + 1} and {row + 1}"
                raise WrongCall(f"the rows {lines} are both of {student.id}: delete one of them")
            matched.rows[student.id] = row
        elif found:
            matched.doubted.update(student.id for student in found)
            who = in_short([f"{s.id} ({s.name})" if s.name else s.id for s in found])
            matched.doubts.append(f"{person.shown} may be {who}: the ids and names do not agree")
        elif squeezed(person.name) not in NO_PEOPLE:
            matched.strangers.append(person.shown)
    return matched


class _Person:
    """What a row says about a person."""

    def __init__(self, texts: Sequence[str], columns: PersonColumns) -> None:
        def cells(places: Sequence[int]) -> list[str]:
            told = (
                cleaned(texts[place].strip(), hashed=columns.hashed)
                for place in places
                if place < len(texts)
            )
            return [text for text in told if text]

        self.ids = cells(columns.ids)
        self.mails = cells(columns.mails)
        self.numbers = [each.split()[-1] for each in cells(columns.numbers)]
        self.numbers = ["".join(filter(str.isdecimal, each)) or each for each in self.numbers]
        self.name = " ".join(cells(columns.names))
        self.shown = self.name or next(iter([*self.ids, *self.mails, *self.numbers]), "?")
        if self.name and (self.ids or self.mails):
            self.shown += f" ({[*self.ids, *self.mails][0]})"


class _People:
    def __init__(self, students: Sequence[Student]) -> None:
        self._students: Mapping[str, Student] = {same(each.id): each for each in students}
        self._lookup = StudentLookup()
        for student in students:
            self._lookup.add(student.id, student.name, student.aliases)

    def of(self, person: _Person) -> list[Student]:
        """Who may be meant: by ids and addresses, which must agree; else by the site's number."""
        said = [found for id in (*person.ids, *person.mails) if (found := self._with(id))]
        if said:
            keys = set.intersection(*said) or set.union(*said)
            return [self._students[key] for key in sorted(keys)]
        found = {key for number in person.numbers if (key := self._lookup.by_id(number))}
        return [
            student
            for student in (self._students[key] for key in sorted(found))
            if bool(student.name) == bool(person.name) and self._resembles(person, student)
        ]

    def _with(self, id: str) -> set[str]:
        if same(id) in self._students:
            return {same(id)}
        return {*self._lookup.with_alias(id)} or {*self._lookup.with_digits(id)}

    def agree(self, person: _Person, student: Student) -> bool:
        """Whether the names, as far as they are known, may be of the one person that an id means:
        somebody may have married, or be written in another alphabet."""
        names = person.name, student.name
        if not all(names) or self._resembles(person, student):
            return True
        if not self._is_meant_by_more_than_a_guess(person, student):
            return False
        return _is_latin(names[0]) != _is_latin(names[1]) or bool(
            _words(names[0]) & _words(names[1])
        )

    def _is_meant_by_more_than_a_guess(self, person: _Person, student: Student) -> bool:
        """Whether an id or an address is the student's, and not only the first part of one."""
        known = {same(each) for each in (student.id, *student.aliases)}
        parts = {each.partition("@")[0] for each in known if "@" in each} - {same(student.id)}
        return any(same(each) in known - parts for each in (*person.ids, *person.mails))

    def _resembles(self, person: _Person, student: Student) -> bool:
        return not (person.name or student.name) or any(
            self._lookup.resembles(Author("", spelled), same(student.id))
            for spelled in spellings(person.name)
        )


def _words(name: str) -> set[str]:
    """The words of a name that are long enough to tell people apart."""
    return {word for each in name.split() if len(word := squeezed(each)) >= MIN_LETTERS}


def _is_latin(name: str) -> bool:
    return any("LATIN" in unicodedata.name(letter, "") for letter in name)
