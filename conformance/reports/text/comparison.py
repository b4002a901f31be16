"""What was expected above what came, with a caret where they first differ."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from rich.cells import cell_len
from rich.text import Text

from conformance.reports.text import palette
from conformance.reports.text.page import Page
from conformance.reports.text.visible import (
    LONGEST,
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

MOST_LINES_AT_ONCE = 8
"""Lines of one piece of data that are shown unasked; the first and last tell enough."""

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
"""How the suite's own sentences begin: in two of them a first difference means nothing."""

ALIKE = 0.6
"""Ratio of difflib (0 to 1, letter case aside) from which two texts read as one with a
difference in it: `> HELLO` and `HELLO` have a place to point at, "the close" and
"nothing" have none."""

ALIKE_FROM_THE_START = 0.3
"""The same where they begin alike, as lines behind one prefix do: `> QWZ` and `> RTP`."""


def expected_and_actual(held: Attempt, page: Page) -> list[Text]:
    """Both under each other, with a caret under the first difference of two lines.

    Lines that are compared are shown around their difference; all else is wrapped: of a
    sentence, each word may be the one that is needed.
    """
    expected, actual = held.expected, held.actual
    if len(lines_of(expected)) > 1 or len(lines_of(actual)) > 1:
        return _blocks(expected, actual, page)
    cells = page.width - 2 - _LABEL
    shown = compare(expected, actual, cells=cells, encoding=page.encoding, lines=held.lines)
    on_the_wire = expected.endswith("\n") and actual.endswith("\n")
    if shown.caret is not None and (on_the_wire or max(map(len, (expected, actual))) > LONGEST):
        wanted, got = [shown.expected], [shown.actual]
    else:
        shown = _in_whole(held, page, shown)
        wanted, got = wrapped(shown.expected, cells), wrapped(shown.actual, cells)
    rows = _labelled("expected", wanted, "green", page)
    if shown.caret is None:
        return rows + _labelled("actual", got, "red", page)
    place, number = shown.caret, 0
    while number < len(got) - 1 and place >= cell_len(got[number]):
        place -= cell_len(got[number])
        number += 1
    told = _labelled("actual", got, "red", page)
    caret = Text.assemble(" " * (2 + _LABEL + place), ("^", "bold red"))
    return [*rows, *told[: number + 1], caret, *told[number + 1 :]]


def _in_whole(held: Attempt, page: Page, short: Comparison) -> Comparison:
    """The comparison in as many columns as it takes; a line from the wire that is too long
    to be read stays `short`."""
    room = 20 * LONGEST if short.caret is not None else LONGEST  # \\u{10FFFF} for a character
    texts = held.expected, held.actual
    whole = compare(*texts, cells=room, encoding=page.encoding, lines=held.lines)
    too_long = [text.endswith("\n") and len(text) > LONGEST for text in texts]
    return Comparison(
        short.expected if too_long[0] else whole.expected,
        short.actual if too_long[1] else whole.actual,
        whole.caret,
    )


def _labelled(label: str, lines: list[str], style: str, page: Page) -> list[Text]:
    """The label, and the lines under each other behind it."""
    labels = [label, *("" for _ in lines[1:])]
    return [
        page.line("  ", (f"{name:<{_LABEL}}", palette.LABEL), (line.rstrip(" "), style))
        for name, line in zip(labels, lines, strict=True)
    ]


def _blocks(expected: str, actual: str, page: Page) -> list[Text]:
    """Texts of several lines: each in a block, from just before they part."""
    wanted, got = lines_of(expected), lines_of(actual)
    alike = 0
    while alike < min(len(wanted), len(got)) and wanted[alike] == got[alike]:
        alike += 1
    skipped = max(0, alike - 2)  # two lines that agree show where in the text we are
    rows: list[Text] = []
    for label, lines, style in (("expected", wanted, "green"), ("actual", got, "red")):
        rows.append(page.heading(label))
        if skipped:
            rows += page.quoted(f"… {skipped} lines, as they should be …", palette.QUIET)
        shown = lines[skipped : skipped + MOST_LINES_AT_ONCE]
        rows += [row for line in shown for row in page.quoted(visible_line(line), style)]
        if more := len(lines) - skipped - len(shown):
            rows += page.quoted(f"… {more} more lines …", palette.QUIET)
        if not lines:
            rows += page.quoted("(nothing)", palette.QUIET)
    return rows


def compare(
    expected: str, actual: str, *, cells: int, encoding: str = "utf-8", lines: bool = False
) -> Comparison:
    """Two single-line texts in at most `cells` columns, with the place where they part.

    Lines that end with LF are always compared; other texts only where they are much alike, and
    known to be `lines` as they are sent, or no sentences of ours.
    """
    at = first_difference(expected, actual)
    if at is None or not _comparable(expected, actual, lines=lines):
        one, other = (fit(shorten_middle(visible_line(text), cells), encoding)
                      for text in (expected, actual))  # fmt: skip
        return Comparison(one, other, None)
    spaced = " " in (expected[at : at + 1], actual[at : at + 1])
    before = _shown_before(expected[:at], cells // 2, encoding, spaced=spaced)
    room = cells - cell_len(before)
    return Comparison(
        before + _shown_from(expected, at, room, encoding),
        before + _shown_from(actual, at, room, encoding),
        cell_len(before),
    )


def first_difference(expected: str, actual: str) -> int | None:
    """Index of the first character in which the texts differ; None where they are equal."""
    if expected == actual:
        return None
    for index, (one, other) in enumerate(zip(expected, actual, strict=False)):
        if one != other:
            return index
    return min(len(expected), len(actual))


def _comparable(expected: str, actual: str, *, lines: bool) -> bool:
    if expected.endswith("\n") and actual.endswith("\n"):
        return True
    if not lines and PROSE.match(expected) and PROSE.match(actual):
        return False
    enough = ALIKE_FROM_THE_START if expected[:1] == actual[:1] else ALIKE
    some = 200  # characters: enough to tell, and difflib is quadratic
    one, other = expected[:some].casefold(), actual[:some].casefold()
    return SequenceMatcher(None, one, other).ratio() >= enough


def _shown_before(shared: str, cells: int, encoding: str, *, spaced: bool) -> str:
    """What stands before the difference, its last `cells` columns or so.

    `spaced`: the difference is one of spaces, so those that it touches are shown.
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
    """What stands from the difference on, in at most about `cells` columns."""
    rest = text[at:]
    touching = len(rest) - len(rest.lstrip(" "))
    shown = SPACE * touching + visible_line(rest[touching:])
    return fit(shorten_middle(shown, cells), encoding)
