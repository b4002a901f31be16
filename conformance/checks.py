"""Questions asked of evidence, after the conversation: each returns None, or a Violation.

Pure: lines and times in, an answer out. Times are seconds since any fixed moment, as
the kernel stamped them; since the epoch, where it shall be known how long the program
was kept waiting meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from conformance.model import Delay, Fault, Violation

STALLS = 2
"""Lines that a machine may hold up in one stream: more is the program's way, which sends
two at a time."""


def cadence(
    times: Sequence[float],
    *,
    period: float,
    tolerance: float,
    first_may_be_short_by: float = 0.0,
    until: float | None = None,
    what: str = "line",
    hint: str = "",
) -> Violation | None:
    """Whether each gap between two neighbours is `period` ± `tolerance` seconds.

    They go on until `until`: what is then longer ago than a gap may be has stopped.

    The first gap may be shorter by `first_may_be_short_by`: a program on an absolute
    schedule whose first line was late is on time again with the second.
    A gap that is too short is proof at once; one that is too long may be the machine's:
    of those the worst is told.
    """
    wanted = f"a {what} every {period:g} s (± {tolerance:g} s)"
    late: list[Delay] = []
    made_up = 0
    for index, (before, after) in enumerate(pairwise(times), 1):
        gap = after - before
        shortest = period - tolerance - (first_may_be_short_by if index == 1 else 0.0)
        told = f"{gap:.2f} s between {what} {index} and {what} {index + 1}"
        if gap < shortest:
            made_up += 1
            if made_up > STALLS or not _makes_up(times, index, period, tolerance):
                earlier = times[index - 2] if index > 1 else before - period
                held_up = Delay(earlier, before, shortest - gap, told)
                return Violation(wanted, told, hint=hint, timed=True, delays=[held_up])
        if gap > period + tolerance:
            late.append(Delay(before, after, gap - period - tolerance, told))
    if late:
        late.sort(key=lambda delay: -delay.beyond)
        return Violation(wanted, late[0].told, hint=hint, fault=Fault.LATE, delays=late)
    if until is not None and times and until - times[-1] > period + tolerance:
        ended = f"none in the {until - times[-1]:.2f} s after {what} {len(times)}"
        return Violation(wanted, ended, hint=hint, fault=Fault.ABSENT)
    return None


def _makes_up(times: Sequence[float], index: int, period: float, tolerance: float) -> bool:
    """Whether the short gap `index` only makes up for a line that came late before it:
    over both gaps the schedule holds, so that the late line is the fault, not this one."""
    if index < 2:
        return False
    before = times[index - 1] - times[index - 2]
    both = times[index] - times[index - 2]
    return before > period + tolerance and abs(both - 2 * period) <= tolerance


def drift(
    times: Sequence[float], *, period: float, tolerance: float, hint: str = ""
) -> Violation | None:
    """Whether the whole span is as many periods as it has gaps, ± `tolerance` seconds."""
    gaps = len(times) - 1
    if gaps < 1:
        return None
    span = times[-1] - times[0]
    off = abs(span - gaps * period)
    if off <= tolerance:
        return None
    told = f"they took {span:.2f} s"
    slow = span > gaps * period
    # What is over too soon may only have begun too late.
    begin, end = (times[0], times[-1]) if slow else (times[0] - period, times[0])
    return Violation(
        f"{gaps} periods take {gaps * period:g} s (± {tolerance:g} s)",
        told,
        hint=hint,
        fault=Fault.LATE if slow else Fault.WRONG,
        timed=True,
        delays=[Delay(begin, end, off - tolerance, told)],
    )


def promptly(
    sent: float, answered: float, *, within: float, what: str, hint: str = ""
) -> Violation | None:
    """Whether an answer came at most `within` seconds after what it answers."""
    took = answered - sent
    if took <= within:
        return None
    told = f"it came after {took:.2f} s"
    return Violation(
        f"{what} within {within:g} s",
        told,
        hint=hint,
        fault=Fault.LATE,
        delays=[Delay(sent, answered, took - within, told)],
    )


def in_order(expected: Sequence[str], actual: Sequence[str], *, hint: str = "") -> Violation | None:
    """Whether the lines are those expected: none missing, none too many, none misplaced.

    Tells the first difference, with the number of the line.
    """
    for number, (wanted, came) in enumerate(zip(expected, actual, strict=False), 1):
        if wanted == came:
            continue
        where = f"as line {number}: "
        if came in expected:
            hint = hint or f"This is the answer to line {expected.index(came) + 1}."
        return Violation(where + wanted, where + came, hint=hint)
    if len(actual) > len(expected):
        extra = actual[len(expected)]
        return Violation(f"{len(expected)} lines, no more", f"one more: {extra}", hint=hint)
    if len(actual) < len(expected):
        missing = expected[len(actual)]
        return Violation(
            f"{len(expected)} lines",
            f"{len(actual)} lines; the first that is missing: {missing}",
            hint=hint,
            fault=Fault.ABSENT,
        )
    return None


def at_most(
    limit: float,
    actual: float,
    *,
    what: str,
    unit: str = "",
    hint: str = "",
    fault: Fault = Fault.WRONG,
) -> Violation | None:
    """Whether a measured quantity stays within its limit.

    `fault` is LATE for one that a busy machine may have enlarged.
    """
    if actual <= limit:
        return None
    expected, came = f"{what}: at most {limit:g}{unit}", f"{actual:g}{unit}"
    return Violation(expected, came, hint=hint, fault=fault)


def hold(violation: Violation | None) -> None:
    """Raises the violation, where a check found one."""
    if violation is not None:
        raise violation
