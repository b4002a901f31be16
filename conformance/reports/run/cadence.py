"""Draws a cadence: a ruler of when lines were due, and under it a mark for each that came.

    ideal  │···│···│···│···│···│···│
    came   │   │     │ │   2       ×
    gap 2: 1.62 s, gap 3: 0.38 s, 1 came together with the one before, 1 of 7 missing

The ruler begins with the first arrival. A digit stands for several arrivals at once
(+ for more than nine), × for one that never came.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from conformance.reports.text import palette
from conformance.reports.text.page import Page
from conformance.reports.text.visible import visible
from conformance.verdict.transcript import Series, Transcript
from conformance.words import _, said

MIN_PICTURE_WIDTH = 40
"""Columns that a picture needs at least: room for six periods."""

MIN_PERIOD_WIDTH = 4
"""Columns for a period at least: a quarter of it, which contracts tolerate, must be visible."""

MAX_PERIOD_WIDTH = 8
"""Columns for a period at most: with more, a picture looks empty."""

MAX_BANDS = 5
"""Rulers under each other. Of longer series, only the beginning is drawn."""

MAX_GAPS = 4
"""Gaps whose length is printed."""

TOGETHER = 0.1
"""Share of a period: two arrivals that are no further apart came together."""

_LABEL = "    ideal  "


@dataclass(frozen=True)
class Band:
    """Some periods side by side, in two lines of the same width."""

    ideal: str
    came: str
    off: frozenset[int]
    """Columns of arrivals that were too early or too late after the one before, or missing."""


def pictures(transcript: Transcript, page: Page) -> list[Text]:
    """A picture of each series in the transcript, with a heading."""
    rows: list[Text] = []
    for series in transcript.series:
        if series.times and series.period > 0:
            rows += [Text(), *picture(series, page)] if rows else picture(series, page)
    return rows


def picture(series: Series, page: Page) -> list[Text]:
    """The heading, the bands, and the deviations in figures."""
    width = max(MIN_PICTURE_WIDTH, min(page.width, page.columns))
    rows = [page.line("  ", (said(f"cadence: {visible(wanted(series))}"), palette.LABEL))]
    drawn = bands(series, width - len(_LABEL))
    for band in drawn[:MAX_BANDS]:
        if band.ideal:
            rows.append(page.line((_row("ideal"), palette.QUIET), (band.ideal, palette.QUIET)))
        marks = [(mark, "bold red" if at in band.off else "") for at, mark in enumerate(band.came)]
        rows.append(page.line((_row("came"), palette.QUIET), *marks))
    if len(drawn) > MAX_BANDS:
        left = (len(drawn) - MAX_BANDS) * _periods_a_band(width - len(_LABEL))
        rows.append(page.line(("    ", ""), (said(f"… {left} more periods …"), palette.QUIET)))
    for words in _wrapped(figures(series), width - len("    ")):
        rows.append(page.line("    ", words))
    return rows


def _row(name: str) -> str:
    """What stands before a row of a picture, in the columns that all rows have for it."""
    return f"    {_(name):<{len(_LABEL) - len('    ')}}"


def wanted(series: Series) -> str:
    """The rhythm that was asked for: `a line every 1 s (± 0.25 s)`."""
    return f"a {series.what} every {series.period:g} s (± {series.tolerance:g} s)"


def bands(series: Series, room: int) -> list[Band]:
    """The picture, divided into bands of at most `room` columns."""
    first, last = series.times[0], max(series.times)
    span = max(series.count - 1, math.ceil((last - first) / series.period), 1)
    wide = (room - 1) // span
    columns = min(MAX_PERIOD_WIDTH, wide) if wide >= MIN_PERIOD_WIDTH else MIN_PERIOD_WIDTH
    periods = span if wide >= MIN_PERIOD_WIDTH else _periods_a_band(room)

    def column(at: float) -> int:
        return round((at - first) / series.period * columns)

    came = Counter(column(at) for at in series.times)
    off = {column(series.times[index + 1]) for index in gaps_that_are_off(series)}
    expected = {number * columns for number in range(len(series.times), series.count)}
    missing = {at for at in expected if at > column(last)}
    total = span * columns + 1
    cells = [_mark(came[at], at in missing) for at in range(total)]
    ruler = ["│" if at % columns == 0 else "·" for at in range(total)]
    if series.count:
        ruler = ruler[: (series.count - 1) * columns + 1]
    step = periods * columns
    # The very last mark belongs to the last band: it gets none of its own.
    begins = range(0, max(total - 1, 1), step)
    drawn = []
    for begin in begins:
        end = total if begin + step >= total - 1 else begin + step
        here = frozenset(at - begin for at in off | missing if begin <= at < end)
        marks = "".join(cells[begin:end]).rstrip() or " "
        drawn.append(Band("".join(ruler[begin:end]), marks, here))
    return drawn


def _periods_a_band(room: int) -> int:
    return max(1, (room - 1) // MIN_PERIOD_WIDTH)


def _mark(number: int, missing: bool) -> str:
    if number == 0:
        return "×" if missing else " "
    if number == 1:
        return "│"
    return str(number) if number <= 9 else "+"


def gaps_that_are_off(series: Series) -> list[int]:
    """Indices of the gaps that are too long or too short. A short first gap does not count if
    others are off, too: then the first line came late."""
    gaps = series.gaps
    off = [index for index, gap in enumerate(gaps) if series.is_off(gap)]
    if len(off) > 1 and off[0] == 0 and TOGETHER * series.period <= gaps[0] < series.period:
        off = off[1:]
    return off


def figures(series: Series) -> list[str]:
    """The deviations, in words and seconds."""
    gaps = series.gaps
    all_off = gaps_that_are_off(series)
    together = [index for index in all_off if gaps[index] < TOGETHER * series.period]
    off = [index for index in all_off if index not in together]
    told = [f"gap {index + 1}: {gaps[index]:.2f} s" for index in off[:MAX_GAPS]]
    if len(off) > MAX_GAPS:
        told.append(f"{len(off) - MAX_GAPS} more gaps")
    if together:
        told.append(f"{len(together)} came together with the one before")
    if series.missing:
        told.append(f"{series.missing} of {series.count} missing")
    elif series.count and len(series.times) > series.count:
        told.append(f"{len(series.times) - series.count} too many")
    if len(gaps) > 1 and abs(sum(gaps) - len(gaps) * series.period) > series.tolerance:
        told.append(f"{len(gaps)} periods took {sum(gaps):.2f} s")
    return list(map(said, told)) or [_("no gap is off")]


def _wrapped(parts: Sequence[str], width: int) -> Iterator[str]:
    """The parts, joined by commas, as many on a line as fit."""
    line = ""
    for part in parts:
        longer = f"{line}, {part}" if line else part
        if line and len(longer) > width:
            yield line
            longer = part
        line = longer
    yield line


_CLOCKS = {
    "capture": "Times by the kernel, which stamped each packet",
    "kernel": "Times by the kernel, which stamped each read",
    "clock": "Times by the suite's own clock",
}


def clock(transcript: Transcript) -> str:
    """A sentence about the clock behind a transcript's times, and its error in seconds."""
    words = _CLOCKS.get(transcript.clock, f"Times by {transcript.clock}")
    if transcript.clock_error:
        error = f"{transcript.clock_error:g} s"
        return f"{words}: late by at most {error}, and every tolerance is wider by that."
    return f"{words}."
