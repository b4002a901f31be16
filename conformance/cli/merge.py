"""`conformance merge`: the parts of a class, put together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from conformance.cli.options import FOLDER
from conformance.cli.output import new_console, say, speaking_plainly


@click.command()
@click.argument("parts", metavar="OUT...", nargs=-1, required=True, type=FOLDER)
@click.option(
    "--out", type=FOLDER, metavar="DIR", required=True, help="Where results and reports are kept."
)
@click.option(
    "--html",
    "pages",
    type=FOLDER,
    metavar="DIR",
    help="Another folder for the pages: index.html, and students/ with one for each.",
)
def merge(parts: Sequence[Path], out: Path, pages: Path | None) -> None:
    """Put parts of a class together. Each OUT is a folder that `grade --part` wrote, or a copy
    of it.

    All reports are written anew. It can be repeated when another part has come, or the same
    part once more; and `grade --out DIR` goes on with what is open.

    The exit status is that of `grade`, of the whole class.
    """
    from conformance.classes.merging.agreement import read_parts_that_fit
    from conformance.classes.merging.merge import Merging
    from conformance.classes.parts import told_parts
    from conformance.classes.results.ledger import Ledger
    from conformance.classes.results.regrading import Regrading
    from conformance.reports.class_folder import CLASS_PAGE, render
    from conformance.reports.classes.changes import show_grade_changes, show_regraded
    from conformance.reports.classes.summary import render as summarise
    from conformance.reports.receipts.issued import take_over
    from conformance.verdict.points import counted

    with speaking_plainly():
        found = read_parts_that_fit(parts, out)
        ledger = Ledger(out)
        ledger.require_same(found[0].graded)
        with ledger.grading():
            regrading = Regrading(ledger, datetime.now(UTC).isoformat(timespec="seconds"))
            merged = Merging(found, ledger, regrading.before, regrading.after).run()
            take_over([part.folder for part in found], out)
            regrading.settle(ledger.of.hand_ins)
            rendered = render(ledger, pages=pages)
            regrading.settle_grades(rendered.graded, rendered.results, rendered.grades)
        summarise(rendered.graded, rendered.results, rendered.grades, console=new_console())
        show_regraded(regrading.changes, regrading.same, console=new_console())
        show_grade_changes(regrading.grade_changes, console=new_console())
        say(f"{counted(merged.copied, 'run')} merged from {counted(len(found), 'folder')}")
        if merged.missing:
            verb = "are" if len(merged.missing) > 1 else "is"
            say(f"{told_parts(merged.missing)} {verb} missing: what belongs there is open")
        say(f"results and reports: {out}; the page of the class: {out / CLASS_PAGE}")
        raise SystemExit(int(rendered.status))
