"""The matrix of clauses and mutants, as lines for the console."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from conformance.contract.catalog import Catalog
from conformance.reports.text import palette
from conformance.reports.text.page import MAX_WIDTH, MIN_WIDTH
from conformance.reports.text.visible import fit, shorten_middle, visible
from conformance.selfcheck import Account, CheckedMutant, Mark

NAMES = range(28, 56)
"""Columns for a mutant's name. It is shortened before clauses are put into a second table."""

LANGUAGE = len(" python ")

BESIDE = len(" 12 100% ")
"""Columns for the undeclared points that a mutant lost, and their share."""

ROWS = 30
"""After so many rows the header is repeated, for it has scrolled away."""

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


def numbers(rows: Sequence[Account], catalog: Catalog) -> list[str]:
    """The numbers of the clauses that were tested, in the contract's order."""
    judged = {number for account in rows for number in account.marks}
    clauses = catalog[rows[0].subject.played.group].contract.clauses
    return [clause.number for clause in clauses if clause.number in judged]


def tables(rows: Sequence[Account], columns: Sequence[str], console: Console) -> Iterator[Text]:
    """The matrix, in as few tables as the width allows."""
    # A file or a pipe has no width: rich takes it for a terminal of 80 columns.
    wide = min(console.width, MAX_WIDTH) if console.is_terminal else MAX_WIDTH
    width = max(MIN_WIDTH, wide) - LANGUAGE - BESIDE
    longest = max(len(account.subject.name) for account in rows)
    beside = width - len(_spread(dict.fromkeys(columns, "x")))
    names = min(max(beside, NAMES.start), longest, NAMES.stop)
    for page in _pages(columns, width - names):
        for start in range(0, len(rows), ROWS):
            yield Text()
            yield from _header(page, names)
            for account in rows[start : start + ROWS]:
                yield _row(account, page, names, console.encoding)


def _pages(numbers: Sequence[str], room: int) -> Iterator[list[str]]:
    """The clauses, divided into as many tables as the width requires."""
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
    """The numbers of the clauses, written downwards: 3.10 is 3 over 1 over 0."""
    width = max(len(number.partition(".")[2]) for number in columns)
    lines = [_section_line(columns)]
    for place in range(width):
        cells = {n: n.partition(".")[2].ljust(width)[place] for n in columns}
        lines.append(_spread(cells))
    return [Text(" " * (names + LANGUAGE + BESIDE) + line.rstrip(), "bold") for line in lines]


def _section_line(columns: Sequence[str]) -> str:
    """Each section's number above its first clauses; only its end where it is too long."""
    cells: dict[str, str] = {}
    for section in dict.fromkeys(number.partition(".")[0] for number in columns):
        own = [number for number in columns if number.partition(".")[0] == section]
        name = section[-len(own) :].ljust(len(own))
        cells.update(zip(own, name, strict=True))
    return _spread(cells)


def _row(account: Account, columns: Sequence[str], names: int, encoding: str) -> Text:
    subject, marks = account.subject, account.marks
    name = visible(subject.name)
    wider = len(fit(shorten_middle(name, names), encoding)) - names  # "…" may be three dots
    name = fit(shorten_middle(name, names - max(wider, 0)), encoding)
    style = "" if isinstance(subject, CheckedMutant) else "cyan"
    row = Text(f"{name:<{names}}", "bold red" if account.status else style)
    row.append(f" {subject.played.language[:6]:<6} ", palette.QUIET)
    row.append(_beside(account))
    cells = {number: str(marks.get(number, " ")) for number in columns}
    for cell in _spread(cells):
        row.append(cell, STYLES[Mark(cell)] if cell in tuple(Mark) else "")
    return row


def _beside(account: Account) -> Text:
    """The undeclared points that a mutant lost."""
    subject = account.subject
    cost = subject.cost(account.run) if isinstance(subject, CheckedMutant) and account.run else None
    if cost is None or not cost.lost:
        return Text(" " * BESIDE)
    style = "yellow" if cost.is_dear else palette.QUIET
    return Text(f"{cost.lost:>3} {cost.share:>4.0%} ", style)
