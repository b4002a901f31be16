"""Whose an entry is: the students and groups of a class, and how sites may name them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.classes.file_names import Author, identity, in_short, same, squeezed
from conformance.classes.hand_ins.roster import Roster
from conformance.classes.hand_ins.sites import CANVAS, MOODLE, OWN_NUMBERS
from conformance.classes.hand_ins.student_lookup import StudentLookup, only
from conformance.classes.model import Student
from conformance.verdict.model import WrongCall

SOME = 3
"""Numbers of Canvas, at least, from which something can be concluded."""
ROUNDED = "a spreadsheet has rounded their number in the roster, and there is an entry that it fits"
NAMELESS = "the roster has no name for them, and there are entries that tell a name only"


@dataclass(frozen=True)
class Match:
    """Whose an entry is."""

    owner: str
    """The id under which the work is graded: of a student, or of a group."""
    how: str
    """By what it was known: "by the id", "by the name"."""
    remark: str = ""
    """What the teacher should know of it."""


@dataclass(frozen=True)
class Doubt:
    """Whose an entry may be."""

    ids: tuple[str, ...]
    why: str
    """For the teacher."""
    told: str
    """For those students: it names nobody else."""
    certain: bool = True
    """It is the work of one of these, and of nobody else."""


class People:
    """The students of a class. Without a roster, whoever has handed in joins it."""

    def __init__(self, roster: Roster | None, groups: Mapping[str, Sequence[str]]) -> None:
        """`groups` holds the members of each. Raises WrongCall: a member whom the roster does
        not have, somebody in two groups, a group called like a student."""
        self.closed = roster is not None
        self._students: dict[str, Student] = {}
        self._lookup = StudentLookup()
        self._groups: dict[str, str] = {}
        roster = roster or Roster()
        self._numbers = {number: same(id) for number, id in roster.numbers.items()}
        self._aside = {same(each.id) for each in roster.aside}
        for student in roster.students:
            self._add(student, roster.aliases.get(student.id, ()))
        for group, members in groups.items():
            for member in members:
                self._join(identity(group), identity(member))
        for student in self._students.values():
            if student.group:
                self._groups.setdefault(same(student.group), student.group)
        for key, group in self._groups.items():
            if key in self._students and self._students[key].group != group:
                raise WrongCall(f"{group} is both a group and a student who is not in it")
        self._students = {
            key: replace(each, group=self._groups.get(same(each.group), ""))
            for key, each in self._students.items()
        }
        self._called: dict[str, list[str]] = {}
        for group in self._groups.values():
            self._called.setdefault(squeezed(group), []).append(group)

    @property
    def students(self) -> tuple[Student, ...]:
        return tuple(self._students.values())

    def members(self) -> dict[str, list[Student]]:
        """Who hands in together, by the id of the author: of the group, or of the student."""
        found: dict[str, list[Student]] = {}
        for student in self._students.values():
            found.setdefault(student.group or student.id, []).append(student)
        return found

    def _add(self, student: Student, aliases: Iterable[str] = ()) -> None:
        self._students[same(student.id)] = student
        self._lookup.add(student.id, student.name, aliases)

    def _join(self, group: str, member: str) -> None:
        key = self._key(Author(member)) or ""
        if not key and self.closed:
            raise WrongCall(f"[groups] {group}: {member} is not in the roster")
        if not key:
            key = same(member)
            self._add(Student(member))
        student = self._students[key]
        if student.group and same(student.group) != same(group):
            raise WrongCall(f"{student.id} is in two groups, {student.group} and {group}")
        self._students[key] = replace(student, group=group)

    def knows(self, text: str) -> bool:
        """Whether somebody, or a group, is called so."""
        return same(text) in self._groups or self._key(Author(identity(text))) is not None

    # -- whose it is ------------------------------------------------------------------

    def hear_numbers(self, numbers: Collection[str]) -> None:
        """Those that Canvas has written into the names of an export. Where there are some, and
        the roster has none of them, what it calls ID is something else."""
        if len(numbers) >= SOME and self._numbers.keys().isdisjoint(numbers):
            self._numbers = {}

    def match(
        self, author: Author, site: str = "", *, namesakes: bool = False, shared: bool = False
    ) -> Match | None:
        """Whose the work of such an author is, and how that is known; None: nobody's in the
        roster. `namesakes`: the site has several of that name; `shared`: others have the
        same number, but for the zeros in front.

        The numbers of Moodle, Canvas and Brightspace are their own: where they mean somebody
        whose name is another, the name decides. Of its own gradebook Canvas' number decides.
        """
        if site not in OWN_NUMBERS and same(author.id) in self._groups:
            return Match(self._groups[same(author.id)], "by the group's name")
        if site and (group := self._group_called(author.name)):
            return Match(group, "by the group's name")
        key, how = self._known(author, site)
        if namesakes and key is not None and key != same(author.id) and not self.closed:
            key = None
        remark = ""
        if key is None and self.closed and site not in OWN_NUMBERS and not shared:
            key, how, remark = self._by_digits(author)
        if key is None and not self.closed:
            self._add(Student(author.id, author.name))
            key, how = same(author.id), "by its own name"
        if key is None:
            called = () if self._disagree(author, site) else self._lookup.called(author)
            owners = self._ids(called)  # namesakes who work together
            return Match(owners[0], "by the name") if len(owners) == 1 else None
        student = self._students[key]
        return Match(student.group or student.id, how, remark)

    def _known(self, author: Author, site: str) -> tuple[str | None, str]:
        """Who that is, and by what, without a guess."""
        if site == CANVAS and self._numbers:
            if self._disagree(author, site):
                return None, ""
            if (by_number := self._numbers.get(author.id)) is not None:
                return by_number, "by Canvas' number"
            return only(self._lookup.called(author)), "by the name"
        by_id = self._lookup.by_id(author.id)
        if not self.closed and site != MOODLE:
            return by_id, "by the id"  # without a roster a name alone makes nobody the same
        called = self._lookup.called(author)
        if site not in OWN_NUMBERS:
            return (by_id, "by the id") if by_id else (only(called), "by the name")
        # Where names are hidden, a site writes its number instead: "Participant 4711".
        nameless = not author.name or author.name.split()[-1] == author.id
        # Moodle numbers its participants from 1: such a number is anybody's student id. Only
        # Canvas' numbers are so long that they are nobody's else.
        unnamed = site == CANVAS and by_id is not None and not self._students[by_id].name
        if by_id and (nameless or unnamed or by_id in called):
            return by_id, f"by {site}'s number"
        return only(called), "by the name"

    def _key(self, author: Author) -> str | None:
        key = self._known(author, "")[0]
        return self._by_digits(author)[0] if key is None and self.closed else key

    def _by_digits(self, author: Author) -> tuple[str | None, str, str]:
        """Who has that number but for zeros in front, or marks between thousands."""
        key = only(self._lookup.with_digits(author.id))
        if key is None:
            return None, "", ""
        id = self._students[key].id
        remark = f"{author.id} was taken for {id}: a spreadsheet drops the zeros of a number"
        return key, "by the number, but for its zeros", remark

    def _disagree(self, author: Author, site: str) -> bool:
        """Whether Canvas' number is of one person, and the name of another."""
        if site != CANVAS or not self._numbers or not author.name:
            return False
        by_number = self._numbers.get(author.id)
        called = self._lookup.called(author)
        if by_number is None:
            # somebody who is not in the gradebook, and is called like one who is
            return any(key in self._numbers.values() for key in called)
        if not self._students[by_number].name or by_number in called:
            return False
        return bool(called) or not self._lookup.resembles(author, by_number)

    # -- where that cannot be told ----------------------------------------------------

    def is_aside(self, author: Author) -> bool:
        """Whether it is the student whom a course site makes for teachers."""
        return same(author.id) in self._aside

    def doubt(self, author: Author, site: str = "") -> Doubt | None:
        """Whose the work of an author may be, for whom `match` finds nobody; None: nobody's."""
        said = author.name or author.id
        if self._disagree(author, site):
            by_number = [self._numbers[author.id]] if author.id in self._numbers else []
            ids = self._ids([*by_number, *self._lookup.called(author)])
            why = f"Canvas' number {author.id} and the name {said} are not one person's there"
            told = "Canvas' number and the name are of two people"
            return Doubt(ids, why, told, certain=bool(self._lookup.called(author)))
        if site not in OWN_NUMBERS and (found := self._by_what_is_left(author)):
            return found
        keys = self._lookup.with_alias(author.id) if site not in OWN_NUMBERS else ()
        keys = keys or self._lookup.called(author)
        if keys:
            ids = self._ids(keys)
            called = f"in the roster are called {said}"
            return Doubt(ids, f"{in_short(ids)} {called}", f"{len(ids)} {called}")
        if not site and not author.name:
            return None
        ids = self._ids(key for key, student in self._students.items() if not student.name)
        if not ids:
            return None
        return Doubt(ids, f"the roster has no name for {in_short(ids)}", NAMELESS, certain=False)

    def _by_what_is_left(self, author: Author) -> Doubt | None:
        """Who may have had that number before a spreadsheet has rounded it, or taken zeros."""
        if several := self._lookup.with_digits(author.id):
            ids = self._ids(several)
            why = f"but for zeros in front, that is the number of {in_short(ids)}"
            return Doubt(ids, why, "it has their number, but for zeros in front")
        if not (fits := self._lookup.once(author.id)):
            return None
        ids = self._ids(fits)
        why = f"it may be that of {in_short(ids)}, whose number a spreadsheet has rounded"
        return Doubt(ids, why, ROUNDED, certain=False)

    def alike(self, author: Author) -> tuple[str, ...]:
        """Whose name is like that of an author who is nobody."""
        return self._ids(self._lookup.alike(author))

    def _ids(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Under whose ids these are graded, in the order of the roster."""
        wanted = {*keys}
        found = [self._students[key] for key in self._students if key in wanted]
        return tuple(dict.fromkeys(student.group or student.id for student in found))

    def _group_called(self, name: str) -> str:
        """The group that a site names where a person's name would stand."""
        spelled = squeezed(name)
        called = self._called.get(spelled, [])
        return called[0] if len(called) == 1 and not self._lookup.is_name(spelled) else ""
