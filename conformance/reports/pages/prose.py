"""Texts of the suite as HTML. Of their Markdown, only `code` and indented examples are rendered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import groupby

from markupsafe import Markup, escape

from conformance.reports.text.visible import SPACE, visible, visible_line, without_colours
from conformance.verdict.transcript import shorten

MAX_LINES = 200
"""Lines of one text: only one that quotes a babbling program has more."""

_CODE = re.compile(r"`([^`]*)`")
_BOX = Markup("<i>{}</i>").format(SPACE)
_NUMBER = re.compile(r"(?<![\w.])\d{1,9}(?:\.\d{1,9})+(?!\w|\.\d| m?s\b| %)")
"""What may be the number of a clause: no time, and no share."""


def in_line(text: str, places: Mapping[str, str] | None = None) -> Markup:
    """One paragraph, in which `code` is marked, with ␣ for spaces at its beginning and end.
    `places`: where the page tells of clauses, by their numbers: these become links."""
    pieces = _CODE.split(shorten(without_colours(text)))
    return Markup("").join(
        Markup("<code>{}</code>").format(letters(visible_line(piece)))
        if number % 2
        else _linked(visible(piece), places or {})
        for number, piece in enumerate(pieces)
    )


def _linked(text: str, places: Mapping[str, str]) -> Markup:
    told, end = Markup(""), 0
    for found in _NUMBER.finditer(text):
        if place := places.get(found[0]):
            link = Markup('<a href="#{}">{}</a>').format(place, found[0])
            told, end = told + text[end : found.start()] + link, found.end()
    return told + text[end:]


def letters(text: str) -> Markup:
    """A text that is read letter by letter: each ␣ is a box of its own, so that several can be
    counted."""
    return _BOX.join(map(escape, text.split(SPACE)))


@lru_cache(maxsize=256)  # a class is asked the same clauses
def paragraphs(text: str) -> Markup:
    """The lines of a text, a paragraph each; those that are indented together, as examples."""
    lines = without_colours(text).split("\n")[:MAX_LINES]
    told = [line for line in lines if line.strip()]
    blocks: list[Markup] = []
    for is_example, group in groupby(told, key=lambda line: line.startswith("    ")):
        if is_example:
            examples = "\n".join(visible(shorten(line[4:])) for line in group)
            blocks.append(Markup("<pre>{}</pre>").format(examples))
        else:
            blocks += [Markup("<p>{}</p>").format(in_line(line.strip())) for line in group]
    return Markup("\n").join(blocks)
