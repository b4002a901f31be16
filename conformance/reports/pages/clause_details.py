"""What a page says about one clause, as values for its template."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from conformance.reports.pages.difference import Difference, difference
from conformance.reports.pages.links import anchor_of, link_to
from conformance.reports.pages.prose import in_line
from conformance.reports.pages.rhythm import rhythm
from conformance.reports.pages.sequence import sequence
from conformance.reports.run.account import (
    may_be_a_matter_of_rhythm,
    rests_on_the_clock,
    sentence,
    told_beside,
)
from conformance.reports.run.cadence import clock, figures, wanted
from conformance.reports.run.excerpt import Piece, excerpt, pieces_of
from conformance.reports.run.listing import in_words, score
from conformance.reports.run.own_output import OutputRow, legible, shown_rows
from conformance.reports.run.where_it_stood import threads_in_words
from conformance.reports.text import palette
from conformance.reports.text.visible import lines_of, shorten_middle, visible_line
from conformance.verdict.model import Attempt, Clause, Outcome, Run, Verdict
from conformance.verdict.points import counted, fraction, is_advice
from conformance.words import _, said

MAX_ROWS = 24
"""Rows of a conversation that are drawn."""

SHORT = 16
"""Rows of a conversation that is drawn whole."""

MAX_ROWS_AS_TEXT = 150
"""Rows of a conversation in its table."""

MAX_THREADS = 4

MAX_OUTPUT = 30
"""Lines of what the program printed."""

MAX_OUTPUT_LINE = 1_000
"""Characters of a line that is shown of what the program printed."""

MAX_SPOKEN = 600
"""Characters of a line in the table of a conversation."""


@dataclass(frozen=True)
class Fared:
    """How a clause fared: in a sign, in words and as a class of the style sheet."""

    mark: str
    word: str
    kind: str


@dataclass(frozen=True)
class ClauseRow:
    """A clause in the table of all."""

    number: str
    title: str
    level: str
    points: str
    """`2/3`; "" where it is worth none."""
    fared: Fared
    behind: Markup
    """`behind 3.1`, or ""."""
    anchor: str
    """Where the page tells more of it; "" where it does not."""
    place: str
    """The name of this row as a place in the page, where nothing more is told; else ""."""
    asked: str
    """The place where the page says what was asked."""
    notes: Sequence[str]
    folded: bool
    """Whether it passed, and there is nothing more to be said of it."""


@dataclass(frozen=True)
class SpokenRow:
    """One row of a conversation as text."""

    when: str
    who: str
    lines: Sequence[str]
    proof: bool
    by_us: bool
    """Whether it is a remark of the suite, or words in place of what is left out."""


@dataclass(frozen=True)
class ShownConversation:
    label: str
    """`attempt 1 of 2`; "" where there is one."""
    wide: Markup
    narrow: Markup
    rows: Sequence[SpokenRow]


@dataclass(frozen=True)
class RhythmPlot:
    what: str
    """What came, in the singular."""
    wanted: str
    figures: str
    wide: Markup
    narrow: Markup


@dataclass(frozen=True)
class CaptureFile:
    path: str
    link: str
    """Where it is, seen from the page; "" where it is not there."""


@dataclass(frozen=True)
class ClauseDetails:
    """The account of a clause that did not pass."""

    number: str
    title: str
    anchor: str
    asked: str
    fared: Fared
    worth: str
    """`MUST, 0 of 3 points`."""
    opening: Sequence[str]
    """Sentences before anything else."""
    text: str
    difference: Difference | None
    reason: str
    notes: Sequence[str]
    hint: str
    plots: Sequence[RhythmPlot]
    clock: str
    conversations: Sequence[ShownConversation]
    output: Sequence[OutputRow]
    stood: Sequence[str]
    see: Sequence[str]
    """Commands with which it is seen without the suite."""
    again: Sequence[str]
    captures: Sequence[CaptureFile]
    tried_again: bool
    """Whether it was tried again on a fresh server before it counted."""


@dataclass(frozen=True)
class AskedClause:
    """A clause as the contract has it."""

    number: str
    title: str
    level: str
    points: str
    text: str
    faults: Sequence[str]
    place: str
    explain: str
    """The command that prints it."""


def fared(verdict: Verdict, *, strict: bool) -> Fared:
    mark = palette.mark(verdict, strict=strict)[0]
    if mark == palette.ADVICE_MARK:
        return Fared(mark, _("advice"), "advice")
    if verdict.corrected:
        return Fared(mark, _("corrected"), "passed" if verdict.settled else "failed")
    return Fared(mark, _(palette.word(verdict)), verdict.outcome.value.replace("_", "-"))


def row(verdict: Verdict, run: Run) -> ClauseRow:
    number = verdict.clause.number
    told = is_told(verdict)
    notes = _notes_of_row(verdict)
    behind = palette.behind(verdict)
    return ClauseRow(
        number=number,
        title=in_words(verdict.clause.scenario),
        level=verdict.level.value,
        points=fraction(verdict),
        fared=fared(verdict, strict=run.strict),
        behind=in_line(behind, places_of(run)) if behind else Markup(""),
        anchor=anchor_of(run.lab, number) if told else "",
        place="" if told else anchor_of(run.lab, number),
        asked=asked_place(run.lab, number),
        notes=notes,
        folded=is_folded(verdict),
    )


def is_folded(verdict: Verdict) -> bool:
    """Whether there is nothing to be said of it."""
    return verdict.outcome is Outcome.PASSED and not _notes_of_row(verdict)


def places_of(run: Run) -> Mapping[str, str]:
    """Where the page tells of each clause, by the clauses' numbers."""
    numbers = (verdict.clause.number for verdict in run.verdicts)
    return {number: anchor_of(run.lab, number) for number in numbers}


def is_told(verdict: Verdict) -> bool:
    """Whether a page has an account of it."""
    return verdict.outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE)


def asked_place(lab: str, clause: str) -> str:
    """The name of the place where a page says what the clause asks."""
    return f"asked-{anchor_of(lab, clause)}"


def _notes_of_row(verdict: Verdict) -> Sequence[str]:
    notes = verdict.attempt.notes if verdict.outcome is Outcome.PASSED else ()
    return [said(note) for note in (verdict.corrected, *notes) if note]


def asked(clause: Clause, run: Run) -> AskedClause:
    return AskedClause(
        number=clause.number,
        title=in_words(clause.scenario),
        level=clause.level.value,
        points=said(counted(clause.weight)) if clause.weight else "",
        text=sentence(clause.text),
        faults=[fault.strip() for fault in clause.faults.split(";") if fault.strip()],
        place=asked_place(run.lab, clause.number),
        explain=shlex.join(["conformance", "explain", run.lab, clause.number]),
    )


def details(
    verdict: Verdict, run: Run, *, beside: Path | None = None, decided: bool = False
) -> ClauseDetails:
    """The account of a clause. `beside`: the folder that the page will be in, for links to
    captures; None: it has none. `decided`: a teacher has settled the total, so that nothing is
    open."""
    held = verdict.attempt
    number = verdict.clause.number
    plots = [*_plots(held)] if may_be_a_matter_of_rhythm(held) else []
    repeated = held.fault is not None and not held.fault.stands_at_once and verdict.earlier
    return ClauseDetails(
        number=number,
        title=in_words(verdict.clause.scenario),
        anchor=anchor_of(run.lab, number),
        asked=asked_place(run.lab, number),
        fared=fared(verdict, strict=run.strict),
        worth=_worth(verdict, run, decided=decided),
        opening=[*_opening(verdict)],
        text=sentence(verdict.clause.text),
        difference=difference(held),
        reason=said(held.reason),
        notes=[*map(said, held.notes)],
        hint=said(held.hint),
        plots=plots,
        clock=said(clock(held.transcript)) if rests_on_the_clock(held) or plots else "",
        conversations=[*_conversations(verdict)],
        output=[*_output(held)],
        stood=[*threads_in_words(held, MAX_THREADS)],
        see=_lines(verdict.reproduce),
        again=_lines(verdict.again),
        captures=[*_captures(verdict, beside)],
        tried_again=bool(repeated) and verdict.outcome is Outcome.FAILED,
    )


def _worth(verdict: Verdict, run: Run, *, decided: bool) -> str:
    if verdict.outcome is Outcome.FAILED and is_advice(verdict, strict=run.strict):
        return _("costs no points")
    if verdict.points is None and not decided:
        return said(f"still open: {counted(verdict.possible)}")
    if not verdict.counts and verdict.clause.weight:
        return _("not asked for")
    return f"{verdict.level.value}, {score(verdict.points or 0, verdict.possible)}"


def _opening(verdict: Verdict) -> Iterator[str]:
    if verdict.corrected:
        yield said(verdict.corrected)
    if verdict.points is None:
        yield _("This could not be judged, which is no fault of yours.")


def _lines(command: str) -> Sequence[str]:
    return [told_beside(line) for line in command.split("\n") if line]


def _plots(held: Attempt) -> Iterator[RhythmPlot]:
    for series in held.transcript.series:
        if series.times and series.period > 0:
            yield RhythmPlot(
                said(series.what),
                said(wanted(series)),
                ", ".join(figures(series)),
                rhythm(series),
                rhythm(series, narrow=True),
            )


def _output(held: Attempt) -> Iterator[OutputRow]:
    if held.output.strip():
        for each in shown_rows(held, MAX_OUTPUT):
            text = shorten_middle(legible(each.text), MAX_OUTPUT_LINE)
            yield OutputRow(text, marked=each.marked, ours=each.ours)


def _captures(verdict: Verdict, beside: Path | None) -> Iterator[CaptureFile]:
    kept = dict.fromkeys(held.capture for held in (verdict.attempt, *verdict.earlier))
    for path in filter(None, kept):
        there = beside is not None and Path(path).is_file()
        link = link_to(os.path.relpath(path, beside)) if there else ""
        yield CaptureFile(path, link)


def _conversations(verdict: Verdict) -> Iterator[ShownConversation]:
    """That of the attempt that counts; of what is in doubt, those of all attempts."""
    held = [verdict.attempt]
    if verdict.outcome is Outcome.INCONCLUSIVE:
        others = [each for each in verdict.earlier if each.transcript != held[0].transcript]
        held = [*others, *held]
    for number, attempt in enumerate(held, 1):
        if len(attempt.transcript):
            label = said(f"attempt {number} of {len(held)}") if len(held) > 1 else ""
            yield _shown(attempt, label)


def _shown(held: Attempt, label: str) -> ShownConversation:
    every = pieces_of(held)
    drawn = every if len(every) <= SHORT else excerpt(every, held, MAX_ROWS)
    told = every if len(every) <= MAX_ROWS_AS_TEXT else excerpt(every, held, MAX_ROWS_AS_TEXT)
    return ShownConversation(
        label, sequence(drawn), sequence(drawn, narrow=True), [*map(_spoken, told)]
    )


def _spoken(piece: Piece) -> SpokenRow:
    entry = piece.entry
    if entry is None:
        return SpokenRow("", "", [said(piece.words)], piece.proof, by_us=True)
    lines = [said(entry.what)] if entry.is_remark else lines_of(entry.what) or [""]
    if len(lines) > 2 * piece.most:
        left = len(lines) - 2 * piece.most
        lines = [*lines[: piece.most], said(f"… {left} lines …"), *lines[-piece.most :]]
    shown = [shorten_middle(visible_line(line), MAX_SPOKEN) for line in lines]
    who = said(entry.who)
    return SpokenRow(f"{entry.at:.3f} s", who, shown, piece.proof, by_us=entry.is_remark)
