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
from conformance.classes.results.lateness import Lateness, lateness, told_moment, told_policy
from conformance.classes.results.scale import plain
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
    for sentence in _deadlines(graded):
        yield from page.prose(sentence, indent="")
    for author, hand_ins in by_author.items():
        yield page.line((whose(author, names), "bold"))
        for hand_in in hand_ins:
            yield from _hand_in(hand_in, found.get(hand_in), plans, page)
            for sentence in _times(graded, plans[hand_in.lab], hand_in):
                yield from page.prose(sentence, indent="    ")
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


def _deadlines(graded: Class) -> Iterator[str]:
    """When each lab is due, and what lateness costs."""
    plans = [plan for plan in graded.labs if plan.deadline]
    for plan in plans:
        assert plan.deadline is not None
        yield f"{visible(plan.name)}: due {told_moment(plan.deadline, plan)}"
    if plans:
        yield told_policy(graded.late) or "Lateness costs nothing."


def _times(graded: Class, plan: LabPlan, hand_in: HandIn) -> Iterator[str]:
    """When it was handed in, how late that is, and what was granted: a sentence for all who hand in
    together, or one for each, where they were granted different things."""
    grants = {grant.student: grant for grant in graded.grants if grant.lab == plan.name}
    members = [s for s in graded.students if graded.author_of(s) == hand_in.author]
    told = {
        student.id: _told_lateness(
            lateness(plan, graded.late, grants.get(student.id), hand_in), plan, hand_in
        )
        for student in members
    }
    alike = len({*told.values()}) == 1
    for id, sentence in [*told.items()][: 1 if alike else None]:
        if sentence:
            yield sentence if alike else f"{visible(id)}: {sentence}"


def _told_lateness(late: Lateness, plan: LabPlan, hand_in: HandIn) -> str:
    """One student's lateness; "" if there is nothing to say."""
    told = []
    if hand_in.path is not None and hand_in.submitted is not None:
        told.append(f"handed in {told_moment(hand_in.submitted, plan)}")
    elif hand_in.path is not None and late.deadline is not None:
        told.append("when it was handed in is not known: not late")
    if late.granted and late.deadline is not None:
        told.append(f"extension to {told_moment(late.deadline, plan)}")
    if late.days:
        cost = f": {plain(late.cost)} % of the points" if late.cost else ""
        told.append(f"late by {counted(late.days, 'day')}{cost}")
    if late.waived:
        told.append("lateness is waived")
    return ", ".join(told)


def _shown(text: str) -> str:
    """Text that students chose, made safe and short."""
    return shorten(visible(text), MAX_WRAPPED)


def _counts(graded: Class, found: Mapping[HandIn, Recognised]) -> str:
    to_grade = sum(not hand_in.problem for hand_in in found)
    refused = sum(bool(each.trouble) and not h.problem for h, each in found.items())
    open_ = sum(bool(h.problem) for h in graded.hand_ins)
    absent = sum(hand_in.is_absent for hand_in in graded.hand_ins)
    told = f"{counted(len(graded.students), 'student')}: {to_grade} to grade"
    told += f", {refused} of them not recognised" if refused else ""
    return f"{told} · {open_} open · {absent} handed in nothing"
