"""The list of clauses at the head of a report: who did not hold has a row of its own, with its
scenario; those of a section that fared alike share one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.text import Text

from conformance.reports.text import palette
from conformance.reports.text.contract_words import title_of
from conformance.reports.text.page import Page
from conformance.reports.text.visible import cut, visible
from conformance.verdict.model import Outcome, Verdict, order_of
from conformance.verdict.points import counted, fraction
from conformance.verdict.remarks import is_of_the_server
from conformance.words import _, said

WIDTH_WITH_TIMES = 70
"""Columns of a page from which a clause's line also says how long it took: on a narrower one the
scenario's name needs the room."""

MIN_NAME_WIDTH = 8
"""Columns left for a scenario's name, however many clauses are listed after it."""

NOTE = " " * 10
SHORT_NOTE = " " * 4
"""What stands before a note of a clause that passed; the short one begins with its number."""

_FIRST_SENTENCE = re.compile(r"[^.]*(?:\.(?!\s)[^.]*)*\.?")


def section_of(number: str) -> str:
    """The section that a clause's number is in: `4` of `4.1`."""
    return number.partition(".")[0]


def row(verdict: Verdict, page: Page, *, strict: bool) -> Text:
    """The row of one clause."""
    mark, colour = palette.mark(verdict, strict=strict)
    title = colour if verdict.outcome is not Outcome.PASSED else ""
    facts = f"{verdict.level.value:<6} {fraction(verdict):>5}{_seconds([verdict], page)}"
    room = page.width - len(f"  {mark} {verdict.clause.number:<5}  {facts}")
    words = f"{titled(verdict, room):<{room}}"
    return page.line(
        "  ", (mark, colour), f" {verdict.clause.number:<5} ", (words, title), " ",
        (facts, palette.QUIET),
    )  # fmt: skip


def notes(verdict: Verdict, page: Page) -> Iterator[Text]:
    """What is told of a clause that passed."""
    for note in verdict.notes if verdict.outcome is Outcome.PASSED else ():
        yield from page.prose(note, indent=NOTE, style=palette.QUIET)


def section(verdicts: Sequence[Verdict], page: Page, *, strict: bool) -> Iterator[Text]:
    """The rows of one section, from the verdicts of its clauses."""
    alike: dict[object, list[Verdict]] = {}
    for verdict in sorted(verdicts, key=lambda verdict: verdict.clause.order):
        failed = verdict.outcome is Outcome.FAILED
        fared = palette.mark(verdict, strict=strict), palette.behind(verdict)
        alike.setdefault(verdict.clause.number if failed else fared, []).append(verdict)
    for group in alike.values():
        if len(group) == 1:
            yield row(group[0], page, strict=strict)
            yield from _first_sentences(group[0], page)
        else:
            yield _together(group, page, strict=strict)
            for verdict in group:
                yield from _first_sentences(verdict, page)


def _together(group: Sequence[Verdict], page: Page, *, strict: bool) -> Text:
    """The row of several clauses of a section that fared alike."""
    first = group[0].clause
    mark, colour = palette.mark(group[0], strict=strict)
    facts = f"{'':<6} {_points(group):>5}{_seconds(group, page)}"
    room = page.width - len(f"  {mark} {'':<5}  {facts}")
    pays = palette.behind(group[0])
    tail = f" · {visible(pays)}" if pays else ""
    words = f"{visible(first.section)}: " if first.section else ""
    words += numbers([verdict.clause.number for verdict in group])
    words = f"{cut(words, max(room - len(tail), MIN_NAME_WIDTH)) + tail:<{room}}"
    title = "" if group[0].outcome is Outcome.PASSED else colour
    return page.line(
        "  ", (mark, colour), f" {section_of(first.number):<5} ", (cut(words, room), title), " ",
        (facts, palette.QUIET),
    )  # fmt: skip


def _first_sentences(verdict: Verdict, page: Page) -> Iterator[Text]:
    """What the scenario found, in short. What became of the server is told by the clause that
    pays for it."""
    for note in verdict.notes if verdict.outcome is Outcome.PASSED else ():
        if is_of_the_server(note):
            continue
        found = _FIRST_SENTENCE.match(note)
        told = f"{verdict.clause.number}: {said(found[0] if found else note)}"
        yield from page.prose(told, indent=SHORT_NOTE, style=palette.QUIET, ours=False)


def score(points: int, possible: int) -> str:
    """`2 of 3 points`."""
    told = _("{points} of {possible}")
    return told.format(points=points, possible=said(counted(possible)))


def numbers(all_of_them: Sequence[str]) -> str:
    """`3.1, 3.3 to 3.11`: what follows one another is told by its first and its last."""
    ordered = sorted(all_of_them, key=order_of)
    told = []
    for _same, run in groupby(enumerate(ordered), key=lambda each: _series(each[1], each[0])):
        first, *others = [number for _place, number in run]
        if len(others) > 1:
            told.append(_("{first} to {last}").format(first=first, last=others[-1]))
        else:
            told += [first, *others]
    return ", ".join(told)


def _series(number: str, place: int) -> tuple[str, int]:
    """The same for numbers that follow one another in a list, at these places."""
    before, _, last = number.rpartition(".")
    return (before, int(last) - place) if last.isdecimal() else (number, 0)


def _points(group: Sequence[Verdict]) -> str:
    """The points of all of them together, as one fraction; "" where none is worth any."""
    possible = sum(verdict.possible for verdict in group)
    is_open = any(verdict.points is None for verdict in group)
    had = sum(verdict.points or 0 for verdict in group)
    return f"{'?' if is_open else had}/{possible}" if possible else ""


def _seconds(group: Sequence[Verdict], page: Page) -> str:
    if page.width < WIDTH_WITH_TIMES:
        return ""
    return f" {sum(verdict.seconds for verdict in group):7.2f} s"


def titled(verdict: Verdict, room: int) -> str:
    """The scenario in words, and the clauses that kept it from being shown, in `room` columns."""
    words = visible(in_words(verdict.clause.scenario))
    pays = palette.behind(verdict)
    if not pays:
        return cut(words, room)
    tail = cut(f" · {visible(pays)}", room - MIN_NAME_WIDTH)
    return cut(words, room - len(tail)) + tail


def in_words(scenario: str) -> str:
    """What a scenario is called."""
    return title_of(scenario)
