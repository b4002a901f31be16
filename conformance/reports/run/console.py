"""The report that a person reads: a line for each clause as it is judged, then what is wrong."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from conformance.reports.run.account import account, captures, conversed, times
from conformance.reports.run.cadence import pictures
from conformance.reports.text import palette
from conformance.reports.text.page import Page, show
from conformance.reports.text.visible import cut, shorten_middle, visible
from conformance.verdict.model import Outcome, Run, Verdict, order_of
from conformance.verdict.points import (
    counted,
    fraction,
    is_advice,
    tally_of,
    told_left_out,
    told_not_shown,
)

MIN_NAME_WIDTH = 8
"""Columns left for a scenario's name, however many clauses are listed after it."""


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
    _strict: bool = False
    _section: str = ""
    _held: dict[str, Verdict] = field(default_factory=dict)
    _awaited: list[str] = field(default_factory=list)

    def began(self, run: Run) -> None:
        """Prints what is about to be checked."""
        self._strict = run.strict
        self._awaited = sorted(self.plan, key=order_of)
        title = f" · {visible(run.title)}" if run.title else ""
        names = f"{visible(run.lab)} · {visible(run.submission)}"
        self._print(self._page.line((names, "bold"), (title, palette.QUIET)))

    def judged(self, verdict: Verdict) -> None:
        """Prints the verdict's line, or keeps it until those before it are printed."""
        if verdict.clause.number not in self._awaited:
            self._print_line(verdict)
            return
        self._held[verdict.clause.number] = verdict
        while self._awaited and self._awaited[0] in self._held:
            self._print_line(self._held.pop(self._awaited.pop(0)))

    def ended(self, run: Run) -> None:
        """Prints what is wrong, what could not be judged, and the summary."""
        for number in sorted(self._held, key=order_of):
            self._print_line(self._held.pop(number))
        ordered = sorted(run.verdicts, key=lambda verdict: verdict.clause.order)
        failed = [verdict for verdict in ordered if verdict.outcome is Outcome.FAILED]
        # Failures that cost points come first, then advice.
        for verdict in sorted(failed, key=lambda each: is_advice(each, strict=self._strict)):
            self._print_failure(verdict)
        self._print_unjudged(ordered)
        self._print_summary(run)

    @property
    def _page(self) -> Page:
        return Page.on(self.console, whole=self.verbose)

    def _print(self, *rows: Text) -> None:
        show(self.console, *rows)

    def _print_line(self, verdict: Verdict) -> None:
        page, clause = self._page, verdict.clause
        number = clause.number.split(".")[0]
        if (section := visible(f"{number} {clause.section}".rstrip())) != self._section:
            self._section = section
            self._print(Text(), page.line((section, "bold")))
        mark, colour = palette.mark(verdict, strict=self._strict)
        title = colour if verdict.outcome is not Outcome.PASSED else ""
        facts = f"{verdict.level.value:<6} {fraction(verdict):>5} {verdict.seconds:7.2f} s"
        room = page.width - len(f"  {mark} {clause.number:<5}  {facts}")
        words = titled(verdict, room)
        line = page.line(
            "  ", (mark, colour), f" {clause.number:<5} ", (f"{words:<{room}}", title), " ",
            (facts, palette.QUIET),
        )  # fmt: skip
        self._print(line)
        if verdict.outcome is Outcome.PASSED:
            for note in verdict.notes:
                self._print(*page.prose(note, indent=" " * 10, style=palette.QUIET))
            if self.verbose:
                self._print(*conversed(verdict.attempt.transcript, page))
                self._print(*pictures(verdict.attempt.transcript, page))
                self._print(*captures(verdict, page))

    def _print_failure(self, verdict: Verdict) -> None:
        if is_advice(verdict, strict=self._strict):
            self._print_heading(verdict, "advice: costs no points")
            self._print(*account(verdict, self._page, conversation=self.verbose))
            return
        points = f"{verdict.points or 0} of {counted(verdict.possible)}"
        if not verdict.counts and verdict.clause.weight:
            points = "not asked for"  # it was run for a clause that was asked for
        self._print_heading(verdict, f"{verdict.level.value}, {points}")
        self._print(*account(verdict, self._page))
        if verdict.attempt.fault and not verdict.attempt.fault.stands_at_once and verdict.earlier:
            remark = "Tried again on a fresh server before it counted."
            self._print(Text(), *self._page.prose(remark, style=palette.QUIET))

    def _print_heading(self, verdict: Verdict, right: str) -> None:
        page = self._page
        mark, colour = palette.mark(verdict, strict=self._strict)
        left = f"{mark} {verdict.clause.number} {visible(in_words(verdict.clause.scenario))}"
        space = " " * max(2, page.width - len(left) - len(right))
        self._print(Text(), page.line((left, f"bold {colour}"), space, (right, colour)), Text())

    def _print_unjudged(self, ordered: Sequence[Verdict]) -> None:
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
            words = f"{palette.MARKS[outcome]} {word}: "
            style = palette.COLOURS[outcome]
            self._print(Text(), page.line((words, style), ", ".join(numbers)))
            self._print(*page.prose(reason))
            for verdict in ordered:
                if outcome is Outcome.INCONCLUSIVE and verdict.clause.number in numbers:
                    self._print_doubt(verdict)

    def _print_doubt(self, verdict: Verdict) -> None:
        """The evidence of an INCONCLUSIVE clause: attempts or pictures, and capture files."""
        page = self._page
        if self.verbose:
            self._print_attempts(verdict)
        elif rows := times(verdict.attempt, page):
            words = (verdict.clause.number, palette.QUIET)
            self._print(Text(), page.line("  ", words), *rows)
        self._print(*captures(verdict, page))

    def _print_attempts(self, verdict: Verdict) -> None:
        page = self._page
        held = list(verdict.earlier)
        if verdict.attempt.transcript not in [attempt.transcript for attempt in held]:
            held.append(verdict.attempt)
        for number, attempt in enumerate(held, 1):
            words = f"{verdict.clause.number}, attempt {number} of {len(held)}"
            self._print(Text(), page.line("  ", (words, palette.QUIET)))
            self._print(*conversed(attempt.transcript, page))
            self._print(*times(attempt, page))

    def _print_summary(self, run: Run) -> None:
        page = self._page
        if run.notes:
            self._print(Text())
        for note in run.notes:
            self._print(*page.prose(note, indent="", style=palette.QUIET))
        self._print(Text())
        if run.interrupted:
            told = f"Interrupted: only {counted(len(run.verdicts), 'clause')} had been judged."
            self._print(page.line((told, "bold yellow")))
        self._print(page.line(*self._score(run)), page.line(*self._outcomes(run)))
        for told in filter(None, (told_not_shown(run.verdicts), told_left_out(run))):
            self._print(*page.prose(told, indent=""))
        if how := how_started(run):
            self._print(*page.prose(how, indent="", style=palette.QUIET))
        self._print(*page.prose(facts(run), indent="", style=palette.QUIET))
        if told := _of_captures(run):
            self._print(*page.prose(told, indent="", style=palette.QUIET))

    def _score(self, run: Run) -> list[tuple[str, str]]:
        total = tally_of(run)
        colour = "bold green" if total.points == total.possible else "bold"
        score = [(f"{total.points} of {counted(total.possible)}", colour)]
        if run.interrupted:
            score.append((" so far: the run was interrupted", "bold yellow"))
        if unjudged := sum(verdict.points is None for verdict in run.verdicts):
            told = f"{counted(unjudged, 'clause')} that counts could not be judged"
            score.append((f", provisional: {told}", "bold yellow"))
        return score

    def _outcomes(self, run: Run) -> list[tuple[str, str]]:
        tallied: Counter[tuple[str, str]] = Counter()
        for verdict in run.verdicts:
            words = palette.word(verdict)
            colour = palette.COLOURS[verdict.outcome]
            if verdict.outcome is Outcome.FAILED and is_advice(verdict, strict=self._strict):
                words, colour = "advice", palette.ADVICE
            tallied[words, colour] += 1
        ranks = ["passed", "failed", "advice", "inconclusive", "not shown", "not run", "left out"]
        told: list[tuple[str, str]] = []
        for (words, colour), number in sorted(tallied.items(), key=lambda x: ranks.index(x[0][0])):
            told += [(f"{number} {words}", colour), (" · ", palette.QUIET)]
        return [*told, (f"{run.seconds:.1f} s", palette.QUIET)]


def _of_captures(run: Run) -> str:
    """A sentence about captures, if a conversation failed or is in doubt; else ""."""
    doubtful = [
        held
        for held in (verdict.attempt for verdict in run.verdicts)
        if held.outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE) and len(held.transcript)
    ]
    if any(held.capture for held in doubtful):
        return "Beside each capture a .txt of the same name says what the scenario did when."
    if doubtful and run.tier in ("full", "network"):
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
    told = [run.lab, run.submission, f"tier {run.tier}", f"seed {run.seed}"]
    told += ["strict"] if run.strict else []
    told += [f"{name}={value}" for name, value in run.parameters.items()]
    return " · ".join(visible(fact) for fact in [*told, f"suite {run.suite}"])


def titled(verdict: Verdict, room: int) -> str:
    """The scenario in words, and the clauses that kept it from being shown, in `room` columns."""
    words = visible(in_words(verdict.clause.scenario))
    pays = palette.behind(verdict)
    if not pays:
        return shorten_middle(words, room)
    tail = cut(f" · {visible(pays)}", room - MIN_NAME_WIDTH)
    return cut(words, room - len(tail)) + tail


def in_words(scenario: str) -> str:
    return scenario.replace("_", " ")
