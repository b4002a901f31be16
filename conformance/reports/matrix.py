"""The matrix of clauses and mutants: what the selfcheck found, on the console and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from conformance import __version__
from conformance.catalog import Catalog
from conformance.model import Clause, Outcome, Verdict
from conformance.reports import palette
from conformance.reports.console import NARROWEST, WIDEST
from conformance.reports.visible import fit, shorten_middle, visible
from conformance.selfcheck import Account, Mark

SCHEMA = "conformance.selfcheck/1"

NAMES = range(28, 56)
"""Columns for the name of a mutant: longer ones lose their middle before the clauses are
divided among two tables."""

LANGUAGE = len(" python ")

ROWS = 30
"""After so many rows the header comes again: it should not scroll away."""

STYLES = {
    Mark.PASSED: "dim",
    Mark.CAUGHT: "green",
    Mark.ADVICE: "yellow",
    Mark.NOT_RUN: "dim",
    Mark.MISSED: "bold red",
    Mark.ACCUSED: "bold red",
    Mark.UNJUDGED: "magenta",
}
LEGEND = {
    Mark.PASSED: "passes",
    Mark.CAUGHT: "fails as declared",
    Mark.ADVICE: "a SHOULD fails too, or is left to the student",
    Mark.NOT_RUN: "not run",
    Mark.MISSED: "should fail, and does not",
    Mark.ACCUSED: "fails, and should not",
    Mark.UNJUDGED: "inconclusive",
}


def progress(account: Account, number: int, total: int, *, again: bool) -> str:
    """One line on one subject, for who waits."""
    wrong = sorted({str(mark) for mark, _ in account.errors}) if account.run else ["?"]
    seconds = f"{account.run.seconds:.1f} s" if account.run else "not checked"
    return visible(
        f"{number:>4}/{total} {' '.join(wrong) or palette.MARKS[Outcome.PASSED]}"
        f" {account.subject.reference.variant} {account.subject.name}, {seconds}"
        f"{', what is in doubt held again alone' if again else ''}"
    )


def show(
    accounts: Sequence[Account],
    catalog: Catalog,
    console: Console,
    missing: Mapping[str, Sequence[Clause]],
) -> None:
    """Prints a matrix a lab, the legend, and each error; `missing` are the clauses that
    no mutant fails."""
    for group, rows in _grouped(accounts).items():
        _print(console, Text(), Text(f"{group}: clauses and mutants", "bold"))
        _print(console, *_tables(rows, _numbers(rows, catalog), console))
    used = {mark for account in accounts for mark in account.marks.values()}
    if used:
        _print(console, Text())
    for mark in (mark for mark in Mark if mark in used):
        _print(console, Text(f"  {mark} ", STYLES[mark]) + Text(LEGEND[mark], palette.QUIET))
    for account in accounts:
        _print(console, *_errors(account))
    for group, clauses in missing.items():
        if clauses:
            told = ", ".join(f"{clause.number} {clause.level.value}" for clause in clauses)
            _print(console, Text(), Text(f"{group}: no mutant fails {told}", "bold yellow"))
    _print(console, Text(), _summary(accounts))


def _summary(accounts: Sequence[Account]) -> Text:
    bad = sum(1 for account in accounts if account.status)
    mutants = sum(1 for account in accounts if account.subject.mutant)
    references = len(accounts) - mutants
    told = f"{_counted(references, 'reference')}, {_counted(mutants, 'mutant')}: "
    return Text(told) + Text(f"{bad} not as they should be" if bad else "all as they should be")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def to_json(
    accounts: Sequence[Account], catalog: Catalog, missing: Mapping[str, Sequence[Clause]]
) -> str:
    """The matrix without anything that differs from run to run: two runs can be compared."""
    labs: dict[str, Any] = {}
    for group, rows in _grouped(accounts).items():
        labs[group] = {
            "clauses": _numbers(rows, catalog),
            "references": [_row_to_json(a) for a in rows if not a.subject.mutant],
            "mutants": [_row_to_json(a) for a in rows if a.subject.mutant],
            "uncaught": [clause.number for clause in missing.get(group, ())],
        }
    said = {"schema": SCHEMA, "suite": __version__, "labs": labs}
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def _row_to_json(account: Account) -> dict[str, Any]:
    subject, verdicts = account.subject, account.run.verdicts if account.run else ()
    declared = {"fails": list(subject.fails)} if subject.mutant else {
        "leaves": list(subject.reference.leaves)
    }  # fmt: skip
    return {
        "name": subject.name,
        "reference": subject.reference.name,
        "lab": subject.reference.variant,
        **declared,
        "status": account.status.name.lower(),
        "outcomes": {v.clause.number: v.outcome.value for v in verdicts},
    }


def _grouped(accounts: Sequence[Account]) -> Mapping[str, list[Account]]:
    groups: dict[str, list[Account]] = {}
    for account in accounts:
        groups.setdefault(account.subject.reference.group, []).append(account)
    return groups


def _numbers(rows: Sequence[Account], catalog: Catalog) -> list[str]:
    """The clauses that were put to the test, in the contract's order."""
    judged = {number for account in rows for number in account.marks}
    clauses = catalog[rows[0].subject.reference.group].contract.clauses
    return [clause.number for clause in clauses if clause.number in judged]


# -- the table ------------------------------------------------------------------------


def _tables(rows: Sequence[Account], numbers: Sequence[str], console: Console) -> Iterator[Text]:
    """As few tables as the width allows."""
    # A file or a pipe has no width: rich takes it for a terminal of 80 columns.
    wide = min(console.width, WIDEST) if console.is_terminal else WIDEST
    width = max(NARROWEST, wide) - LANGUAGE
    longest = max(len(account.subject.name) for account in rows)
    beside = width - len(_spread(dict.fromkeys(numbers, "x")))
    names = min(max(beside, NAMES.start), longest, NAMES.stop)
    for columns in _pages(numbers, width - names):
        for start in range(0, len(rows), ROWS):
            yield Text()
            yield from _header(columns, names)
            for account in rows[start : start + ROWS]:
                yield _row(account, columns, names)


def _pages(numbers: Sequence[str], room: int) -> Iterator[list[str]]:
    """The clauses in as many tables as the width of the page asks for."""
    page: list[str] = []
    for number in numbers:
        if page and len(_spread(dict.fromkeys([*page, number], "x"))) > room:
            yield page
            page = []
        page.append(number)
    if page:
        yield page


def _spread(cells: Mapping[str, str]) -> str:
    """One character a clause, with a space between sections."""
    spread, section = "", ""
    for number, cell in cells.items():
        current = number.partition(".")[0]
        spread += (" " if section and current != section else "") + cell
        section = current
    return spread


def _header(columns: Sequence[str], names: int) -> list[Text]:
    """The numbers of the clauses, downwards: 3.10 is 3 over 1 over 0."""
    width = max(len(number.partition(".")[2]) for number in columns)
    lines = [_section_line(columns)]
    for place in range(width):
        cells = {n: n.partition(".")[2].ljust(width)[place] for n in columns}
        lines.append(_spread(cells))
    return [Text(" " * (names + LANGUAGE) + line.rstrip(), "bold") for line in lines]


def _section_line(columns: Sequence[str]) -> str:
    """Each section's number over its first clauses; of 5S over one clause, the S."""
    cells: dict[str, str] = {}
    for section in dict.fromkeys(number.partition(".")[0] for number in columns):
        own = [number for number in columns if number.partition(".")[0] == section]
        name = section[-len(own) :].ljust(len(own))
        cells.update(zip(own, name, strict=True))
    return _spread(cells)


def _row(account: Account, columns: Sequence[str], names: int) -> Text:
    subject, marks = account.subject, account.marks
    name = shorten_middle(visible(subject.name), names)
    style = "" if subject.mutant else "cyan"
    row = Text(f"{name:<{names}}", "bold red" if account.status else style)
    row.append(f" {subject.reference.language[:6]:<6} ", palette.QUIET)
    cells = {number: str(marks.get(number, " ")) for number in columns}
    for cell in _spread(cells):
        row.append(cell, STYLES[Mark(cell)] if cell in tuple(Mark) else "")
    return row


# -- the errors -----------------------------------------------------------------------


def _errors(account: Account) -> list[Text]:
    subject = account.subject
    if not account.status:
        return []
    kind = f"mutant of {subject.reference.name}" if subject.mutant else "reference"
    head = Text(f"{subject.name}", "bold red")
    head.append(f"  {subject.reference.variant}, {kind}", palette.QUIET)
    rows = [Text(), head]
    if account.run is None:
        return [*rows, Text(visible(f"  could not be checked: {account.trouble}"))]
    if subject.mutant and not any(mark is Mark.CAUGHT for mark in account.marks.values()):
        rows.append(Text("  It survives: it fails none of the clauses that it declares."))
    for mark, verdict in account.errors:
        if mark is not Mark.NOT_RUN:
            rows += _error(mark, verdict)
    unjudged: dict[str, list[str]] = {}
    for mark, verdict in account.errors:
        if mark is Mark.NOT_RUN:
            unjudged.setdefault(verdict.reason, []).append(verdict.clause.number)
    for reason, numbers in unjudged.items():
        rows.append(Text(f"  - not run: {', '.join(numbers)}", STYLES[Mark.NOT_RUN]))
        rows.append(Text(f"      {_short(reason)}"))
    return rows


def _error(mark: Mark, verdict: Verdict) -> Iterator[Text]:
    row = Text(f"  {mark} {verdict.clause.number} {verdict.clause.scenario} ", STYLES[mark])
    row.append(f"{verdict.level.value}: {LEGEND[mark]}", palette.QUIET)
    yield row
    if verdict.outcome is Outcome.FAILED:
        yield Text(f"      expected {_short(verdict.expected)}")
        yield Text(f"      actual   {_short(verdict.actual)}")
        if verdict.output:
            yield Text(f"      it said  {_short(verdict.output[-WIDEST:])}")
    elif verdict.reason:
        yield Text(f"      {_short(verdict.reason)}")


def _short(text: str) -> str:
    return shorten_middle(visible(text), 3 * WIDEST)


def _print(console: Console, *rows: Text) -> None:
    for row in rows:
        if console.is_terminal:
            console.print(row, soft_wrap=True)
        else:
            console.print(fit(row.plain.rstrip(), console.encoding), soft_wrap=True)
