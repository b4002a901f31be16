"""The page of similar hand-ins, with their passages side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.classes.alike.compare import LabComparison, SimilarPair
from conformance.reports.classes.alike import (
    IF_SHORT,
    OF_THE_CLASS,
    WHAT_IT_IS,
    ShownPassage,
    name_of,
    percent,
    places,
    similarity_of,
)
from conformance.reports.pages.environment import render
from conformance.verdict.points import counted

MAX_SHOWN = 50
"""Pairs of hand-ins of a lab whose passages are shown, and pairs with a reference."""
MAX_PASSAGES = 8
"""Passages shown of a pair: the longest."""
MAX_LINES = 60
"""Lines shown of a passage."""


@dataclass(frozen=True)
class ShownPair:
    """A pair as the page shows it."""

    anchor: str
    one: str
    other: str
    similar: str
    of_one: str
    of_other: str
    tokens: int
    passages: tuple[tuple[ShownPassage, ShownPassage], ...]
    more: int
    """Passages that are not shown."""


@dataclass(frozen=True)
class ShownLab:
    lab: str
    compared: str
    """What was compared, in words."""
    groups: tuple[tuple[str, tuple[ShownPair, ...]], ...]
    """The pairs, under their headings."""
    more: int
    """Pairs that are not shown."""
    troubles: tuple[tuple[str, str], ...]
    """What was not, or not wholly, compared, and why."""


def to_html(
    title: str, suite: str, found: Sequence[LabComparison], warnings: Sequence[str] = ()
) -> str:
    """The page. `warnings`: those of the class."""
    labs = [_lab(number, comparison) for number, comparison in enumerate(found, 1)]
    any_short = any(pair.is_short for comparison in found for pair in comparison.pairs)
    what = f"{WHAT_IT_IS} {IF_SHORT}" if any_short else WHAT_IT_IS
    return render(
        "alike.html", title=title, suite=suite, labs=labs, what=what, most_lines=MAX_LINES,
        warnings=warnings, of_the_class=OF_THE_CLASS,
    )  # fmt: skip


def _lab(number: int, comparison: LabComparison) -> ShownLab:
    compared = sum(not work.trouble for work in comparison.works)
    groups = tuple(
        (
            f"{heading[0].upper()}{heading[1:]}",
            tuple(
                _pair(f"p-{number}-{group}{place}", pair)
                for place, pair in enumerate(pairs[:MAX_SHOWN], 1)
            ),
        )
        for group, (heading, pairs) in zip(("", "r"), comparison.groups, strict=False)
    )
    shown = sum(len(pairs) for _, pairs in groups)
    return ShownLab(
        comparison.lab,
        f"{counted(compared, 'hand-in')}, with {counted(comparison.references, 'reference')}",
        groups,
        len(comparison.pairs) - shown + comparison.more,
        tuple(
            (name_of(work), work.trouble or work.remark)
            for work in comparison.works
            if work.trouble or work.remark
        ),
    )


def _pair(anchor: str, pair: SimilarPair) -> ShownPair:
    passages = [places(pair, passage) for passage in pair.passages[:MAX_PASSAGES]]
    return ShownPair(
        anchor,
        name_of(pair.one),
        name_of(pair.other),
        similarity_of(pair),
        percent(pair.of_one),
        percent(pair.of_other),
        pair.tokens,
        tuple(passages),
        len(pair.passages) - len(passages),
    )
