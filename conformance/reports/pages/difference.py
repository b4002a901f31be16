"""What was expected and what came, with a mark where they differ first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from conformance.reports.pages.prose import in_line, letters
from conformance.reports.text.comparison import MAX_LINES_AT_ONCE, compare, sides
from conformance.reports.text.visible import (
    MAX_WRAPPED,
    fitting,
    lines_of,
    shorten_middle,
    visible,
    visible_line,
)
from conformance.verdict.model import Attempt
from conformance.words import _, said

_FIRST = re.compile(r"\\u\{[0-9A-F]+\}|\\x[0-9a-f]{2}|.", re.DOTALL)
"""One character as it is made visible."""


@dataclass(frozen=True)
class Difference:
    """Both texts as rows of markup."""

    expected: Sequence[Markup]
    actual: Sequence[Markup]
    wire: bool
    """Whether they are compared letter by letter, as what is sent is."""


def difference(held: Attempt) -> Difference | None:
    """None where the attempt says neither."""
    if not (held.expected or held.actual):
        return None
    expected, actual = sides(held)
    wanted, got = lines_of(expected), lines_of(actual)
    if len(wanted) > 1 or len(got) > 1:
        return _of_several_lines(wanted, got)
    shown = compare(expected, actual, cells=2 * MAX_WRAPPED, lines=held.lines)
    if shown.caret is None:
        wire = held.lines or held.expected.endswith("\n") or held.actual.endswith("\n")
        return Difference((_row(shown.expected, wire),), (_row(shown.actual, wire),), wire)
    pointed = [_pointed_at(text, shown.caret) for text in (shown.expected, shown.actual)]
    return Difference(pointed[:1], pointed[1:], wire=True)


def _of_several_lines(wanted: Sequence[str], got: Sequence[str]) -> Difference:
    alike = 0
    while alike < min(len(wanted), len(got)) and wanted[alike] == got[alike]:
        alike += 1
    both: list[list[Markup]] = []
    for lines in (wanted, got):
        skipped = max(0, alike - 2)  # two equal lines show the place in the text
        rows = [_aside(said(f"… {skipped} lines, as they should be …"))] if skipped else []
        shown = lines[skipped : skipped + MAX_LINES_AT_ONCE]
        for number, text in enumerate(shown, skipped):
            row = _row(shorten_middle(visible_line(text), MAX_WRAPPED), wire=True)
            rows.append(Markup("<mark>{}</mark>").format(row) if number == alike else row)
        if more := len(lines) - skipped - len(shown):
            rows.append(_aside(said(f"… {more} more lines …")))
        both.append(rows or [_aside(_("(nothing)"))])
    expected, actual = both
    return Difference(expected, actual, wire=True)


def _row(text: str, wire: bool) -> Markup:
    return letters(visible(text)) if wire else in_line(text)


def _aside(words: str) -> Markup:
    return Markup('<span class="quiet">{}</span>').format(words)


def _pointed_at(text: str, columns: int) -> Markup:
    """The text with a mark at the character behind so many columns; at its end, behind it."""
    at = len(fitting(text, columns)) if columns else 0
    found = _FIRST.match(text, at)
    here, rest = (found[0], text[found.end() :]) if found else (" ", "")
    before, pointed, after = map(letters, (text[:at], here, rest))
    return Markup('{}<mark class="here">{}</mark>{}').format(before, pointed, after)
