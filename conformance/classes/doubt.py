"""What of a run is still open, in words: each clause by itself, and what stands behind a gate
that could not be judged together. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.marks import counted
from conformance.model import Outcome, Run, Verdict
from conformance.transcript import shorten

MOST_REASON = 200
"""Characters of a reason that stand in a remark."""


def open_in_words(run: Run) -> Iterator[str]:
    """What counts and is open."""
    behind = open_behind_gate(run)
    doubted = [v.clause.number for v in run.verdicts if v.points is None and v not in behind]
    if doubted:
        yield f"could not be judged: {', '.join(doubted)}"
    if behind:
        yield told_behind_gate(run)
        for gate in _in_doubt(run):
            if gate.points is None and gate.reason:
                yield shorten(gate.reason.splitlines()[0], MOST_REASON)


def open_behind_gate(run: Run) -> Sequence[Verdict]:
    """What stands behind a gate that could not be judged: open, even where the gate itself
    has been given points by hand."""
    return [
        verdict
        for verdict in run.verdicts
        if verdict.points is None
        and verdict.outcome is Outcome.NOT_RUN
        and (verdict.behind or verdict.blame is None)  # an older suite did not say which
    ]


def gates_of(verdict: Verdict, run: Run) -> Sequence[str]:
    """The clauses behind which something that is open stands."""
    return verdict.behind or [gate.clause.number for gate in _in_doubt(run)]


def told_behind_gate(run: Run) -> str:
    """How many points are open behind the gate."""
    behind = open_behind_gate(run)
    points = counted(sum(verdict.max_points for verdict in behind))
    gates = dict.fromkeys(gate for verdict in behind for gate in gates_of(verdict, run))
    return f"{points} behind {' and '.join(gates) or 'the gate'} not judged"


def _in_doubt(run: Run) -> Sequence[Verdict]:
    """What could not be judged; where something stands behind a gate in doubt, the gate."""
    return [v for v in run.verdicts if v.outcome is Outcome.INCONCLUSIVE]
