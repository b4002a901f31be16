"""A teacher's corrections of a clause, whatever its outcome, or of a lab's total. Pure.

A correction changes the points earned, and never the points possible. The original verdict stays
on record. The last correction of a clause, or of a total, counts until it is withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from conformance.classes.model import Override, Result, Total
from conformance.classes.results.doubt import gates_of, open_behind_gate
from conformance.verdict.model import Level, Outcome, Run, Verdict, WrongCall
from conformance.verdict.points import Tally, counted, tally


def apply(run: Run, overrides: Sequence[Override]) -> Run:
    """The run with corrected points of clauses, and a sentence in each that says so; outcomes stay
    as judged. Of several corrections of one clause, the last counts.

    Raises WrongCall: no such clause in the run, or more points than it can earn.
    """
    by_number = {verdict.clause.number: verdict for verdict in run.verdicts}
    corrected: dict[str, Verdict] = {}
    of_clauses = [override for override in overrides if not override.is_total]
    for override in sorted(of_clauses, key=lambda each: each.at):
        verdict = by_number.get(override.clause)
        if verdict is None:
            known = ", ".join(by_number) or "none"
            raise WrongCall(f"the run of {run.lab} has no clause {override.clause}; it has {known}")
        if not verdict.possible:
            raise WrongCall(f"clause {override.clause} of {run.lab} {_why_worthless(verdict)}")
        if not 0 <= override.points <= verdict.possible:
            raise WrongCall(
                f"clause {override.clause} of {run.lab} earns from 0 to {verdict.possible}"
                f" points in this run, not {override.points}"
            )
        because = f": {override.because}" if override.because else ""
        told = f"The teacher gave {override.points} of {counted(verdict.possible)}{because}"
        corrected[override.clause] = replace(verdict, points=override.points, corrected=told)
    shown = {**_worthless_behind_gate(run, corrected), **corrected}
    return replace(run, verdicts=tuple(shown.get(v.clause.number, v) for v in run.verdicts))


def apply_what_fits(run: Run, overrides: Sequence[Override]) -> tuple[Run, tuple[str, ...]]:
    """As `apply`; but corrections that do not fit the run are left out, and reported."""
    fitting, told = [], []
    for override in overrides:
        try:
            apply(run, [override])
        except WrongCall as error:
            told.append(f"a correction was left out: {error}")
        else:
            fitting.append(override)
    return apply(run, fitting), tuple(told)


def corrected_total(overrides: Sequence[Override], most: int, lab: str) -> Total | None:
    """The lab's total as it was last corrected; None if it was not. `most`: what the lab is worth.
    Raises WrongCall if the points are more than that, or it is not known."""
    given = sorted((each for each in overrides if each.is_total), key=lambda each: each.at)
    if not given:
        return None
    points = given[-1].points
    if not most:
        raise WrongCall(f"nobody knows what {lab} is worth, so that its total cannot be corrected")
    if not 0 <= points <= most:
        raise WrongCall(f"{lab} is worth from 0 to {most} points, not {points}")
    return Total(points, most, given[-1].because)


def total_that_fits(
    overrides: Sequence[Override], most: int, lab: str
) -> tuple[Total | None, tuple[str, ...]]:
    """As `corrected_total`; but one that does not fit the run is left out, and reported."""
    try:
        return corrected_total(overrides, most, lab), ()
    except WrongCall as error:
        return None, (f"a correction of the total was left out: {error}",)


def total_of(result: Result) -> Tally:
    """The points of a hand-in: the corrected total, else those of its clauses, if known."""
    if result.total is not None:
        return Tally(result.total.points, result.total.possible, provisional=False)
    return tally(result.run.verdicts) if result.run else Tally(0, 0, provisional=True)


def _why_worthless(verdict: Verdict) -> str:
    """Why a clause cannot be corrected: it is worth nothing in this run."""
    if verdict.left_out:
        return (
            f"was left out of this run, and is no part of its worth ({verdict.attempt.reason}):"
            " --total corrects the points of the whole lab"
        )
    if verdict.level is not Level.MUST:
        return f"is a {verdict.level.value} that does not count here: it has no points"
    if verdict.outcome is Outcome.NOT_RUN:
        return "was judged by an older version, and worth nothing: let it be graded again first"
    return "is no part of what this class is graded for: it has no points"


def _worthless_behind_gate(run: Run, corrected: Mapping[str, Verdict]) -> Mapping[str, Verdict]:
    """Open clauses behind a gate that could not be judged, and for which a teacher gave no points:
    they are worth nothing, as behind a gate that failed."""
    worthless = {number for number, verdict in corrected.items() if not verdict.points}
    return {
        verdict.clause.number: replace(verdict, points=0)
        for verdict in open_behind_gate(run)
        if (gates := gates_of(verdict, run)) and worthless.issuperset(gates)
    }
