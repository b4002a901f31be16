"""The ids and names by which the students of a class are found. A student is represented by a key:
the id in the form in which ids are compared. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from difflib import SequenceMatcher

from conformance.classes.file_names import Author, folded, same, spellings, squeezed
from conformance.classes.hand_ins.ids import bare, rounded

MIN_LIKENESS = 0.6
"""Ratio of difflib (0 to 1) from which a name may be another one misspelt by a tool that packed it:
0.9 for mã¼ller and müller, 0.3 for two people."""


class StudentLookup:
    def __init__(self) -> None:
        self._ids: dict[str, list[str]] = {}
        """For each student, the id and all else that identifies the person."""
        self._name: dict[str, str] = {}
        self._aliases: dict[str, set[str]] = {}
        self._bare: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        self._folded: dict[str, set[str]] = {}

    def add(self, id: str, name: str, aliases: Iterable[str] = ()) -> None:
        """Adds a student. `aliases`: what else identifies the person."""
        key = same(id)
        self._ids[key], self._name[key] = [id, *aliases], name
        for alias in aliases:
            self._aliases.setdefault(same(alias), set()).add(key)
        for each in self._ids[key]:
            if number := bare(each):
                self._bare.setdefault(number, set()).add(key)
        for spelling in spellings(name):
            self._names.setdefault(spelling, set()).add(key)
            for plain in folded(spelling):
                self._folded.setdefault(plain, set()).add(key)

    def by_id(self, id: str) -> str | None:
        """The student with this id, or with this alias if only one has it."""
        key = same(id)
        return key if key in self._ids else only(self._aliases.get(key, ()))

    def with_alias(self, id: str) -> Collection[str]:
        return self._aliases.get(same(id), set())

    def with_digits(self, id: str) -> Collection[str]:
        """The students with this number, apart from leading zeros and thousands separators."""
        return self._bare.get(bare(id), set()) if bare(id) else set()

    def before_rounding(self, id: str) -> Collection[str]:
        """The students whose rounded number in the roster may have been this one."""
        number = bare(id)
        return [
            key
            for key, ids in self._ids.items()
            if any((left := rounded(each)) and left.fits(number) for each in ids)
        ]

    def called(self, author: Author) -> Collection[str]:
        """The students with this name, in any order of its words; else without accents."""
        name = squeezed(author.name or author.id)
        if name in self._names:
            return self._names[name]
        return set().union(*(self._folded.get(plain, set()) for plain in folded(name)))

    def is_name(self, spelled: str) -> bool:
        """Whether somebody has this name (letters and digits only)."""
        return spelled in self._names

    def resembles(self, author: Author, key: str) -> bool:
        """Whether the name may be this student's, misspelt, in any order of its words."""
        written = squeezed(author.name)
        return any(
            SequenceMatcher(None, written, spelling, autojunk=False).ratio() >= MIN_LIKENESS
            for spelling in spellings(self._name[key])
        )

    def alike(self, author: Author) -> Collection[str]:
        """Students who may be meant by an unknown author: a word of their name has three letters or
        more and begins or ends the author's, or four or more and is part of it. `Ann-Marie Smith`
        may be the roster's Ann Smith, and `tmeier2` Tim Meier."""
        said = squeezed(author.name or author.id)
        words = {
            key: [w for w in map(squeezed, re.split(r"[\s,_-]+", name)) if len(w) > 2]
            for key, name in self._name.items()
        }
        return [
            key
            for key, some in words.items()
            if any(
                said.startswith(word) or said.endswith(word) or (len(word) > 3 and word in said)
                for word in some
            )
        ]


def only(keys: Iterable[str]) -> str | None:
    """The only key; None if there are none or several."""
    some = list(keys)
    return some[0] if len(some) == 1 else None
