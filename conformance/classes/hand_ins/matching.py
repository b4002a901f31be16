"""Matches entries to the students and groups of a class, by ids and names. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.classes.file_names import Author, identity, in_short, same, squeezed
from conformance.classes.hand_ins.roster import Roster
from conformance.classes.hand_ins.sites import CANVAS, MOODLE, OWN_NUMBERS
from conformance.classes.hand_ins.student_lookup import StudentLookup, only
from conformance.classes.model import Student
from conformance.verdict.model import WrongCall

MIN_CANVAS_NUMBERS = 3
"""So many of Canvas' numbers must be compared before anything is concluded from them."""
ROUNDED = "a spreadsheet has rounded their number in the roster, and one entry may be theirs"
NAMELESS = "the roster has no name for them, and some entries are known by a name only"


@dataclass(frozen=True)
class Match:
    """The owner of an entry."""

    owner: str
    """The id of the student or group for whom it is graded."""
    how: str
    """How the owner was found: "by the id", "by the name"."""
    remark: str = ""
    """What the teacher should know about it; "" if nothing."""


@dataclass(frozen=True)
class Doubt:
    """The possible owners of an entry."""

    ids: tuple[str, ...]
    why: str
    """For the teacher."""
    told: str
    """The reason for those students. It names nobody else."""
    certain: bool = True
    """Whether it is certainly by one of these."""


class People:
    """The students of a class. Without a roster, all who hand in are added."""

    def __init__(self, roster: Roster | None, groups: Mapping[str, Sequence[str]]) -> None:
        """`groups`: the members of each. Raises WrongCall: a member who is not in the roster,
        somebody in two groups, a group called like a student."""
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
        """The students who hand in together, by the id of the student or group."""
        found: dict[str, list[Student]] = {}
        for student in self._students.values():
            found.setdefault(student.group or student.id, []).append(student)
        return found

    def _add(self, student: Student, aliases: Iterable[str] = ()) -> None:
        self._students[same(student.id)] = replace(student, aliases=tuple(aliases))
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
        """Whether a student or a group has this id or name."""
        return same(text) in self._groups or self._key(Author(identity(text))) is not None

    # -- whose it is ------------------------------------------------------------------

    def check_numbers(self, numbers: Collection[str]) -> None:
        """Takes note of Canvas' numbers in an export. If none of several is in the roster, its
        column ID is something else, and is ignored."""
        if len(numbers) >= MIN_CANVAS_NUMBERS and self._numbers.keys().isdisjoint(numbers):
            self._numbers = {}

    def match(
        self, author: Author, site: str = "", *, namesakes: bool = False, shared: bool = False
    ) -> Match | None:
        """The owner of an author's work, and how it was found; None if nobody in the roster is.

        `namesakes`: the site has several authors of that name; `shared`: several have that number,
        apart from leading zeros. Moodle, Canvas and Brightspace number people themselves: if name
        and number mean different people, the name decides. But Canvas' number decides if the roster
        is its gradebook.
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
            owners = self._ids(called)  # several only if namesakes are not in one group
            return Match(owners[0], "by the name") if len(owners) == 1 else None
        student = self._students[key]
        return Match(student.group or student.id, how, remark)

    def _known(self, author: Author, site: str) -> tuple[str | None, str]:
        """The student's key, and how it was found, without guessing."""
        if site == CANVAS and self._numbers:
            if self._disagree(author, site):
                return None, ""
            if (by_number := self._numbers.get(author.id)) is not None:
                return by_number, "by Canvas' number"
            return only(self._lookup.called(author)), "by the name"
        by_id = self._lookup.by_id(author.id)
        if not self.closed and site != MOODLE:
            return by_id, "by the id"  # without a roster, equal names prove nothing
        called = self._lookup.called(author)
        if site not in OWN_NUMBERS:
            return (by_id, "by the id") if by_id else (only(called), "by the name")
        # If names are hidden, a site writes its number instead: "Participant 4711".
        nameless = not author.name or author.name.split()[-1] == author.id
        # Moodle numbers participants from 1, so that a number may be anybody's student id. Only
        # Canvas' numbers are long enough to be unique.
        unnamed = site == CANVAS and by_id is not None and not self._students[by_id].name
        if by_id and (nameless or unnamed or by_id in called):
            return by_id, f"by {site}'s number"
        return only(called), "by the name"

    def _key(self, author: Author) -> str | None:
        key = self._known(author, "")[0]
        return self._by_digits(author)[0] if key is None and self.closed else key

    def _by_digits(self, author: Author) -> tuple[str | None, str, str]:
        """The student with that number apart from leading zeros and thousands separators: key, how
        it was found, remark."""
        key = only(self._lookup.with_digits(author.id))
        if key is None:
            return None, "", ""
        id = self._students[key].id
        remark = f"{author.id} was taken for {id}: spreadsheets drop leading zeros"
        return key, "by the number, without leading zeros", remark

    def _disagree(self, author: Author, site: str) -> bool:
        """Whether Canvas' number and the name are of different people."""
        if site != CANVAS or not self._numbers or not author.name:
            return False
        by_number = self._numbers.get(author.id)
        called = self._lookup.called(author)
        if by_number is None:
            # not in the gradebook, but with the name of somebody who is
            return any(key in self._numbers.values() for key in called)
        if not self._students[by_number].name or by_number in called:
            return False
        return bool(called) or not self._lookup.resembles(author, by_number)

    # -- if the owner is not certain ----------------------------------------------------

    def is_test_student(self, author: Author) -> bool:
        """Whether it is the test student of a course site."""
        return same(author.id) in self._aside

    def doubt(self, author: Author, site: str = "") -> Doubt | None:
        """The possible owners of an author's work without a `match`; None if there are none."""
        said = author.name or author.id
        if self._disagree(author, site):
            by_number = [self._numbers[author.id]] if author.id in self._numbers else []
            ids = self._ids([*by_number, *self._lookup.called(author)])
            why = f"Canvas' number {author.id} and the name {said} are of two people in the roster"
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
        """Those who may have that number, which a spreadsheet has rounded or taken zeros from."""
        if several := self._lookup.with_digits(author.id):
            ids = self._ids(several)
            why = f"without leading zeros, that is the number of {in_short(ids)}"
            return Doubt(ids, why, "it has their number, but for leading zeros")
        if not (fits := self._lookup.before_rounding(author.id)):
            return None
        ids = self._ids(fits)
        why = f"it may be the number of {in_short(ids)}, which a spreadsheet has rounded"
        return Doubt(ids, why, ROUNDED, certain=False)

    def alike(self, author: Author) -> tuple[str, ...]:
        """Those whose names resemble that of an author without a match."""
        return self._ids(self._lookup.alike(author))

    def _ids(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The ids under which these students are graded, in the order of the roster."""
        wanted = {*keys}
        found = [self._students[key] for key in self._students if key in wanted]
        return tuple(dict.fromkeys(student.group or student.id for student in found))

    def _group_called(self, name: str) -> str:
        """The group that a site names instead of a person; "" if none."""
        spelled = squeezed(name)
        called = self._called.get(spelled, [])
        return called[0] if len(called) == 1 and not self._lookup.is_name(spelled) else ""
