"""The cost of lateness: deadline, policy, extensions. Pure, and exact (see `scale`)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from conformance.classes.model import Grant, HandIn, LabPlan, LatePolicy
from conformance.classes.results.scale import plain

DAY = timedelta(days=1)

EXAMPLE = 20
"""Points of the hand-in in the policy's example."""


@dataclass(frozen=True)
class Lateness:
    """How late a student's hand-in came, and what that costs."""

    deadline: datetime | None = None
    """This student's deadline."""
    days: int = 0
    """Days begun after it; 0 within the grace, or if the time of the hand-in is not known."""
    cost: Fraction = Fraction(0)
    """Percent of the earned points."""
    granted: bool = False
    """Whether the deadline is the student's own."""
    waived: bool = False
    """Whether lateness costs this student nothing."""


def lateness(plan: LabPlan, late: LatePolicy, grant: Grant | None, hand_in: HandIn) -> Lateness:
    """How late the hand-in came. `grant`: the student's own for this lab, if any."""
    waived = grant is not None and grant.until is None
    granted = grant is not None and not waived
    deadline = grant.until if grant is not None and grant.until else plan.deadline
    days = 0
    if deadline is not None and hand_in.submitted is not None:
        over = hand_in.submitted - deadline
        days = -(-over // DAY) if over > max(late.grace, timedelta(0)) else 0
    cost = Fraction(0) if waived else _cost(late, days)
    return Lateness(deadline, days, cost, granted=granted, waived=waived)


def _cost(late: LatePolicy, days: int) -> Fraction:
    return min(Fraction(str(late.per_day)) * days, Fraction(str(late.most)))


def told_moment(moment: datetime, plan: LabPlan) -> str:
    """The moment, in the time zone of the lab's deadline, so that both can be compared. Seconds are
    shown if there are any: something may be late by less than a minute."""
    with suppress(OverflowError):  # near the end of the year 9999
        moment = moment.astimezone(plan.deadline.tzinfo) if plan.deadline else moment
    exact = moment.second or moment.microsecond
    return moment.isoformat(sep=" ", timespec="seconds" if exact else "minutes")


def told_policy(late: LatePolicy) -> str:
    """The policy in a sentence with an example; "" if lateness costs nothing."""
    if not late.per_day or not late.most:
        return ""
    per_day, most = Fraction(str(late.per_day)), Fraction(str(late.most))
    last = -(-most // per_day)  # the day from which on the cost no longer rises
    at_most = f", {plain(most)} % at most" if most < 100 else ""
    if last == 1:
        example = f"any lateness leaves {_left(late, 1)}"
    else:
        some = _left(late, 1 if last == 2 else 2)
        example = (
            f"{'1 day late leaves' if last == 2 else '2 days late leave'} {some},"
            f" {last} days or more {_left(late, last)}"
        )
    grace = ""
    if late.grace > timedelta(0):
        minutes = plain(Fraction(late.grace // timedelta(seconds=1), 60))
        grace = f" What comes within {minutes} minutes of the deadline is not late."
    return (
        f"Each day that has begun after the deadline costs {plain(per_day)} % of the points that"
        f" were earned{at_most}: of {EXAMPLE} points, {example}.{grace}"
    )


def _left(late: LatePolicy, days: int) -> str:
    return plain(EXAMPLE * (1 - _cost(late, days) / 100))
