"""The report that a person reads: a line for each clause as it is judged, then what is wrong."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from conformance.reports.run.account import account_within, captures, times
from conformance.reports.run.cadence import pictures
from conformance.reports.run.conversation import conversed
from conformance.reports.run.listing import in_words, notes, row, score, section, section_of
from conformance.reports.run.searched import searched
from conformance.reports.text import palette
from conformance.reports.text.contract_words import clause_in_language, in_language
from conformance.reports.text.page import Page, show
from conformance.reports.text.visible import cut, visible
from conformance.verdict.model import UNTOLD_SEED, Outcome, Run, Verdict, order_of
from conformance.verdict.points import (
    counted,
    is_advice,
    tally_of,
    told_left_out,
    told_not_shown,
)
from conformance.words import _, said

NOTHING_LEFT = (
    "All that did not pass before passes now. Check without --failed for the points of all clauses."
)

ROWS = 40
"""A report of one failure fits into so many rows, as a rule."""

ROWS_FOR_ANOTHER = 17
"""So many more for each further one: a report of ten fits into 200."""


def render(run: Run, *, verbose: bool = False, console: Console) -> None:
    """Prints the whole report of a run that has ended (or was interrupted)."""
    reporter = ConsoleReporter(console, verbose)
    reporter.began(run)
    for verdict in sorted(run.verdicts, key=lambda verdict: verdict.clause.order):
        reporter.judged(verdict)
    reporter.ended(run)


@dataclass
class ConsoleReporter:
    """Prints a run while it goes on.

    `plan`: the numbers of the clauses that will be judged. With it, lines are printed in
    their order, each as early as possible; without it, as the verdicts arrive.
    """

    console: Console
    verbose: bool = False
    plan: Sequence[str] = ()
    _run: Run | None = None
    """As it began."""
    _strict: bool = False
    _section: list[Verdict] = field(default_factory=list)
    """Of the section that is listed next, what has been judged."""
    _held: dict[str, Verdict] = field(default_factory=dict)
    _awaited: list[str] = field(default_factory=list)
    _rows: int = 0
    """How many have been printed."""

    def began(self, run: Run) -> None:
        """Prints what is about to be checked."""
        self._run, run = run, in_language(run)
        self._strict = run.strict
        self._awaited = sorted(self.plan, key=order_of)
        title = f" · {visible(run.title)}" if run.title else ""
        names = f"{visible(run.lab)} · {visible(run.submission)}"
        page = self._page
        if len(names + title) > page.width:
            self._print(page.line((names, "bold")))
            names, title = "", title.removeprefix(" · ")
        self._print(page.line((names, "bold"), (title, palette.QUIET)))
        if not self.verbose:
            self._print(Text())

    def judged(self, verdict: Verdict) -> None:
        """Prints its section, once all of it is judged, and what comes before it; each clause by
        itself where all is asked for."""
        verdict = clause_in_language(verdict, self._run) if self._run else verdict
        if verdict.clause.number not in self._awaited:
            # What the call leaves out arrives last, and is listed below.
            if not (self.plan and verdict.left_out):
                self._list(verdict)
            return
        self._held[verdict.clause.number] = verdict
        while self._awaited and self._awaited[0] in self._held:
            self._list(self._held.pop(self._awaited.pop(0)))

    def ended(self, run: Run) -> None:
        """Prints what is wrong, what could not be judged, and the summary."""
        run = in_language(run)
        for number in sorted(self._held, key=order_of):
            self._list(self._held.pop(number))
        self._end_section()
        ordered = sorted(run.verdicts, key=lambda verdict: verdict.clause.order)
        for each in run.common:
            self._print(Text(), *self._page.prose(each.told, indent="", style="bold"))
        # Failures that cost points come first, then advice.
        failed = [verdict for verdict in ordered if verdict.outcome is Outcome.FAILED]
        failed.sort(key=lambda each: is_advice(each, strict=self._strict))
        below = [*self._unjudged(ordered), *self._summary(run)]
        room = ROWS + ROWS_FOR_ANOTHER * (len(failed) - 1) - self._rows - len(below)
        for place, verdict in enumerate(failed):
            before = self._rows
            self._print(*self._failure(verdict, room // (len(failed) - place)))
            room -= self._rows - before
        self._print(*searched(run.search, self._page))
        self._print(*below)

    @property
    def _page(self) -> Page:
        return Page.on(self.console, whole=self.verbose)

    def _print(self, *rows: Text) -> None:
        self._rows += len(rows)
        show(self.console, *rows)

    def _list(self, verdict: Verdict) -> None:
        """Prints the verdict's row, or keeps it until its section can be printed."""
        page, number = self._page, section_of(verdict.clause.number)
        if self._section and section_of(self._section[0].clause.number) != number:
            self._end_section()
        if self.verbose:
            if not self._section:
                title = visible(f"{number} {verdict.clause.section}".rstrip())
                self._print(Text(), page.line((title, "bold")))
            self._print(row(verdict, page, strict=self._strict), *notes(verdict, page))
            if verdict.outcome is Outcome.PASSED:
                self._print(*conversed(verdict.attempt, page))
                self._print(*pictures(verdict.attempt.transcript, page))
                self._print(*captures(verdict, page))
        self._section.append(verdict)
        if self.plan and not any(section_of(each) == number for each in self._awaited):
            self._end_section()

    def _end_section(self) -> None:
        if not self.verbose:
            self._print(*section(self._section, self._page, strict=self._strict))
        self._section = []

    def _failure(self, verdict: Verdict, rows: int) -> list[Text]:
        """What is told of it, in so many rows if that is possible."""
        page = self._page
        if is_advice(verdict, strict=self._strict):
            heading = self._heading(verdict, _("advice: costs no points"))
            room = rows - len(heading)
            return heading + account_within(room, verdict, page, conversation=self.verbose)
        points = score(verdict.points or 0, verdict.possible)
        if not verdict.counts and verdict.clause.weight:
            points = _("not asked for")  # it was run for a clause that was asked for
        heading = self._heading(verdict, f"{verdict.level.value}, {points}")
        remark = []
        if verdict.attempt.fault and not verdict.attempt.fault.stands_at_once and verdict.earlier:
            again = "Tried again on a fresh server before it counted."
            remark = [Text(), *page.prose(again, style=palette.QUIET)]
        room = rows - len(heading) - len(remark)
        return heading + account_within(room, verdict, page, conversation=True) + remark

    def _heading(self, verdict: Verdict, right: str) -> list[Text]:
        page = self._page
        mark, colour = palette.mark(verdict, strict=self._strict)
        name = f"{mark} {verdict.clause.number} {visible(in_words(verdict.clause.scenario))}"
        left = cut(name, page.width - len(right) - 2)
        space = " " * max(2, page.width - len(left) - len(right))
        return [Text(), page.line((left, f"bold {colour}"), space, (right, colour))]

    def _unjudged(self, ordered: Sequence[Verdict]) -> Iterator[Text]:
        """The clauses that could not be judged: those of one outcome and reason together. Clauses
        that were not shown are left out, since their own lines and the summary say so."""
        reasons: dict[tuple[Outcome, str, str], list[str]] = {}
        for verdict in ordered:
            unjudged = verdict.outcome in (Outcome.INCONCLUSIVE, Outcome.NOT_RUN)
            if unjudged and (self.verbose or not palette.behind(verdict)):
                told = (verdict.outcome, palette.word(verdict), palette.why(verdict))
                reasons.setdefault(told, []).append(verdict.clause.number)
        page = self._page
        for (outcome, word, reason), numbers in sorted(reasons.items()):
            words = f"{palette.MARKS[outcome]} {_(word)}: "
            style = palette.COLOURS[outcome]
            yield from (Text(), page.line((words, style), ", ".join(numbers)))
            yield from page.prose(reason)
            for verdict in ordered:
                if outcome is Outcome.INCONCLUSIVE and verdict.clause.number in numbers:
                    yield from self._doubt(verdict)

    def _doubt(self, verdict: Verdict) -> Iterator[Text]:
        """The evidence of an INCONCLUSIVE clause: attempts or pictures, and capture files."""
        page = self._page
        if self.verbose:
            yield from self._attempts(verdict)
        elif rows := times(verdict.attempt, page):
            words = (verdict.clause.number, palette.QUIET)
            yield from (Text(), page.line("  ", words), *rows)
        yield from captures(verdict, page)

    def _attempts(self, verdict: Verdict) -> Iterator[Text]:
        page = self._page
        held = list(verdict.earlier)
        if verdict.attempt.transcript not in [attempt.transcript for attempt in held]:
            held.append(verdict.attempt)
        for number, attempt in enumerate(held, 1):
            words = said(f"{verdict.clause.number}, attempt {number} of {len(held)}")
            yield from (Text(), page.line("  ", (words, palette.QUIET)))
            yield from conversed(attempt, page)
            yield from times(attempt, page)

    def _summary(self, run: Run) -> Iterator[Text]:
        page = self._page
        if run.notes:
            yield Text()
        for note in run.notes:
            yield from page.prose(note, indent="", style=palette.QUIET)
        if not run.notes:
            yield Text()
        if run.interrupted:
            told = f"Interrupted: only {counted(len(run.verdicts), 'clause')} had been judged."
            yield page.line((said(told), "bold yellow"))
        yield from page.lines(*standing(run), (" · ", palette.QUIET), *outcomes(run))
        for told in filter(None, (told_not_shown(run.verdicts), told_left_out(run))):
            yield from page.prose(told, indent="")
        how = [said(how_started(run)).removesuffix(".")] if run.command else []
        told = " · ".join([*how, *map(said, map(visible, _choices(run)))])
        yield from page.prose(told, indent="", style=palette.QUIET, ours=False)
        if told := _of_captures(run, verbose=self.verbose):
            yield from page.prose(told, indent="", style=palette.QUIET)


def standing(run: Run) -> list[tuple[str, str]]:
    """The points, and what they leave open: (text, style) pairs of one sentence."""
    total = tally_of(run)
    colour = "bold green" if total.points == total.possible else "bold"
    told = [(score(total.points, total.possible), colour)]
    if run.interrupted:
        told.append((_(" so far: the run was interrupted"), "bold yellow"))
    if hidden := sum(verdict.is_hidden and verdict.counts for verdict in run.verdicts):
        words = f"{counted(hidden, 'clause')} that count{'s' * (hidden == 1)}"
        told.append((said(f", without {words} and {'is' if hidden == 1 else 'are'} hidden"), ""))
    if unjudged := sum(v.points is None and not v.is_hidden for v in run.verdicts):
        unsettled = f"{counted(unjudged, 'clause')} that count{'s' * (unjudged == 1)}"
        told.append((said(f", provisional: {unsettled} could not be judged"), "bold yellow"))
    return told


def outcomes(run: Run) -> list[tuple[str, str]]:
    """How many clauses fared how, and the time: (text, style) pairs of one line."""
    tallied: Counter[tuple[str, str]] = Counter()
    for verdict in run.verdicts:
        words = palette.word(verdict)
        colour = palette.COLOURS[verdict.outcome]
        if verdict.outcome is Outcome.FAILED and is_advice(verdict, strict=run.strict):
            words, colour = "advice", palette.ADVICE
        elif verdict.corrected:
            words, colour = "corrected", ""
        tallied[words, colour] += 1
    ranks = [
        "passed", "corrected", "failed", "advice", "inconclusive", "not shown", "not run",
        "left out", "hidden",
    ]  # fmt: skip
    told: list[tuple[str, str]] = []
    for (words, colour), number in sorted(tallied.items(), key=lambda x: ranks.index(x[0][0])):
        told += [(_(f"{{number}} {words}").format(number=number), colour), (" · ", palette.QUIET)]
    return [*told, (f"{run.seconds:.1f} s", palette.QUIET)]


def _of_captures(run: Run, *, verbose: bool) -> str:
    """A sentence about captures, if a conversation failed or is in doubt; else ""."""
    doubtful = [
        held
        for held in (verdict.attempt for verdict in run.verdicts)
        if held.outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE) and len(held.transcript)
    ]
    if any(held.capture for held in doubtful):
        return "Beside each capture a .txt of the same name says what the scenario did when."
    if verbose and doubtful and run.tier in ("full", "network"):
        return "No capture was kept: `--keep DIR` keeps one of each failure, for Wireshark."
    return ""


def how_started(run: Run) -> str:
    """How a student can start it, too: the command with its arguments, and the folder; "" if the
    program was not started."""
    if not run.command:
        return ""
    where = f"in {run.folder}/ of" if run.folder != "." else "in the folder of"
    return f"Started as `{shlex.join(run.command)}`, {where} what was handed in."


def facts(run: Run) -> str:
    """All that is needed to repeat the run, in one line."""
    return " · ".join(map(visible, [run.lab, run.submission, *map(said, _choices(run))]))


def _choices(run: Run) -> list[str]:
    """What a run depends on, beside what was handed in."""
    told = [f"tier {run.tier}"]
    told += [f"seed {run.seed}"] if run.seed != UNTOLD_SEED else []
    told += ["strict"] if run.strict else []
    told += [f"{name}={value}" for name, value in run.parameters.items()]
    told += [f"network: {run.network}"] if run.network else []
    return [*told, f"suite {run.suite}"]
