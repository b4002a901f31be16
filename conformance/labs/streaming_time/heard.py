"""What one client got from a server that tells the time: whether that is a stream, whether its
lines come one by one or in bunches, and in what rhythm. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from conformance import Fault, Kind, Parameters, Violation, cadence, slope

from .dates import DAY, clock_in, how_far_off
from .streaming_time import has_rhythm, pause, soon
from .tellings import date_in

MARGIN = 0.5
"""Seconds beyond a period for the first line and the close, and for the drift of the stream."""

RIGHT = 2.0  # seconds by which a date may be off: it may lack fractions, and the line takes time
TOGETHER = 0.1  # share of a period: lines that are closer to each other came together
MIN_LINES = 3  # the fewest lines of a stream: two have no rhythm

FLUSHING = (
    " (Python: and flush() each when it is written) (Java: and flush() each when it is written)"
    " (C: and fflush() after each)"
)
FLUSH = f"Lines come together: pause between any two{FLUSHING}."
AT_ONCE = (
    f"All lines come together: pause between any two{FLUSHING}"
    " (Node: are all timers set for the same moment? A loop does not wait for a timer)."
)
PAUSE = "Is the pause as long as it should be, together with what the loop does besides?"


@dataclass(frozen=True)
class HeardLines:
    """All that came, and when: times are seconds since the conversation began."""

    parameters: Parameters  # those of the lab: lines, period, tolerance, form
    zone: str  # the TZ of the server's host; "" if unknown
    connected: float
    lines: tuple[str, ...]  # what came before each line end
    rest: str  # what came after the last one
    told: tuple[str, ...]  # each telling of the time, wherever the line ends are
    times: tuple[float, ...]  # when each of them had arrived
    closed: float | None  # when the server hung up; None: not while the client was reading
    gone: str  # what had become of the program then, where that explains the close
    left: float  # when the client stopped reading
    prompted: float | None = None  # when the client spoke because nothing had come
    cut: bool = False  # whether the client stopped reading although there was more to come
    epoch: float = 0.0  # when the conversation began, in seconds since 1970
    clock_error: float = 0.0  # seconds by which `times` may be too late: tolerances grow by it
    close_error: float = 0.0  # the same of `closed`
    void: Collection[str] = ()  # clauses that hold, and excuse nothing (see Server.excuse)

    @property
    def asked(self) -> bool:
        """Whether the first line came because the client had spoken, that is, soon afterwards."""
        if self.prompted is None:
            return False
        latest = soon(self.parameters) + self.clock_error
        return not self.told or -MARGIN <= self.times[0] - self.prompted <= latest

    @property
    def begun(self) -> float:
        """When the server could begin: at the connection, or when the client spoke."""
        return self.prompted if self.prompted is not None and self.asked else self.connected

    @property
    def is_one(self) -> bool:
        """Whether what came is a stream at all. Any of these suffices: dates of this day; the right
        number of lines, one by one; clock times that advance as they should."""
        came, wanted = len(self.told), self.parameters.lines
        if came < min(MIN_LINES, wanted - 1):
            return False
        if wanted < MIN_LINES:  # their number shows nothing
            return came > 0 and all(map(self._tells_a_time, self.dates()))
        if came == wanted and not bunched(self.times, self.parameters.period):
            return True
        if 2 * came < sum(bool(line) for line in self.lines):
            return False  # a page on which there are dates, too
        if 2 * sum(off is not None and abs(off) <= DAY for off in self.offs()) >= came:
            return True  # they are dates of this day
        clocks = [clock_in(date) for date in self.dates()]
        if self.too_few or clocks[0] is None or clocks[-1] is None:
            return False
        shown = clocks[-1] - clocks[0]
        due = ((came - 1) * self.parameters.period, self.times[-1] - self.times[0])
        return any(seconds > RIGHT and abs(shown - seconds) <= RIGHT for seconds in due)

    def _tells_a_time(self, date: str) -> bool:
        return self.off(date, self.connected) is not None or clock_in(date) is not None

    def off(self, date: str, at: float) -> float | None:
        """Seconds by which a date is off at that time; None if it is no date."""
        return how_far_off(date, self.epoch + at, self.zone)

    def offs(self) -> list[float | None]:
        """By how much each date was off when its line arrived."""
        return [self.off(date, at) for date, at in zip(self.dates(), self.times, strict=True)]

    def dates(self) -> list[str]:
        """The text of the date in each telling."""
        return [date_in(telling, self.parameters.form) for telling in self.told]

    @property
    def too_few(self) -> bool:
        """Whether fewer than half of the lines came."""
        return 2 * len(self.told) < int(self.parameters.lines)

    def bunches(self) -> list[tuple[float, int]]:
        """When the tellings came, and how many came together then."""
        found: list[tuple[float, int]] = []
        for at in self.times:
            if found and at - found[-1][0] < TOGETHER * self.parameters.period:
                found[-1] = (at, found[-1][1] + 1)
            else:
                found.append((at, 1))
        return found

    @property
    def comes_in_bunches(self) -> bool:
        """Whether the server regularly sends several lines at a time: then 2.3 fails."""
        wrong = self.off_rhythm()
        together = bunched(self.times, self.parameters.period)
        return together and wrong is not None and wrong.fault is Fault.WRONG

    def written(self) -> list[tuple[float, float]]:
        """The moments between which each line was written, if those of a bunch were written one
        after another since the bunch before."""
        found: list[tuple[float, float]] = []
        since = self.begun
        for at, count in self.bunches():
            step = (at - since) / count
            found += [(since + step * n, since + step * (n + 1)) for n in range(count)]
            if count == 1:
                found[-1] = (at, at)
            since = at
        return found

    def written_steadily(self, margin: float) -> bool:
        """Whether lines that come in bunches are known to have been written a period apart, to
        within `margin` seconds. The last line of a bunch was written when the bunch came, except in
        the rest that the close flushes. If all came in one bunch, the dates decide."""
        counted, ends, bunches = 0, [], self.bunches()
        if len(bunches) == 1:
            return self._dates_are_steady(margin)
        if bunches[-1][1] < bunches[-2][1]:
            bunches.pop()
        for at, count in bunches:
            counted += count
            if 2 <= counted <= self.parameters.lines:
                ends.append((counted, at))
        periods = ends[-1][0] - ends[0][0] if ends else 0
        off = ends[-1][1] - ends[0][1] - periods * self.parameters.period if ends else 0.0
        return 2 * periods >= int(self.parameters.lines) and abs(off) <= margin

    def _dates_are_steady(self, margin: float) -> bool:
        """Whether, by the dates, the lines from first to last take all the time until the end,
        except for a pause before the first and one after the last."""
        dates, period, end = self.dates(), float(self.parameters.period), self.times[-1]
        off = [self.off(date, end) for date in (dates[0], dates[-1])]
        if off[0] is None or off[1] is None or period < 1.0:  # they may be cut to seconds
            return False
        first, last = end + off[0], end + off[1]
        told = (self.epoch + first, self.epoch + last)
        cut = 0.5 if all(abs(at - round(at)) < 0.001 for at in told) else 0.0
        pauses = [round((first + cut - self.begun) / period), round((end - last - cut) / period)]
        span = end - self.begun - sum(pauses) * period
        periods = len(self.told) - 1
        return {*pauses} <= {0, 1} and abs(span - periods * period) <= margin

    @property
    def tolerance(self) -> float:
        """Seconds by which a gap may be off, our clock's error included."""
        return float(self.parameters.tolerance) + self.clock_error

    def off_rhythm(self) -> Violation | None:
        """What is wrong with the gaps between the lines."""
        if not has_rhythm(self.parameters):
            return None
        first = self.times[0] if self.times else 0.0
        return cadence(
            self.times[: self.parameters.lines],
            period=self.parameters.period,
            tolerance=self.tolerance,
            first_may_be_short_by=max(0.0, first - self.begun),
            hint=self._why_off_rhythm(),
        )

    def _why_off_rhythm(self) -> str:
        """The usual cause of a wrong rhythm."""
        if not bunched(self.times, self.parameters.period):
            return PAUSE
        waited, period = self.times[0] - self.begun, float(self.parameters.period)
        after_a_period = abs(waited - period) <= self.tolerance
        return AT_ONCE if len(self.bunches()) == 1 and after_a_period else FLUSH

    def pace(self) -> float:
        """Seconds from one line to the next; the stream's own pace if that is too slow (2.3
        pays)."""
        wrong, period = self.off_rhythm(), float(pause(self.parameters))
        return max(period, slope(self.times)) if wrong and wrong.kind is Kind.LATE else period


def bunched(times: Sequence[float], period: float) -> bool:
    """Whether any two lines came together."""
    return any(b - a < TOGETHER * period for a, b in pairwise(times))
