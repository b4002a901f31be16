"""`conformance grade --dry-run`: shows what a grading would do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.output import new_console

if TYPE_CHECKING:
    from conformance.classes.grading.estimate import Work
    from conformance.classes.grading.rehearsal import Recognised
    from conformance.classes.model import Class, LabPlan
    from conformance.contract.catalog import Catalog


def rehearse(
    graded: Class, labs: Sequence[str], catalog: Catalog, out: Path | None, starts: int | None
) -> int:
    """Prints the report, and returns the exit status: 0 if everybody's hand-in was found and
    recognised, else 3. Raises WrongCall."""
    import os

    from conformance.classes.grading.estimate import estimate
    from conformance.classes.grading.rehearsal import recognised
    from conformance.classes.results.ledger import Ledger
    from conformance.reports.classes.rehearsal import is_whole, render
    from conformance.verdict.points import Status

    if labs:
        graded = graded.for_labs(labs)
    cores = starts or os.cpu_count() or 1
    programs = {name: lab.programs for name, lab in catalog.labs.items() if lab.programs}
    found = recognised(graded.hand_ins, cores, programs)
    former = []
    if out is not None:
        ledger = Ledger(out)  # it only reads
        ledger.require_same(graded)
        former = [run for h in graded.hand_ins if (run := ledger.run(h)) is not None]
    plans = {plan.name: plan for plan in graded.labs}
    works = [
        _work(plans[hand_in.lab], each, catalog)
        for hand_in, each in found.items()
        if not each.trouble and catalog.labs.get(each.lab) in (None, catalog.labs[hand_in.lab])
    ]
    takes = estimate(works, cores=cores, former=former)
    render(graded, found, takes, console=new_console())
    return Status.PASSED if is_whole(graded, found) else Status.NOT_JUDGED


def _work(plan: LabPlan, found: Recognised, catalog: Catalog) -> Work:
    from conformance.classes.grading.estimate import Work
    from conformance.run.chosen import choose

    lab = catalog[plan.name]
    parameters = lab.resolve(plan.name, plan.settings)
    chosen = choose(lab, lab.scenarios_for(parameters), plan.only)
    lasts = float(parameters.get("lines", 0)) * float(parameters.get("period", 0))
    return Work(found.kind, bool(found.build), len(chosen), lasts)
