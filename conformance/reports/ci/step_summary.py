"""A run as Markdown: for the summary of a step on GitHub, or for a comment.

What is not the suite's own can be neither Markdown nor HTML, nor mention anybody: it stands in
code, whose fence is longer than any within, or with its signs as character references.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from conformance.reports.ci.results import ClauseResult, ResultKind, results_of
from conformance.reports.run.console import facts
from conformance.reports.run.listing import in_words
from conformance.reports.run.searched import in_one_sentence
from conformance.reports.text import palette
from conformance.reports.text.file import put_in_place
from conformance.reports.text.visible import disarm, visible
from conformance.verdict.model import Run, WrongCall
from conformance.verdict.points import (
    counted,
    fraction,
    tally_of,
    told_left_out,
    told_not_shown,
)
from conformance.words import _, ngettext, said

MAX_BYTES = 512 * 1024
"""GitHub takes 1 MiB of a step, which may check several submissions. Accounts beyond are left
out."""

MAX_ACCOUNT = 24_000
"""Characters of one account."""

OF_THE_STEP = "GITHUB_STEP_SUMMARY"
"""The variable in which GitHub's runner names the file of a step's summary. All of the step's
commands add to that file."""

_PLAIN = re.compile(r"[^A-Za-z0-9 ,;()\x80-\U0010ffff]")


def write_run(run: Run, path: Path) -> None:
    """Writes the summary; it is added to what else the runner's own file holds. Raises WrongCall if
    that fails."""
    text = markdown(run)
    if os.environ.get(OF_THE_STEP) != str(path):
        put_in_place(path, text)
        return
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")
    except OSError as error:
        raise WrongCall(f"cannot write the report {path}: {error.strerror}") from error


def markdown(run: Run) -> str:
    """The whole text."""
    results = results_of(run)
    head = "".join(f"{line}\n" for line in _head(run))
    foot = f"\n{code(facts(run))}\n"
    room = MAX_BYTES - len(f"{head}{foot}".encode()) - 200  # of the sentence below
    accounts, left = [], 0
    for result in results:
        if result.kind in (ResultKind.FAILED, ResultKind.OPEN, ResultKind.ADVICE):
            told = _account(result)
            room -= len(told.encode())
            if room < 0:
                left += 1
            else:
                accounts.append(told)
    if left:
        told = ngettext(
            "{number} clause more would not fit.", "{number} clauses more would not fit.", left
        )
        accounts.append(f"\n{told.format(number=left)}\n")
    return head + "".join(accounts) + foot


def _head(run: Run) -> Iterator[str]:
    total = tally_of(run)
    yield f"## {inert(run.lab)}: {code(run.submission)}"
    yield ""
    possible = said(counted(total.possible))
    points = _("{points} of {possible}").format(points=total.points, possible=possible)
    so_far = _(", so far: the run was interrupted") if run.interrupted else ""
    provisional = _(", provisional") if total.open or run.interrupted else ""
    told = f"{points}{so_far}{provisional}"
    if total.hidden:
        told = _("{told}; {hidden} hidden").format(told=told, hidden=said(counted(total.hidden)))
    yield f"**{told}**"
    sentences = [each.told for each in run.common]
    sentences += filter(None, (told_not_shown(run.verdicts), told_left_out(run), *run.notes))
    sentences += [in_one_sentence(run.search)] if run.search else []
    for sentence in sentences:
        yield ""
        yield inert(said(sentence))
    if run.verdicts:
        clause, points = _("clause"), _("points")
        yield from ("", f"| | {clause} | | | {points} |", "|---|---|---|---|---:|")
    for verdict in run.verdicts:
        mark, _colour = palette.mark(verdict, strict=run.strict)
        words = (mark, verdict.clause.number, in_words(verdict.clause.scenario))
        cells = [inert(word) for word in (*words, verdict.level.value, fraction(verdict))]
        yield f"| {' | '.join(cells)} |"


def _account(result: ClauseResult) -> str:
    """What is told of one clause: folded, under a line that says what is wrong."""
    fenced = fence(result.text[:MAX_ACCOUNT])
    summary = f"{_(result.kind.value)}{_(': ')}{result.name}"
    return f"\n<details><summary>{inert(summary)}</summary>\n\n{fenced}\n</details>\n"


def inert(text: str) -> str:
    """The text on one line, without any effect in Markdown or HTML. A sign is written as a
    reference; behind those that begin a mention, a space that is not seen keeps it from being
    one."""
    return _PLAIN.sub(_reference, visible(text))


def _reference(sign: re.Match[str]) -> str:
    unseen = "&#8203;" if sign[0] in "@#!~%$&" else ""
    return f"&#{ord(sign[0])};{unseen}"


def code(text: str) -> str:
    """The text on one line, as code."""
    shown = disarm(visible(text)) or " "
    ticks = "`" * (_longest(shown) + 1)
    return f"{ticks} {shown} {ticks}"


def fence(text: str) -> str:
    """Lines of text as a block of code. Each line must be visible characters only."""
    ticks = "`" * max(3, _longest(text) + 1)
    return f"{ticks}text\n{text.rstrip(chr(10))}\n{ticks}\n"


def _longest(text: str) -> int:
    """The length of the longest run of backticks."""
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
