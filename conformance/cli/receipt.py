"""`conformance receipt`: all that a result rests on, in one file, for an appeal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.options import FILE, LABS
from conformance.cli.output import require_places, say, speaking_plainly

if TYPE_CHECKING:
    from conformance.contract.catalog import Catalog


@click.command()
@click.argument("path", metavar="DIR", type=click.Path(exists=True, path_type=Path))
@click.argument("student", required=False)
@click.argument("lab", required=False)
@click.option(
    "-o", "--output", type=FILE, required=True, metavar="FILE.zip", help="The file to be written."
)
@click.option(
    "--for-student",
    is_flag=True,
    help="One to hand out: as much as the class reveals (class.toml), and not the seed, from which"
    " the others' payloads are drawn.",
)
@LABS
def receipt(
    path: Path,
    student: str | None,
    lab: str | None,
    output: Path,
    for_student: bool,
    labs: tuple[Path, ...],
) -> None:
    """Make a receipt of a result, for an appeal.

    It is one file: the verdicts with their conversations and captures, the report, the contract,
    and what all of it rests on, which is digests of the work, the lab and the suite, the
    parameters, the seed, and the versions of what ran it. `conformance verify` checks it.

    DIR is the folder of a class (grade --out), with the id of a STUDENT or group, and the LAB; or
    the folder of one run (check --keep), without them. Without --for-student, a receipt has the
    seed of the whole class: it is for teachers. The class remembers which receipts it has given
    out (DIR/receipts.jsonl).

    \b
    Examples:
      conformance receipt results ann echo -o ann.zip --for-student
      conformance receipt results ann echo -o ann-for-us.zip
      conformance receipt evidence -o mine.zip
    """
    from conformance.classes.results.on_record import is_class
    from conformance.contract.catalog import load
    from conformance.reports.receipts.bundle import digest
    from conformance.reports.receipts.receipt import of_run
    from conformance.reports.text.file import put_in_place
    from conformance.verdict.model import WrongCall

    with speaking_plainly():
        require_places(output)
        catalog = load(labs)
        if is_class(path):
            if student is None or lab is None:
                raise WrongCall(f"{path} is a class: name a STUDENT and a LAB, too")
            data = _of_class(path, student, lab, catalog, for_student=for_student)
        elif student is not None:
            raise WrongCall(f"{path} holds no class (grade --out), but STUDENT and LAB are named")
        elif for_student:
            raise WrongCall("--for-student is for a class: the seed of a single run is no secret")
        else:
            data = of_run(path, catalog)
        put_in_place(output, data)
        say(f"{output}: {len(data):,} bytes, SHA-256 {digest(data)}")
        if is_class(path) and not for_student:
            say("it has the seed of the class: give students one made with --for-student")


def _of_class(
    folder: Path, student: str, lab: str, catalog: Catalog, *, for_student: bool
) -> bytes:
    """The receipt, noted as given out. Raises WrongCall, OSError."""
    from conformance.classes.grading.check_all import authors
    from conformance.classes.results.ledger import Ledger
    from conformance.reports.receipts.bundle import digest
    from conformance.reports.receipts.issued import note_issued
    from conformance.reports.receipts.receipt import of_hand_in
    from conformance.verdict.model import WrongCall

    ledger = Ledger(folder)
    (author,) = authors(ledger.of, [student])
    hand_in = next((h for h in ledger.of.hand_ins if (h.author, h.lab) == (author, lab)), None)
    if hand_in is None:
        raise WrongCall(f"there is no {student} with the lab {lab} in this class")
    now = datetime.now(UTC)
    data = of_hand_in(ledger, hand_in, catalog, now, for_student=for_student)
    at = now.isoformat(timespec="seconds")
    note_issued(folder, digest(data), hand_in, at, for_student=for_student)
    return data
