"""Questions asked of evidence after the conversation: each returns None or a Violation.

Pure: lines and times in, an answer out. Times are seconds since the conversation began, as
`client.arrival(line)` returns them: for these the session knows how long the program was kept
waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from conformance.verdict.symptoms import Moment, Sign, Symptom
from conformance.verdict.violation import Delay, Fault, Hint, Violation

STALLS = 2
"""Lines of one stream that a machine may hold up. More than two stalls are the program's fault: it
sends two lines at a time."""

MOSTLY = 0.8
"""The share of gaps that must be too short before delays no longer explain them: a program that was
held up makes up for lost time, and is on time again."""

STRIDE = 4
"""The most gaps in a step. In a step of one, nothing outside that gap counts; in a step of four,
the errors at its ends weigh only a quarter."""


def cadence(
    times: Sequence[float],
    *,
    period: float,
    tolerance: float,
    first_may_be_short_by: float = 0.0,
    until: float | None = None,
    what: str = "line",
    hint: Hint = "",
) -> Violation | None:
    """Whether each gap between two neighbours is `period` ± `tolerance` seconds.

    They must go on until `until`: if the last came longer before that than a gap may last, they
    have stopped.

    The first gap may be shorter by `first_may_be_short_by`: a program with an absolute schedule
    whose first line was late is on time again with the second. A gap that is too short is proof at
    once. One that is too long may be the machine's fault; the worst of these is reported. If most
    are too long, the program itself is too slow.
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
        return Violation(
            wanted,
            tells[proof[0]],
            hint=hint,
            timed=True,
            delays=delays,
            symptom=_rhythm(gaps[proof[0]]),
        ).rests_on(Moment(times[proof[0]]), Moment(times[proof[0] + 1]))
    longest = period + tolerance
    late = [
        Delay(times[index], times[index + 1], gap - longest, tells[index])
        for index, gap in enumerate(gaps)
        if gap > longest
    ]
    if late:
        late.sort(key=lambda delay: -delay.beyond)
        told, each = late[0].told, steps(times, longest)
        gap = _rhythm(late[0].end - late[0].begin)
        return Violation(
            wanted, told, hint=hint, fault=Fault.LATE, delays=late, steps=each, symptom=gap
        ).rests_on(*_waited(late[0].begin, late[0].end))
    if until is not None and times and until - times[-1] > longest:
        ended = f"none in the {until - times[-1]:.2f} s after {what} {len(times)}"
        silence = Moment(times[-1], silence=until - times[-1])
        return Violation(wanted, ended, hint=hint, fault=Fault.ABSENT).rests_on(silence)
    return None


def _rhythm(gap: float) -> Symptom:
    return Symptom(Sign.RHYTHM, facts={"gap": round(gap, 3)})


def _waited(begin: float, end: float) -> tuple[Moment, Moment]:
    """The proof that something came late: a silence, and what ended it."""
    return Moment(begin, silence=max(0.0, end - begin)), Moment(end)


def _makes_up(gaps: Sequence[float], index: int, period: float, tolerance: float) -> bool:
    """Whether the short gap `index` only makes up for a late line before it: both gaps together are
    on schedule, so the late line is the fault, not this one."""
    if index < 1:
        return False
    before = gaps[index - 1]
    return before > period + tolerance and abs(before + gaps[index] - 2 * period) <= tolerance


def _behind(times: Sequence[float], index: int, short: Sequence[int], period: float) -> float:
    """The earliest time from which the line before the short gap `index` may have been held up:
    that of the line before the first late one. Lines of one burst were held up together."""
    while index - 1 in short:
        index -= 1
    return times[index - 1] if index > 0 else times[0] - period


def steps(times: Sequence[float], longest: float) -> list[Delay]:
    """By how much each gap, and each few neighbouring gaps together, exceed the `longest` allowed;
    negative if they do not."""
    return [
        Delay(times[index], times[index + count], span - count * longest, "")
        for count in range(1, min(STRIDE, len(times) - 1) + 1)
        for index in range(len(times) - count)
        if (span := times[index + count] - times[index]) > 0
    ]


def slope(times: Sequence[float]) -> float:
    """Seconds from one to the next by a robust fit: the median of the slopes between near
    neighbours. No single delay changes it."""
    slopes = [
        (times[index + count] - times[index]) / count
        for count in range(1, min(STRIDE, len(times) - 1) + 1)
        for index in range(len(times) - count)
    ]
    return median(slopes)


def drift(
    times: Sequence[float], *, period: float, tolerance: float, hint: Hint = ""
) -> Violation | None:
    """Whether the whole span is as many periods as it has gaps, ± `tolerance` seconds.

    An excess may be one line's delay, or the program's steady rate. In the second case the slope
    alone exceeds the limit.
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
    if steady and slow and least > period + limit:
        told = f"they took {span:.2f} s, each about {each:.3f} s and none less than {least:.3f} s"
    # A span that is too short may only have begun late, unless each gap is too short.
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
        symptom=_rhythm(each),
    ).rests_on(Moment(times[0]), Moment(times[-1]))


def promptly(
    sent: float,
    answered: float,
    *,
    within: float,
    what: str,
    came: str = "it came",
    hint: Hint = "",
    slack: float = 0.0,
) -> Violation | None:
    """Whether `what`, an answer, came at most `within` seconds after what it answers. `slack`:
    extra seconds for the error of the times and for a slow machine."""
    took, limit = answered - sent, within + slack
    if took <= limit:
        return None
    wanted, told = f"{what} within {within:g} s", f"{came} after {took:.2f} s"
    delays = [Delay(sent, answered, took - limit, told)]
    wrong = Violation(wanted, told, hint=hint, fault=Fault.LATE, delays=delays)
    return wrong.rests_on(*_waited(sent, answered))


def not_before(
    sent: float,
    came_at: float,
    *,
    least: float,
    what: str,
    came: str = "it came",
    hint: Hint = "",
    slack: float = 0.0,
) -> Violation | None:
    """Whether `what` came at least `least` seconds after `sent`, as what ends a silence does.
    `slack`: seconds less that are allowed.

    What comes too soon is proof at once, unless the program was kept waiting before `sent`: then it
    may have been late to notice what was sent.
    """
    took = came_at - sent
    if took >= least - slack:
        return None
    wanted, told = f"{what} not before {least:g} s", f"{came} after {took:.2f} s"
    delays = [Delay(max(0.0, sent - least), sent, least - slack - took, told)]
    wrong = Violation(wanted, told, hint=hint, timed=True, delays=delays)
    return wrong.rests_on(*_waited(sent, came_at))


def in_order(
    expected: Sequence[str], actual: Sequence[str], *, hint: Hint = ""
) -> Violation | None:
    """Whether the lines are those expected: none missing, none too many, none misplaced.

    Reports the first difference, with the number of the line.
    """
    for number, (wanted, came) in enumerate(zip(expected, actual, strict=False), 1):
        if wanted == came:
            continue
        where = f"as line {number}: "
        symptom = _out_of_order(expected, actual, number)
        return Violation(where + wanted, where + came, hint=hint, lines=True, symptom=symptom)
    if len(actual) > len(expected):
        extra = actual[len(expected)]
        symptom = Symptom(Sign.DOUBLED if extra in expected else Sign.EXTRA)
        wanted = f"{len(expected)} lines, no more"
        return Violation(wanted, f"one more: {extra}", hint=hint, symptom=symptom)
    if len(actual) < len(expected):
        lines = f"{len(actual)} line{'s' if len(actual) != 1 else ''}"
        came = f"{lines}; the first that is missing: {expected[len(actual)]}"
        symptom = Symptom(Sign.CUT, facts={"after": len(actual), "unit": "lines"})
        wanted = f"{len(expected)} lines"
        return Violation(wanted, came, hint=hint, fault=Fault.ABSENT, symptom=symptom)
    return None


def _out_of_order(expected: Sequence[str], actual: Sequence[str], number: int) -> Symptom | None:
    """What was seen where line `number` is another of those expected; None where it is none."""
    wanted, came = expected[number - 1], actual[number - 1]
    if came not in expected:
        return None
    place, times = expected.index(came) + 1, actual.count(came)
    if place < number and times > expected.count(came):
        return Symptom(Sign.DOUBLED, facts={"times": times})
    if place < number:
        return None
    if wanted in actual:
        return Symptom(Sign.OVERTAKEN, facts={"line": number, "by": place})
    return Symptom(Sign.LOST, facts={"line": number, "instead": place})


def at_most(
    limit: float,
    actual: float,
    *,
    what: str,
    unit: str = "",
    hint: Hint = "",
    fault: Fault = Fault.WRONG,
) -> Violation | None:
    """Whether a measured quantity stays within its limit.

    `fault` is LATE for a quantity that a busy machine may have enlarged.
    """
    if actual <= limit:
        return None
    expected, came = f"{what}: at most {limit:g}{unit}", f"{actual:g}{unit}"
    return Violation(expected, came, hint=hint, fault=fault)


def require(violation: Violation | None) -> None:
    """Raises the violation that a check has found, if any."""
    if violation is not None:
        raise violation
