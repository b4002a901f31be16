"""From verdicts to points. Pure. No other module decides about a point.

A MUST is worth its weight, a SHOULD only if it counts (`--strict`), INFO nothing. A lab is worth
the sum, whatever a submission does. A clause earns its points if it was shown to hold. What failed
earns nothing; neither does what was not shown because of the program. What the machine or the suite
kept from being judged stays open. What the call rules out is not part of the points possible.
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
"""Stands for all SHOULD clauses in the list of those that count."""


@dataclass(frozen=True)
class Counting:
    """Which clauses earn points."""

    strict: bool = False
    """Whether every SHOULD counts."""
    counts: Collection[str] = ()
    """SHOULD clauses that count without `strict`; ALL for every one."""
    among: Collection[str] | None = None
    """The clauses that earn points; None: all. Others, judged only because these depend on them,
    are worth nothing."""

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
    """The verdict with its points: what it earned, and what it could earn."""
    most = counting.worth(verdict.clause, verdict.level)
    if verdict.left_out:
        return replace(verdict, points=0, possible=0)
    if is_open(verdict):
        return replace(verdict, points=None if most else 0, possible=most)
    points = most if verdict.outcome is Outcome.PASSED else 0
    return replace(verdict, points=points, possible=most)


def is_open(verdict: Verdict) -> bool:
    """Whether the machine or the suite prevented a judgement."""
    by_the_suite = verdict.outcome is Outcome.NOT_RUN and verdict.attempt.blame is Blame.SUITE
    return verdict.outcome is Outcome.INCONCLUSIVE or by_the_suite


@dataclass(frozen=True)
class Tally:
    """The points of a run."""

    points: int
    possible: int
    """Points of all clauses that count."""
    provisional: bool
    """Whether something that counts could not be judged, or is hidden, so that the points may still
    rise."""
    open: int = 0
    """Points of what could not be judged."""
    hidden: int = 0
    """Points of what the class hides from the reader. Nobody can tell from here whether they were
    earned."""
    not_shown: int = 0
    """Points of clauses that were not shown because of other faults of the program. They are part
    of `possible`, but not earned."""

    @property
    def share(self) -> float:
        """The share of points that was earned, from 0 to 1; 0 if nothing counts."""
        return self.points / self.possible if self.possible else 0.0

    @property
    def lost(self) -> int:
        """Points that were not earned and no longer can be."""
        return self.possible - self.points - self.open - self.hidden


def tally(verdicts: Sequence[Verdict]) -> Tally:
    return Tally(
        points=sum(verdict.points or 0 for verdict in verdicts),
        possible=sum(verdict.possible for verdict in verdicts),
        provisional=any(verdict.points is None for verdict in verdicts),
        open=sum(v.possible for v in verdicts if v.points is None and not v.is_hidden),
        hidden=sum(v.possible for v in verdicts if v.points is None and v.is_hidden),
        not_shown=sum(_not_shown(verdict) for verdict in verdicts),
    )


def tally_of(run: Run) -> Tally:
    """The points of a run. An interrupted one is worth as much as a whole one: what was not judged
    is open."""
    found = tally(run.verdicts)
    if not run.interrupted or run.worth is None:
        return found
    left_out = sum(_left_out(run).values())
    return replace(found, possible=max(found.possible, run.worth - left_out), provisional=True)


def _left_out(run: Run, by: Blame | None = Blame.CALL) -> Mapping[str, int]:
    """By clause, the points that were ruled out. `by` None: those that an older version, which did
    not say why, did not count."""
    return {
        verdict.clause.number: points
        for verdict in run.verdicts
        if verdict.outcome is Outcome.NOT_RUN
        and verdict.attempt.blame is by
        and not verdict.counts
        and (points := Counting(run.strict).worth(verdict.clause, verdict.level))
    }


def _not_shown(verdict: Verdict) -> int:
    """Points missing because the clause was not shown, less what a teacher gave."""
    return verdict.possible - (verdict.points or 0) if verdict.not_shown else 0


def told_not_shown(verdicts: Sequence[Verdict]) -> str:
    """One line on all that was not shown: how many points, behind which clauses; "" if nothing."""
    behind: dict[str, int] = {}
    untried: dict[str, int] = {}
    for verdict in verdicts:
        if missing := _not_shown(verdict):
            held = verdict.attempt
            where, what = behind, " and ".join(held.behind)
            if not what:  # given up because of the program, by no clause
                where, what = untried, held.reason.partition("\n")[0] or verdict.clause.number
            where[what] = where.get(what, 0) + missing
    if not (behind or untried):
        return ""
    told = f"{counted(sum(behind.values()) + sum(untried.values()))} not shown"
    several = len(behind) > 1 or any(" " in clauses for clauses in behind)
    settled = {verdict.clause.number for verdict in verdicts if verdict.settled}
    to_mend = settled.isdisjoint(n for clauses in behind for n in clauses.split(" and "))
    if len(behind) == 1 and not untried:
        clauses = next(iter(behind))
        if not to_mend:
            return f"{told}, all behind {clauses}"
        return f"{told}, all behind {clauses}: mend {'those' if several else 'that'} first"
    most_first = sorted(behind.items(), key=lambda pair: -pair[1])
    parts = [f"{points} behind {clauses}" for clauses, points in most_first]
    parts += [f"{points} never tried ({reason})" for reason, points in untried.items()]
    mend = "; mend those first" if several else "; mend that first"
    return f"{told}: {', '.join(parts)}{mend if behind and to_mend else ''}"


def told_left_out(run: Run) -> str:
    """One line on all that the call or the tier ruled out, or an older version did not count: how
    many points, and which clauses; "" if nothing."""
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
    """`2/3`, or `?/3` while it is open; "" for a clause without points."""
    if not verdict.possible:
        return ""
    return f"{'?' if verdict.points is None else verdict.points}/{verdict.possible}"


def status(run: Run) -> Status:
    """The exit status of the run. A clause that could not be judged weighs most; PASSED only if
    every clause that decides was judged and holds. What is hidden does not decide."""
    seen = [verdict for verdict in run.verdicts if not verdict.is_hidden]
    counting = [verdict for verdict in seen if counts(verdict, strict=run.strict)]
    if run.interrupted or any(map(_undecided, counting)):
        return Status.NOT_JUDGED
    return Status.FAILED if any(map(_lost, counting)) else Status.PASSED


def _undecided(verdict: Verdict) -> bool:
    """Whether it is still open; a verdict that a teacher has settled has points."""
    return verdict.points is None if verdict.counts else is_open(verdict)


def _lost(verdict: Verdict) -> bool:
    """Whether it was judged and does not hold, or was not shown. If a teacher has corrected it,
    only the points decide."""
    if verdict.corrected:
        return verdict.points != verdict.possible
    unearned = verdict.outcome is Outcome.NOT_RUN and verdict.points != verdict.possible
    return verdict.outcome is Outcome.FAILED or verdict.not_shown or unearned


def is_advice(verdict: Verdict, *, strict: bool) -> bool:
    """Whether a failure costs nothing and decides nothing: a SHOULD without `--strict`."""
    return not verdict.counts and not counts(verdict, strict=strict)


def counts(verdict: Verdict, *, strict: bool) -> bool:
    """Whether the clause decides about passing, whatever its weight. A SHOULD does if all count
    (`strict`), or if this one has points."""
    should = verdict.level is Level.SHOULD and (strict or verdict.counts)
    return verdict.level is Level.MUST or should
