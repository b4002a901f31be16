"""A conversation as a sequence diagram: a lifeline for each side, an arrow for what was said.

Time runs down. What proves the failure stands on a coloured band; times in which nothing happened
are folded, with their length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.etree.ElementTree import Element

from markupsafe import Markup
from rich.cells import cell_len

from conformance.reports.pages.svg import element, line, picture
from conformance.reports.run.excerpt import Piece
from conformance.reports.text.visible import (
    fitting,
    lines_of,
    shorten_middle,
    visible,
    visible_line,
    wrapped,
)
from conformance.verdict.proof import FIRST, ends_of, whose
from conformance.words import said

SERVER = "server"

WIDE, NARROW = 760, 328
"""Pixels across: on a desk, and on a small telephone."""

LETTER = 7.6
"""Pixels that a letter takes, at the size that the style sheet gives to `.drawn`."""
LEADING = 17
"""Pixels from one row of text to the next."""

TIMES = 58
"""Pixels at the left for the times."""

HEAD = 34
"""Pixels for the names of both sides."""

CLOSE, CLOSE_NARROW = 128, 62
"""Pixels between the lifelines of two clients."""

FARTHEST = 180
"""The same at the most, however long their names are."""

LEAST_ACROSS, LEAST_ACROSS_NARROW = 330, 152
"""Pixels between the server's lifeline and the one beside it, at least: room for a line of text."""

PAUSE = 0.5
"""Seconds without anything that are folded: they get a mark of their own."""

MAX_ROWS = 3
"""Rows of text that one line takes; of a longer one the middle is left out."""

FEWEST_LETTERS = 18
"""Letters that a row of text has room for, if it has to reach beyond its arrow."""


@dataclass
class _Drawing:
    """The diagram while it grows, from top to bottom."""

    width: float
    lifelines: dict[str, float]
    """By the name of each side, where its line stands."""
    at: float = HEAD
    """How far down it has grown."""

    def __post_init__(self) -> None:
        self.behind: list[Element] = []
        self.parts: list[Element] = []
        self.ground: tuple[float, float] | None = None
        """From where to where the last coloured band reaches."""
        self.breaks: list[tuple[float, float]] = []
        """From where to where the lifelines are interrupted."""


def sequence(pieces: Sequence[Piece], *, narrow: bool = False) -> Markup:
    """The diagram of these pieces; an empty text where there are none."""
    if not pieces:
        return Markup("")
    lifelines, width = _placed(_sides(pieces), narrow=narrow)
    drawing = _Drawing(width, lifelines)
    before: Piece | None = None
    for piece in pieces:
        if before is not None and piece.entry is not None:
            _pause(drawing, piece.at - before.at)
        _add(drawing, piece)
        before = piece if piece.entry is not None else None  # else its words say how long
    height = drawing.at + 10
    large = width > (NARROW if narrow else WIDE)
    kind = "drawn sequence large" if large else "drawn sequence"
    parts = [*drawing.behind, *_lines(drawing, height), *_names(drawing), *drawing.parts]
    return picture(width, height, *parts, title=_title(pieces), kind=kind)


def _title(pieces: Sequence[Piece]) -> str:
    first, last = pieces[0].at, max(piece.at for piece in pieces)
    return said(
        f"Sequence diagram of the conversation from {first:.3f} s to {last:.3f} s."
        " The table below it says the same."
    )


def _sides(pieces: Sequence[Piece]) -> list[str]:
    """The names of all sides: who came first is first, the server is last."""
    seen: dict[str, None] = {}
    for piece in pieces:
        if piece.entry is None:
            names: tuple[str, ...] = (piece.client,) if piece.client and piece.proof else ()
        elif piece.entry.is_remark:
            names = tuple(filter(None, [whose(piece.entry)]))
        else:
            names = ends_of(piece.entry)
        seen.update(dict.fromkeys(names))
    seen.pop(SERVER, None)
    return [*(seen or [FIRST]), SERVER]


def _placed(sides: Sequence[str], *, narrow: bool) -> tuple[dict[str, float], float]:
    """Where each lifeline stands, and how wide the diagram is: wider than it should be where there
    are many."""
    longest = max(cell_len(visible(name)) for name in sides)
    close = CLOSE_NARROW if narrow else min(max(CLOSE, longest * LETTER + 28), FARTHEST)
    across = LEAST_ACROSS_NARROW if narrow else LEAST_ACROSS
    margin = 26.0
    first = TIMES + margin
    places = [first + close * number for number in range(len(sides) - 1)]
    server = max((NARROW if narrow else WIDE) - margin - 4, places[-1] + across)
    return dict(zip(sides, [*places, server], strict=True)), server + margin + 4


def _lines(drawing: _Drawing, height: float) -> Iterator[Element]:
    """The lifelines, with a dotted piece where time is folded."""
    for x in drawing.lifelines.values():
        begin: float = HEAD - 8
        for top, bottom in drawing.breaks:
            yield line(x, begin, x, top, "lifeline")
            yield line(x, top, x, bottom, "lifeline folded")
            begin = bottom
        yield line(x, begin, x, height, "lifeline")


def _names(drawing: _Drawing) -> Iterator[Element]:
    places = [*drawing.lifelines.values()]
    apart = min((b - a for a, b in pairwise(places)), default=WIDE)
    room = max(4, int((apart - 14) / LETTER))
    for name, x in drawing.lifelines.items():
        shown = _in_room(visible(said(name)), room)
        wide = cell_len(shown) * LETTER + 14
        left = min(max(x - wide / 2, 1), drawing.width - wide - 1)
        kind = "server" if name == SERVER else "client"
        yield element(
            "rect", x=left, y=2, width=wide, height=24, rx=5, class_=f"side {kind}"
        )  # fmt: skip
        yield element(
            "text", x=left + wide / 2, y=18, text=shown, text_anchor="middle", class_=f"name {kind}"
        )


def _in_room(name: str, letters: int) -> str:
    """The name; of a client that has only a number, the number where no more fits."""
    if cell_len(name) <= letters:
        return name
    if found := re.fullmatch(r"client (\d+)", name):
        return f"c {found[1]}"
    return f"{fitting(name, letters - 1)}…"


def _pause(drawing: _Drawing, seconds: float) -> None:
    """The mark of a time in which nothing happened, if it was long."""
    if seconds < PAUSE:
        return
    top, drawing.at = drawing.at, drawing.at + 24
    drawing.breaks.append((top + 4, drawing.at))
    drawing.parts.append(_time(f"+{seconds:.1f} s", top + 18, "pause"))


def _add(drawing: _Drawing, piece: Piece) -> None:
    top = drawing.at
    if piece.entry is None:
        _words(drawing, piece)
    elif piece.entry.is_remark:
        _remark(drawing, piece)
    else:
        _message(drawing, piece)
    if piece.proof:
        _lay_ground(drawing, top + 1)


def _lay_ground(drawing: _Drawing, top: float) -> None:
    """The band behind what proves a failure, from there on: one for all that stands together."""
    if drawing.ground and drawing.ground[1] == top:
        top, _ = drawing.ground
        drawing.behind.pop()
    drawing.ground = top, drawing.at + 1
    height = drawing.at + 1 - top
    band = element(
        "rect", x=0, y=top, width=drawing.width, height=height, rx=4, class_="proof-ground"
    )
    drawing.behind.append(band)


def _words(drawing: _Drawing, piece: Piece) -> None:
    """A silence that proves something, or in how many lines nothing is shown: time is folded."""
    first, last = min(drawing.lifelines.values()), max(drawing.lifelines.values())
    top = drawing.at
    rows = wrapped(said(piece.words), max(FEWEST_LETTERS, int((last - first - 16) / LETTER)))
    for number, row in enumerate(rows):
        drawing.parts.append(
            element(
                "text", x=(first + last) / 2, y=top + 18 + number * LEADING, text=row,
                text_anchor="middle", class_="silence proof" if piece.proof else "left-out",
            )
        )  # fmt: skip
    drawing.at = top + 10 + len(rows) * LEADING
    drawing.breaks.append((top + 3, drawing.at - 2))


def _remark(drawing: _Drawing, piece: Piece) -> None:
    """What happened to a connection: a dot on the line of whoever did it, and the words."""
    assert piece.entry is not None
    by_server = piece.entry.what.startswith("the server ")
    client = whose(piece.entry)
    x = drawing.lifelines.get(SERVER if by_server else client, drawing.lifelines[SERVER])
    at_the_right = x > drawing.width / 2
    room = x - TIMES - 20 if at_the_right else drawing.width - x - 20
    letters = max(FEWEST_LETTERS, int(room / LETTER))
    rows = wrapped(shorten_middle(visible(said(piece.entry.what)), MAX_ROWS * letters), letters)
    kind = "remark proof" if piece.proof else "remark"
    top = drawing.at
    drawing.parts.append(_time(f"{piece.at:.3f} s", top + 17, kind))
    drawing.parts.append(element("circle", cx=x, cy=top + 13, r=3.5, class_=f"event {kind}"))
    for number, row in enumerate(rows):
        drawing.parts.append(
            element(
                "text", x=x - 10 if at_the_right else x + 10, y=top + 17 + number * LEADING,
                text=row, text_anchor="end" if at_the_right else "", class_=kind,
            )
        )  # fmt: skip
    drawing.at = top + 8 + len(rows) * LEADING


def _message(drawing: _Drawing, piece: Piece) -> None:
    """What was said, above an arrow from who said it to who heard it."""
    assert piece.entry is not None
    sender, receiver = ends_of(piece.entry)
    begin, end = drawing.lifelines[sender], drawing.lifelines[receiver]
    left = min(begin, end) + 9
    letters = int((max(begin, end) - left - 9) / LETTER)
    if letters < FEWEST_LETTERS:
        letters = max(FEWEST_LETTERS, int((drawing.width - left - 8) / LETTER))
    voice = "by-server" if sender == SERVER else "by-client"
    kind = f"said {voice} proof" if piece.proof else f"said {voice}"
    top = drawing.at
    rows = [*_rows_of(piece, letters)]
    drawing.parts.append(_time(f"{piece.at:.3f} s", top + 17, kind))
    for number, row in enumerate(rows):
        drawing.parts.append(
            element("text", x=left, y=top + 17 + number * LEADING, text=row, class_=kind)
        )
    level = top + 7 + len(rows) * LEADING
    drawing.parts += _arrow(begin, end, level, kind)
    drawing.at = level + 7


def _rows_of(piece: Piece, letters: int) -> Iterator[str]:
    """The lines of it, of too many the first and the last; each in a few rows at most."""
    assert piece.entry is not None
    lines = lines_of(piece.entry.what) or [""]
    half = piece.most // 2
    if len(lines) - piece.most > 1:
        lines = [*lines[:half], said(f"… {len(lines) - 2 * half} lines …"), *lines[-half:]]
    most = MAX_ROWS if piece.proof else 2
    for each in lines:
        yield from wrapped(shorten_middle(visible_line(each), most * letters - 1), letters)


def _arrow(begin: float, end: float, y: float, kind: str) -> Iterator[Element]:
    back = -8 if end > begin else 8
    yield line(begin, y, end + back / 2, y, f"arrow {kind}")
    points = f"{end:.1f},{y:.1f} {end + back:.1f},{y - 4:.1f} {end + back:.1f},{y + 4:.1f}"
    yield element("polygon", points=points, class_=f"head {kind}")


def _time(words: str, y: float, kind: str) -> Element:
    return element("text", x=TIMES - 4, y=y, text=words, text_anchor="end", class_=f"time {kind}")
