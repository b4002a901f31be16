"""Sentences about what is open in a run, and why a run earns nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.classes.model import Result
from conformance.verdict.model import Outcome, Run, Verdict
from conformance.verdict.points import counted, tally
from conformance.verdict.transcript import shorten

MAX_REASON = 200
"""Characters of a reason in a remark."""


def open_in_words(run: Run) -> Iterator[str]:
    """Descriptions of all that counts and is open."""
    behind = open_behind_gate(run)
    doubted = [v.clause.number for v in run.verdicts if v.points is None and v not in behind]
    if doubted:
        yield f"could not be judged: {', '.join(doubted)}"
    if behind:
        yield points_behind_gate(run)
        for gate in _in_doubt(run):
            if gate.points is None and gate.attempt.reason:
                yield shorten(gate.attempt.reason.splitlines()[0], MAX_REASON)


def why_nothing(run: Run) -> Iterator[str]:
    """Why a run has no points: the first clause that failed, and what was seen."""
    failed = (v for v in run.verdicts if v.outcome is Outcome.FAILED and v.counts)
    first = min(failed, key=lambda verdict: verdict.clause.order, default=None)
    if first is not None and first.attempt.actual:
        told = shorten(first.attempt.actual.splitlines()[0], MAX_REASON)
        yield f"{first.clause.number} failed: {told}"


def is_not_started(result: Result) -> bool:
    """Whether a result is open because the program could not be started: it was not taken in, not
    recognised, or could not be built here."""
    if result.total is not None:
        return False
    if result.run is None:
        return result.refused
    judged = any(v.outcome in (Outcome.PASSED, Outcome.FAILED) for v in result.run.verdicts)
    return not judged and any(v.points is None for v in _in_doubt(result.run))


def open_behind_gate(run: Run) -> Sequence[Verdict]:
    """The open clauses behind a gate that could not be judged. They stay open if the gate is given
    points by hand."""
    return [
        verdict
        for verdict in run.verdicts
        if verdict.points is None
        and verdict.outcome is Outcome.NOT_RUN
        # An older suite did not say behind which clauses.
        and (verdict.attempt.behind or verdict.attempt.blame is None)
    ]


def gates_of(verdict: Verdict, run: Run) -> Sequence[str]:
    """The clauses because of which an open one was not run."""
    return verdict.attempt.behind or [gate.clause.number for gate in _in_doubt(run)]


def points_behind_gate(run: Run) -> str:
    """How many points are open behind the gate, in words."""
    behind = open_behind_gate(run)
    points = counted(tally(behind).open)
    gates = dict.fromkeys(gate for verdict in behind for gate in gates_of(verdict, run))
    return f"{points} behind {' and '.join(gates) or 'the gate'} not judged"


def _in_doubt(run: Run) -> Sequence[Verdict]:
    """The inconclusive clauses. If others are open behind a gate, it is one of these."""
    return [v for v in run.verdicts if v.outcome is Outcome.INCONCLUSIVE]
