"""The report of a submission that is checked again and again: what is different, in few lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from conformance.reports.run.account import account, in_short
from conformance.reports.run.listing import in_words, score
from conformance.reports.text import palette
from conformance.reports.text.contract_words import in_language
from conformance.reports.text.page import Page, show
from conformance.reports.text.visible import cut, visible
from conformance.verdict.model import Outcome, Run, Verdict
from conformance.verdict.points import counted, is_advice, is_open, tally_of
from conformance.words import _, said

MAX_NUMBERS = 8
"""Clauses of one outcome that are listed by their numbers; of more, only how many there are."""

MAX_NAMES = 3
"""Files that are named of those that have changed."""


@dataclass
class WatchReporter:
    """Prints what has become of each clause since it was judged before."""

    console: Console
    _strict: bool = False
    _title: str = ""
    _known: dict[str, Verdict] = field(default_factory=dict)
    """The last verdict on each clause, also of runs that were ended by a change."""
    _explained: tuple[str, ...] = ()
    """What was explained last: clause, expected, actual, and why it could not be judged."""
    _unseen: list[Outcome] = field(default_factory=list)
    """What became of those clauses, in this run, that were or are not shown."""

    @property
    def has_begun(self) -> bool:
        """Whether anything was checked."""
        return bool(self._title)

    @property
    def failing(self) -> list[str]:
        """The clauses that did not pass when they were judged last."""
        return [
            number
            for number, verdict in self._known.items()
            if verdict.outcome is not Outcome.PASSED and not verdict.left_out
        ]

    def changed(self, names: Sequence[str], clock: str) -> None:
        """Files have changed at that time of day."""
        shown = ", ".join(visible(name) for name in names[:MAX_NAMES])
        more = len(names) - MAX_NAMES
        shown += said(f" and {counted(more, 'other')}") if more > 0 else ""
        line = cut(said(f"{clock} · changed: {shown}"), self._page.width)
        self._print(Text(), self._page.line((line, "bold")))

    def began(self, run: Run) -> None:
        self._strict, self._unseen = run.strict, []
        title = f"{visible(run.lab)} · {visible(run.submission)}"
        if title != self._title:
            self._title = title
            self._print(self._page.line((title, "bold")))

    def judged(self, verdict: Verdict) -> None:
        """Prints the verdict if it is not that of before; of a first one, if it is no pass. What is
        not shown, or was not, is only counted."""
        number, outcome = verdict.clause.number, verdict.outcome
        before = self._known.get(number)
        self._known[number] = verdict
        was = before.outcome if before else Outcome.PASSED
        if outcome is was:
            return
        if Outcome.NOT_RUN in (was, outcome) and outcome is not Outcome.FAILED:
            self._unseen += [outcome] if before else []
            return
        told = {
            Outcome.PASSED: "passes now",
            Outcome.FAILED: "fails now" if before else "fails",
            Outcome.INCONCLUSIVE: "could not be judged",
        }[outcome]
        mark, colour = palette.mark(verdict, strict=self._strict)
        advice = " (advice)" if outcome is Outcome.FAILED and self._advises(verdict) else ""
        words = f"{mark} {number} {_(told)}{_(advice)}{_(': ')}"
        words += visible(in_words(verdict.clause.scenario))
        self._print(self._page.line((cut(words, self._page.width), colour)))

    def ended(self, run: Run) -> None:
        """Prints what the failures have in common, and the account of the first of them (or of what
        could not be judged), in short where that was printed last; then how the run came
        out."""
        run = in_language(run)
        failed = [each for each in run.verdicts if each.outcome is Outcome.FAILED]
        ordered = sorted(failed, key=lambda each: (self._advises(each), each.clause.order))
        for line in self._of_the_unseen():
            self._print(self._page.line(said(line)))
        for common in run.common:
            self._print(Text(), *self._page.prose(common.told, indent="", style="bold"))
        self._explain([*ordered, *filter(_is_open, run.verdicts)][:1])
        self._print(*self._page.prose(self._summary(run, ordered), indent="", style="bold"))

    def _of_the_unseen(self) -> Iterator[str]:
        if shown := self._unseen.count(Outcome.PASSED):
            told = "that was not shown passes" if shown == 1 else "that were not shown pass"
            yield f"{counted(shown, 'clause')} {told} now"
        if hidden := self._unseen.count(Outcome.NOT_RUN):
            yield f"{counted(hidden, 'clause')} {'is' if hidden == 1 else 'are'} not shown now"

    def waits(self) -> None:
        told = _("Waits for a change; Ctrl-C ends.")
        self._print(self._page.line((told, palette.QUIET)))

    def _explain(self, first: Sequence[Verdict]) -> None:
        for verdict in first:
            held = verdict.attempt
            fault = (verdict.clause.number, held.expected, held.actual, held.reason)
            again = fault == self._explained
            words = f"{verdict.clause.number} {visible(in_words(verdict.clause.scenario))}"
            colour = palette.mark(verdict, strict=self._strict)[1]
            heading = self._page.line((words, f"bold {colour}"))
            told = in_short(verdict, self._page) if again else account(verdict, self._page)
            self._print(Text(), heading, Text(), *told, Text())
            self._explained = fault

    def _summary(self, run: Run, failed: Sequence[Verdict]) -> str:
        total = tally_of(run)
        told = [score(total.points, total.possible)]
        groups = {
            "failed": [each for each in failed if not self._advises(each)],
            "advice": [each for each in failed if self._advises(each)],
            "not shown": [each for each in run.verdicts if each.not_shown],
            "open": [each for each in run.verdicts if _is_open(each)],
        }
        for words, verdicts in groups.items():
            if len(verdicts) > MAX_NUMBERS:
                told.append(said(f"{len(verdicts)} {words}"))
            elif verdicts:
                told.append(
                    f"{_(words)}{_(': ')}{', '.join(each.clause.number for each in verdicts)}"
                )
        if len(told) == 1:
            told.append(_("all that was checked passes"))
        return " · ".join([*told, f"{run.seconds:.1f} s"])

    def _advises(self, verdict: Verdict) -> bool:
        return is_advice(verdict, strict=self._strict)

    @property
    def _page(self) -> Page:
        return Page.on(self.console)

    def _print(self, *rows: Text) -> None:
        show(self.console, *rows)


def _is_open(verdict: Verdict) -> bool:
    return verdict.points is None or is_open(verdict)
