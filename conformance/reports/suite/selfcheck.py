"""The findings of a selfcheck, on the console and as JSON."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from rich.console import Console
from rich.text import Text

from conformance import __version__
from conformance.contract.catalog import Catalog
from conformance.reports.suite import matrix
from conformance.reports.suite.matrix import LEGEND, STYLES
from conformance.reports.text import palette
from conformance.reports.text.page import MAX_WIDTH
from conformance.reports.text.visible import fit, shorten_middle, visible
from conformance.selfcheck import (
    Account,
    CheckedImpostor,
    CheckedMutant,
    CheckedPair,
    CheckedReference,
    Mark,
)
from conformance.selfcheck.diagnosis import diagnoses
from conformance.selfcheck.standing import standings
from conformance.verdict import points
from conformance.verdict.model import Clause, Level, Outcome, Run, Verdict
from conformance.verdict.points import counted

SCHEMA = "conformance.selfcheck/1"

Missing = Mapping[str, Sequence[Clause]]
"""Lab -> the clauses that no mutant fails."""

Crowded = Mapping[str, tuple[int, int]]
"""Lab -> how many mutants lose many undeclared points, and how many may."""


def progress(account: Account, number: int, total: int, *, again: bool) -> str:
    """One line about one subject that has been checked; below it, the first time, where the lab
    stumbled, and what is in doubt."""
    wrong = sorted({str(mark) for mark, _ in account.errors}) if account.run else ["?"]
    wrong += ["complaint"] if account.complaints else []
    seconds = f"{account.run.seconds:.1f} s" if account.run else "not checked"
    open_ = ", ".join(verdict.clause.number for verdict in account.disputed())
    stays = f", stays in doubt: {open_}" if open_ else ""
    head = visible(
        f"{number:>4}/{total} {' '.join(wrong) or palette.MARKS[Outcome.PASSED]}"
        f" {account.subject.played.variant} {account.subject.name}, {seconds}"
        f"{f', doubts repeated alone{stays}' if again else ''}"
    )
    below = [*account.stumbles, *([] if again else account.disputed())]
    told = [
        f"{account.subject.mark(verdict)} {verdict.clause.number} {verdict.clause.scenario}:"
        f" {_short(verdict.attempt.reason or verdict.attempt.actual)}"
        for verdict in below
    ]
    return "\n  ".join([head, *(f"{'':9}{line}" for line in told)])


def show(
    accounts: Sequence[Account],
    catalog: Catalog,
    console: Console,
    missing: Missing,
    dear: Crowded,
    options: Sequence[str] = (),
    left: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Prints for each lab the matrix, the impostors and the pairs; the legend; each error.
    `options`: those by which the labs are found. They are repeated in the commands shown.
    `left`: lab -> how many of its programs were not tried."""
    marked: set[Mark] = set()
    for group, rows in _grouped(accounts).items():
        marked |= _show_matrix(group, rows, catalog, console)
        _show_list(f"{group}: impostors, and what they get", rows, CheckedImpostor, console)
        _show_list(
            f"{group}: two faults at once, and what each alone gets", rows, CheckedPair, console
        )
    if marked:
        _print(console, Text())
    for mark in (mark for mark in Mark if mark in marked):
        _print(console, Text(f"  {mark} ", STYLES[mark]) + Text(LEGEND[mark], palette.QUIET))
    _print(console, *_reasons(accounts), *_hints(accounts))
    for account in accounts:
        _print(console, *_errors(account, options))
    for group, clauses in missing.items():
        if clauses:
            told = ", ".join(f"{clause.number} {clause.level.value}" for clause in clauses)
            _print(console, Text(), Text(f"{group}: no mutant fails {told}", "bold yellow"))
    for group, (found, most) in dear.items():
        told = f"{group}: {found} mutants lose much beside what they declare, at most {most} may"
        _print(console, Text(), Text(told, "bold red"))
    stumbling = [each.subject.played.group for each in accounts if each.stumbles]
    for group in dict.fromkeys([*stumbling, *left]):
        why = ["the lab itself stumbles: mend the lab first"] if group in stumbling else []
        why += [f"{counted(left[group], 'program')} not tried"] if group in left else []
        _print(console, Text(), Text(f"{group}: {'; '.join(why)}", "bold red"))
    if accounts:
        _print(console, Text(), _summary(accounts, missing, dear))


def _show_matrix(
    group: str, accounts: Sequence[Account], catalog: Catalog, console: Console
) -> set[Mark]:
    """Prints the matrix of a lab; returns the marks that are in it."""
    rows = [each for each in accounts if isinstance(each.subject, CheckedReference | CheckedMutant)]
    if not rows:
        return set()
    _print(console, Text(), Text(f"{group}: clauses and mutants", "bold"))
    _print(console, *matrix.tables(rows, matrix.numbers(rows, catalog), console))
    return {mark for account in rows for mark in account.marks.values()}


def _show_list(
    title: str,
    accounts: Sequence[Account],
    kind: type[CheckedImpostor | CheckedPair],
    console: Console,
) -> None:
    rows = [each for each in accounts if isinstance(each.subject, kind)]
    if not rows:
        return
    _print(console, Text(), Text(title, "bold"), Text())
    for account in rows:
        style = "bold red" if account.status else ""
        told = f"  {visible(account.subject.name)}  " if account.run else "not checked  "
        tally = points.tally(account.verdicts)
        share = Text(f"{f'{tally.points}/{tally.possible}':>9}", style)
        _print(console, share + Text(told, style) + Text(_beside(account), palette.QUIET))


def _beside(account: Account) -> str:
    """The clauses that an impostor got points for, or the points of a pair's mutants alone."""
    if isinstance(account.subject, CheckedPair):
        alone = account.subject.alone.values()
        each = " and ".join(str(points.tally(run.verdicts).points) for run in alone)
        return f"alone {each}" + (", undo each other" if account.subject.source.cancels else "")
    got = [verdict.clause.number for verdict in account.verdicts if verdict.points]
    return ", ".join(got) or "nothing"


def _reasons(accounts: Sequence[Account]) -> Iterator[Text]:
    """A legend for the figures beside the mutants, and the reasons given in mutants.toml: why a
    mutant costs much, and why the faults of a pair undo each other."""
    costs = [
        (account.subject, account.subject.cost(account.run))
        for account in accounts
        if isinstance(account.subject, CheckedMutant) and account.run
    ]
    if any(cost.lost for _, cost in costs):
        told = "points lost beside what is declared, and their share of the lab's worth"
        yield Text(f"  3 5% {told}", palette.QUIET)
    for subject, cost in costs:
        if cost.lost and subject.source.costs:
            yield Text(visible(f"  {subject.name} loses {cost}: {subject.source.costs}"))
    for both in (account.subject for account in accounts):
        if isinstance(both, CheckedPair) and both.source.cancels:
            yield Text(visible(f"  {both.name}: {both.source.cancels}"))


def _hints(accounts: Sequence[Account]) -> Iterator[Text]:
    """How many of the mutants that hang were said to stand where they do; of how many that lose
    several clauses the cause was told."""
    tried = [
        (each.subject.source, each.run)
        for each in accounts
        if isinstance(each.subject, CheckedMutant) and each.run
    ]
    hung, told = standings(tried), diagnoses(tried)
    if hung.right + hung.wrong:
        seen = f"seen where it hangs: {hung.right} of {counted(hung.asked, 'mutant')}"
        seen += f", {hung.wrong} elsewhere; no line was named of {hung.unnamed}"
        yield Text(f"  {seen}", palette.QUIET)
    if told.right + told.wrong:
        many = f"{counted(told.asked, 'mutant')} that lose several clauses"
        seen = f"cause told: {told.right} of {many}, {told.wrong} wrongly; none of {told.silent}"
        yield Text(f"  {seen}", palette.QUIET)


def _summary(accounts: Sequence[Account], missing: Missing, dear: Crowded) -> Text:
    """How many were checked, and the reasons for the exit status."""
    bad = sum(1 for account in accounts if account.status)
    kinds = {
        CheckedReference: "reference",
        CheckedMutant: "mutant",
        CheckedImpostor: "impostor",
        CheckedPair: "pair",
    }
    counts = Counter(kinds[type(account.subject)] for account in accounts)
    told = ", ".join(counted(counts[word], word) for word in kinds.values() if counts[word])
    verdict = f"{bad} not as they should be" if bad else "all as they should be"
    uncaught = sum(c.level is Level.MUST for clauses in missing.values() for c in clauses)
    lacks = [f"no mutant fails {counted(uncaught, 'MUST')}"] if uncaught else []
    lacks += [f"too many lose much in {counted(len(dear), 'lab')}"] if dear else []
    return Text(", ".join([f"{told}: {verdict}", *lacks]))


def to_json(accounts: Sequence[Account], catalog: Catalog, missing: Missing, dear: Crowded) -> str:
    """The findings without anything that differs from run to run, so that two can be compared."""
    labs: dict[str, Any] = {}
    for group, rows in _grouped(accounts).items():
        found, most = dear.get(group, (0, 0))
        labs[group] = {
            "clauses": matrix.numbers(rows, catalog),
            "references": [_row(a) for a in rows if isinstance(a.subject, CheckedReference)],
            "mutants": [_row(a) for a in rows if isinstance(a.subject, CheckedMutant)],
            "uncaught": [clause.number for clause in missing.get(group, ())],
            "dear": {"too_many": found > most, "mutants": found, "at_most": most},
            "impostors": [_row(a) for a in rows if isinstance(a.subject, CheckedImpostor)],
            "pairs": [_row(a) for a in rows if isinstance(a.subject, CheckedPair)],
        }
    said = {"schema": SCHEMA, "suite": __version__, "labs": labs}
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def _row(account: Account) -> dict[str, Any]:
    subject, tally = account.subject, points.tally(account.verdicts)
    return {
        "name": subject.name,
        "lab": subject.played.variant,
        **_declared(account),
        "status": account.status.name.lower(),
        "complaints": account.complaints,
        "points": tally.points,
        "worth": tally.possible,
        "outcomes": {v.clause.number: v.outcome.value for v in account.verdicts},
    }


def _declared(account: Account) -> dict[str, Any]:
    """The fields that only a subject of this kind has."""
    subject, run = account.subject, account.run
    if isinstance(subject, CheckedReference):
        return {"reference": subject.name, "leaves": list(subject.source.leaves)}
    if isinstance(subject, CheckedMutant):
        cost = subject.cost(run) if run else None
        beside = cost and {
            "points": cost.lost,
            "share": round(cost.share, 4),
            "clauses": list(cost.clauses),
            "reason": subject.source.costs,
        }
        reference = subject.source.reference.name
        return {"reference": reference, "fails": list(subject.source.fails), "beside": beside}
    if isinstance(subject, CheckedPair):
        alone = {name: points.tally(run.verdicts).points for name, run in subject.alone.items()}
        cancels = subject.source.cancels
        return {"reference": subject.played.name, "alone": alone, "cancels": cancels}
    assert isinstance(subject, CheckedImpostor), "there are four kinds"
    return {"pretends": subject.source.pretends}


def _grouped(accounts: Sequence[Account]) -> Mapping[str, list[Account]]:
    groups: dict[str, list[Account]] = {}
    for account in accounts:
        groups.setdefault(account.subject.played.group, []).append(account)
    return groups


# -- the errors -----------------------------------------------------------------------


def _errors(account: Account, options: Sequence[str]) -> list[Text]:
    subject = account.subject
    if not account.status:
        return []
    head = Text(f"{subject.name}", "bold red")
    head.append(f"  {subject.played.variant}, {subject.kind}", palette.QUIET)
    rows = [Text(), head]
    if account.run is None:
        return [*rows, Text(visible(f"  could not be checked: {account.trouble}"))]
    if isinstance(subject, CheckedMutant) and Mark.CAUGHT not in account.marks.values():
        rows.append(Text(f"  {_survival(subject, account)}"))
    rows += [Text(visible(f"  {sentence}")) for sentence in account.complaints]
    if isinstance(subject, CheckedPair):
        rows.append(Text(f"  {_again(subject, account.run, options)}", palette.QUIET))
    for mark, verdict in account.errors:
        if mark is not Mark.NOT_RUN:
            rows += _error(mark, verdict)
    unjudged: dict[str, list[str]] = {}
    for mark, verdict in account.errors:
        if mark is Mark.NOT_RUN:
            unjudged.setdefault(verdict.attempt.reason, []).append(verdict.clause.number)
    for reason, numbers in unjudged.items():
        rows.append(Text(f"  - not run: {', '.join(numbers)}", STYLES[Mark.NOT_RUN]))
        rows.append(Text(f"      {_short(reason)}"))
    return rows


def _survival(subject: CheckedMutant, account: Account) -> str:
    """What is said of a mutant that fails no clause which it declares."""
    declared = {n: mark for n, mark in account.marks.items() if n in subject.source.fails}
    if open_ := [number for number, mark in declared.items() if mark is Mark.UNJUDGED]:
        return f"It was not judged: {', '.join(open_)}, which it should fail, could not be."
    return "It survives: it fails none of the clauses that it declares."


def _again(subject: CheckedPair, run: Run, options: Sequence[str]) -> str:
    """The command that checks this pair once more."""
    words = ["conformance", "selfcheck", subject.played.group]
    for mutant in (subject.source.one, subject.source.other):
        words += ["--mutant", mutant.name]
    return shlex.join([*words, *options, "--pairs", "1", "--seed", str(run.seed)])


def _error(mark: Mark, verdict: Verdict) -> Iterator[Text]:
    row = Text(f"  {mark} {verdict.clause.number} {verdict.clause.scenario} ", STYLES[mark])
    row.append(f"{verdict.level.value}: {LEGEND[mark]}", palette.QUIET)
    yield row
    if verdict.outcome is Outcome.FAILED:
        yield Text(f"      expected {_short(verdict.attempt.expected)}")
        yield Text(f"      actual   {_short(verdict.attempt.actual)}")
        if verdict.attempt.output:
            yield Text(f"      it said  {_short(verdict.attempt.output[-MAX_WIDTH:])}")
    elif verdict.attempt.reason:
        yield Text(f"      {_short(verdict.attempt.reason)}")


def _short(text: str) -> str:
    return shorten_middle(visible(text), 3 * MAX_WIDTH)


def _print(console: Console, *rows: Text) -> None:
    for row in rows:
        if console.is_terminal:
            console.print(row, soft_wrap=True)
        else:
            console.print(fit(row.plain.rstrip(), console.encoding), soft_wrap=True)
