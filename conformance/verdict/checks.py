"""Questions asked of evidence, after the conversation: each returns None, or a Violation.

Pure: lines and times in, an answer out. Times are seconds since the conversation began, as
`client.arrival(line)` tells them: the session knows how long the program was kept waiting then.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from conformance.verdict.model import Delay, Fault, Violation

STALLS = 2
"""Lines that a machine may hold up in one stream. More than two stalls are the program's fault:
it sends two lines at a time."""

MOSTLY = 0.8
"""Of all gaps, those that must be too short for no delay to explain them: a program that was
held up makes up for lost time, and is on time again."""

STRIDE = 4
"""Gaps that a step is made of, at the most: a step of one is not touched by what happens in
another, and in one of four the errors at its ends weigh a quarter."""


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
    of those the worst is told. Where most are too long, it is the program's steady way.
    """
    wanted = f"a {what} every {period:g} s (± {tolerance:g} s)"
    gaps = [after - before for before, after in pairwise(times)]
    least = [period - tolerance] * len(gaps)
    least[:1] = [period - tolerance - first_may_be_short_by] if gaps else []
    tells = [
        f"{gap:.2f} s between {what} {number} and {what} {number + 1}"
        for number, gap in enumerate(gaps, 1)
    ]
    short = [index for index, gap in enumerate(gaps) if gap < least[index]]
    excused = [index for index in short if _makes_up(gaps, index, period, tolerance)][:STALLS]
    if proof := [index for index in short if index not in excused]:
        mostly = len(short) >= max(STRIDE, MOSTLY * len(gaps))
        held_up = [
            Delay(_behind(times, i, short, period), times[i], least[i] - gaps[i], tells[i])
            for i in proof
        ]
        delays = [] if mostly else held_up
        return Violation(wanted, tells[proof[0]], hint=hint, timed=True, delays=delays)
    longest = period + tolerance
    late = [
        Delay(times[index], times[index + 1], gap - longest, tells[index])
        for index, gap in enumerate(gaps)
        if gap > longest
    ]
    if late:
        late.sort(key=lambda delay: -delay.beyond)
        told, each = late[0].told, steps(times, longest)
        return Violation(wanted, told, hint=hint, fault=Fault.LATE, delays=late, steps=each)
    if until is not None and times and until - times[-1] > longest:
        ended = f"none in the {until - times[-1]:.2f} s after {what} {len(times)}"
        return Violation(wanted, ended, hint=hint, fault=Fault.ABSENT)
    return None


def _makes_up(gaps: Sequence[float], index: int, period: float, tolerance: float) -> bool:
    """Whether the short gap `index` only makes up for a line that came late before it:
    over both gaps the schedule holds, so that the late line is the fault, not this one."""
    if index < 1:
        return False
    before = gaps[index - 1]
    return before > period + tolerance and abs(before + gaps[index] - 2 * period) <= tolerance


def _behind(times: Sequence[float], index: int, short: Sequence[int], period: float) -> float:
    """Since when what came before the short gap `index` may have been held up: from the line
    before the one that was late first. Those that came in a burst were held up together."""
    while index - 1 in short:
        index -= 1
    return times[index - 1] if index > 0 else times[0] - period


def steps(times: Sequence[float], longest: float) -> list[Delay]:
    """By how much each gap, and each few of them together, are beyond the `longest` that each
    may take: below zero where they are not."""
    return [
        Delay(times[index], times[index + count], span - count * longest, "")
        for count in range(1, min(STRIDE, len(times) - 1) + 1)
        for index in range(len(times) - count)
        if (span := times[index + count] - times[index]) > 0
    ]


def slope(times: Sequence[float]) -> float:
    """Seconds from one to the next, as a robust fit has it: the median of the slopes between
    near neighbours. No single delay moves it, wherever it is."""
    slopes = [
        (times[index + count] - times[index]) / count
        for count in range(1, min(STRIDE, len(times) - 1) + 1)
        for index in range(len(times) - count)
    ]
    return median(slopes)


def drift(
    times: Sequence[float], *, period: float, tolerance: float, hint: str = ""
) -> Violation | None:
    """Whether the whole span is as many periods as it has gaps, ± `tolerance` seconds.

    What is beyond may be one line's delay, or the program's steady way: then the slope tells
    it, which is beyond that limit by itself.
    """
    gaps = len(times) - 1
    if gaps < 1:
        return None
    span = times[-1] - times[0]
    off = abs(span - gaps * period)
    if off <= tolerance:
        return None
    slow, limit, each = span > gaps * period, tolerance / gaps, slope(times)
    steady = each > period + limit if slow else each < period - limit
    least = min(after - before for before, after in pairwise(times))
    told = f"they took {span:.2f} s"
    if steady:
        told += f", each about {each:.3f} s"
        told += f" and none less than {least:.3f} s" if slow and least > period + limit else ""
    # What is over too soon may only have begun too late; not where each is too short.
    begin, end = (times[0], times[-1]) if slow else (times[0] - period, times[0])
    delays = [Delay(begin, end, off - tolerance, told)]
    return Violation(
        f"{gaps} periods take {gaps * period:g} s (± {tolerance:g} s)",
        told,
        hint=hint,
        fault=Fault.LATE if slow else Fault.WRONG,
        timed=True,
        delays=delays if slow or not steady else (),
        steps=steps(times, period + limit) if slow else (),
    )


def promptly(
    sent: float,
    answered: float,
    *,
    within: float,
    what: str,
    came: str = "it came",
    hint: str = "",
    slack: float = 0.0,
) -> Violation | None:
    """Whether `what`, an answer, came at most `within` seconds after what it answers. `slack`:
    seconds more that it is given, since the times may be off by them or the machine is slow."""
    took, limit = answered - sent, within + slack
    if took <= limit:
        return None
    wanted, told = f"{what} within {within:g} s", f"{came} after {took:.2f} s"
    delays = [Delay(sent, answered, took - limit, told)]
    return Violation(wanted, told, hint=hint, fault=Fault.LATE, delays=delays)


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
        return Violation(where + wanted, where + came, hint=hint, lines=True)
    if len(actual) > len(expected):
        extra = actual[len(expected)]
        return Violation(f"{len(expected)} lines, no more", f"one more: {extra}", hint=hint)
    if len(actual) < len(expected):
        came = f"{len(actual)} lines; the first that is missing: {expected[len(actual)]}"
        return Violation(f"{len(expected)} lines", came, hint=hint, fault=Fault.ABSENT)
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


def require(violation: Violation | None) -> None:
    """Raises the violation that a check has found, if it has."""
    if violation is not None:
        raise violation
