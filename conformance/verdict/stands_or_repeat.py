"""From attempts to a verdict: what counts as proof, and what has to be seen again. Pure.

Wrong bytes stand at once. So does lateness beyond all that the program was kept waiting, and an
absence that was timed in the same way; it is repeated only to count how often it occurs. Other
lateness and absence may be the machine's doing: they are repeated on a fresh server, and count if
they occur again while nothing disturbs the program. If something did, they are tried once more,
alone. A fault that does not occur again is dropped if the program is known to have been kept
waiting the first time; else it leaves a doubt. What fails on a used server is judged on a fresh
one. What is our own fault, or explained by the machine, is tried again alone; where the lab's own
code failed, it would fail again, and nothing is repeated. What the network between the hosts may
explain (`--network`) is tried again until it has lost nothing. One fault costs one clause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from conformance.verdict.model import Attempt, Blame, Clause, Outcome
from conformance.verdict.remarks import FAILED_ONCE
from conformance.verdict.violation import Fault, Kind

RUNS_IN_DISORDER = 8
"""How many runs are made to find one in which the network has lost nothing. Of conversations in
which that is as likely as not, one in 256 is left open."""

RUNS_WHEN_LATE = 3
"""How many runs are made to say in how many of them something was late."""


@dataclass(frozen=True)
class Ruling:
    """The attempt that decides, and those before it that a reader should see."""

    attempt: Attempt
    earlier: tuple[Attempt, ...] = ()


@dataclass(frozen=True)
class Repeat:
    """The scenario has to be tried again, on a fresh server."""

    exclusive: bool
    """Whether nothing else may run meanwhile."""


def rule(attempts: Sequence[Attempt], *, exclusive: bool) -> Ruling | Repeat:
    """What the attempts at one scenario amount to so far; the last one was made `exclusive`
    (alone) or not."""
    last = attempts[-1]
    own = [attempt for attempt in attempts if not attempt.shared]
    unsettled = last.outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE) and not last.stumbled
    if unsettled and last.shared:
        return Repeat(exclusive=False)
    if last.outcome is Outcome.NOT_RUN:
        return Ruling(last)
    failed = [attempt for attempt in own if attempt.outcome is Outcome.FAILED]
    proof = [a for a in failed if stands_at_once(a)]
    if proof:
        return Ruling(proof[-1], tuple(a for a in own if a is not proof[-1]))
    late = [attempt for attempt in failed if attempt.own]
    if late:
        return _own_lateness(late[-1], own)
    if last.disordered:
        return _again_in_disorder(last, own)
    if last.stumbled:
        return Ruling(last, tuple(attempt for attempt in own if attempt is not last))
    if last.outcome is Outcome.PASSED:
        doubts = [attempt for attempt in failed if not attempt.disturbed]
        if not doubts:
            return _held(last, attempts)
        reason = (
            "what was missing or late the first time was there when it was tried again: it may"
            " have been the machine"
        )
        return Ruling(_open(doubts[-1], reason), tuple(own))
    again = last.outcome is Outcome.FAILED and any(
        a.kind is last.kind for a in attempts[:-1] if a.outcome is Outcome.FAILED
    )
    if exclusive and in_doubt(last):
        reason = (
            f"{last.actual}; but the program was kept waiting for {last.waited:.2f} s, though"
            " nothing else was being checked: this machine is too slow, or too busy, to tell"
        )
        return Ruling(_open(last, reason), tuple(own[:-1]))
    if exclusive or (again and last.undisturbed):
        return Ruling(last, tuple(own[:-1]))
    # The first repeat is made at once, on a server of its own: if nothing disturbs the program,
    # other sessions may run meanwhile.
    return Repeat(exclusive=last.outcome is Outcome.INCONCLUSIVE or len(own) > 1)


def _again_in_disorder(last: Attempt, own: Sequence[Attempt]) -> Ruling | Repeat:
    """Tries again until the network leaves a conversation alone, or for the last time."""
    times = sum(attempt.disordered for attempt in own)
    if times < RUNS_IN_DISORDER:
        return Repeat(exclusive=False)
    told = replace(last, reason=f"{last.reason} (nor do {times - 1} others)")
    return Ruling(told, tuple(attempt for attempt in own if not attempt.disordered))


def stands_at_once(failed: Attempt) -> bool:
    """Whether the failure is proof, however rarely it occurs."""
    wrong = failed.fault is not None and failed.fault.stands_at_once
    return wrong or failed.kind is Kind.ENDED


def in_doubt(failed: Attempt) -> bool:
    """Whether a late or absent reply may be the machine's doing, though nothing of ours ran beside
    it, because the program was kept waiting. For an absent one that must have been a good part of
    the time."""
    if failed.outcome is not Outcome.FAILED or not failed.disturbed or failed.own:
        return False
    if failed.fault is Fault.LATE:
        return True
    # A clause that is judged by a shared conversation has no seconds of its own.
    lasted = max([failed.seconds, *(entry.at for entry in failed.transcript)])
    return failed.fault is Fault.ABSENT and (failed.waited or 0.0) >= WAITED_PART * lasted


WAITED_PART = 0.25
"""The share of a conversation for which a program must have been kept waiting before an absent
reply is in doubt: we wait several times longer than any answer takes."""


def _open(failed: Attempt, reason: str) -> Attempt:
    return replace(failed, outcome=Outcome.INCONCLUSIVE, reason=reason, fault=None)


def _held(last: Attempt, attempts: Sequence[Attempt]) -> Ruling:
    """It holds on a fresh server. That it failed on a used one costs nothing, but is noted."""
    before = tuple(a for a in attempts if a.shared and a.outcome is Outcome.FAILED)
    if not before:
        return Ruling(last)
    told = f"{FAILED_ONCE}: {before[-1].actual}"
    return Ruling(replace(last, notes=(*last.notes, told)), before)


def _own_lateness(late: Attempt, own: Sequence[Attempt]) -> Ruling | Repeat:
    """The lateness stands; the report says in how many runs it was seen."""
    shown = [attempt for attempt in own if attempt.fault is Fault.LATE or attempt.own]
    judged = [*shown, *(attempt for attempt in own if attempt.outcome is Outcome.PASSED)]
    if len(own) < RUNS_WHEN_LATE and not (len(shown) == len(judged) > 1):
        return Repeat(exclusive=False)
    earlier = tuple(attempt for attempt in own if attempt is not late)
    if len(shown) < len(judged):
        told = f"{late.actual} (in {len(shown)} of {len(judged)} runs)"
        return Ruling(replace(late, actual=told), earlier)
    return Ruling(late, earlier)


def explains(ground: Attempt, attempt: Attempt) -> bool:
    """Whether the fault in `ground`, an attempt at one clause, explains the attempt at another: by
    their kinds."""
    if ground.outcome is not Outcome.FAILED or ground.kind is None or attempt.kind is None:
        return False
    return ground.kind.explains(attempt.kind)


def excuse(ruling: Ruling, failed: Sequence[Clause]) -> Ruling:
    """The ruling; NOT RUN if one of these clauses, on which it builds, has `failed` and pays for
    it."""
    if not failed or ruling.attempt.outcome not in (Outcome.FAILED, Outcome.INCONCLUSIVE):
        return ruling
    told = not_shown(failed)
    excused = replace(
        ruling.attempt,
        outcome=told.outcome,
        reason=told.reason,
        blame=told.blame,
        behind=told.behind,
    )
    return replace(ruling, attempt=excused)


def not_shown(failed: Sequence[Clause]) -> Attempt:
    """A NOT RUN for what cannot be shown because these clauses have failed, which is the program's
    doing."""
    clauses = {clause.number: clause for clause in failed}
    names = " and ".join(f"{c.number} ({c.scenario})" for c in clauses.values())
    reason = f"not shown: it stands behind clause {names}; mend that first"
    return Attempt(Outcome.NOT_RUN, reason=reason, blame=Blame.PROGRAM, behind=tuple(clauses))


def blamed_on(failed: Sequence[Clause], excused: Attempt) -> Attempt:
    """The excused attempt, NOT RUN behind the clauses that did fail and explain it."""
    told = not_shown(failed)
    reason = f"{told.reason}. {excused.reason[:1].upper()}{excused.reason[1:]}"
    return replace(excused, behind=told.behind, reason=reason)
