"""Compares the works of a class, each with each and with the references. Pure.

What most of them have is stock code, and what a teacher has handed out is everybody's: both are
taken off first; between students, so is what a reference has, too.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from conformance.classes.alike.fingerprints import (
    GRAM,
    NONE,
    Grams,
    covered,
    fingerprints,
    grams_of,
)
from conformance.classes.alike.sources import Sources

STOCK_SHARE = 0.6
"""Share of the works in a language from which what they all have is stock code."""
STOCK_LEAST = 5
"""Works that must have it, in a small class."""
MIN_TOKENS = 60
"""Tokens that two works must share to be listed: about ten lines."""
SHORT = 150
"""Tokens of its own below which a program is so short that its likeness says little: two that print
a line may agree in all they have."""
MIN_SIMILAR = 0.25
"""Share of a work's own tokens that must be found in the other."""
MAX_PAIRS = 200
"""Pairs of hand-ins that are listed, and pairs with a reference: nobody looks at more."""
MAX_PARTNERS = 3
"""Others with whom a work is listed: where fifty are the same, there are a thousand pairs of them,
which would hide all others."""
MAX_LOOKED_AT = 10
"""Others with whom a work is compared closely: those with which it shares the most
fingerprints."""
MAX_SHARED_BY = 60
"""Works that share a fingerprint, up to which all pairs of them may be looked at. Of more, each is
paired with the next ones only."""
MAX_STARTS = 16
"""Places in the other work that one run is compared with."""


@dataclass(frozen=True)
class SharedPassage:
    """A run of tokens that two works share: where it begins in each, and how long it is."""

    one: int
    other: int
    tokens: int


@dataclass(frozen=True)
class SimilarPair:
    """Two works that are similar."""

    one: Sources
    other: Sources
    """The reference, if one of them is."""
    tokens_one: int
    """Tokens of the first that are found in the other."""
    tokens_other: int
    own_one: int
    """Tokens of the first that are its own: all but those that were taken off."""
    own_other: int
    passages: tuple[SharedPassage, ...]
    """The longest first."""

    @property
    def of_one(self) -> float:
        """The share of the first that is found in the other, from 0 to 1."""
        return self.tokens_one / self.own_one

    @property
    def of_other(self) -> float:
        return self.tokens_other / self.own_other

    @property
    def similar(self) -> float:
        """The share of both together that is found in the other."""
        return (self.tokens_one + self.tokens_other) / (self.own_one + self.own_other)

    @property
    def is_short(self) -> bool:
        """Whether one of them has so little of its own that they may agree by chance."""
        return min(self.own_one, self.own_other) < SHORT

    @property
    def tokens(self) -> int:
        """Tokens that they share: the fewer of both sides."""
        return min(self.tokens_one, self.tokens_other)


@dataclass(frozen=True)
class LabComparison:
    """What came of comparing the works for one lab."""

    lab: str
    works: tuple[Sources, ...]
    """The hand-ins, also those of which nothing is compared."""
    references: int
    """How many references they were compared with."""
    pairs: tuple[SimilarPair, ...]
    """Pairs of hand-ins, then those with a reference; of each the most similar first, and short
    ones last."""
    more: int = 0
    """Pairs that are similar, too, and are not listed."""

    @property
    def groups(self) -> tuple[tuple[str, tuple[SimilarPair, ...]], ...]:
        """The pairs of hand-ins, and those with a reference, each under its heading; none that
        would be empty."""
        both = (
            ("hand-ins that are similar", tuple(p for p in self.pairs if not p.other.is_reference)),
            ("similar to a reference", tuple(p for p in self.pairs if p.other.is_reference)),
        )
        return tuple(each for each in both if each[1])


def compare(
    lab: str,
    works: Sequence[Sources],
    references: Sequence[Sources] = (),
    base: Sequence[Sources] = (),
) -> LabComparison:
    """The similar pairs of the works, and of a work and a reference. `base`: what the teacher has
    handed out."""
    compared = [work for work in (*works, *references) if not work.trouble]
    grams = [grams_of(work) for work in compared]
    given = {gram for work in base for gram in grams_of(work)} | _stock(compared, grams)
    solved = {
        gram
        for work, runs in zip(compared, grams, strict=True)
        if work.is_reference
        for gram in runs
    }
    among = _Side(compared, grams, given | solved)
    beside = _Side(compared, grams, given)
    looks = [*_likely(among, references=False), *_likely(beside, references=True)]
    pairs = filter(None, (side.pair(*places) for side, places in looks))
    found = sorted(
        pairs, key=lambda pair: (pair.is_short, -pair.similar, -pair.tokens, pair.one.name)
    )
    listed: list[SimilarPair] = []
    for references_too in (False, True):
        kind = [pair for pair in found if pair.other.is_reference is references_too]
        listed += list(_few_of_each(kind))[:MAX_PAIRS]
    read = sum(not work.trouble for work in references)
    return LabComparison(lab, tuple(works), read, tuple(listed), len(found) - len(listed))


def _few_of_each(pairs: Sequence[SimilarPair]) -> Iterator[SimilarPair]:
    """The pairs, without those of works that are listed with enough others. Each work that is
    similar to any is listed."""
    partners: Counter[int] = Counter()
    for pair in pairs:
        counts = partners[id(pair.one)], partners[id(pair.other)]
        if max(counts) < MAX_PARTNERS or min(counts) == 0:
            partners.update((id(pair.one), id(pair.other)))
            yield pair


def _stock(works: Sequence[Sources], grams: Sequence[Grams]) -> set[int]:
    """The runs that most hand-ins of a language have."""
    by_language: dict[str, list[set[int]]] = defaultdict(list)
    for work, runs in zip(works, grams, strict=True):
        if work.is_reference:
            continue
        its: dict[str, set[int]] = defaultdict(set)
        ends = [*(file.first for file in work.files[1:]), len(runs)]
        for file, end in zip(work.files, ends, strict=True):
            its[file.language].update(runs[file.first : end])
        for language, seen in its.items():
            by_language[language].append(seen - {NONE})
    stock: set[int] = set()
    for each in by_language.values():
        least = max(STOCK_LEAST, math.ceil(STOCK_SHARE * len(each)))
        counts = Counter(gram for seen in each for gram in seen)
        stock.update(gram for gram, count in counts.items() if count >= least)
    return stock


class _Side:
    """The works, without the runs that are taken off."""

    def __init__(
        self, works: Sequence[Sources], grams: Sequence[Grams], left_out: Collection[int]
    ) -> None:
        self.works = works
        self.left_out = left_out
        self._grams = grams
        self._own = [{*runs} - {NONE} - {*left_out} for runs in grams]
        self._size = [covered(runs, own) for runs, own in zip(grams, self._own, strict=True)]

    def fingerprints(self, place: int) -> set[int]:
        return fingerprints(self._grams[place], self.left_out)

    def pair(self, one: int, other: int) -> SimilarPair | None:
        """The two works, if they are similar enough to be listed."""
        shared = self._own[one] & self._own[other]
        of_one, of_other = (covered(self._grams[place], shared) for place in (one, other))
        if min(of_one, of_other) < MIN_TOKENS:
            return None
        own_one, own_other = self._size[one], self._size[other]
        if max(of_one / own_one, of_other / own_other) < MIN_SIMILAR:
            return None
        passages = tuple(_passages(self._grams[one], self._grams[other], shared))
        works = self.works[one], self.works[other]
        return SimilarPair(*works, of_one, of_other, own_one, own_other, passages)


def _likely(side: _Side, *, references: bool) -> Iterator[tuple[_Side, tuple[int, int]]]:
    """The pairs that share the most fingerprints: of hand-ins, or of one and a reference."""
    holders: Mapping[int, list[int]] = defaultdict(list)
    for place in range(len(side.works)):
        if references or not side.works[place].is_reference:
            for each in side.fingerprints(place):
                holders[each].append(place)
    counts: Counter[tuple[int, int]] = Counter()
    for places in holders.values():
        if len(places) <= MAX_SHARED_BY:
            counts.update(combinations(places, 2))
        else:
            for step in range(1, MAX_PARTNERS + 1):
                counts.update(zip(places, places[step:], strict=False))
    looked_at: Counter[int] = Counter()
    for (one, other), _ in counts.most_common():
        kinds = side.works[one].is_reference, side.works[other].is_reference
        if kinds == (False, references) and min(looked_at[one], looked_at[other]) < MAX_LOOKED_AT:
            looked_at.update((one, other))
            yield side, (one, other)


def _passages(one: Grams, other: Grams, shared: Collection[int]) -> list[SharedPassage]:
    """The longest runs that both have, one after another in the first."""
    starts: dict[int, list[int]] = {}
    for at, gram in enumerate(other):
        if gram in shared:
            starts.setdefault(gram, []).append(at)
    found, at = [], 0
    while at < len(one):
        places = starts.get(one[at], ()) if one[at] in shared else ()
        if not places:
            at += 1
            continue
        length, place = max((_length(one, other, at, p), -p) for p in places[:MAX_STARTS])
        found.append(SharedPassage(at, -place, length + GRAM - 1))
        at += length + GRAM - 1
    return sorted(found, key=lambda passage: (-passage.tokens, passage.one))


def _length(one: Grams, other: Grams, at: int, place: int) -> int:
    """How many runs agree from these two on."""
    length = 0
    while (
        at + length < len(one)
        and place + length < len(other)
        and one[at + length] == other[place + length] != NONE
    ):
        length += 1
    return length
