"""A cadence as a picture: what came under the ruler of when it should."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from conformance.reports.run.cadence import bands, clock, picture
from conformance.reports.text.page import Page
from conformance.verdict.model import Outcome
from conformance.verdict.transcript import Series, Transcript
from conformance.verdict.violation import Fault
from kit.runs import BYE_IN_LOWER_CASE, alone, printed, said

GOOD = tuple(float(number) for number in range(15))


def lines(*times: float, count: int = 15) -> Series:
    return Series("line", 1.0, 0.25, times, count)


def drawn(series: Series, width: int = 80, encoding: str = "utf-8") -> str:
    page = Page(width=max(60, width), columns=width, encoding=encoding)
    return "\n".join(row.plain for row in picture(series, page)) + "\n"


def test_a_line_that_came_late() -> None:
    late = [at + (0.62 if at > 4 else 0.0) for at in GOOD]
    assert (
        drawn(lines(*late))
        == """\
  cadence: a line every 1 s (± 0.25 s)
    ideal  │···│···│···│···│···│···│···│···│···│···│···│···│···│···│
    came   │   │   │   │   │     │   │   │   │   │   │   │   │   │   │
    gap 5: 1.62 s, 14 periods took 14.62 s
"""
    )


def test_lines_that_came_together_are_counted() -> None:
    assert (
        drawn(lines(0, 0.01, 2, 2.01, 2.02, 5, count=6))
        == """\
  cadence: a line every 1 s (± 0.25 s)
    ideal  │·······│·······│·······│·······│·······│
    came   2               3                       │
    gap 2: 1.99 s, gap 5: 2.98 s, 3 came together with the one before
"""
    )


def test_what_is_missing_is_seen() -> None:
    assert (
        drawn(lines(*GOOD[:12]))
        == """\
  cadence: a line every 1 s (± 0.25 s)
    ideal  │···│···│···│···│···│···│···│···│···│···│···│···│···│···│
    came   │   │   │   │   │   │   │   │   │   │   │   │   ×   ×   ×
    3 of 15 missing
"""
    )


def test_a_narrow_terminal_without_our_signs() -> None:
    assert (
        drawn(lines(*GOOD[:12]), width=40, encoding="ascii")
        == """\
  cadence: a line every 1 s (+/- 0.25 s)
    ideal  |---|---|---|---|---|---|---
    came   |   |   |   |   |   |   |
    ideal  |---|---|---|---|---|---|---|
    came   |   |   |   |   |   x   x   x
    3 of 15 missing
"""
    )


def test_all_at_the_end_and_too_many() -> None:
    assert "    came   +\n" in drawn(lines(*[14.0] * 15))
    assert "3 too many" in drawn(lines(*[float(number) for number in range(18)]))


def test_a_short_first_gap_makes_up_for_a_late_first_line() -> None:
    assert "gap 1" not in drawn(lines(0.0, 0.6, 1.6, 3.4))
    assert "gap 1: 0.60 s" in drawn(lines(0.0, 0.6, 1.6, 2.6))


def test_a_long_series_shows_its_beginning() -> None:
    text = drawn(lines(*[float(number) for number in range(400)], count=400))
    assert text.count("ideal") == 5
    assert "more periods" in text


SOME = st.lists(st.floats(0, 60), min_size=1, max_size=40)


@given(gaps=SOME, width=st.integers(40, 120), count=st.integers(0, 40))
def test_it_fits_and_shows_every_arrival(gaps: list[float], width: int, count: int) -> None:
    times, at = [], 0.0
    for gap in gaps:
        times.append(at)
        at += gap / 10
    series = lines(*times, count=count)
    assert all(cell_len(row) <= width for row in drawn(series, width).splitlines())
    marks = "".join(band.came for band in bands(series, width - 11))
    shown = sum(int(mark) if mark.isdigit() else 1 for mark in marks if mark in "│23456789+")
    assert shown == len(times) or "+" in marks


# -- where it stands ------------------------------------------------------------------

HEARD = replace(
    said((0.0, "client", "x\n")), series=(lines(*GOOD[:3], 3.6, count=4),), clock_error=0.0
)
LATE = BYE_IN_LOWER_CASE.with_attempt(transcript=HEARD, fault=Fault.LATE, timed=True)


def test_a_failure_that_rests_on_times_is_drawn_and_names_its_clock() -> None:
    text = printed(alone(LATE), width=40)
    assert "cadence: a line every 1 s" in text
    assert "Times by the kernel, which stamped each packet." in " ".join(text.split())
    assert all(len(row) <= 40 for row in text.splitlines() if "│" in row and "ideal" in row)


def test_one_that_does_not_is_not() -> None:
    text = printed(alone(LATE.with_attempt(fault=Fault.WRONG, timed=False)))
    assert "cadence" not in text
    assert "Times by" not in text


def test_a_pass_is_drawn_when_all_is_told() -> None:
    passed = replace(LATE.with_attempt(outcome=Outcome.PASSED, timed=False, fault=None), points=3)
    assert "cadence" not in printed(alone(passed))
    assert "cadence" in printed(alone(passed), verbose=True)


def test_a_doubt_is_drawn_too() -> None:
    doubt = replace(
        LATE.with_attempt(outcome=Outcome.INCONCLUSIVE, fault=None, reason="busy"), points=None
    )
    assert "cadence" in printed(alone(doubt))


@pytest.mark.parametrize(
    ("name", "words"),
    [("capture", "each packet"), ("kernel", "each read"), ("clock", "the suite's own clock")],
)
def test_each_clock_has_its_name(name: str, words: str) -> None:
    assert words in clock(Transcript(clock=name))


def test_an_error_of_the_clock_is_told() -> None:
    told = clock(Transcript(clock="clock", clock_error=0.06))
    assert "late by at most 0.06 s" in told
