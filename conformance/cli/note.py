"""`conformance note`: a teacher's note on a symptom, for everybody whose program shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.options import FOLDER
from conformance.cli.output import new_console, say, speaking_plainly

if TYPE_CHECKING:
    from conformance.classes.results.ledger import Ledger
    from conformance.classes.results.symptoms import ClassSymptom
    from conformance.reports.class_folder import Rendered


@click.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("symptom", required=False)
@click.argument("text", required=False)
@click.option("--lab", metavar="LAB", help="Only in this lab (default: wherever it was seen).")
@click.option("--withdraw", is_flag=True, help="Take the note back.")
def note(
    folder: Path, symptom: str | None, text: str | None, lab: str | None, withdraw: bool
) -> None:
    """Tell all who share a symptom the same. DIR is the folder that `grade` wrote.

    SYMPTOM is a name from the class page, such as "no flush"; TEXT then stands on the page of each
    student whose program shows it, also of one that shows it later. Without both: a list of the
    symptoms, with the notes on them.
    """
    from conformance.classes.model import SymptomNote
    from conformance.classes.results.ledger import Ledger
    from conformance.classes.results.symptoms import symptoms_in
    from conformance.reports.class_folder import render
    from conformance.verdict.model import WrongCall
    from conformance.verdict.points import counted

    with speaking_plainly():
        text = (text or "").strip()
        if symptom is not None and bool(text) == withdraw:
            raise WrongCall("give the text of the note, or --withdraw it")
        if symptom is None and withdraw:
            raise WrongCall("name the symptom whose note is taken back")
        ledger = Ledger(folder)
        seen = symptoms_in(map(ledger.result, ledger.of.hand_ins))
        if symptom is None:
            _list(seen, ledger)
            return
        labs = _labs(symptom, lab, seen, ledger, noted=withdraw)
        for each in labs:
            ledger.note(SymptomNote(each, symptom, text, _now()))
        rendered = render(ledger)
        if withdraw:
            say(f"{', '.join(labs)}, {symptom}: the note is withdrawn")
            return
        authors = {a for each in seen if (each.lab in labs) and each.name == symptom
                   for a in each.authors}  # fmt: skip
        readers = _authors_who_read(rendered, labs, symptom)
        graded = rendered.graded
        told, untold = (
            counted(
                sum(graded.author_of(student) in whose for student in graded.students), "student"
            )
            for whose in (readers, authors - readers)
        )
        rest = f"; not yet of {untold}, to whom those clauses are hidden or given"
        say(
            f"{', '.join(labs)}, {symptom}: the note stands on the pages of {told}"
            f"{rest if authors - readers else ''}"
        )


def _authors_who_read(rendered: Rendered, labs: Sequence[str], symptom: str) -> set[str]:
    """The authors on whose pages the note stands now."""
    from conformance.reports.classes.reveal import revealed, seen

    graded = rendered.graded
    return {
        result.hand_in.author
        for result in seen(graded, rendered.results, datetime.now(UTC))
        if result.hand_in.lab in labs
        and any(each.symptom == symptom for each in revealed(result, graded.reveal).notes)
    }


def _labs(
    symptom: str, lab: str | None, seen: Sequence[ClassSymptom], ledger: Ledger, *, noted: bool
) -> Sequence[str]:
    """The labs with the symptom, or with a note on it. Raises WrongCall if there is none."""
    from conformance.verdict.model import WrongCall

    where = list(ledger.notes) if noted else [(each.lab, each.name) for each in seen]
    labs = [each for each, name in where if name == symptom and lab in (None, each)]
    if not labs:
        known = "".join(f"\n  {each}: {name}" for each, name in where) or " none"
        what = "note on a symptom" if noted else "symptom"
        there = f" in {lab}" if lab else ""
        raise WrongCall(f"there is no {what} {symptom!r}{there}; there are:{known}")
    return labs


def _list(seen: Sequence[ClassSymptom], ledger: Ledger) -> None:
    """Prints the symptoms, those of most hand-ins first, with the notes on them."""
    from conformance.reports.text.page import Page, show
    from conformance.verdict.points import counted

    console = new_console()
    page = Page.on(console)
    left = dict(ledger.notes)
    for each in sorted(seen, key=lambda one: -len(one.seen)):
        hand_ins = counted(len(each.seen), "hand-in")
        show(console, *page.prose(f"{each.lab}: {each.name} ({hand_ins})"))
        if told := left.pop((each.lab, each.name), None):
            show(console, *page.prose(f"your note: {told.text}", indent="    "))
    for told in left.values():
        show(console, *page.prose(f"{told.lab}: {told.symptom} (no longer seen)"))
        show(console, *page.prose(f"your note: {told.text}", indent="    "))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
