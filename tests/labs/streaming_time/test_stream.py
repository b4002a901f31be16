"""What is asked of a stream, of evidence made by hand: no sockets, no waiting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from conformance.labs.streaming_time.stream import Stream
from conformance.verdict.violation import Fault, Kind, Violation
from kit.heard import BEGAN, FORM, date, every, judged, paid, stream

GOOD = {
    "at once": stream(every(1.0)),
    "a pause before the first line": stream(every(1.0, first=1.0), closed=15.0),
    "a cold start on an absolute schedule": stream([0.45, *every(1.0)[1:]]),
    "a program that sleeps at the end": stream(every(1.0), closed=15.02),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_conforms_is_not_accused(name: str) -> None:
    assert judged(GOOD[name]) == {}


def fault_of(question: Callable[[], Violation | None]) -> Fault | None:
    violation = question()
    return violation.fault if violation else None


AT_THE_END = {"2.1": ("2.3", Kind.FORM), "2.3": Kind.FORM}
UNKNOWN = {**AT_THE_END, "2.4": ("2.3", Kind.FORM)}
BUNCHES = {
    "all at the end": (every(1.0), [14.0] * 15, AT_THE_END),
    "all at the end, after a pause": (every(1.0, first=1.0), [15.0] * 15, AT_THE_END),
    "all at the end, before a pause": (every(1.0), [15.0] * 15, AT_THE_END),
    "all at the end, between pauses": (every(1.0, first=1.0), [16.0] * 15, AT_THE_END),
    "all at the end, with a drift": (every(1.05), [14.7] * 15, UNKNOWN),
    "all at the end, too fast": (every(0.95), [13.3] * 15, UNKNOWN),
    "all made when they are sent": ([14.0] * 15, [14.0] * 15, UNKNOWN),
    "in pairs": (every(1.0), [1.0 + 2 * (n // 2) for n in range(14)] + [14.0], {"2.3": Kind.FORM}),
    "in pairs, the first alone": (
        every(1.0), [2.0 * ((n + 1) // 2) for n in range(15)], {"2.3": Kind.FORM}
    ),
    "in pairs, the last after a pause": (
        every(1.0), [1.0 + 2 * (n // 2) for n in range(14)] + [15.0], {"2.3": Kind.FORM}
    ),
    "by fives": (
        every(1.0), [4.0 + 5 * (n // 5) for n in range(15)],
        {"2.1": ("2.3", Kind.FORM), "2.3": Kind.FORM},
    ),
    "in pairs that drift": (
        every(1.05), [1.05 * (n // 2 * 2 + 1) for n in range(14)] + [14.7],
        {"2.3": Kind.FORM, "2.4": ("2.3", Kind.FORM)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BUNCHES)
def test_bunches_cost_the_cadence_and_what_they_hide(name: str) -> None:
    written, arrived, costs = BUNCHES[name]
    heard = stream(arrived, closed=arrived[-1] + 0.01)
    told = tuple(FORM.replace("<date>", date(BEGAN + at)) for at in written)
    assert paid(replace(heard, told=told, lines=told)) == costs


@pytest.mark.parametrize("written", [[0.0] * 15, [4.0] * 15, [at - 6.0 for at in every(1.0)]])
def test_lines_in_bunches_tell_when_they_were_written(written: list[float]) -> None:
    """The same date in all of them, or that of another time, is wrong there, too."""
    heard = stream([14.0] * 15)
    told = tuple(FORM.replace("<date>", date(BEGAN + at)) for at in written)
    assert paid(replace(heard, told=told, lines=told)) == {**UNKNOWN, "2.7": Kind.FORM}


@pytest.mark.parametrize(
    ("period", "kind"), [(0.5, Kind.FORM), (1.4, Kind.LATE), (2.0, Kind.LATE), (0.05, Kind.FORM)]
)
def test_another_period_is_no_bunch(period: float, kind: Kind) -> None:
    found = paid(stream(every(period), closed=15 * period))
    assert found.pop("2.4") in (kind, ("2.3", kind))
    assert found == {"2.3": kind}


def test_a_line_that_a_machine_held_up_is_late_only() -> None:
    times = every(1.0)
    times[5] += 0.9
    heard = stream(times)
    assert fault_of(heard.rhythm) is Fault.LATE
    assert heard.steadiness() is None


def test_drift_adds_up() -> None:
    heard = stream(every(1.05), closed=15.0)
    assert heard.rhythm() is None
    assert fault_of(heard.steadiness) is Fault.LATE


@pytest.mark.parametrize(
    ("count", "closed", "kind"),
    [(14, 14.0, Kind.CLOSED), (16, 15.1, Kind.FORM), (9, 8.1, Kind.CLOSED)],
)
def test_another_number_of_lines_costs_the_number(count: int, closed: float, kind: Kind) -> None:
    assert paid(stream(every(1.0, count), closed=closed)) == {"2.5": kind}


def test_who_stops_and_stays_has_no_end() -> None:
    silent = stream(every(1.0, 14), closed=None)
    assert paid(silent) == {"2.5": Kind.SILENCE, "2.6": ("2.5", Kind.SILENCE)}


def test_a_stream_without_an_end_has_no_close() -> None:
    endless = replace(stream(every(1.0, 18), closed=None), cut=True)
    assert paid(endless) == {"2.5": Kind.FORM, "2.6": ("2.5", Kind.FORM)}


def test_what_is_too_slow_to_be_counted_is_late() -> None:
    slow = replace(stream(every(3.0, 12), closed=None), cut=True, left=BEGAN + 36)
    late = ("2.3", Kind.LATE)
    assert paid(slow) == {"2.3": Kind.LATE, "2.4": Kind.LATE, "2.5": late, "2.6": late}


def test_fewer_than_half_of_the_lines_show_no_rhythm() -> None:
    behind = ("2.5", Kind.CLOSED)
    short = stream(every(1.0, 5), closed=4.1)
    costs = {"2.3": behind, "2.4": behind, "2.5": Kind.CLOSED, "2.6": behind}
    assert paid(short) == costs


def test_the_close() -> None:
    assert paid(stream(every(1.0), closed=None)) == {"2.6": Kind.OPEN}
    assert paid(stream(every(1.0), closed=16.0)) == {"2.6": Kind.LATE}
    assert "2.6" in paid(stream(every(2.0), closed=31.0))


def test_the_first_line() -> None:
    assert paid(stream(every(1.0, first=1.6), closed=15.7)) == {"2.1": Kind.LATE}
    prompted = replace(stream(every(1.0, first=6.6), closed=21.0), prompted=BEGAN + 6.5)
    assert paid(prompted) == {"2.1": Kind.SILENCE}  # all else from when it had been asked
    violation = prompted.first_line(1.5)
    assert violation is not None
    assert violation.actual == "nothing, until the client had sent a line"


def test_who_flushes_at_the_end_was_not_asked() -> None:
    heard = replace(stream([14.0] * 15), prompted=BEGAN + 6.5)
    told = tuple(FORM.replace("<date>", date(at)) for at in (BEGAN + s for s in every(1.0)))
    assert paid(replace(heard, told=told, lines=told)) == AT_THE_END


@pytest.mark.parametrize(("closed", "kind"), [(None, Kind.SILENCE), (0.1, Kind.CLOSED)])
def test_where_nothing_comes_nothing_else_is_shown(closed: float | None, kind: Kind) -> None:
    behind = dict.fromkeys(("2.2", "2.3", "2.4", "2.5", "2.6", "2.7"), ("2.1", kind))
    assert paid(stream([], closed=closed)) == {"2.1": kind, **behind}


def test_the_hints_name_the_usual_causes() -> None:
    def hint(text: str) -> str:
        good = stream(every(1.0))
        told = tuple(FORM.replace("<date>", text) for _ in good.lines)
        first = replace(good, told=told[:1], times=good.times[:1])
        violation = first.right_time()
        assert violation is not None
        return str(violation.hint)

    assert "12 hours" in hint("Sun Nov 22 10:20:28 2026")
    assert "zone" in hint("Sun Nov 22 13:20:28 2026")
    assert "1970" in hint("Wed Jan 21 18:42:33 1970")
    assert "MM are months" in hint("2026-20-22 10:20:28")
    same = replace(stream(every(1.0)), told=(stream(every(1.0)).told[0],) * 15)
    violation = same.right_time()
    assert violation is not None
    assert "same date" in violation.hint


def test_a_wrong_time_rests_on_the_clock_and_what_is_no_date_does_not() -> None:
    def timed(text: str) -> bool:
        good = stream(every(1.0))
        told = (FORM.replace("<date>", text), *good.told[1:])
        violation = replace(good, told=told).right_time()
        assert violation is not None
        assert violation.fault is Fault.WRONG
        return violation.timed

    assert timed("Sun Nov 22 22:20:20 2026")
    assert not timed("2026-20-22 10:20:28")


# -- our own clock --------------------------------------------------------------------


def test_every_tolerance_is_wider_by_our_clocks_own_error() -> None:
    """And by no more: what is beyond it is the program's."""
    late = stream([at + (0.3 if at > 5 else 0.0) for at in every(1.0)])
    assert late.rhythm() is not None
    assert replace(late, clock_error=0.06).rhythm() is None
    assert replace(late, clock_error=0.04).rhythm() is not None
    drifting = stream(every(1.04), closed=16.0)
    assert drifting.steadiness() is not None
    assert replace(drifting, clock_error=0.1).steadiness() is None
    slow = stream(every(1.0, first=1.53), closed=16.0)
    assert slow.first_line(1.5) is not None
    assert replace(slow, clock_error=0.06).first_line(1.5) is None
    open_for_long = stream(every(1.0), closed=15.55)
    assert open_for_long.hanging_up() is not None
    assert replace(open_for_long, clock_error=0.3).hanging_up() is not None
    assert replace(open_for_long, close_error=0.06).hanging_up() is None


def test_who_usually_flushes_at_the_end_may_do_so_but_not_later() -> None:
    def begins(heard: Stream) -> Violation | None:
        return heard.begins(1.5)

    usual, later = stream([14.0] * 15), stream([29.0] * 15, closed=29.1)
    assert begins(usual) is not None
    assert usual.beside(usual, begins) is None
    assert later.beside(usual, begins) is not None
