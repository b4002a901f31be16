"""What is asked of a stream, of evidence made by hand: no sockets, no waiting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from conformance.model import Fault, NotJudged, Parameters, Violation
from conformance.stream import Stream

BEGAN = datetime(2026, 11, 22, 13, 20, 28, 200_000, UTC).timestamp()
FORM = "{'time' : '<date>'}"
PARAMETERS = Parameters({"lines": 15, "period": 1.0, "tolerance": 0.25, "form": FORM})


def date(at: float, form: str = "%a %b %d %H:%M:%S UTC %Y") -> str:
    return datetime.fromtimestamp(at, UTC).strftime(form)


def stream(after: Sequence[float], form: str = FORM, closed: float | None = 14.01) -> Stream:
    """A stream whose lines arrive so many seconds after the connection."""
    times = tuple(BEGAN + seconds for seconds in after)
    lines = tuple(form.replace("<date>", date(at)) for at in times)
    return Stream(
        parameters=PARAMETERS,
        zone="Etc/GMT-9",
        connected=BEGAN,
        lines=lines,
        rest="",
        told=lines,
        times=times,
        closed=None if closed is None else BEGAN + closed,
        gone="",
        left=BEGAN + (closed if closed is not None else 25.0),
    )


def every(period: float, count: int = 15, first: float = 0.01) -> list[float]:
    return [first + period * number for number in range(count)]


GOOD = {
    "at once": stream(every(1.0)),
    "a pause before the first line": stream(every(1.0, first=1.0), closed=15.0),
    "a cold start on an absolute schedule": stream([0.45, *every(1.0)[1:]]),
    "a program that sleeps at the end": stream(every(1.0), closed=15.02),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_conforms_is_not_accused(name: str) -> None:
    heard = GOOD[name].something().unprompted().line_by_line()
    for violation in (
        heard.first_line(1.5),
        heard.whole_lines(),
        heard.rhythm(),
        heard.steadiness(),
        heard.number_of_lines(),
        heard.hanging_up(),
        heard.right_time(),
    ):
        assert violation is None


def fault_of(question: Callable[[], Violation | None]) -> Fault | None:
    violation = question()
    return violation.fault if violation else None


BUNCHES = {
    "all at the end": stream([14.0] * 15),
    "in pairs": stream([1.0 + 2 * (number // 2) for number in range(15)]),
    "in pairs, the first alone": stream([2.0 * ((number + 1) // 2) for number in range(15)]),
    "by fives": stream([4.0 + 5 * (number // 5) for number in range(15)]),
}


@pytest.mark.parametrize("name", BUNCHES)
def test_bunches_cost_the_cadence_only(name: str) -> None:
    heard = BUNCHES[name]
    assert fault_of(heard.rhythm) is Fault.WRONG
    with pytest.raises(NotJudged, match=r"2\.3"):
        heard.line_by_line()
    assert heard.number_of_lines() is None
    assert heard.whole_lines() is None


@pytest.mark.parametrize(
    ("period", "fault"), [(0.5, Fault.WRONG), (1.4, Fault.LATE), (2.0, Fault.LATE)]
)
def test_another_period_is_no_bunch(period: float, fault: Fault) -> None:
    heard = stream(every(period), closed=15 * period)
    assert fault_of(heard.rhythm) is fault
    assert heard.line_by_line().right_time() is None


def test_a_line_that_a_machine_held_up_is_late_only() -> None:
    times = every(1.0)
    times[5] += 0.9
    heard = stream(times)
    assert fault_of(heard.rhythm) is Fault.LATE
    assert heard.line_by_line().steadiness() is None


def test_drift_adds_up() -> None:
    heard = stream(every(1.05), closed=15.0)
    assert heard.rhythm() is None
    assert fault_of(heard.steadiness) is Fault.LATE


def test_the_number_of_lines() -> None:
    assert fault_of(stream(every(1.0, 14)).number_of_lines) is Fault.WRONG
    assert fault_of(stream(every(1.0, 14), closed=None).number_of_lines) is Fault.ABSENT
    assert fault_of(stream(every(1.0, 16), closed=15.1).number_of_lines) is Fault.WRONG
    endless = replace(stream(every(1.0, 18), closed=None), cut=True)
    assert fault_of(endless.number_of_lines) is Fault.WRONG
    with pytest.raises(NotJudged):
        endless.hanging_up()
    slow = replace(stream(every(3.0, 12), closed=None), cut=True)
    with pytest.raises(NotJudged):
        slow.number_of_lines()


def test_the_close() -> None:
    assert fault_of(stream(every(1.0), closed=None).hanging_up) is Fault.ABSENT
    assert fault_of(stream(every(1.0), closed=16.0).hanging_up) is Fault.LATE
    with pytest.raises(NotJudged):
        stream(every(1.0, 5), closed=None).hanging_up()


def test_the_first_line() -> None:
    assert fault_of(lambda: stream(every(1.0, first=1.6)).first_line(1.5)) is Fault.LATE
    prompted = replace(stream(every(1.0, first=6.6), closed=21.0), prompted=BEGAN + 6.5)
    assert fault_of(lambda: prompted.first_line(1.5)) is Fault.ABSENT
    assert prompted.rhythm() is None  # judged from when it had what it waited for
    with pytest.raises(NotJudged):
        prompted.unprompted()
    silent = stream([], closed=None)
    assert fault_of(lambda: silent.line_by_line().first_line(1.5)) is Fault.ABSENT
    assert fault_of(lambda: stream([], closed=0.1).first_line(1.5)) is Fault.WRONG
    with pytest.raises(NotJudged):
        silent.something()
    with pytest.raises(NotJudged):
        silent.whole_lines()


@pytest.mark.parametrize(
    "form", ['{"time" : "<date>"}', "{'time': '<date>'}", "<date>", " {'time' : '<date>'}"]
)
def test_another_form_costs_the_form_only(form: str) -> None:
    heard = stream(every(1.0), form=form)
    violation = heard.whole_lines()
    assert violation is not None
    assert violation.expected == FORM.replace("<date>", date(BEGAN + 0.01))
    assert heard.right_time() is None


def test_two_on_one_line_cost_the_form_only() -> None:
    good = stream(every(1.0))
    heard = replace(good, lines=(f"{good.lines[0]} {good.lines[1]}", *good.lines[2:]))
    assert fault_of(heard.whole_lines) is Fault.WRONG
    assert heard.number_of_lines() is None


def test_no_end_of_line_costs_the_form_only() -> None:
    good = stream(every(1.0))
    heard = replace(good, lines=(), rest="".join(good.lines))
    assert fault_of(heard.whole_lines) is Fault.WRONG
    assert heard.something().right_time() is None


def test_the_hints_name_the_usual_causes() -> None:
    def hint(text: str) -> str:
        good = stream(every(1.0))
        told = tuple(FORM.replace("<date>", text) for _ in good.lines)
        first = replace(good, told=told[:1], times=good.times[:1])
        violation = first.right_time()
        assert violation is not None
        return violation.hint

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
