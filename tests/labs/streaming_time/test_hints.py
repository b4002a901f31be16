"""Hints that follow from the times and dates of a stream, and near misses, which have none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from conformance.labs.streaming_time.compared import compared, next_begins
from conformance.labs.streaming_time.stream import Stream
from conformance.verdict.hints import in_language
from conformance.verdict.violation import Violation
from kit.heard import FORM, date, every, stream

USUAL = stream(every(1.0))
HOURS = 9 * 3_600
"""The zone of streams made by hand is so far ahead."""


def told(wrong: Violation | None, language: str = "") -> str:
    """All hints of the violation."""
    assert wrong is not None
    texts = wrong.hint.values() if isinstance(wrong.hint, Mapping) else [wrong.hint]
    return in_language(" ".join(texts), language)


def dated(write: Callable[[int, float], str], heard: Stream = USUAL) -> Stream:
    lines = [FORM.replace("<date>", write(*one)) for one in enumerate(heard.times)]
    return replace(heard, told=tuple(lines), lines=tuple(lines))


def in_the_form(form: str) -> Stream:
    """With local dates of that form."""
    return dated(lambda _, at: date(at + HOURS, form))


# -- the first line ------------------------------------------------------------------------


def test_something_takes_a_while_before_the_first_line() -> None:
    late = stream(every(1.0, first=3.06), closed=17.1)
    assert "about 3 s before the first line" in told(late.speaks_first(1.5))
    caught_up = stream([3.06, *every(1.0, 14, first=3.9)], closed=17.1)
    assert "before the first line" in told(caught_up.speaks_first(1.5))


@pytest.mark.parametrize(
    "after",
    [every(2.0, first=3.06), every(0.4, first=3.06), every(1.0, 5, first=3.06)],
    ids=["slow", "fast", "too few"],
)
def test_where_the_others_are_wrong_too_no_pause_is_looked_for(after: Sequence[float]) -> None:
    wrong = stream(after, closed=after[-1] + 0.1).speaks_first(1.5)
    assert "before the first line" not in told(wrong)


# -- the rhythm ----------------------------------------------------------------------------


def test_all_lines_after_a_period_may_be_timers_of_one_moment() -> None:
    wrong = stream(every(0.0, first=1.02), closed=1.1).rhythm()
    assert "timers set for the same moment" in told(wrong, "node")
    for language in ("python", "java", "c"):
        assert "timers" not in told(wrong, language)
        assert "flush" in told(wrong, language)
    assert "flush" not in told(wrong, "node")
    assert "buffer" not in told(wrong, "node")


@pytest.mark.parametrize(
    "after", [every(0.0), every(0.0, first=14.9), [0.01, *every(0.0, 14, first=1.0)]]
)
def test_other_bunches_are_no_timers_of_one_moment(after: Sequence[float]) -> None:
    wrong = stream(after, closed=after[-1] + 0.1).rhythm()
    assert told(wrong, "node") == "Lines come together: pause between any two."


def test_the_first_client_had_a_rhythm_and_the_next_has_none() -> None:
    bursts = (every(0.0), [0.01, 0.5, *every(1.0, 13, first=1.5)])
    for after in bursts:
        wrong = compared(stream(after, closed=after[-1] + 0.1), USUAL, Stream.rhythm)
        assert "a start time (a timer, a counter) of its own" in told(wrong)
        assert "flush" not in told(wrong)


def test_a_slow_next_client_or_one_like_the_first_is_told_no_start_time() -> None:
    slow, burst = stream(every(1.5), closed=21.1), stream(every(0.0), closed=0.1)
    assert "of its own" not in told(compared(slow, USUAL, Stream.rhythm))
    quick = stream(every(1.5), closed=21.1)
    assert "of its own" not in told(compared(burst, quick, Stream.rhythm))
    assert compared(burst, burst, Stream.rhythm) is None


# -- how many ------------------------------------------------------------------------------


def test_the_next_client_gets_none_of_the_lines() -> None:
    none = stream([], closed=0.1)
    assert "is what counts them set anew" in told(next_begins(none, USUAL, 20.0))
    few = stream(every(1.0, 3), closed=3.1)
    silent = stream([], closed=None)
    for heard, first in ((none, few), (silent, USUAL), (none, replace(USUAL, cut=True))):
        assert "anew" not in told(next_begins(heard, first, 20.0))
    assert next_begins(USUAL, USUAL, 20.0) is None


def test_a_client_that_spoke_gets_more_lines_than_one_that_did_not() -> None:
    more = replace(stream(every(1.0, 18), closed=None), cut=True)
    ask = Stream.number_of_lines
    assert "begin another stream" in told(compared(more, USUAL, ask, spoke=True))
    assert told(compared(more, USUAL, ask)) == ""
    fewer = stream(every(1.0, 12), closed=12.1)
    assert "another stream" not in told(compared(fewer, USUAL, ask, spoke=True))
    early = stream([*every(1.0, 5), *every(1.0, 10, first=4.3)], closed=13.4)
    woken = told(compared(early, USUAL, Stream.rhythm, spoke=True))
    assert "end a pause" in woken
    assert "of its own" not in woken


# -- the date ------------------------------------------------------------------------------


def test_the_number_of_the_weekday_is_no_day_of_the_month() -> None:
    local = {  # 22 November 2026 is a Sunday
        "2026-11-{} %H:%M:%S": ("0", "7", "6"),
        "%a {} Nov 2026 %H:%M:%S": ("7", "07", "6"),
        "{}/11/2026 %H:%M:%S": ("7", "6"),
    }
    for form, numbers in local.items():
        for number in numbers:
            wrong = told(in_the_form(form.format(number)).right_time(), "node")
            assert wrong.startswith(f"`{number}` is a number of the weekday"), (form, number)
            assert "getDate()" in wrong
            assert "tm_mday" not in wrong


@pytest.mark.parametrize(
    "form",
    ["2026-11-5 %H:%M:%S", "2026-10-7 %H:%M:%S", "2026-11-7 10:%M:%S", "2025-11-7 %H:%M:%S"],
    ids=["another day", "another month", "another hour", "another year"],
)
def test_other_wrong_days_are_no_weekdays(form: str) -> None:
    assert "weekday" not in told(in_the_form(form).right_time())


def test_each_line_is_so_much_further_off() -> None:
    def off_by(seconds: float) -> str:
        return told(dated(lambda n, at: date(at + seconds * n)).right_time())

    assert "is 1 s further ahead than" in off_by(1.0)
    assert "is 2 s further ahead than" in off_by(2.0)
    assert "is 1.5 s further behind than" in off_by(-1.5)
    assert "is 0.5 s further ahead than" in off_by(0.5)


def test_what_does_not_grow_steadily_is_not_said_to_grow() -> None:
    for write in (
        lambda n, at: date(at + (10 if n > 7 else 0)),
        lambda n, at: date(at + (3 if n % 2 else -3)),
        lambda n, at: date(at + 10),
        lambda n, at: "no date" if n == 14 else date(at + n),
    ):
        assert "further" not in told(dated(write).right_time())
