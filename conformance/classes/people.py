"""Whose an entry is: the students and groups of a class, and how sites may name them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from conformance.classes.model import Student
from conformance.classes.names import Author, identity, same, spellings, squeezed
from conformance.classes.roster import Roster
from conformance.model import WrongCall


class People:
    """The students of a class. Without a roster, whoever has handed in joins it."""

    def __init__(self, roster: Roster | None, groups: Mapping[str, Sequence[str]]) -> None:
        """`groups` holds the members of each. Raises WrongCall: a member whom the roster does
        not have, somebody in two groups, a group called like a student."""
        self.closed = roster is not None
        self._students: dict[str, Student] = {}
        self._aliases: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        self._groups: dict[str, str] = {}
        roster = roster or Roster()
        for student in roster.students:
            self._add(student, roster.aliases.get(student.id, ()))
        for group, members in groups.items():
            for member in members:
                self._join(identity(group), identity(member))
        for student in self._students.values():
            if student.group:
                self._groups[same(student.group)] = self._groups.get(
                    same(student.group), student.group
                )
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
        for alias in aliases:
            self._aliases.setdefault(same(alias), set()).add(same(student.id))
        for spelling in spellings(student.name):
            self._names.setdefault(spelling, set()).add(same(student.id))

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

    def author(self, author: Author, site: str = "", *, namesakes: bool = False) -> str | None:
        """Under whose id the work of such an author is graded; None: nobody's in the roster.
        `namesakes`: the site has several of that name.

        The numbers of Moodle and Canvas are their own: where they mean somebody whose name
        is another, the name decides.
        """
        if same(author.id) in self._groups and not site:
            return self._groups[same(author.id)]
        if site and (group := self._group_called(author.name)):
            return group
        key = self._key(author, site)
        if namesakes and key is not None and key != same(author.id) and not self.closed:
            key = None
        if key is None and not self.closed:
            self._add(Student(author.id, author.name))
            key = same(author.id)
        if key is None:
            called = self._ids(self._names.get(squeezed(author.name or author.id), ()))
            return called[0] if len(called) == 1 else None  # namesakes who work together
        student = self._students[key]
        return student.group or student.id

    def knows_name(self, author: Author) -> bool:
        """Whether anybody in the roster is called like an author, by name or otherwise."""
        called = squeezed(author.name or author.id) in self._names
        return called or (not author.name and same(author.id) in self._aliases)

    def perhaps(self, author: Author, site: str = "") -> tuple[str, ...]:
        """Whose the work of an author may be, for whom `author` finds nobody: those of the
        roster who are called so, or, where a site tells only a name, those without one."""
        keys = self._aliases.get(same(author.id), set()) if not site else set()
        keys = keys or self._names.get(squeezed(author.name or author.id), set())
        if not keys and (site or author.name):
            keys = {key for key, student in self._students.items() if not student.name}
        return self._ids(keys)

    def alike(self, author: Author) -> tuple[str, ...]:
        """Who has a name, of three letters at least, that such an author's begins or ends
        with, or of four that stands in it: `Ann-Marie Smith` may be the roster's Ann Smith,
        `tmeier2` Tim Meier, or somebody else."""
        said = squeezed(author.name or author.id)
        words = {
            key: [w for w in map(squeezed, re.split(r"[\s,_-]+", student.name)) if len(w) > 2]
            for key, student in self._students.items()
        }
        return self._ids(
            key
            for key, some in words.items()
            if any(
                said.startswith(word) or said.endswith(word) or (len(word) > 3 and word in said)
                for word in some
            )
        )

    def _ids(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Under whose ids these are graded, in the order of the roster."""
        wanted = {*keys}
        found = [self._students[key] for key in self._students if key in wanted]
        return tuple(dict.fromkeys(student.group or student.id for student in found))

    def _group_called(self, name: str) -> str:
        """The group that a site names where a person's name would stand."""
        spelled = squeezed(name)
        called = self._called.get(spelled, [])
        return called[0] if len(called) == 1 and spelled not in self._names else ""

    def _key(self, author: Author, site: str = "") -> str | None:
        by_id = same(author.id) if same(author.id) in self._students else None
        if by_id is None:
            by_id = _only(self._aliases.get(same(author.id), ()))
        if not self.closed and site != "Moodle":
            return by_id  # without a roster a name alone makes nobody the same
        called = self._names.get(squeezed(author.name or author.id), set())
        if not site:
            return by_id or _only(called)
        # Where names are hidden, a site writes its number instead: "Participant 4711".
        nameless = not author.name or author.name.split()[-1] == author.id
        # Moodle numbers its participants from 1: such a number is anybody's student id.
        unnamed = site != "Moodle" and by_id is not None and not self._students[by_id].name
        if by_id and (nameless or unnamed or by_id in called):
            return by_id
        return _only(called)


def _only(keys: Iterable[str]) -> str | None:
    some = list(keys)
    return some[0] if len(some) == 1 else None
