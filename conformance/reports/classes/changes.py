"""What has changed between two results, for a teacher: as text, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from conformance.classes.model import Override
from conformance.classes.results.changes import ClauseChange, Factor, ResultChange
from conformance.classes.results.grade_changes import GradeChange
from conformance.classes.results.regrading import change_to_json
from conformance.reports.run.listing import in_words
from conformance.reports.text.page import Page, show
from conformance.reports.text.visible import MAX_WRAPPED, cut, shorten_middle, visible
from conformance.verdict.points import counted

SCHEMA = "conformance.diff/1"

MAX_SHOWN = 40
"""Hand-ins that `grade` prints; DIR/changes.jsonl has all of them."""

NUMBER = 6
"""Columns of a clause's number."""


def rows(change: ResultChange, page: Page) -> Iterator[Text]:
    """Who, from how many points to how many; each clause; and what has changed in between."""
    names = f"{_short(change.author)} · {_short(change.lab)}"
    points = f"{_short(change.before)} → {_short(change.after)}"
    same = change.before == change.after
    yield from page.lines((names, "bold"), f": {_short(change.after)}, as before" if same
                          else f": {points}")  # fmt: skip
    for clause in change.clauses:
        yield from _clause(clause, page)
    if told := why_told(change):
        yield from page.prose(told, "    ")


def why_told(change: ResultChange) -> str:
    """What has changed in between, as one sentence; "" where there is nothing to say."""
    if not change.why or change.why[0].factor is Factor.FIRST:
        return ""
    if change.why[0].factor is Factor.NOTHING:
        told = change.why[0].told
        return f"{told[0].upper()}{told[1:]}."
    parts = [f"{each.factor} ({visible(each.told)})" for each in change.why]
    return f"Changed in between: {'; '.join(parts)}."


def show_changes(changes: Sequence[ResultChange], *, console: Console) -> None:
    """Prints all of them."""
    page = Page.on(console)
    for change in changes:
        show(console, *rows(change, page))


def show_regraded(changes: Sequence[ResultChange], same: int, *, console: Console) -> None:
    """Prints what a grading has changed of what counted before; `same`: how many were graded again
    and have not changed. Nothing if none was graded again."""
    if not changes and not same:
        return
    page = Page.on(console)
    told = f"{counted(len(changes), 'result')} changed" if changes else "No result changed"
    beside = f", {same} graded again and the same" if same else ""
    show(console, Text(), page.line((told, "bold"), beside))
    show_changes(changes[:MAX_SHOWN], console=console)
    if (more := len(changes) - MAX_SHOWN) > 0:
        show(console, *page.prose(f"and {more} more: changes.jsonl has all of them", ""))


def show_grade_changes(changes: Sequence[GradeChange], *, console: Console) -> None:
    """Prints whose grade has changed, and because of what; nothing if none has."""
    if not changes:
        return
    page = Page.on(console)
    show(console, Text(), page.line((f"{counted(len(changes), 'grade')} changed", "bold"), ":"))
    for each in changes[:MAX_SHOWN]:
        why = visible("; ".join(each.why))
        told = f"{_short(each.student)}: {_short(each.before)} → {_short(each.after)}"
        show(console, *page.prose(f"{told}, {why}" if why else told, "    "))
    if (more := len(changes) - MAX_SHOWN) > 0:
        show(console, *page.prose(f"and {more} more: --json of diff has all of them", ""))


def show_corrections(given: Sequence[Override], *, console: Console) -> None:
    """Prints a teacher's corrections that were not withdrawn; nothing if there are none."""
    page = Page.on(console)
    if given:
        show(console, page.line(("Corrected by hand", "bold"), ":"))
    for each in given[:MAX_SHOWN]:
        names = f"{_short(each.student)} · {_short(each.lab)} {_short(each.clause) or 'total'}"
        told = f"{names}: {counted(each.points)}, because {visible(each.because)}"
        show(console, *page.prose(told, "    "))
    if (more := len(given) - MAX_SHOWN) > 0:
        show(console, *page.prose(f"and {more} more: --json has all of them", ""))


def to_json(
    changes: Sequence[ResultChange],
    grades: Sequence[GradeChange],
    same: int,
    before: str,
    after: str,
) -> str:
    """The changes as JSON; `same`: how many hand-ins have not changed."""
    told: dict[str, Any] = {
        "schema": SCHEMA,
        "old": before,
        "new": after,
        "same": same,
        "changes": [change_to_json(change) for change in changes],
        "grades": [asdict(each) for each in grades],
    }
    return json.dumps(told, indent=2, ensure_ascii=True) + "\n"


def _clause(change: ClauseChange, page: Page) -> Iterator[Text]:
    states = f"{change.before.told} → {change.after.told}"
    room = max(page.width - NUMBER - len(states) - 8, 0)
    words = cut(visible(in_words(change.scenario)), room) if room > NUMBER else ""
    yield page.line("    ", f"{visible(change.clause):<{NUMBER}}", words, "  ", (states, "bold"))


def _short(text: str) -> str:
    return visible(shorten_middle(text.partition("\n")[0], MAX_WRAPPED))
