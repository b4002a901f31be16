"""`conformance diff`: what differs between two runs, or two states of a class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.output import new_console, require_places, speaking_plainly, write_text

if TYPE_CHECKING:
    from conformance.classes.results.changes import ResultChange
    from conformance.classes.results.grade_changes import GradeChange
    from conformance.classes.results.on_record import OnRecord

EITHER = click.Path(exists=True, path_type=Path)


@click.command()
@click.argument("old", type=EITHER)
@click.argument("new", type=EITHER, required=False)
@click.option("--json", "json_file", metavar="FILE", help="As JSON; - for stdout.")
def diff(old: Path, new: Path | None, json_file: str | None) -> None:
    """Show which verdicts differ between two runs, or two states of a class, and why.

    OLD and NEW are two runs (a run.jsonl, or the folder of --keep), or two folders of a class
    (grade --out), of which one may be a copy from before. One folder of a class alone: what each
    regrading of it has changed, and what was corrected by hand.

    Why is what has changed in between: the work, the lab, its parameters, the seed, the suite, the
    machine, or a correction by hand. Where none of them has, that is said. Of a class, also whose
    grade is another: by the results, or by a deadline, extension, weight or scale in class.toml.

    \b
    Examples:
      conformance diff results                    what did the regradings change?
      conformance diff results-of-may results     and what has changed since May?
      conformance diff evidence evidence-again    two runs of check --keep

    Exit status: 0 nothing differs; 1 something does; 2 the call was wrong, or a file cannot be
    read.
    """
    from conformance.reports.classes.changes import show_changes, show_grade_changes, to_json
    from conformance.verdict.points import counted

    with speaking_plainly():
        require_places(json_file)
        if new is None:
            raise SystemExit(_kept_changes(old, json_file))
        changes, same = _compared(old, new)
        grades = _grades(old, new)
        if json_file is not None:
            write_text(to_json(changes, grades, same, str(old), str(new)), Path(json_file))
        if json_file != "-":
            console = new_console()
            show_changes(changes, console=console)
            if changes or grades:
                console.print(f"{counted(len(changes), 'result')} changed, {same} the same.")
            else:
                console.print(f"Nothing differs ({counted(same, 'result')}).")
            show_grade_changes(grades, console=console)
        raise SystemExit(int(bool(changes or grades)))


def _compared(old: Path, new: Path) -> tuple[Sequence[ResultChange], int]:
    """What differs, and how many results are the same. Raises WrongCall."""
    from conformance.classes.results.changes import compare, compare_all
    from conformance.classes.results.ledger import Ledger
    from conformance.classes.results.on_record import is_class, of_class
    from conformance.verdict.model import WrongCall

    if is_class(old) != is_class(new):
        raise WrongCall("compare two runs, or two folders of a class: not one of each")
    if is_class(old):
        return compare_all(of_class(Ledger(old)), of_class(Ledger(new)))
    before, after = _single(old), _single(new)
    if before.lab != after.lab:
        raise WrongCall(f"the runs are of two labs, {before.lab} and {after.lab}")
    change = compare(before, after)
    return ([change], 0) if change else ([], 1)


def _grades(old: Path, new: Path) -> Sequence[GradeChange]:
    """Whose grade differs; none between two runs. Raises WrongCall."""
    from conformance.classes.results.grade_changes import compare_grades
    from conformance.classes.results.ledger import Ledger
    from conformance.classes.results.on_record import is_class
    from conformance.classes.results.regrading import grades_of

    if not is_class(old):
        return ()
    return compare_grades(grades_of(Ledger(old)), grades_of(Ledger(new)))


def _single(path: Path) -> OnRecord:
    """What a single run says. Raises WrongCall."""
    from conformance.classes.results.on_record import checked, read_events, recorded, run_file
    from conformance.classes.results.record import Damaged
    from conformance.verdict.model import WrongCall

    file = run_file(path)
    try:
        return checked(recorded(read_events(file), of=str(file)), str(file))
    except FileNotFoundError:
        raise WrongCall(
            f"{path} holds neither a class nor a run: there is no class.jsonl, and no run.jsonl"
        ) from None
    except Damaged as damage:
        raise WrongCall(str(damage)) from None


def _kept_changes(folder: Path, json_file: str | None) -> int:
    """Prints what each regrading of a class has changed. Returns the exit status."""
    import json
    from dataclasses import asdict

    from conformance.classes.results.ledger import Ledger
    from conformance.classes.results.on_record import is_class
    from conformance.classes.results.regrading import change_to_json, kept, kept_grades
    from conformance.reports.classes.changes import (
        SCHEMA,
        show_changes,
        show_corrections,
        show_grade_changes,
    )
    from conformance.reports.text.visible import visible
    from conformance.verdict.model import WrongCall

    if not is_class(folder):
        raise WrongCall(f"{folder} is no folder of a class: name two runs, OLD and NEW")
    found, of_grades, given = kept(folder), kept_grades(folder), Ledger(folder).overrides
    times = sorted({*found, *of_grades})
    if json_file is not None:
        gradings = [
            {
                "at": at,
                "changes": [change_to_json(change) for change in found.get(at, ())],
                "grades": [asdict(change) for change in of_grades.get(at, ())],
            }
            for at in times
        ]
        told = {"schema": SCHEMA, "of": str(folder), "gradings": gradings}
        told["corrections"] = [asdict(each) for each in given]
        write_text(json.dumps(told, indent=2) + "\n", Path(json_file))
    if json_file != "-":
        console = new_console()
        for at in times:
            console.print(f"Graded on {visible(at)}:")
            show_changes(found.get(at, ()), console=console)
            show_grade_changes(of_grades.get(at, ()), console=console)
        if not times:
            console.print("No regrading has changed anything.")
        show_corrections(given, console=console)
    return int(bool(times))
