"""The report of a dry run: the owner of each entry, what it was recognised as, entries without an
owner, and how long the grading will take."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from conformance.classes.grading.estimate import Estimate
from conformance.classes.grading.rehearsal import Recognised
from conformance.classes.model import Class, HandIn, LabPlan
from conformance.reports.classes.progress import names_of, whose
from conformance.reports.text import palette
from conformance.reports.text.page import Page, show
from conformance.reports.text.visible import MAX_WRAPPED, visible
from conformance.verdict.points import counted
from conformance.verdict.transcript import shorten

NOTHING = "nothing handed in"


def render(
    graded: Class,
    found: Mapping[HandIn, Recognised],
    takes: Estimate,
    *,
    console: Console,
) -> None:
    show(console, *_rows(graded, found, takes, Page.on(console)))


def is_whole(graded: Class, found: Mapping[HandIn, Recognised]) -> bool:
    """Whether everybody's hand-in was found and recognised."""
    open_ = any(hand_in.problem for hand_in in graded.hand_ins)
    return not open_ and not any(each.trouble for each in found.values())


def _rows(
    graded: Class, found: Mapping[HandIn, Recognised], takes: Estimate, page: Page
) -> Iterator[Text]:
    names = names_of(graded)
    by_author: dict[str, list[HandIn]] = {}
    for hand_in in graded.hand_ins:
        by_author.setdefault(hand_in.author, []).append(hand_in)
    if graded.title:
        yield page.line((_shown(graded.title), "bold"))
    plans = {plan.name: plan for plan in graded.labs}
    for author, hand_ins in by_author.items():
        yield page.line((whose(author, names), "bold"))
        for hand_in in hand_ins:
            yield from _hand_in(hand_in, found.get(hand_in), plans, page)
    if graded.warnings:
        yield from [Text(), page.line(("Warnings", "bold"))]
        for warning in graded.warnings:
            yield from page.prose(warning)
    yield Text()
    yield page.line(_counts(graded, found))
    yield from page.prose(f"It will take {takes.told}: {takes.basis}.", indent="")
    yield page.line("Nothing was built, started or written.")


def _hand_in(
    hand_in: HandIn, recognised: Recognised | None, plans: Mapping[str, LabPlan], page: Page
) -> Iterator[Text]:
    lab = f"{visible(hand_in.lab)}: " if len(plans) > 1 else ""
    if hand_in.matched:
        yield page.line(f"  {lab}{_shown(hand_in.matched)}")
    elif not hand_in.problem:
        yield page.line(f"  {lab}{NOTHING}")
    if hand_in.problem:
        yield page.line("  ", ("open: ", palette.ADVICE), _shown(hand_in.problem))
    if recognised is not None:
        yield _recognised(recognised, plans[hand_in.lab].arguments, page)
    for remark in hand_in.remarks:
        yield page.line(f"    {_shown(remark)}")
    if recognised is not None and recognised.note:
        yield page.line(f"    {_shown(recognised.note)}")


def _recognised(recognised: Recognised, arguments: Sequence[str], page: Page) -> Text:
    if recognised.trouble:
        word = "open: " if recognised.open else "cannot be started: "
        return page.line("    ", (word, palette.ADVICE), _shown(recognised.trouble))
    own = recognised.arguments
    words = shlex.join([*recognised.command, *(arguments if own is None else own)])
    told = f"    {recognised.kind} · "
    told += _shown(words) if recognised.command else "its build tells how it is started"
    if recognised.folder != ".":
        told += f" · in {_shown(recognised.folder)}"
    if recognised.build:
        told += f" · built by {_shown('; '.join(map(shlex.join, recognised.build)))}"
    return page.line(told)


def _shown(text: str) -> str:
    """Text that students chose, made safe and short."""
    return shorten(visible(text), MAX_WRAPPED)


def _counts(graded: Class, found: Mapping[HandIn, Recognised]) -> str:
    taken = sum(not each.trouble for each in found.values())
    refused = len(found) - taken
    open_ = sum(bool(h.problem) for h in graded.hand_ins)
    absent = sum(hand_in.is_absent for hand_in in graded.hand_ins)
    told = f"{counted(len(graded.students), 'student')}: {taken} to run"
    told += f" · {refused} not recognised" if refused else ""
    return f"{told} · {open_} open · {absent} handed in nothing"
