"""From verdicts to points. Pure.

A MUST earns its weight; a SHOULD earns it only where it counts (`--strict`); INFO
never does. A clause that another's fault made impossible to judge counts neither for
nor against; behind a failed gate everything counts, and earns nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from conformance.model import Level, Outcome, Run, Verdict


class Status(IntEnum):
    """Exit status of the command line."""

    PASSED = 0
    FAILED = 1
    WRONG_CALL = 2
    NOT_JUDGED = 3


def worth(level: Level, weight: int, *, strict: bool) -> int:
    """Points that a clause can earn."""
    if level is Level.MUST or (level is Level.SHOULD and strict):
        return weight
    return 0


def mark(verdict: Verdict, *, strict: bool, behind_gate: bool = False) -> Verdict:
    """The verdict with its points: what it earned, and what it could have earned."""
    most = worth(verdict.level, verdict.clause.weight, strict=strict)
    if verdict.outcome is Outcome.NOT_RUN and not behind_gate:
        return replace(verdict, points=0, max_points=0)
    if verdict.outcome is Outcome.INCONCLUSIVE:
        return replace(verdict, points=None if most else 0, max_points=most)
    points = most if verdict.outcome is Outcome.PASSED else 0
    return replace(verdict, points=points, max_points=most)


@dataclass(frozen=True)
class Tally:
    """The points of a run."""

    points: int
    max_points: int
    provisional: bool
    """Something that counts could not be judged: the points may still rise."""
    left_out: int = 0
    """Points of clauses that another's fault made impossible to judge: neither earned nor
    lost, and no part of `max_points`."""


def tally(verdicts: Sequence[Verdict]) -> Tally:
    return Tally(
        points=sum(verdict.points or 0 for verdict in verdicts),
        max_points=sum(verdict.max_points for verdict in verdicts),
        provisional=any(verdict.points is None for verdict in verdicts),
        left_out=sum(
            verdict.clause.weight
            for verdict in verdicts
            if verdict.outcome is Outcome.NOT_RUN
            and verdict.level is Level.MUST
            and not verdict.counts
        ),
    )


def status(run: Run) -> Status:
    """The exit status that the run deserves. What could not be judged weighs most."""
    counting = [verdict for verdict in run.verdicts if counts(verdict, strict=run.strict)]
    outcomes = {verdict.outcome for verdict in counting}
    # NOT RUN, but counted all the same: it stands behind a gate that does not hold.
    gated = any(v.outcome is Outcome.NOT_RUN and v.counts for v in counting)
    if run.interrupted or Outcome.INCONCLUSIVE in outcomes:
        return Status.NOT_JUDGED
    if Outcome.FAILED in outcomes or gated:
        return Status.FAILED
    return Status.PASSED


def is_advice(verdict: Verdict, *, strict: bool) -> bool:
    """Whether a failure costs nothing and decides nothing: SHOULD, without `--strict`."""
    return not verdict.counts and not counts(verdict, strict=strict)


def counts(verdict: Verdict, *, strict: bool) -> bool:
    """Whether the clause decides about passing, whatever its weight: a SHOULD does where
    every one counts (`strict`), or this one was given points."""
    should = verdict.level is Level.SHOULD and (strict or verdict.counts)
    return verdict.level is Level.MUST or should
