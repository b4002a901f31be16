"""From attempts to a verdict: what counts as proof, and what has to show again. Pure.

Wrong bytes stand at once. Lateness and absence may be the machine's doing: they are
repeated on a fresh server, alone, and count when they show again. What fails on a
server that others had used is judged on one of its own. What is our own fault is tried
once more. One fault costs one clause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from conformance.model import Attempt, Clause, Fault, Outcome


@dataclass(frozen=True)
class Ruling:
    """The attempt that decides, and those before it that a reader should see."""

    attempt: Attempt
    earlier: tuple[Attempt, ...] = ()
    gated: bool = False
    """NOT RUN because the gate does not hold: counts, and earns nothing."""


@dataclass(frozen=True)
class Repeat:
    """It has to be held again, on a fresh server."""

    calm: bool
    """Alone, while nothing else runs."""


def rule(attempts: Sequence[Attempt], *, calm: bool) -> Ruling | Repeat:
    """What the attempts at one scenario amount to so far; the last one was made `calm`
    (alone) or not."""
    last = attempts[-1]
    own = [attempt for attempt in attempts if not attempt.shared]
    if last.outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE) and last.shared:
        return Repeat(calm=False)
    if last.outcome is Outcome.NOT_RUN:
        return Ruling(last)
    failed = [attempt for attempt in own if attempt.outcome is Outcome.FAILED]
    proof = [a for a in failed if a.fault is not None and a.fault.stands_at_once]
    if proof:
        return Ruling(proof[-1], tuple(a for a in own if a is not proof[-1]))
    if not calm and last.outcome is not Outcome.PASSED:
        return Repeat(calm=True)
    if last.outcome is Outcome.FAILED:
        return Ruling(last, tuple(own[:-1]))
    if last.outcome is Outcome.PASSED and failed:
        return Ruling(_shown_once(failed[-1]), tuple(own))
    return Ruling(last, tuple(own[:-1]) if last.outcome is Outcome.INCONCLUSIVE else ())


def _shown_once(failed: Attempt) -> Attempt:
    reason = (
        "what was missing or late the first time was there when it was tried again, alone:"
        " it may have been the machine"
    )
    return replace(failed, outcome=Outcome.INCONCLUSIVE, reason=reason, fault=None)


def explains(ground: Attempt, attempt: Attempt, *, built_on: bool) -> bool:
    """Whether the fault that a clause's `ground` has shown explains the attempt.

    Of a clause that it builds on, any fault does. Of one that it needs for its dialogue
    (`built_on` is false), replies that come late explain what is late, and what could not
    be finished; they explain no wrong byte and no second client that is not served.
    """
    if built_on or ground.fault is not Fault.LATE:
        return True
    return attempt.outcome is Outcome.INCONCLUSIVE or attempt.fault is Fault.LATE


def excuse(ruling: Ruling, failed: Sequence[Clause]) -> Ruling:
    """The ruling, or NOT RUN where a clause that it builds on has failed: one fault
    costs one clause."""
    if not failed or ruling.attempt.outcome not in (Outcome.FAILED, Outcome.INCONCLUSIVE):
        return ruling
    reason = cannot_be_judged(failed)
    return replace(ruling, attempt=replace(ruling.attempt, outcome=Outcome.NOT_RUN, reason=reason))


def cannot_be_judged(failed: Sequence[Clause]) -> str:
    """Why a clause that builds on these is NOT RUN."""
    names = " and ".join(dict.fromkeys(f"{c.number} ({c.scenario})" for c in failed))
    holds = "do not hold" if len(failed) > 1 else "does not hold"
    return f"cannot be judged while clause {names} {holds}; one fault costs once"
