"""What became of a gradebook that was to be filled, for the teacher."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.reports.text.page import Page, show
from conformance.reports.text.visible import visible
from conformance.verdict.points import counted

if TYPE_CHECKING:
    from rich.console import Console

    from conformance.classes.gradebooks.fill import Filled


def render(filled: Filled, lab: str, out: Path, *, console: Console) -> None:
    """Prints how many grades are in the file, and everybody whose grade is not."""
    page = Page.on(console)
    grades = counted(filled.written, "grade")
    show(console, page.line(visible(f"{out}: {grades} of {lab}")))
    told = [f"column of {filled.site}: {filled.column}"]
    told += [f"note: {remark}" for remark in filled.remarks]
    for title, lines in _lists(filled):
        told += [f"{title}:", *(f"  {line}" for line in lines)]
    for line in told:
        indent = "    " if line.startswith("  ") else ""
        show(console, *page.prose(visible(line.strip()), indent=indent))


def _lists(filled: Filled) -> Sequence[tuple[str, Sequence[str]]]:
    every = (
        ("grades that were others before", filled.replaced),
        ("not final, left as it was", filled.open),
        ("left as it was", filled.kept),
        ("left as it was, in doubt", filled.doubts),
        ("in the class, and in no row of the gradebook", filled.missing),
        ("in the gradebook, and not in the class", filled.strangers),
    )
    return [(title, lines) for title, lines in every if lines]
