"""What one client got from a server that tells the time, line after line, and what may be
asked of it. Pure.

A question returns None, or a Violation. It raises NotJudged where another clause pays for
what makes it impossible to answer: one fault costs one clause.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from conformance.checks import cadence, drift, promptly
from conformance.dates import DAY, HOUR, how_far_off, written_at
from conformance.model import Fault, Kind, NotJudged, Parameters, Violation

MARGIN = 0.5
"""Seconds on top of a period, for the first line, for the close, and for all the drift."""

RIGHT = 2.0
"""Seconds by which a date may be off: one that is cut to seconds, and the way of a line."""

NOTHING = "no line came at all"
RHYTHM = (
    "Is each line flushed when it is written? Is the pause as long as it should be, together"
    " with what the loop does besides?"
)
MONTHS = "In Java's patterns MM are months and mm minutes; in JavaScript getMonth() counts from 0."


@dataclass(frozen=True)
class Stream:
    """All that came, and when: times are seconds since the epoch."""

    parameters: Parameters
    """Those of the lab: lines, period, tolerance, form."""
    zone: str
    """The TZ of the server's host; "" where nobody knows it."""
    connected: float
    lines: tuple[str, ...]
    """What came before each line end."""
    rest: str
    """What came after the last one."""
    told: tuple[str, ...]
    """Each telling of the time, wherever the line ends are."""
    times: tuple[float, ...]
    """When each of them had arrived."""
    closed: float | None
    """When the server hung up; None where it had not when the client stopped reading."""
    gone: str
    """What had become of the program then, where that explains the close."""
    left: float
    """When the client stopped reading."""
    prompted: float | None = None
    """When the client spoke after all, since nothing had come."""
    cut: bool = False
    """Whether the client stopped reading although there was more to come."""
    clock_error: float = 0.0
    """Seconds by which `times` may be too late: by so much each tolerance is wider."""
    close_error: float = 0.0
    """The same of `closed`."""

    # -- what can be judged at all --------------------------------------------------

    def something(self) -> Stream:
        """The stream, where something came that can be taken apart."""
        if not self.told:
            raise NotJudged("2.1", Kind.SILENCE, NOTHING)
        if not self.lines and "{" not in self.told[0]:
            raise NotJudged("2.2", Kind.FORM, "what came has no lines")
        return self

    def unprompted(self) -> Stream:
        """The stream, where it came without the client saying a word."""
        if self.prompted or not self.told:
            raise NotJudged("2.1", Kind.SILENCE, "a silent client gets nothing")
        return self.something()

    def line_by_line(self) -> Stream:
        """The stream, where lines arrive when they were made, and not in bunches."""
        wrong = self.something().rhythm() if self.told else None
        if wrong and wrong.fault is Fault.WRONG and bunched(self.times, self.parameters.period):
            raise NotJudged("2.3", Kind.FORM, "the lines arrived in bunches")
        return self

    # -- when -----------------------------------------------------------------------

    def first_line(self, within: float) -> Violation | None:
        """Whether the first line came so many seconds after the connection, unasked."""
        wanted = f"a line within {within:g} s of the connection; the client has sent nothing"
        hint = "Here the client says nothing: write the first line as soon as it is accepted."
        if self.told and not self.prompted:
            hint = "Is the first line flushed when it is written?"
            what = "the first line after the connection"
            patience = within + self.clock_error
            return promptly(self.connected, self.times[0], within=patience, what=what, hint=hint)
        actual = "nothing, until the client had sent a line" if self.told else self._end()
        fault = Fault.WRONG if self.closed and not self.told else Fault.ABSENT
        return Violation(wanted, actual, hint=hint, fault=fault)

    @property
    def tolerance(self) -> float:
        """Seconds by which a gap may be off, as we can tell it."""
        return float(self.parameters.tolerance) + self.clock_error

    def rhythm(self) -> Violation | None:
        """Whether each line comes a period after the one before."""
        first = self.times[0] if self.times else 0.0
        late = max(0.0, first - (self.prompted or self.connected))
        return cadence(
            self.times[: self.parameters.lines],
            period=self.parameters.period,
            tolerance=self.tolerance,
            first_may_be_short_by=late,
            hint=RHYTHM,
        )

    def steadiness(self) -> Violation | None:
        """Whether the lines from the second on take as many periods as they should."""
        hint = "Compute when each line is due from the beginning, not from the line before."
        times = self.times[1 : self.parameters.lines]
        margin = MARGIN + self.clock_error
        return drift(times, period=self.parameters.period, tolerance=margin, hint=hint)

    def hanging_up(self) -> Violation | None:
        """Whether the close came soon after the last line."""
        if self.closed is None and (self.cut or len(self.told) < self.parameters.lines):
            raise NotJudged("2.5", Kind.FORM, "the last line was not seen")
        within = self.parameters.period + MARGIN
        what = "the server closes the connection after the last line"
        hint = "Close the socket after the last line: its end tells the client that this was all."
        if self.closed is None:
            actual = f"it was still open after {self.left - self.times[-1]:.1f} s"
            return Violation(f"{what} within {within:g} s", actual, hint=hint, fault=Fault.ABSENT)
        patience = within + self.close_error
        return promptly(self.times[-1], self.closed, within=patience, what=what, hint=hint)

    # -- what -----------------------------------------------------------------------

    def whole_lines(self) -> Violation | None:
        """Whether all that came is lines of the agreed form."""
        if not self.told:
            raise NotJudged("2.1", Kind.SILENCE, NOTHING)
        form = form_of(self.parameters.form)
        for line in self.lines:
            if not form.fullmatch(line):
                wanted = self._wanted(next((told for told in self.told if told in line), ""))
                hint = "One telling of the time on each line, in this form to the letter."
                return Violation(wanted, line, hint=hint)
        if self.rest and not self.cut:
            wanted = self._wanted(self.told[-1])
            hint = "Print a newline behind each line: readLine() waits for it."
            told = f"{self.told[-1]} without an end of line"
            return Violation(f"{wanted} and the end of the line", told, hint=hint)
        return None

    def number_of_lines(self) -> Violation | None:
        """Whether there were as many as agreed."""
        wanted, came = self.parameters.lines, len(self.told)
        if came > wanted:
            more = ", and no end" if self.cut else ""
            return Violation(f"{wanted} lines", f"{came} lines{more}")
        if self.cut:
            watched = self.left - self.connected
            raise NotJudged(
                "2.3", Kind.LATE, f"after {watched:.0f} s there were {came} lines, and more to come"
            )
        if came < wanted:
            fault = Fault.ABSENT if self.closed is None else Fault.WRONG
            return Violation(f"{wanted} lines", f"{came} lines, then {self._end()}", fault=fault)
        return None

    def _wanted(self, telling: str) -> str:
        """The line as it should be, with the date of the telling, where that is one."""
        form: str = self.parameters.form
        date = date_in(telling, form_of(form))
        off = how_far_off(date, self.connected, self.zone)
        return form.replace("<date>", "…" if off is None else date)

    def right_time(self) -> Violation | None:
        """Whether each date is the host's time when it arrived."""
        form = form_of(self.parameters.form)
        for number, (telling, at) in enumerate(zip(self.told, self.times, strict=True), 1):
            text = date_in(telling, form)
            off = how_far_off(text, at, self.zone)
            if off is None or abs(off) > RIGHT:
                where = f"{written_at(at, self.zone)} (± {RIGHT:g} s), or the same in another form"
                return Violation(
                    f"line {number}: {where}",
                    f"line {number}: {text}",
                    hint=self._why_off(off),
                    timed=off is not None,
                )
        return None

    def _why_off(self, off: float | None) -> str:
        """The usual cause of a wrong date."""
        if len(set(self.told)) == 1 < len(self.told):
            return "The same date in all lines: ask for the time anew for each of them."
        if off is None:
            return f"That is no date with a time of day, or one that there is not. {MONTHS}"
        if abs(abs(off) - DAY / 2) < 2 * RIGHT:
            return "A clock of 12 hours without AM or PM? HH counts to 23, hh to 12 (C: %H and %I)."
        if abs(off) <= 14 * HOUR and abs(off) % HOUR < 2 * RIGHT:
            return (
                "A date without a zone is in the host's: use that one, or write the other behind."
            )
        if off < -20 * 365 * DAY:
            return "Near 1970: seconds taken for milliseconds, or another clock for this one?"
        return MONTHS

    def _end(self) -> str:
        """What became of a stream that stops, for a sentence."""
        if self.closed is None:
            since = max(self.times, default=self.connected)
            return (
                f"nothing more for {self.left - since:.0f} s"
                if self.told
                else (f"nothing for {self.left - since:.0f} s")
            )
        return "the server closed the connection" + (f" ({self.gone})" if self.gone else "")


def bunched(times: Sequence[float], period: float) -> bool:
    """Whether two tellings have arrived together."""
    return any(b - a < 0.1 * period for a, b in pairwise(times))


def form_of(form: str) -> re.Pattern[str]:
    """The pattern of a line. The text of its date holds no other line."""
    before, after = (re.escape(part) for part in form.split("<date>", 1))
    other = "|".join(part for part in (before, after) if part)
    text = f"(?:(?!{other}).)+" if other else ".+"
    return re.compile(f"{before}({text}){after}")


def date_in(telling: str, form: re.Pattern[str]) -> str:
    """The text of the date in a telling of any form."""
    if match := form.fullmatch(telling):
        return match[1]
    text = telling.strip(" \t{}")
    found = re.fullmatch(r"""['"]?[A-Za-z_]+['"]?\s*[:=]\s*(.*)""", text)
    return (found[1] if found else text).strip(" \t'\"")
