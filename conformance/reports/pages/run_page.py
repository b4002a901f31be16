"""The page of one run: `conformance check … --html FILE`."""

from __future__ import annotations

from pathlib import Path

from conformance.reports.pages.environment import render
from conformance.reports.pages.run_details import run_details
from conformance.reports.text.file import put_in_place
from conformance.verdict.model import Run


def run_page(run: Run, *, beside: Path | None = None) -> str:
    """The page, as HTML. `beside`: the folder that it will be in, for links to captures."""
    return render("run.html", run=run_details(run, beside=beside))


def write_run(run: Run, path: Path) -> None:
    """Writes the page to `path`. Raises WrongCall if that fails."""
    put_in_place(path, run_page(run, beside=path.parent))
