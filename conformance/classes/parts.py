"""The parts of a class, for machines that grade it without talking to each other. Pure.

A part holds authors, with all that they handed in: so a student's page is whole where the part is,
and what several labs share is read on one machine. Authors stand in the order of a digest of their
ids, which mixes languages and levels, and depends on nobody else. That row is cut where each part
has the same number of hand-ins, give or take one author's. Whoever joins or leaves the class thus
moves one author at most across each cut.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from conformance.classes.model import Class
from conformance.verdict.model import WrongCall

MOST = 10_000
"""Parts of a class at most: more than any CI has jobs."""


@dataclass(frozen=True, order=True)
class PartOfClass:
    """One of several parts of a class."""

    of: int
    """How many parts there are."""
    number: int
    """Which of them, from 1."""

    @classmethod
    def read(cls, text: str) -> PartOfClass:
        """Reads `2/3`. Raises WrongCall."""
        number, _, of = text.partition("/")
        digits = all(each.isascii() and each.isdecimal() and len(each) < 6 for each in (number, of))
        if not (digits and 1 <= int(number) <= int(of) <= MOST):
            raise WrongCall(f"--part wants K/N, such as 1/4, not {text!r}")
        return cls(int(of), int(number))

    @property
    def told(self) -> str:
        return f"part {self.number} of {self.of}"


def part_of_each(graded: Class, of: int) -> dict[str, int]:
    """For each author of the class, which of so many parts holds them."""
    weights = Counter(
        hand_in.author for hand_in in graded.hand_ins if hand_in.path and not hand_in.problem
    )
    authors = {hand_in.author for hand_in in graded.hand_ins} | {
        graded.author_of(student) for student in graded.students
    }
    row = sorted(authors, key=_place)
    whole = sum(weights.values()) or 1
    ends = accumulate(weights[author] for author in row)
    # An author is where the middle of their hand-ins is.
    middles = (2 * end - weights[author] for author, end in zip(row, ends, strict=True))
    return {
        author: min(of, 1 + middle * of // (2 * whole))
        for author, middle in zip(row, middles, strict=True)
    }


def _place(author: str) -> tuple[bytes, str]:
    told = author.encode("utf-8", "surrogatepass")
    return hashlib.sha256(told).digest(), author


def authors_in(graded: Class, parts: Collection[PartOfClass]) -> frozenset[str]:
    """The authors in any of these parts."""
    found: set[str] = set()
    for of in {part.of for part in parts}:
        numbers = {part.number for part in parts if part.of == of}
        found |= {author for author, of_it in part_of_each(graded, of).items() if of_it in numbers}
    return frozenset(found)


def all_of(parts: Collection[PartOfClass]) -> bool:
    """Whether these are all that there are of one division."""
    counts = Counter(part.of for part in set(parts))
    return any(count == of for of, count in counts.items())


def in_parts(graded: Class, parts: Collection[PartOfClass]) -> Class:
    """The class as if it had only the authors in these parts; all of it where there are none, and
    where there are all."""
    if not parts or all_of(parts):
        return graded
    there = authors_in(graded, parts)
    students = tuple(s for s in graded.students if graded.author_of(s) in there)
    ids = {student.id for student in students}
    return replace(
        graded,
        title=", ".join(filter(None, [graded.title, told_parts(parts)])),
        students=students,
        hand_ins=tuple(h for h in graded.hand_ins if h.author in there),
        grants=tuple(grant for grant in graded.grants if grant.student in ids),
    )


def told_parts(parts: Collection[PartOfClass]) -> str:
    """These parts in words: "part 2 of 3", "parts 1, 2 and 4 of 5"."""
    told = []
    for of in sorted({part.of for part in parts}):
        numbers = sorted(part.number for part in parts if part.of == of)
        told.append(f"part{'s' * (len(numbers) > 1)} {_listed(list(map(str, numbers)))} of {of}")
    return _listed(told)


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
