"""The doctor's findings, one on a line."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from conformance.reports.text import palette
from conformance.reports.text.visible import fit, visible
from conformance.selfcheck.doctor import Examined
from conformance.verdict.model import Outcome


def show_findings(findings: Sequence[Examined], console: Console) -> None:
    """Prints each finding, with the command that would mend it below."""
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        outcome = Outcome.PASSED if finding.ok else Outcome.FAILED
        style = palette.COLOURS[outcome]
        row = Text(f"{palette.MARKS[outcome]} ", style)
        row.append(f"{finding.name:<{width}}  {'ok     ' if finding.ok else 'missing'}  ")
        row.append(visible(finding.said)).append(f"  ({finding.purpose})", palette.QUIET)
        _print(row, console)
        if finding.remedy:
            _print(Text(f"{'':>{width + 4}}{finding.remedy}", palette.COMMAND), console)
    bad = [finding.name for finding in findings if finding.needed and not finding.ok]
    sentence = "Python submissions can be checked in full isolation."
    if bad:
        sentence = f"Python submissions cannot be checked in full isolation: see {', '.join(bad)}."
    console.print()
    _print(Text(sentence, "bold"), console)


def _print(row: Text, console: Console) -> None:
    row.plain = fit(row.plain, console.encoding)
    console.print(row, soft_wrap=True)
