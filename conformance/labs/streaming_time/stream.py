"""The questions about a stream, which is all that one client got. Pure.

A question returns None if it holds, else a Violation. It raises NotJudged if a fault for which
another clause pays leaves it open:

- nothing came (2.1): everything else;
- what came is no stream of the time, see `is_one` (2.5): everything else;
- lines come in bunches (2.3): when the first one was written, and how steadily all were, unless
  the ends of the bunches or the dates tell;
- fewer than half of the lines came (2.5): rhythm, drift and end;
- the client stopped reading within a line too long for a date (2.5, 2.3): the dates;
- no end came, or none was waited for (2.5; 2.3 where the stream is too slow): the close.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from conformance import Fault, Kind, NotJudged, Violation, drift, promptly

from .causes import NO_END
from .dates import DAY, HOUR, MAX_DATE_TEXT, written_at
from .heard import FLUSHING, MARGIN, RIGHT, HeardLines
from .streaming_time import has_rhythm
from .tellings import date_in, date_in_form
from .why import grows, late_by, number_of_the_weekday

MONTHS = (
    "Are day, month and hour in their places (Java: in patterns MM are months, mm minutes; dd is"
    " the day of the month, DD of the year)"
    " (Node: getMonth() counts from 0)?"
)


def _lines(count: int) -> str:
    return f"{count} line{'s' if count != 1 else ''}"


@dataclass(frozen=True)
class Stream(HeardLines):
    """What a client got, and the questions about it."""

    # -- what can be judged at all --------------------------------------------------

    def _excuse(self, clause: str, kind: Kind, reason: str) -> None:
        """Raises NotJudged, unless that clause is known to hold."""
        if clause not in self.void:
            raise NotJudged(clause, kind, reason)

    def _something(self) -> None:
        """Raises NotJudged if nothing came."""
        if not self.told:
            kind = Kind.SILENCE if self.closed is None else Kind.CLOSED
            self._excuse("2.1", kind, "no line came at all")

    def stream(self) -> Stream:
        """The stream itself. Raises NotJudged if what came is no stream."""
        self._something()
        if not self.is_one:
            self._number_pays("what came is no stream of the time")
        return self

    def _long_enough(self) -> None:
        """Raises NotJudged if too little came to show how the stream goes on and ends."""
        if self.stream().too_few:
            self._number_pays("too few lines came")

    def _number_pays(self, reason: str) -> None:
        wrong = self._wrong_number()
        if wrong is None:  # too slow for all its lines to be waited for
            slow = self.off_rhythm()
            self._excuse("2.3", slow.kind if slow else Kind.LATE, reason)
        else:
            self._excuse("2.5", wrong.kind, reason)

    # -- when -----------------------------------------------------------------------

    def begins(self, within: float) -> Violation | None:
        """Whether the first line came so many seconds after the connection, unasked."""
        wanted = f"a line within {within:g} s of the connection; the client has sent nothing"
        told = "Here the client says nothing: write the first line as soon as it is accepted."
        hint = {"nothing came": told}
        if not self.told or self.asked:
            actual = "nothing, until the client had sent a line" if self.told else self._end()
            until = self.times[0] if self.told else self.left
            if self.closed is not None and not self.told:
                wrong = Violation(wanted, actual, hint=hint, kind=Kind.CLOSED)
                return wrong.seen_at(self.closed)
            absent = Violation(wanted, actual, hint=hint, fault=Fault.ABSENT)
            return absent.seen_at(self.connected, until=until)
        self.stream()
        first, slack, what = self.times[0], self.clock_error, "the first line after the connection"
        together = self.bunches()[0][1] > 1
        flush = f"It came together with others: send each by itself{FLUSHING}."
        hint = {"late by itself": flush if together else ""}
        return promptly(self.connected, first, within=within, slack=slack, what=what, hint=hint)

    def first_line(self, within: float) -> Violation | None:
        """Like `begins`; not judged if it is unknown when the first line was written."""
        wrong = self.begins(within)
        late = wrong is not None and wrong.kind is Kind.LATE
        if late and self.bunches()[0][1] > 1 and self.comes_in_bunches:
            reason = "the first line came together with others: nobody knows when it was written"
            self._excuse("2.3", Kind.FORM, reason)
        return wrong

    def speaks_first(self, within: float) -> Violation | None:
        """Like `first_line`, of a client that is alone; with a hint where only the first line was
        late."""
        wrong = self.first_line(within)
        if wrong is not None and wrong.kind is Kind.LATE and self.is_late_but_steady:
            wrong.hint = {"late by itself": late_by(self.times[0] - self.connected)}
        return wrong

    @property
    def is_late_but_steady(self) -> bool:
        """Whether the lines after the first keep the rhythm, from the first on."""
        rhythmic = has_rhythm(self.parameters) and not self.too_few
        return rhythmic and self.off_rhythm() is None and self.bunches()[0][1] == 1

    def rhythm(self) -> Violation | None:
        """Whether each line comes a period after the one before."""
        wrong = self.stream().off_rhythm()
        if wrong is None:
            self._long_enough()
        return wrong

    def steadiness(self) -> Violation | None:
        """Whether the lines from the second on take as many periods as they should."""
        self._long_enough()
        margin = MARGIN + self.clock_error
        hint = "Compute when each line is due from the beginning, not from the line before."
        if self.comes_in_bunches:
            if not self.written_steadily(margin):
                reason = "of lines that come in bunches nobody knows when each was written"
                self._excuse("2.3", Kind.FORM, reason)
            return None
        times = self.times[1 : self.parameters.lines]
        return drift(times, period=self.parameters.period, tolerance=margin, hint=hint)

    def hanging_up(self) -> Violation | None:
        """Whether the close came soon after the last line, by the stream's own pace."""
        self._long_enough()
        if self.closed is None and (self.cut or len(self.told) < self.parameters.lines):
            self._number_pays("the last line was not seen")
        within = self.pace() + MARGIN
        what = "the server closes the connection after the last line"
        told = "Close the socket after the last line: its end tells the client that this was all."
        also = "(Python: and what makefile() gave; the connection stands until both are closed)"
        hint = {"never closed": f"{told} {also}"}
        if self.closed is None:
            actual = f"it was still open after {self.left - self.times[-1]:.1f} s"
            wanted = f"{what} within {within:g} s"
            open_still = Violation(wanted, actual, hint=hint, fault=Fault.ABSENT, kind=Kind.OPEN)
            return open_still.seen_at(self.times[-1], until=self.left)
        last, slack = self.times[-1], self.close_error
        return promptly(last, self.closed, within=within, what=what, hint=hint, slack=slack)

    # -- what -----------------------------------------------------------------------

    def whole_lines(self) -> Violation | None:
        """Whether all that came is lines of the contract's form."""
        self._something()
        wrong = self._odd_line() or self._unended()
        if wrong is None:
            self.stream()
        return wrong

    def _odd_line(self) -> Violation | None:
        form = self.parameters.form
        for line, following in zip(self.lines, [*self.lines[1:], ""], strict=False):
            if date_in_form(line, form) is None:
                wanted = self._wanted(next((told for told in self.told if told in line), ""))
                hint = "One telling of the time on each line, in this form to the letter."
                if date_in_form(line + following, form) is not None:
                    hint = f"An end of line stands within the text: the rest is `{following}`."
                    hint += " (C: what ctime() and asctime() give ends with one)"
                return Violation(wanted, line, hint=hint)
        return None

    def _unended(self) -> Violation | None:
        """Whether the last line has an end, unless the client stopped reading within it."""
        if not self.rest:
            return None
        unended = [told for told in self.told if told in self.rest]
        if self.cut and self.lines and "\r" not in self.rest and len(unended) < 2:
            return None
        wanted = f"{self._wanted(''.join(self.told[-1:]))} and the end of the line"
        actual = unended[-1] if unended else self.rest
        return Violation(wanted, f"{actual} without an end of line")

    def number_of_lines(self) -> Violation | None:
        """Whether there were as many lines as the contract says."""
        self._something()
        wrong = self._wrong_number()
        if self.cut and wrong is None:
            watched = self.left - self.connected
            told = f"after {watched:.0f} s there were {_lines(len(self.told))}, and more to come"
            self._number_pays(told)
        if wrong is None:
            self.stream()
        return wrong

    def _wrong_number(self) -> Violation | None:
        """What is wrong with the number of lines; None also if it is unknown."""
        wanted, came = self.parameters.lines, len(self.told)
        if came > wanted:
            more = NO_END if self.cut else ""
            too_many = Violation(_lines(wanted), f"{_lines(came)}{more}")
            return too_many.seen_at(*self.times[wanted - 1 : wanted + 1])
        if came == wanted and not self.cut and self.is_one:
            return None
        if self.cut and self.is_one and has_rhythm(self.parameters):
            return None
        if self.cut:
            within = self.left - self.connected
            if self.is_one:
                endless = f"{came} in {within:.0f} s, and no end"
                return Violation(_lines(wanted), endless, fault=Fault.ABSENT)
            return Violation(_lines(wanted), f"{came} in {within:.0f} s, and they tell no time")
        if came < wanted:
            actual = f"{_lines(came)}, then {self._end()}"
            last = max(self.times, default=self.connected)
            if self.closed is not None:
                return Violation(_lines(wanted), actual, kind=Kind.CLOSED).seen_at(self.closed)
            absent = Violation(_lines(wanted), actual, fault=Fault.ABSENT)
            return absent.seen_at(last, until=self.left)
        return Violation(f"{_lines(wanted)} that tell the time", f"{came}, which tell no time")

    def _wanted(self, telling: str) -> str:
        """The line as it should be, with the telling's date if it has one."""
        form: str = self.parameters.form
        date = date_in(telling, form)
        off = self.off(date, self.connected)
        return form.replace("<date>", "…" if off is None else date)

    def right_time(self) -> Violation | None:
        """Whether each date is the host's time when its line came, or may have been written."""
        self._something()
        lines = zip(self.dates(), self.offs(), self.times, self.written(), strict=True)
        for number, (text, off, at, (earliest, latest)) in enumerate(lines, 1):
            if off is None or not (
                abs(off) <= RIGHT or earliest - RIGHT <= at + off <= latest + RIGHT
            ):
                date = written_at(self.epoch + at, self.zone)
                wanted = f"line {number}: {date} (± {RIGHT:g} s), or the same in another form"
                came = f"line {number}: {text}"
                hint, timed = self._why_off(off, text, at), off is not None
                seen = "another time" if timed else "another text"
                wrong = Violation(wanted, came, hint=hint, timed=timed, symptom=seen)
                return wrong.seen_at(at)
        self.stream()
        if self.cut and len(self.rest) > MAX_DATE_TEXT:
            self._number_pays("the client stopped reading within a line that is no date")
        return None

    def _why_off(self, off: float | None, text: str, at: float) -> str:
        """The usual cause of a wrong date."""
        if weekday := number_of_the_weekday(text, self.epoch + at, self.zone, RIGHT):
            return weekday
        if off is not None and off < -20 * 365 * DAY:
            return "Near 1970: seconds taken for milliseconds, or another clock for this one?"
        if len(set(self.told)) == 1 < len(self.told):
            return "The same date in all lines: ask for the time anew for each of them."
        if off is None:
            return f"That is no date with a time of day, or one that there is not. {MONTHS}"
        if abs(abs(off) - DAY / 2) < 2 * RIGHT:
            return (
                "A clock of 12 hours without AM or PM (Java: HH counts to 23, hh to 12)"
                " (Python: %H and %I) (C: %H and %I)?"
            )
        hours = round(off / HOUR)
        if 0 < abs(hours) <= 14 and abs(off - hours * HOUR) < 2 * RIGHT:
            return (
                "A date without a zone is in the host's: use that one, or write the other behind."
            )
        if (
            not self.comes_in_bunches
            and abs(off) < 60.0
            and (further := grows(self.offs(), 2 * RIGHT))
        ):
            return further
        return MONTHS if abs(off) > 60.0 else ""

    def _end(self) -> str:
        """How a stream ended, for use in a sentence."""
        if self.closed is None:
            since = max(self.times, default=self.connected)
            return f"nothing {'more ' if self.told else ''}for {self.left - since:.0f} s"
        return "the server closed the connection" + (f" ({self.gone})" if self.gone else "")

    # -- beside another -------------------------------------------------------------

    @property
    def _delay(self) -> float:
        """Seconds until the first line came."""
        return self.times[0] - self.begun if self.times else 0.0

    def beside(self, usual: Stream, ask: Callable[[Stream], Violation | None]) -> Violation | None:
        """What is wrong with the stream, unless it is also wrong with the server's `usual`
        stream. If no clause pays for what is no stream at all, that counts here."""
        wrong = ask(self)
        if wrong is None:
            return None
        if self.void and not self.is_one:
            return wrong
        same = ask(usual)
        if same is None or same.kind is not wrong.kind:
            return wrong
        if wrong.kind is Kind.LATE and self._delay > usual._delay + MARGIN + self.pace():
            return wrong
        if ask == Stream.number_of_lines and not (self.cut and usual.cut):
            return wrong if len(self.told) != len(usual.told) else None
        return None
