"""`conformance override`: a teacher's corrections."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.options import FOLDER
from conformance.cli.output import say, speaking_plainly

if TYPE_CHECKING:
    from conformance.classes.model import HandIn
    from conformance.classes.results.ledger import Ledger


@click.command()
@click.argument("student")
@click.argument("lab")
@click.argument("clause", required=False)
@click.option("--total", is_flag=True, help="Instead of a clause: the points of the whole lab.")
@click.option(
    "--points", type=int, metavar="N", help="What the clause, or the lab, earns; points are whole."
)
@click.option("--because", metavar="TEXT", help="Why: every report shows it.")
@click.option("--withdraw", is_flag=True, help="Take the correction back.")
@click.option(
    "--out",
    type=FOLDER,
    default=Path(),
    metavar="DIR",
    help="The folder that `grade` wrote (default: the current one).",
)
def override(
    student: str,
    lab: str,
    clause: str | None,
    total: bool,
    points: int | None,
    because: str | None,
    withdraw: bool,
    out: Path,
) -> None:
    """Correct one clause by hand, or a lab's total. STUDENT is the id of a student, or of a
    group."""
    from conformance.classes.grading.check_all import authors
    from conformance.classes.model import TOTAL
    from conformance.classes.results.ledger import Ledger
    from conformance.reports.class_folder import render
    from conformance.verdict.model import WrongCall
    from conformance.verdict.points import counted

    with speaking_plainly():
        if total == (clause is not None):
            raise WrongCall("name what is corrected: a clause, or --total")
        because = (because or "").strip()
        if withdraw and points is not None:
            raise WrongCall("--withdraw takes a correction back, and gives no --points")
        if not withdraw and points is None:
            raise WrongCall("give --points, or --withdraw a correction")
        if not withdraw and not because:
            raise WrongCall("--because must say why: the student will read it")
        ledger = Ledger(out)
        (author,) = authors(ledger.of, [student])
        hand_ins = [h for h in ledger.of.hand_ins if (h.author, h.lab) == (author, lab)]
        if not hand_ins:
            raise WrongCall(f"there is no {student} with the lab {lab} in this class")
        what = TOTAL if clause is None else clause
        if points is None:
            _withdraw(ledger, hand_ins[0], what, because)
            told = "the correction is withdrawn"
        else:
            _correct(ledger, hand_ins[0], what, points, because)
            told = f"{counted(points)}, because {because}"
        render(ledger)
        say(f"{author}, {lab} {clause or 'total'}: {told}")
        if clause is not None and points and (behind := _behind(ledger, hand_ins[0], clause)):
            say(f"not shown behind it, and not corrected: {behind}")


def _correct(ledger: Ledger, hand_in: HandIn, clause: str, points: int, because: str) -> None:
    """Records the correction. Raises WrongCall if it is not possible."""
    from conformance.classes.model import Override
    from conformance.classes.results.corrections import apply, corrected_total
    from conformance.verdict.model import WrongCall

    work = ledger.work(hand_in)
    given = Override(hand_in.author, hand_in.lab, clause, points, because, _now(), work)
    run = ledger.run(hand_in)
    if given.is_total:
        corrected_total([given], ledger.worth(hand_in), hand_in.lab)
    elif run is None:
        raise WrongCall(
            f"{hand_in.author} has no result for {hand_in.lab} that could be corrected: --total"
            " gives points for the whole lab"
        )
    else:
        apply(run, [given])
    ledger.correct(given)


def _behind(ledger: Ledger, hand_in: HandIn, clause: str) -> str:
    """What earned no points because of this clause: `3.6 (1 point), 4.2 (2 points)`."""
    from conformance.verdict.points import counted

    run = ledger.result(hand_in).run
    found = [
        f"{verdict.clause.number} ({counted(verdict.possible)})"
        for verdict in (run.verdicts if run is not None else ())
        if verdict.not_shown and not verdict.points and verdict.counts
        and clause in verdict.attempt.behind
    ]  # fmt: skip
    return ", ".join(found)


def _withdraw(ledger: Ledger, hand_in: HandIn, clause: str, because: str) -> None:
    """Withdraws the correction. Raises WrongCall if there is none."""
    from conformance.verdict.model import WrongCall

    given = [each for each in ledger.given(hand_in) if each.clause == clause]
    if not given:
        others = ", ".join(each.clause or "--total" for each in ledger.given(hand_in)) or "nothing"
        of = f"{hand_in.author} {hand_in.lab}"
        raise WrongCall(f"there is no such correction of {of}; corrected so far: {others}")
    ledger.withdraw(given[-1], because, _now())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
