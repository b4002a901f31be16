"""Under which ids and names the students of a class may be found. A student is a key here:
the id in the form in which ids are compared. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from difflib import SequenceMatcher

from conformance.classes.file_names import Author, folded, same, spellings, squeezed
from conformance.classes.hand_ins.ids import bare, rounded

ALIKE = 0.6
"""How much of two names is the same (see difflib) where one may be the other, misspelt by
whoever packed or unpacked it: 0.9 for mã¼ller and müller, 0.3 for two people."""


class StudentLookup:
    """Who has which ids and names."""

    def __init__(self) -> None:
        self._ids: dict[str, list[str]] = {}
        """Of each student, the id and all else that identifies the person."""
        self._name: dict[str, str] = {}
        self._aliases: dict[str, set[str]] = {}
        self._bare: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        self._folded: dict[str, set[str]] = {}

    def add(self, id: str, name: str, aliases: Iterable[str] = ()) -> None:
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
        """Whose id, or other id, that is."""
        key = same(id)
        return key if key in self._ids else only(self._aliases.get(key, ()))

    def with_alias(self, id: str) -> Collection[str]:
        """All who have it beside their own id."""
        return self._aliases.get(same(id), set())

    def with_digits(self, id: str) -> Collection[str]:
        """All who have that number but for zeros in front, or marks between thousands."""
        return self._bare.get(bare(id), set()) if bare(id) else set()

    def once(self, id: str) -> Collection[str]:
        """Whose number may have been that, before a spreadsheet has rounded it."""
        number = bare(id)
        return [
            key
            for key, ids in self._ids.items()
            if any((left := rounded(each)) and left.fits(number) for each in ids)
        ]

    def called(self, author: Author) -> Collection[str]:
        """Who has that name, whichever of its words comes first; else who has it without
        accents."""
        name = squeezed(author.name or author.id)
        if name in self._names:
            return self._names[name]
        return set().union(*(self._folded.get(plain, set()) for plain in folded(name)))

    def is_name(self, spelled: str) -> bool:
        """Whether somebody is called so, by letters and digits alone."""
        return spelled in self._names

    def resembles(self, author: Author, key: str) -> bool:
        """Whether the name may be this student's, misspelt, in whatever order its words are."""
        written = squeezed(author.name)
        return any(
            SequenceMatcher(None, written, spelling, autojunk=False).ratio() >= ALIKE
            for spelling in spellings(self._name[key])
        )

    def alike(self, author: Author) -> Collection[str]:
        """Who has a name, of three letters at least, that such an author's begins or ends
        with, or of four that stands in it: `Ann-Marie Smith` may be the roster's Ann Smith,
        `tmeier2` Tim Meier, or somebody else."""
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
    """The one, where there is one."""
    some = list(keys)
    return some[0] if len(some) == 1 else None
