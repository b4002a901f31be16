"""What a page says about one run, as values for its template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from markupsafe import Markup

from conformance.reports.pages.clause_details import (
    AskedClause,
    ClauseDetails,
    ClauseRow,
    Fared,
    asked,
    details,
    fared,
    is_folded,
    is_told,
    places_of,
    row,
)
from conformance.reports.pages.prose import in_line
from conformance.reports.pages.svg import bar
from conformance.reports.run.cadence import clock
from conformance.reports.run.console import how_started, outcomes, standing
from conformance.reports.run.listing import numbers, score, section_of
from conformance.reports.run.searched import in_one_sentence
from conformance.reports.text import palette
from conformance.reports.text.contract_words import in_language
from conformance.verdict.model import Outcome, Run, Verdict
from conformance.verdict.points import (
    is_advice,
    tally_of,
    told_left_out,
    told_not_shown,
)
from conformance.words import _, said


@dataclass(frozen=True)
class ClauseSection:
    """A section of the contract, with what the page says of its clauses."""

    heading: str
    rows: Sequence[ClauseRow]
    asked: Sequence[AskedClause]

    @property
    def shown(self) -> Sequence[ClauseRow]:
        """The rows of which there is something to be said."""
        return [row for row in self.rows if not row.folded]

    @property
    def folded(self) -> Sequence[ClauseRow]:
        return [row for row in self.rows if row.folded]


@dataclass(frozen=True)
class PassedClauses:
    """The clauses whose rows are folded into one, so that what failed is not far below."""

    fared: Fared
    numbers: str
    points: str


@dataclass(frozen=True)
class UnjudgedClauses:
    """Clauses that were not run, for one reason."""

    heading: str
    numbers: str
    reason: str


@dataclass(frozen=True)
class RunDetails:
    lab: str
    title: str
    submission: str
    score: str
    bar: Markup
    outcomes: str
    common: Sequence[Markup]
    """Each a sentence on what several failures have in common."""
    remarks: Sequence[Markup]
    """On points, and on the whole run."""
    sections: Sequence[ClauseSection]
    passed: PassedClauses | None
    """None where all rows are shown."""
    failures: Sequence[ClauseDetails]
    """Those that cost points first."""
    doubts: Sequence[ClauseDetails]
    not_run: Sequence[UnjudgedClauses]
    searched: str
    found: ClauseDetails | None
    """What the search has found."""
    facts: Sequence[tuple[str, str]]
    """What the run depends on, each under its name."""


def run_details(
    run: Run, *, beside: Path | None = None, decided: bool = False, seed: bool = True
) -> RunDetails:
    """The page's values. `beside`, `decided`: as for `details`. `seed`: whether the seed is told,
    which in a class is a secret of all."""
    run = in_language(run)
    ordered = sorted(run.verdicts, key=lambda verdict: verdict.clause.order)
    told = [each for each in ordered if is_told(each)]
    failed = [each for each in told if each.outcome is Outcome.FAILED]
    failed.sort(key=lambda each: (is_advice(each, strict=run.strict), each.settled))
    doubts = [each for each in told if each.outcome is not Outcome.FAILED]
    search, places = run.search, places_of(run)
    return RunDetails(
        lab=run.lab,
        title=run.title,
        submission=run.submission,
        score="".join(text for text, _ in standing(run)),
        bar=_bar(run),
        outcomes="".join(text for text, _ in outcomes(run)),
        common=[in_line(said(each.told), places) for each in run.common],
        remarks=[in_line(told, places) for told in _remarks(run)],
        sections=[*_sections(ordered, run)],
        passed=_passed(ordered, run),
        failures=[details(each, run, beside=beside, decided=decided) for each in failed],
        doubts=[details(each, run, beside=beside, decided=decided) for each in doubts],
        not_run=[*_not_run(ordered, decided=decided)],
        searched=said(in_one_sentence(search)) if search else "",
        found=details(search.verdict, run, beside=beside) if search and search.verdict else None,
        facts=[*_facts(run, seed=seed)],
    )


def _bar(run: Run) -> Markup:
    total = tally_of(run)
    open_ = total.open if not run.interrupted else total.possible - total.points - total.hidden
    unseen = total.not_shown + total.hidden
    lost = total.possible - total.points - open_ - unseen
    shares = [
        ("passed", total.points), ("inconclusive", open_), ("not-run", unseen),
        ("failed", max(lost, 0)),
    ]  # fmt: skip
    told = [score(total.points, total.possible)]
    told += [said(f"{open_} still open")] * bool(open_)
    told += [said(f"{total.hidden} hidden")] * bool(total.hidden)
    told += [said(f"{total.not_shown} not shown")] * bool(total.not_shown)
    return bar(shares, title=", ".join(told))


def _remarks(run: Run) -> Iterator[str]:
    for told in filter(None, (told_not_shown(run.verdicts), told_left_out(run))):
        sentence = said(told)
        yield f"{sentence[:1].upper()}{sentence[1:]}."
    yield from map(said, run.notes)
    if how := how_started(run):
        yield said(how)
    if run.interrupted:
        yield _("The run was interrupted: clauses that are not listed are still open.")


def _sections(ordered: Sequence[Verdict], run: Run) -> Iterator[ClauseSection]:
    for number, group in groupby(ordered, key=lambda each: section_of(each.clause.number)):
        verdicts = list(group)
        yield ClauseSection(
            f"{number} {verdicts[0].clause.section}".rstrip(),
            [row(each, run) for each in verdicts],
            [asked(each.clause, run) for each in verdicts],
        )


def _passed(ordered: Sequence[Verdict], run: Run) -> PassedClauses | None:
    """Those that are folded. Where all passed, nothing is."""
    passed = [each for each in ordered if is_folded(each)]
    if not passed or all(each.outcome is Outcome.PASSED for each in ordered):
        return None
    possible = sum(each.possible for each in passed)
    return PassedClauses(
        fared(passed[0], strict=run.strict),
        numbers([each.clause.number for each in passed]),
        score(sum(each.points or 0 for each in passed), possible) if possible else "",
    )


def _not_run(ordered: Sequence[Verdict], *, decided: bool) -> Iterator[UnjudgedClauses]:
    """By reason. What stands behind a clause that failed is left out: its row says so."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for verdict in ordered:
        if verdict.outcome is Outcome.NOT_RUN and not palette.behind(verdict):
            is_open = verdict.points is None and not decided and not verdict.is_hidden
            heading = "still open, not run" if is_open else palette.word(verdict)
            reasons.setdefault((heading, palette.why(verdict)), []).append(verdict.clause.number)
    for (heading, reason), clauses in reasons.items():
        yield UnjudgedClauses(_(heading), ", ".join(clauses), said(reason))


def _facts(run: Run, *, seed: bool) -> Iterator[tuple[str, str]]:
    yield _("Suite"), run.suite
    yield _("Lab"), run.lab
    parameters = ", ".join(f"{name} = {value}" for name, value in run.parameters.items())
    yield _("Parameters"), parameters or _("the lab's defaults")
    yield _("Tier"), run.tier
    clocks = {
        said(clock(each.attempt.transcript))
        for each in run.verdicts
        if len(each.attempt.transcript)
    }
    yield _("Clock"), " ".join(sorted(clocks)) or _("no conversation was timed")
    if run.network:
        yield _("Network"), run.network
    if seed:
        yield _("Seed"), str(run.seed)
    if run.strict:
        yield _("Counted"), _("SHOULD clauses, too (--strict)")
    if run.started:
        yield (
            _("Judged"),
            _("{started}, in {seconds} s").format(
                started=run.started, seconds=f"{run.seconds:.1f}"
            ),
        )
