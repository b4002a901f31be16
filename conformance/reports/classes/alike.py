"""Which hand-ins are similar: on the console, and as JSON. For the teacher; nothing of it is a
verdict."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from conformance.classes.alike.compare import SHORT, LabComparison, SharedPassage, SimilarPair
from conformance.classes.alike.sources import Sources
from conformance.reports.text.page import Page, show
from conformance.reports.text.visible import shorten_middle, visible
from conformance.verdict.points import counted

if TYPE_CHECKING:
    from rich.console import Console

SCHEMA = "conformance.alike/1"

WHAT_IT_IS = (
    "Similar programs have passages in common, under whatever names. Why they do is for you to find"
    " out: read both. What most hand-ins share, what was handed out, and, between students, what a"
    " reference has, too, was left out."
)
IF_SHORT = (
    f"Short: one of the two has fewer than {SHORT} tokens of its own, so that they may agree by"
    " chance."
)
OF_THE_CLASS = "What was left aside was not compared. The class was read with these warnings"
MAX_ROWS = 25
"""Pairs of hand-ins of a lab that the console lists, and pairs with a reference."""
NUMBERS = 21
"""Columns of a row before its names."""
MIN_NAME = 12
"""Columns of a name, also on a narrow terminal."""


@dataclass(frozen=True)
class ShownPassage:
    """Where a passage stands in one work."""

    file: str
    first: int
    """Its first line, from 1."""
    last: int
    lines: tuple[str, ...]


def places(pair: SimilarPair, passage: SharedPassage) -> tuple[ShownPassage, ShownPassage]:
    """Where the passage stands in both works."""
    return (
        _place(pair.one, passage.one, passage.tokens),
        _place(pair.other, passage.other, passage.tokens),
    )


def _place(work: Sources, token: int, tokens: int) -> ShownPassage:
    file = work.file_of(token)
    first, last = work.lines[token], work.lines[token + tokens - 1]
    return ShownPassage(file.name, first, last, file.text[first - 1 : last])


def percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def name_of(work: Sources) -> str:
    """Whose it is: the id, and the name in the roster."""
    if work.is_reference:
        return f"reference {work.name}"
    return f"{work.name} ({work.person})" if work.person else work.name


def similarity_of(pair: SimilarPair) -> str:
    """How similar they are, and whether that says little."""
    return f"{percent(pair.similar)}{' (short)' if pair.is_short else ''}"


def render(
    found: Sequence[LabComparison], *, warnings: Sequence[str] = (), console: Console
) -> None:
    """Prints the most similar pairs of each lab, and what could not be compared. `warnings`: those
    of the class."""
    page = Page.on(console)
    for comparison in found:
        for number, line in enumerate(_lines(comparison, page.width)):
            indent = "  " if number else ""
            if line.startswith("|"):
                show(console, page.line("  ", line[1:]))
            else:
                show(console, *page.prose(line, indent=indent))
    if warnings:
        show(console, *page.prose(f"{OF_THE_CLASS}:", indent=""))
        for warning in warnings:
            show(console, *page.prose(visible(warning)))
    if any(pair.is_short for comparison in found for pair in comparison.pairs):
        show(console, *page.prose(IF_SHORT, indent=""))
    show(console, *page.prose(WHAT_IT_IS, indent=""))


def _lines(comparison: LabComparison, width: int) -> Iterator[str]:
    """What there is to say. Rows of a table begin with a bar."""
    compared = [work for work in comparison.works if not work.trouble]
    with_ = counted(comparison.references, "reference")
    yield f"{visible(comparison.lab)}: {counted(len(compared), 'hand-in')} compared, with {with_}"
    if not comparison.pairs:
        yield "none are similar"
    left = comparison.more
    for heading, pairs in comparison.groups:
        yield f"|similar    tokens  {heading}"
        for pair in pairs[:MAX_ROWS]:
            yield from _row(pair, max(MIN_NAME, width - NUMBERS))
        left += max(0, len(pairs) - MAX_ROWS)
    if left > 0:
        yield f"and {counted(left, 'pair')} less similar: --html FILE shows more"
    for work in comparison.works:
        if work.trouble:
            yield f"not compared: {visible(name_of(work))}: {visible(work.trouble)}"
        elif work.remark:
            yield f"not wholly compared: {visible(name_of(work))}: {visible(work.remark)}"


def _row(pair: SimilarPair, room: int) -> Iterator[str]:
    """The two names in `room` columns: on one line if both fit, else on two."""
    one, other = (visible(name_of(work)) for work in (pair.one, pair.other))
    short = " (short)" if pair.is_short else ""
    numbers = f"|{percent(pair.similar):>7} {pair.tokens:>9}  "
    both = f"{one} and {other}{short}"
    if cell_len(both) <= room:
        yield f"{numbers}{both}"
    else:
        yield f"{numbers}{shorten_middle(one, room)}"
        other = shorten_middle(other, max(MIN_NAME, room - len("and  (short)")))
        yield f"|{' ' * (len(numbers) - 1)}and {other}{short}"


def to_json(
    title: str, suite: str, found: Sequence[LabComparison], warnings: Sequence[str] = ()
) -> str:
    """All pairs with their passages, without the text of these."""
    told = {
        "schema": SCHEMA,
        "suite": suite,
        "class": title,
        "labs": [_lab(comparison) for comparison in found],
        "warnings": list(warnings),
    }
    return json.dumps(told, indent=2, ensure_ascii=True) + "\n"


def _lab(comparison: LabComparison) -> dict[str, Any]:
    return {
        "lab": comparison.lab,
        "references": comparison.references,
        "compared": [work.name for work in comparison.works if not work.trouble],
        "not_compared": [
            {"name": work.name, "why": work.trouble or work.remark}
            for work in comparison.works
            if work.trouble or work.remark
        ],
        "names": {work.name: work.person for work in comparison.works if work.person},
        "pairs": [_pair(pair) for pair in comparison.pairs],
        "more_pairs": comparison.more,
    }


def _pair(pair: SimilarPair) -> dict[str, Any]:
    return {
        "one": pair.one.name,
        "other": pair.other.name,
        "other_is_reference": pair.other.is_reference,
        "similar": round(pair.similar, 4),
        "of_one": round(pair.of_one, 4),
        "of_other": round(pair.of_other, 4),
        "tokens": pair.tokens,
        "short": pair.is_short,
        "passages": [
            {
                "tokens": passage.tokens,
                "one": {"file": one.file, "first": one.first, "last": one.last},
                "other": {"file": other.file, "first": other.first, "last": other.last},
            }
            for passage in pair.passages
            for one, other in [places(pair, passage)]
        ],
    }
