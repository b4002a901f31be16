"""The program's own output in a report: so much of it that the cause of an exception stays."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from rich.text import Text

from conformance.reports.text import palette
from conformance.reports.text.page import Page
from conformance.reports.text.visible import lines_of, visible, without_colours
from conformance.verdict.model import Attempt
from conformance.verdict.symptoms import Thrown
from conformance.verdict.thrown.trace import Trace
from conformance.verdict.thrown.traces import traces
from conformance.words import said

MAX_ROWS = (12, 8, 6, 4, 3, 3)
"""Lines shown of it, by `Page.thrift`: an exception, its place, and what came last."""

MAX_IN_FULL = 60
"""Lines shown if all are asked for."""

MARK = "▶"
"""The sign in the margin of the line with the place in the student's own file."""

NEAR = 3
"""Lines around the place, and of the beginning, that are shown before all others."""

CANDIDATES = 4
"""So many rows are tried for each that is shown: those that fit would be among them."""


@dataclass(frozen=True)
class OutputRow:
    """One line that is shown of it."""

    text: str
    marked: bool = False
    ours: bool = False
    """Whether the suite says so, instead of the program."""


def own_output(held: Attempt, page: Page) -> list[Text]:
    """What the program itself wrote, quoted; the line that names the place is marked."""
    most = MAX_IN_FULL if page.whole else MAX_ROWS[page.thrift]

    def height(line: str) -> int:
        return len(page.quoted(legible(line)))

    rows = shown_rows(held, most, height)
    return [row for each in rows for row in _printed(each, page)]


def shown_rows(
    held: Attempt, most: int, height: Callable[[str], int] = lambda line: 1
) -> list[OutputRow]:
    """So much of it as `most` rows hold, the cause of an exception first. `height`: the rows that a
    line takes."""
    lines = [without_colours(line.rstrip("\r\n")) for line in lines_of(held.output)]
    return _cut(lines, held.thrown, most, lambda row: height(lines[row]))


def legible(line: str) -> str:
    """The line with its tabs as spaces: how far it is indented proves nothing here."""
    return visible(line.expandtabs(4))


def _printed(row: OutputRow, page: Page) -> Iterator[Text]:
    if row.ours:
        yield page.line("    ", ("│ ", palette.QUIET), (row.text, palette.QUIET))
        return
    for number, quoted in enumerate(page.quoted(legible(row.text))):
        if not row.marked or number:
            yield quoted
            continue
        rest = quoted.plain.lstrip()[1:]
        yield page.line(
            "  ", (f"{MARK} ", palette.LABEL), quoted.plain.lstrip()[:1], (rest, "bold")
        )


def _cut(
    lines: Sequence[str], thrown: Thrown | None, most: int, height: Callable[[int], int]
) -> list[OutputRow]:
    """So much as `most` rows hold: what stands around the exception first, then the last lines.
    `height`: the rows that a line takes."""
    found = traces("\n".join(lines))
    told, place = _told(found, thrown)
    again, hidden = _repeated(found)
    shown = [row for row in range(len(lines)) if row not in hidden]
    kept: dict[int, int] = {}
    for row in islice(_by_worth(shown, told, place, again), most * CANDIDATES):
        more = {**kept, row: height(row)}
        if not kept or _height(shown, more, again) <= most:
            kept = more
    for run in _gaps(shown, kept):
        if len(run) == 1 and height(run[0]) == 1:
            kept[run[0]] = 1
    return _with_gaps(lines, shown, kept, again, place)


def _told(found: Sequence[Trace], thrown: Thrown | None) -> tuple[Trace | None, int]:
    """The trace that the report is about, and the row of its place in an own file (-1: none)."""
    if thrown is None or thrown.after:
        return (found[-1] if found else None), -1
    for trace in found:
        for raised in trace.raised:
            places = (
                frame.row
                for frame in raised.frames
                if frame.number == thrown.line and thrown.file.endswith(_name(frame.path))
            )
            if raised.name == thrown.name and thrown.file and (place := next(places, -1)) >= 0:
                return trace, place
            if raised.name == thrown.name and not thrown.file:
                return trace, -1
    return (found[-1] if found else None), -1


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _repeated(found: Sequence[Trace]) -> tuple[Mapping[int, int], set[int]]:
    """By the last row of a trace, how many more times the same came; and the rows of these."""
    first: dict[object, Trace] = {}
    again: dict[int, int] = {}
    hidden: set[int] = set()
    for trace in found:
        last = first.setdefault(trace.identity, trace).last
        if last != trace.last:
            again[last] = again.get(last, 0) + 1
            hidden.update(range(trace.first, trace.last + 1))
    return again, hidden


def _by_worth(
    shown: Sequence[int], told: Trace | None, place: int, again: Mapping[int, int]
) -> Iterator[int]:
    """The rows, that which is needed most first."""
    known = set(shown)
    of_trace = _of_trace(told, place, repeated=told.last in again) if told else ()
    rows = (*of_trace, *reversed(shown))
    for row in dict.fromkeys(rows):
        if row in known:
            yield row


def _of_trace(trace: Trace, place: int, *, repeated: bool) -> Iterable[int]:
    """The rows of a trace: the place, what was raised, then what stands around these. `repeated`:
    how often it came is said behind its last row."""
    if place >= 0:
        yield place
    yield from (raised.row for raised in trace.raised[:2])
    if place >= 0 and place + 1 <= trace.last:
        yield place + 1  # in Python the line of the source
    if repeated:
        yield trace.last
    yield from range(trace.first, min(trace.first + NEAR, trace.last + 1))
    for distance in range(1, NEAR + 1) if place >= 0 else ():
        yield from (row for row in (place + distance, place - distance) if _within(trace, row))
    yield trace.last
    yield from range(trace.first, trace.last + 1)


def _within(trace: Trace, row: int) -> bool:
    return trace.first <= row <= trace.last


def _height(shown: Sequence[int], kept: Mapping[int, int], again: Mapping[int, int]) -> int:
    """Rows that these take, with the gaps between them and what is said of repetitions."""
    gaps = sum(1 for _ in _gaps(shown, kept))
    return sum(kept.values()) + gaps + sum(row in again for row in kept)


def _gaps(shown: Sequence[int], kept: Collection[int]) -> Iterator[list[int]]:
    """The rows left out, each run of them for itself."""
    run: list[int] = []
    for row in shown:
        if row not in kept:
            run.append(row)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _with_gaps(
    lines: Sequence[str],
    shown: Sequence[int],
    kept: Collection[int],
    again: Mapping[int, int],
    place: int,
) -> list[OutputRow]:
    gaps = {run[0]: len(run) for run in _gaps(shown, kept)}
    rows: list[OutputRow] = []
    for row in shown:
        if row in kept:
            rows.append(OutputRow(lines[row], marked=row == place))
        elif row in gaps:
            count = "1 line" if gaps[row] == 1 else f"{gaps[row]} lines"
            rows.append(OutputRow(said(f"… {count} …"), ours=True))
        if row in again and row in kept:
            times = "once more" if again[row] == 1 else f"{again[row]} times more"
            rows.append(OutputRow(said(f"… the same {times} …"), ours=True))
    return rows
