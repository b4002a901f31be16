"""From verdicts to points. Pure. No other module decides about a point.

A MUST is worth its weight; a SHOULD only where it counts (`--strict`); INFO never. A lab is
worth the sum of that, whatever a submission does. A clause earns its points when it was shown
to hold. What failed earns nothing, and neither does what was not shown for a reason that lies
in the program. What could not be judged through the machine or the suite stays open. What the
call rules out is no part of the worth.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from conformance.verdict.model import Blame, Clause, Level, Outcome, Run, Verdict


class Status(IntEnum):
    """Exit status of the command line."""

    PASSED = 0
    FAILED = 1
    WRONG_CALL = 2
    NOT_JUDGED = 3


ALL = "all"
"""Stands for every SHOULD clause, where those are named that count."""


@dataclass(frozen=True)
class Counting:
    """Which clauses earn points."""

    strict: bool = False
    """Every SHOULD counts."""
    counts: Collection[str] = ()
    """SHOULD clauses that count although it is not strict; ALL for every one."""
    among: Collection[str] | None = None
    """The clauses that earn points; None: all. What is judged beside them, because they cannot
    be judged without it, is worth nothing."""

    def worth(self, clause: Clause, level: Level) -> int:
        """Points that a clause of this level can earn."""
        if self.among is not None and clause.number not in self.among:
            return 0
        strict = self.strict or ALL in self.counts or clause.number in self.counts
        counts = level is Level.MUST or (level is Level.SHOULD and strict)
        return clause.weight if counts else 0

    def worth_together(self, clauses: Iterable[tuple[Clause, Level]]) -> int:
        return sum(self.worth(clause, level) for clause, level in clauses)


def mark(verdict: Verdict, counting: Counting) -> Verdict:
    """The verdict with its points: what it earned, and what it is worth."""
    most = counting.worth(verdict.clause, verdict.level)
    if verdict.left_out:
        return replace(verdict, points=0, possible=0)
    if is_open(verdict):
        return replace(verdict, points=None if most else 0, possible=most)
    points = most if verdict.outcome is Outcome.PASSED else 0
    return replace(verdict, points=points, possible=most)


def is_open(verdict: Verdict) -> bool:
    """Whether the machine or the suite stood in the way of a judgement."""
    by_the_suite = verdict.outcome is Outcome.NOT_RUN and verdict.attempt.blame is Blame.SUITE
    return verdict.outcome is Outcome.INCONCLUSIVE or by_the_suite


@dataclass(frozen=True)
class Tally:
    """The points of a run."""

    points: int
    possible: int
    """What all clauses that count are worth."""
    provisional: bool
    """Something that counts could not be judged: the points may still rise."""
    open: int = 0
    """Points of what could not be judged."""
    not_shown: int = 0
    """Points of clauses that could not be shown to hold because of the program's other
    faults: they are part of `possible`, and were not earned."""

    @property
    def share(self) -> float:
        """What was earned of all that there is, from 0 to 1; 0 where nothing counts."""
        return self.points / self.possible if self.possible else 0.0

    @property
    def lost(self) -> int:
        """Points that were not earned, and cannot be any more."""
        return self.possible - self.points - self.open


def tally(verdicts: Sequence[Verdict]) -> Tally:
    return Tally(
        points=sum(verdict.points or 0 for verdict in verdicts),
        possible=sum(verdict.possible for verdict in verdicts),
        provisional=any(verdict.points is None for verdict in verdicts),
        open=sum(verdict.possible for verdict in verdicts if verdict.points is None),
        not_shown=sum(_not_shown(verdict) for verdict in verdicts),
    )


def tally_of(run: Run) -> Tally:
    """The points of a run. One that was interrupted is worth what it would have been, had it
    gone on: what was not judged is open."""
    found = tally(run.verdicts)
    if not run.interrupted or run.worth is None:
        return found
    left_out = sum(_left_out(run).values())
    return replace(found, possible=max(found.possible, run.worth - left_out), provisional=True)


def _left_out(run: Run, by: Blame | None = Blame.CALL) -> Mapping[str, int]:
    """By clause, the points that it would have been worth, had the call not ruled it out.
    None: had an older version, which did not say why, not taken it out of the worth."""
    return {
        verdict.clause.number: points
        for verdict in run.verdicts
        if verdict.outcome is Outcome.NOT_RUN
        and verdict.attempt.blame is by
        and not verdict.counts
        and (points := Counting(run.strict).worth(verdict.clause, verdict.level))
    }


def _not_shown(verdict: Verdict) -> int:
    """Points that it lacks because it was not shown; what a teacher gave is not lacking."""
    return verdict.possible - (verdict.points or 0) if verdict.not_shown else 0


def told_not_shown(verdicts: Sequence[Verdict]) -> str:
    """One line for all that was not shown: how many points, behind which clauses; empty
    where nothing is missing."""
    behind: dict[str, int] = {}
    untried: dict[str, int] = {}
    for verdict in verdicts:
        if missing := _not_shown(verdict):
            held = verdict.attempt
            where, what = behind, " and ".join(held.behind)
            if not what:  # it was given up, for a reason that lies in the program
                where, what = untried, held.reason.partition("\n")[0] or verdict.clause.number
            where[what] = where.get(what, 0) + missing
    if not (behind or untried):
        return ""
    told = f"{counted(sum(behind.values()) + sum(untried.values()))} not shown"
    mend = "those" if len(behind) > 1 or any(" " in clauses for clauses in behind) else "that"
    if len(behind) == 1 and not untried:
        return f"{told}, all behind {next(iter(behind))}: mend {mend} first"
    most_first = sorted(behind.items(), key=lambda pair: -pair[1])
    parts = [f"{points} behind {clauses}" for clauses, points in most_first]
    parts += [f"{points} never tried ({reason})" for reason, points in untried.items()]
    return f"{told}: {', '.join(parts)}" + (f"; mend {mend} first" if behind else "")


def told_left_out(run: Run) -> str:
    """One line for all that the call or the tier ruled out, or an older version did not count:
    how many points it would have been worth, and which clauses; empty where there is none."""
    missing, why = _left_out(run), "for the call or the tier rules them out"
    if not missing:
        missing, why = _left_out(run, by=None), "as an older version did"
    if not missing:
        return ""
    return f"{counted(sum(missing.values()))} left out, {why}: {', '.join(missing)}"


def counted(number: int, noun: str = "point") -> str:
    """`1 point`, `2 points`."""
    return f"{number} {noun}{'s' * (number != 1)}"


def fraction(verdict: Verdict) -> str:
    """`2/3`, or `?/3` while it is open; empty for what is worth nothing."""
    if not verdict.possible:
        return ""
    return f"{'?' if verdict.points is None else verdict.points}/{verdict.possible}"


def status(run: Run) -> Status:
    """The exit status that the run deserves. What could not be judged weighs most; PASSED
    only where every clause that decides was judged, and holds."""
    counting = [verdict for verdict in run.verdicts if counts(verdict, strict=run.strict)]
    if run.interrupted or any(map(_undecided, counting)):
        return Status.NOT_JUDGED
    return Status.FAILED if any(map(_lost, counting)) else Status.PASSED


def _undecided(verdict: Verdict) -> bool:
    """Whether it is open: what a teacher has settled has points."""
    return verdict.points is None if verdict.counts else is_open(verdict)


def _lost(verdict: Verdict) -> bool:
    """Whether it was judged and does not hold, or earned less than it is worth unjudged; of
    what a teacher has corrected, the points alone decide."""
    if verdict.corrected:
        return verdict.points != verdict.possible
    unearned = verdict.outcome is Outcome.NOT_RUN and verdict.points != verdict.possible
    return verdict.outcome is Outcome.FAILED or verdict.not_shown or unearned


def is_advice(verdict: Verdict, *, strict: bool) -> bool:
    """Whether a failure costs nothing and decides nothing: SHOULD, without `--strict`."""
    return not verdict.counts and not counts(verdict, strict=strict)


def counts(verdict: Verdict, *, strict: bool) -> bool:
    """Whether the clause decides about passing, whatever its weight: a SHOULD does where
    every one counts (`strict`), or this one was given points."""
    should = verdict.level is Level.SHOULD and (strict or verdict.counts)
    return verdict.level is Level.MUST or should
