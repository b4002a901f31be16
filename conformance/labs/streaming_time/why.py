"""Hints for a wrong stream, where its times or dates show by themselves what went wrong. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from .dates import how_far_off, offset_of

TOO_EARLY = (
    "Lines came too early here, and in rhythm to a client that was the first and alone: has each"
    " client a start time (a timer, a counter) of its own?"
)
SPOKEN_TO = "The client had spoken: is what it says answered, or does that begin another stream?"
WOKEN = "The client had spoken, and lines came too early: does what it says end a pause?"
NONE_LEFT = (
    "The first client got all its lines, this one none: is what counts them set anew for each"
    " client?"
)
WEEKDAY = (
    "`{number}` is a number of the weekday, and all else is right: write the day of the month"
    " (Node: getDay() is the day of the week, getDate() of the month)"
    " (Java: in patterns u, e and c are days of the week, d is the day of the month)"
    " (Python: %w, %u and weekday() give the day of the week, %d and day that of the month)"
    " (C: %w, %u and tm_wday give the day of the week, %d and tm_mday that of the month)."
)

JITTER = 1.2
"""Seconds by which dates in whole seconds, of lines that come a little late, may seem to jump."""

_NUMBER = re.compile(r"(?<![\d:])\d{1,2}(?![\d:])")
_LONGEST = 100


def late_by(seconds: float) -> str:
    """For a first line that came so late, where those after it are in rhythm."""
    return (
        f"Something takes about {round(2 * seconds) / 2:g} s before the first line, and the others"
        " are in rhythm: is there a pause before the loop?"
    )


def grows(offs: Sequence[float | None], least: float) -> str:
    """For dates that are off by so many seconds: whether each is so much further off than the one
    before, by `least` seconds in all."""
    known = [off for off in offs if off is not None]
    if len(known) != len(offs) or len(known) < 3:
        return ""
    whole = known[-1] - known[0]
    step = whole / (len(known) - 1)
    steady = all(abs(off - known[0] - step * n) <= JITTER for n, off in enumerate(known))
    if not steady or abs(whole) <= least:
        return ""
    amount = abs(step)
    half = round(2 * amount) / 2  # dates may be cut to seconds
    near = half if half and abs(amount - half) < 0.15 else amount
    return (
        f"Each line is {round(near, 1):g} s further {'ahead' if step > 0 else 'behind'} than the"
        " one before: tell the time that it is then."
    )


def number_of_the_weekday(date: str, at: float, zone: str, right: float) -> str:
    """Whether a number of the weekday stands in the date where the day of the month belongs: with
    that in its place, it is right to within so many seconds. `at`: seconds since 1970."""
    if not zone or len(date) > _LONGEST:
        return ""
    today = datetime.fromtimestamp(at + offset_of(zone), UTC)
    day = today.isoweekday()
    for number in _NUMBER.finditer(date):
        if int(number[0]) not in (day % 7, day, day - 1):
            continue
        other = f"{date[: number.start()]}{today.day:02}{date[number.end() :]}"
        off = how_far_off(other, at, zone)
        if off is not None and abs(off) <= right:
            return WEEKDAY.format(number=number[0])
    return ""
