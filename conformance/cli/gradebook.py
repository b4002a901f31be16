"""`conformance gradebook`: fills a course site's own gradebook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.options import FILE, FOLDER
from conformance.cli.output import new_console, require_places, speaking_plainly

if TYPE_CHECKING:
    from conformance.classes.gradebooks.fill import Earned
    from conformance.classes.model import Class, LabPlan
    from conformance.classes.results.ledger import Ledger

MAX_EXPORT = 50_000_000
"""Bytes of an export at most: a gradebook of ten thousand students has a tenth."""

HIDDEN = (
    "the grades count what `[feedback]` hides from students for now: do not publish them before"
    " students may see it"
)


@click.command()
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option(
    "--fill",
    "export",
    type=FILE,
    required=True,
    metavar="EXPORT",
    help="The gradebook, as Canvas, Moodle, Blackboard or Brightspace exports it.",
)
@click.option(
    "--out",
    type=FILE,
    metavar="FILE",
    help="The filled gradebook (default: beside the export, EXPORT-filled).",
)
@click.option("--lab", metavar="LAB", help="The lab, where the class is graded for several.")
@click.option(
    "--column",
    metavar="NAME",
    help="The column for the grades (default: the one that is called like the lab).",
)
@click.option(
    "--rescale",
    is_flag=True,
    help="Convert the points, where the column is worth another number of them.",
)
@click.option(
    "--feedback",
    is_flag=True,
    help="Fill the column of feedback, too: Moodle's grading worksheet has one, Canvas has none.",
)
def gradebook(
    folder: Path,
    export: Path,
    out: Path | None,
    lab: str | None,
    column: str | None,
    rescale: bool,
    feedback: bool,
) -> None:
    """Fill a course site's gradebook with the grades of a class. DIR is the folder that `grade`
    wrote.

    Only cells of grades (and feedback) change; every other byte stays. Nothing is written on doubt.
    """
    from conformance.classes.gradebooks.fill import FillRequest, fill
    from conformance.classes.results.ledger import Ledger
    from conformance.reports.classes.gradebook import render
    from conformance.reports.text.file import put_in_place
    from conformance.verdict.model import WrongCall
    from conformance.words import speaking, spoken

    with speaking_plainly():
        out = out or export.with_name(f"{export.stem}-filled{export.suffix}")
        require_places(out)
        if out.exists() and export.exists() and out.samefile(export):
            raise WrongCall(f"--out {out} is the export itself, which is only read: name another")
        data = _read(export)
        ledger = Ledger(folder)
        graded = ledger.of
        plan = _plan(graded, lab)
        with speaking(graded.lang or spoken()):  # the feedback is for students
            marks, possible, remark = _marks(ledger, graded, plan)
        labs = tuple(each.name for each in graded.labs)
        wanted = FillRequest(plan.name, possible, column or "", labs, rescale, feedback)
        try:
            filled = fill(data, marks, wanted)
        except WrongCall as wrong:
            raise WrongCall(f"{export}: {wrong}") from None
        filled.remarks += filter(None, [remark])
        put_in_place(out, filled.data)
        render(filled, plan.name, out, console=new_console())
        raise SystemExit(0 if filled.is_whole else 3)


def _read(export: Path) -> bytes:
    """The bytes of the export. Raises WrongCall."""
    from conformance.verdict.model import WrongCall

    try:
        with export.open("rb") as file:
            data = file.read(MAX_EXPORT + 1)
    except OSError as error:
        raise WrongCall(f"cannot read {export}: {error.strerror}") from None
    if len(data) > MAX_EXPORT:
        raise WrongCall(f"{export} has more than {MAX_EXPORT // 1_000_000} MB: is it a gradebook?")
    return data


def _plan(graded: Class, lab: str | None) -> LabPlan:
    """The lab that is meant. Raises WrongCall."""
    from conformance.verdict.model import WrongCall

    there = ", ".join(plan.name for plan in graded.labs)
    if lab is None and len(graded.labs) > 1:
        raise WrongCall(f"the class is graded for {there}: name one of them with --lab")
    for plan in graded.labs:
        if lab in (None, plan.name):
            return plan
    raise WrongCall(f"the class is not graded for {lab!r}; there are {there}")


def _marks(ledger: Ledger, graded: Class, plan: LabPlan) -> tuple[Sequence[Earned], int, str]:
    """What each student has earned for the lab; what the lab is worth; and a remark on what
    students do not see yet, "" for none."""
    from datetime import UTC, datetime

    from conformance.classes.gradebooks.fill import Earned
    from conformance.classes.results.grades import grades
    from conformance.reports.classes.feedback import feedback
    from conformance.reports.classes.reveal import seen

    graded = graded.for_labs([plan.name])
    results = [ledger.result(hand_in) for hand_in in graded.hand_ins]
    shown = seen(graded, results, datetime.now(UTC))
    by_author = {result.hand_in.author: result for result in shown}
    earned = grades(graded, results)
    possible = plan.possible or max((each.labs[0].possible for each in earned), default=0)
    marks = []
    for grade, public in zip(earned, grades(graded, shown), strict=True):
        [worth], [told] = grade.labs, public.labs
        points = None if worth.provisional else worth.share * possible
        result = by_author.get(graded.author_of(grade.student))
        marks.append(Earned(grade.student, points, feedback(graded, told, result)))
    hides = any(one.run is not two.run for one, two in zip(results, shown, strict=True))
    return marks, possible, HIDDEN if hides else ""
