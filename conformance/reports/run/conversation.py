"""The conversation of an attempt: a row for each line, around what the verdict rests on.

What proves the failure is marked. With `Page.whole` nothing is left out; else `excerpt` chooses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from conformance.reports.run.excerpt import Piece, excerpt, pieces_of
from conformance.reports.text import palette
from conformance.reports.text.comparison import compare
from conformance.reports.text.page import Page
from conformance.reports.text.visible import (
    MAX_WRAPPED,
    lines_of,
    shorten_middle,
    visible,
    visible_line,
    wrapped,
)
from conformance.verdict.model import Attempt
from conformance.words import said

MAX_ROWS = (15, 11, 9, 7, 6, 3)
"""Rows shown of a conversation, unless all are asked for, by `Page.thrift`."""

MAX_WRAPPED_ROWS = 3
"""Rows that a line takes which proves the failure; of a longer one, the middle is left out."""

MAX_LINES_IN_FULL = 40
"""Lines shown of one entry if all are asked for: a flood of newlines must not fill a disk."""

MARK = "▶"
"""The sign in the margin of what proves the failure."""


def conversed(held: Attempt, page: Page) -> list[Text]:
    """The conversation, a row for each line: when, who, what."""
    pieces = pieces_of(held)
    if not page.whole:
        pieces = excerpt(pieces, held, MAX_ROWS[page.thrift])
    speakers = max((len(visible(said(p.entry.who))) for p in pieces if p.entry), default=0)
    return [row for piece in pieces for row in _rows(piece, speakers, held, page)]


def _rows(piece: Piece, speakers: int, held: Attempt, page: Page) -> Iterator[Text]:
    """The rows of one piece. Only the first shows the time, since its lines came at once."""
    entry = piece.entry
    margin = (f"  {MARK} ", palette.LABEL) if piece.proof else "    "
    if entry is None:
        yield page.line(margin, (said(piece.words), palette.QUIET))
        return
    lines = [said(entry.what)] if entry.is_remark else lines_of(entry.what) or [""]
    lines = list(_some(lines, MAX_LINES_IN_FULL if page.whole else piece.most))
    when, who = f"{entry.at:7.3f} s", f"{visible(said(entry.who)):<{speakers}}"
    room = max(1, page.width - len(f"    {when}  {who}  "))
    style = palette.voice(entry.who)
    for line in lines:
        for row in _fitted(line, piece, held, page, room):
            parts = (margin, (when, palette.QUIET), "  ", (who, style), "  ")
            yield page.line(*parts, (row.rstrip(" "), style if entry.is_remark else ""))
            when, who, margin = " " * len(when), " " * len(who), "    "


def _some(lines: Sequence[str], most: int) -> Iterator[str]:
    """The lines; of too many, the first and the last ones."""
    half = most // 2
    if len(lines) - most <= 1:
        yield from lines
        return
    yield from lines[:half]
    yield said(f"… {len(lines) - 2 * half} lines …")
    yield from lines[-half:]


def _fitted(line: str, piece: Piece, held: Attempt, page: Page, room: int) -> list[str]:
    """A line in `room` columns. A remark is wrapped, and so is what proves the failure; a line
    that is much like the expected one is cut around what differs."""
    assert piece.entry is not None
    shown = visible(line) if piece.entry.is_remark else visible_line(line)
    if len(shown) <= room:
        return [shown]
    if piece.proof and not piece.entry.is_remark:
        expected, actual = held.expected.rstrip("\r\n"), line.rstrip("\r\n")
        compared = compare(
            expected, actual, cells=room - 2, encoding=page.encoding, lines=held.lines
        )
        if compared.caret is not None and actual in held.actual:
            return [compared.actual + visible(line[len(actual) :])]
        return wrapped(shorten_middle(shown, MAX_WRAPPED_ROWS * (room - 1)), room)
    if piece.entry.is_remark and len(shown) <= MAX_WRAPPED:
        return wrapped(shown, room)
    return [shorten_middle(shown, room)]
