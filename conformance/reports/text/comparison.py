"""Prints what was expected and what came, with a caret under their first difference."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from rich.cells import cell_len
from rich.text import Text

from conformance.reports.text import palette
from conformance.reports.text.page import Page
from conformance.reports.text.visible import (
    MAX_WRAPPED,
    SPACE,
    fit,
    fitting,
    lines_of,
    shorten_middle,
    visible,
    visible_line,
    wrapped,
)
from conformance.verdict.model import Attempt
from conformance.words import _, said

MAX_LINES_AT_ONCE = 8
"""Lines shown of one piece of data, unless all are asked for: the first and the last ones."""

_LABEL = 10
"""Columns of `expected` and `actual` with what separates them from the text."""


@dataclass(frozen=True)
class Comparison:
    """Two texts made visible, to be printed under each other."""

    expected: str
    actual: str
    caret: int | None
    """Columns before the first difference; None where pointing at it would not help."""


PROSE = re.compile(r"(the|it|no|nothing|a client) [a-z]+ ")
"""How the suite's own sentences begin. Where two of them differ first means nothing."""

COUNTED = re.compile(r"once\b|(one|\d+) (more|times?|lines?)\b")
"""How sentences about a number begin: `2 times` beside `once` is no line beside another."""

ALIKE = 0.6
"""Ratio of difflib (0 to 1, ignoring case) from which a caret helps: it does for `> HELLO` and
`HELLO`, but not for "the close" and "nothing"."""

ALIKE_FROM_THE_START = 0.3
"""The same for texts that begin alike, such as lines with one prefix: `> QWZ` and `> RTP`."""


def expected_and_actual(held: Attempt, page: Page) -> list[Text]:
    """Both under each other, with a caret under the first difference of two lines.

    Long lines that are compared are cut around their difference. All else is wrapped, since each
    word of a sentence may matter.
    """
    expected, actual = sides(held)
    if len(lines_of(expected)) > 1 or len(lines_of(actual)) > 1:
        return _blocks(expected, actual, page)
    cells = page.width - 2 - _LABEL
    shown = compare(expected, actual, cells=cells, encoding=page.encoding, lines=held.lines)
    on_the_wire = expected.endswith("\n") and actual.endswith("\n")
    if shown.caret is not None and (on_the_wire or max(map(len, (expected, actual))) > MAX_WRAPPED):
        wanted, got = [shown.expected], [shown.actual]
    else:
        shown = _in_whole(held, page, shown)
        wanted, got = wrapped(shown.expected, cells), wrapped(shown.actual, cells)
    rows = _labelled(_("expected"), wanted, "green", page)
    if shown.caret is None:
        return rows + _labelled(_("actual"), got, "red", page)
    place, number = shown.caret, 0
    while number < len(got) - 1 and place >= cell_len(got[number]):
        place -= cell_len(got[number])
        number += 1
    told = _labelled(_("actual"), got, "red", page)
    caret = Text.assemble(" " * (2 + _LABEL + place), ("^", "bold red"))
    return [*rows, *told[: number + 1], caret, *told[number + 1 :]]


def sides(held: Attempt) -> tuple[str, str]:
    """What was expected and what came: sentences of the suite in the language that is spoken, lines
    of the wire as they are."""
    if held.lines:
        return held.expected, held.actual
    spoken = {entry.what.rstrip("\r\n") for entry in held.transcript if not entry.is_remark}
    expected, actual = (
        text if text.endswith("\n") or text in spoken else said(text)
        for text in (held.expected, held.actual)
    )
    return expected, actual


def _in_whole(held: Attempt, page: Page, short: Comparison) -> Comparison:
    """The comparison in full; but a line from the wire that is too long to read stays `short`."""
    each = 1 if short.caret is None else 20  # columns: a character may be \\u{10FFFF}
    texts = sides(held)
    whole = compare(*texts, cells=each * MAX_WRAPPED, encoding=page.encoding, lines=held.lines)
    too_long = [text.endswith("\n") and len(text) > MAX_WRAPPED for text in texts]
    return Comparison(
        short.expected if too_long[0] else whole.expected,
        short.actual if too_long[1] else whole.actual,
        whole.caret,
    )


def _labelled(label: str, lines: list[str], style: str, page: Page) -> list[Text]:
    """The lines under each other, with the label before the first."""
    labels = [label, *("" for _ in lines[1:])]
    return [
        page.line("  ", (f"{name:<{_LABEL}}", palette.LABEL), (line.rstrip(" "), style))
        for name, line in zip(labels, lines, strict=True)
    ]


def _blocks(expected: str, actual: str, page: Page) -> list[Text]:
    """Texts of several lines, each in a block that begins just before their first difference."""
    wanted, got = lines_of(expected), lines_of(actual)
    alike = 0
    while alike < min(len(wanted), len(got)) and wanted[alike] == got[alike]:
        alike += 1
    skipped = max(0, alike - 2)  # two equal lines show the place in the text
    rows: list[Text] = []
    for label, lines, style in ((_("expected"), wanted, "green"), (_("actual"), got, "red")):
        rows.append(page.heading(label))
        if skipped:
            rows += page.quoted(said(f"… {skipped} lines, as they should be …"), palette.QUIET)
        shown = lines[skipped : skipped + MAX_LINES_AT_ONCE]
        rows += [row for line in shown for row in page.quoted(visible_line(line), style)]
        if more := len(lines) - skipped - len(shown):
            rows += page.quoted(said(f"… {more} more lines …"), palette.QUIET)
        if not lines:
            rows += page.quoted(_("(nothing)"), palette.QUIET)
    return rows


def compare(
    expected: str, actual: str, *, cells: int, encoding: str = "utf-8", lines: bool = False
) -> Comparison:
    """Two single-line texts in at most `cells` columns, with the place of their first difference.

    Lines that end with LF are always compared. Where they differ first in an ellipsis, which
    stands for any text, nothing is pointed at. Other texts are compared only if they are similar,
    and either known to be `lines` as they are sent, or not the suite's own sentences.
    """
    at = first_difference(expected, actual)
    if at is not None and not lines:
        at = _that_counts(expected, actual, at)
    open_there = at is not None and expected[at : at + 1] == "…" and not expected.endswith("\n")
    if at is None or open_there or not _comparable(expected, actual, lines=lines):
        one, other = (fit(shorten_middle(visible_line(text), cells), encoding)
                      for text in (expected, actual))  # fmt: skip
        return Comparison(one, other, None)
    spaced = " " in (expected[at : at + 1], actual[at : at + 1])
    wanted, got = (
        _shown_before(text[:at], cells // 2, encoding, spaced=spaced) for text in (expected, actual)
    )
    return Comparison(
        wanted + _shown_from(expected, at, cells - cell_len(wanted), encoding),
        got + _shown_from(actual, at, cells - cell_len(got), encoding),
        cell_len(got),
    )


def first_difference(expected: str, actual: str) -> int | None:
    """Index of the first character in which the texts differ; None where they are equal."""
    if expected == actual:
        return None
    for index, (one, other) in enumerate(zip(expected, actual, strict=False)):
        if one != other:
            return index
    return min(len(expected), len(actual))


def _that_counts(expected: str, actual: str, at: int) -> int:
    """The first difference, passing over letters beyond ASCII in another case where more differs:
    É for é may be allowed, where what is expected is no text but a condition."""
    for index in range(at, min(len(expected), len(actual))):
        one, other = expected[index], actual[index]
        if one != other and (one.isascii() or one.casefold() != other.casefold()):
            return index
    return at


def _comparable(expected: str, actual: str, *, lines: bool) -> bool:
    if expected.endswith("\n") and actual.endswith("\n"):
        return True
    if not lines and PROSE.match(expected) and PROSE.match(actual):
        return False
    if not lines and (COUNTED.match(expected) or COUNTED.match(actual)):
        return False
    enough = ALIKE_FROM_THE_START if expected[:1] == actual[:1] else ALIKE
    some = 200  # characters: enough to tell, and difflib is quadratic
    one, other = expected[:some].casefold(), actual[:some].casefold()
    return SequenceMatcher(None, one, other).ratio() >= enough


def _shown_before(shared: str, cells: int, encoding: str, *, spaced: bool) -> str:
    """The text before the difference: about its last `cells` columns.

    `spaced`: the texts differ in spaces, so spaces next to the difference are made visible.
    """
    near = shared[-cells:]
    touching = len(near) - len(near.rstrip(" ")) if spaced else 0
    body = near[: len(near) - touching]
    leading = len(body) - len(body.lstrip(" ")) if near == shared else 0
    shown = fit(SPACE * leading + visible(body[leading:]) + SPACE * touching, encoding)
    if near == shared and cell_len(shown) <= cells:
        return shown
    return fit("…", encoding) + fitting(shown[::-1], cells - 3)[::-1]


def _shown_from(text: str, at: int, cells: int, encoding: str) -> str:
    """The text from the difference on, in about `cells` columns at most."""
    rest = text[at:]
    touching = len(rest) - len(rest.lstrip(" "))
    shown = SPACE * touching + visible_line(rest[touching:])
    return fit(shorten_middle(shown, cells), encoding)
