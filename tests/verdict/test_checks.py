"""Questions asked of evidence: what they let pass, what they tell, and as what kind of proof."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.verdict.checks import (
    at_most,
    cadence,
    drift,
    in_order,
    not_before,
    promptly,
    require,
)
from conformance.verdict.expectations import Wording
from conformance.verdict.symptoms import Sign, Symptom
from conformance.verdict.violation import Delay, Fault, Violation


def ticks(*times: float, until: float | None = None, first: float = 0.0) -> Violation | None:
    return cadence(times, period=1.0, tolerance=0.2, first_may_be_short_by=first, until=until)


@pytest.mark.parametrize(
    "times", [(), (5.0,), (0.0, 1.0, 2.0), (0.0, 0.81, 1.62), (0.0, 1.19, 2.38), (7.0, 8.1, 9.0)]
)
def test_a_cadence_that_holds(times: tuple[float, ...]) -> None:
    assert ticks(*times) is None


@pytest.mark.parametrize(
    ("times", "fault", "told"),
    [
        ((0.0, 1.0, 1.5), Fault.WRONG, "0.50 s between line 2 and line 3"),
        ((0.0, 0.0, 1.0), Fault.WRONG, "0.00 s between line 1 and line 2"),
        ((0.0, 1.0, 2.5, 3.5), Fault.LATE, "1.50 s between line 2 and line 3"),
        ((0.0, 1.0, 2.5, 4.0), Fault.LATE, "1.50 s between line 2 and line 3"),
        ((0.0, 1.5, 2.6, 2.9), Fault.WRONG, "0.30 s between line 3 and line 4"),
    ],
)
def test_a_cadence_that_does_not(times: tuple[float, ...], fault: Fault, told: str) -> None:
    violation = ticks(*times)
    assert violation is not None
    assert (violation.fault, violation.actual) == (fault, told)
    assert violation.expected == "a line every 1 s (± 0.2 s)"


def test_the_worst_gap_is_told_and_each_says_when_it_was() -> None:
    violation = ticks(100.0, 101.0, 102.3, 104.0, 105.0)
    assert violation is not None
    assert violation.actual == "1.70 s between line 3 and line 4"
    worst, other = violation.delays
    assert (worst.begin, worst.end) == (102.3, 104.0)
    assert worst.beyond == pytest.approx(0.5)
    assert (other.begin, other.end) == (101.0, 102.3)
    assert other.beyond == pytest.approx(0.1)
    assert other.told == "1.30 s between line 2 and line 3"


def test_a_gap_that_is_too_short_says_when_the_line_before_it_was_under_way() -> None:
    violation = ticks(100.0, 101.15, 101.75)
    assert violation is not None
    (delay,) = violation.delays
    assert (delay.begin, delay.end) == (100.0, 101.15)
    assert delay.beyond == pytest.approx(0.2)
    first = ticks(100.0, 100.5)
    assert first is not None
    assert (first.delays[0].begin, first.delays[0].end) == (99.0, 100.0)


def test_a_short_gap_that_makes_up_for_a_late_line_is_no_proof_of_its_own() -> None:
    violation = ticks(0.0, 1.0, 2.6, 3.0, 4.0)
    assert violation is not None
    assert violation.fault is Fault.LATE
    assert "line 2 and line 3" in violation.actual


def test_bursts_are_proof_even_after_a_late_line() -> None:
    violation = ticks(0.0, 3.0, 3.01, 3.02)
    assert violation is not None
    assert violation.fault is Fault.WRONG


def test_the_first_gap_may_be_short_where_the_first_line_was_late() -> None:
    times = (0.4, 1.0, 2.0)
    assert ticks(*times, first=0.5) is None
    assert ticks(*times) is not None
    assert ticks(0.0, 1.0, 1.6, first=0.5) is not None  # the first only


def test_a_cadence_that_has_stopped() -> None:
    violation = ticks(0.0, 1.0, until=2.5)
    assert violation is not None
    assert violation.fault is Fault.ABSENT
    assert violation.actual == "none in the 1.50 s after line 2"
    assert ticks(0.0, 1.0, until=2.1) is None


@given(
    start=st.floats(0, 1e9),
    jitter=st.lists(st.floats(-0.09, 0.09), min_size=2, max_size=30),
)
def test_a_schedule_with_small_jitter_is_never_accused(start: float, jitter: list[float]) -> None:
    times = [start + index + off for index, off in enumerate(jitter)]
    assert ticks(*times) is None
    assert drift(times, period=1.0, tolerance=0.2) is None


@given(st.lists(st.floats(0.81, 1.19), max_size=20), st.integers(0, 19), st.floats(0.0, 0.7))
def test_one_gap_that_is_too_short_is_always_found(
    gaps: list[float], place: int, short: float
) -> None:
    times = [0.0]
    for gap in [*gaps[:place], short, *gaps[place:]]:
        times.append(times[-1] + gap)
    violation = ticks(*times)
    assert violation is not None
    assert violation.fault is Fault.WRONG


@pytest.mark.parametrize(
    ("times", "fault", "span"),
    [((0.0, 1.1, 2.2, 3.3), Fault.LATE, (0.0, 3.3)), ((0.3, 1, 2, 3), Fault.WRONG, (-0.7, 0.3))],
)
def test_drift(times: tuple[float, ...], fault: Fault, span: tuple[float, float]) -> None:
    violation = drift(times, period=1.0, tolerance=0.2)
    assert violation is not None
    assert violation.fault is fault
    assert violation.expected == "3 periods take 3 s (± 0.2 s)"
    (delay,) = violation.delays
    assert delay.beyond == pytest.approx(0.1)
    assert (delay.begin, delay.end) == pytest.approx(span)


def drifting(period: float, count: int = 14) -> list[float]:
    return [1_000.0 + period * number for number in range(count)]


def test_a_steady_drift_tells_its_slope_and_a_line_that_is_held_up_has_none() -> None:
    steady = drift(drifting(1.042), period=1.0, tolerance=0.5)
    assert steady is not None
    assert steady.actual == "they took 13.55 s, each about 1.042 s and none less than 1.042 s"
    assert min(step.beyond for step in steady.steps) > 0
    for held_up in range(1, 14):
        times = [at + (0.6 if number >= held_up else 0) for number, at in enumerate(drifting(1.0))]
        violation = drift(times, period=1.0, tolerance=0.5)
        assert violation is not None
        assert violation.actual == "they took 13.60 s"
        assert sum(step.beyond > 0 for step in violation.steps) < len(violation.steps) / 2


def test_a_steady_drift_that_is_too_fast_is_explained_by_no_late_beginning() -> None:
    steady = drift(drifting(0.95), period=1.0, tolerance=0.5)
    assert steady is not None
    assert (steady.fault, steady.delays) == (Fault.WRONG, ())
    late = drift([1_000.7, *drifting(1.0)[1:]], period=1.0, tolerance=0.5)
    assert late is not None
    assert late.delays


def test_a_steady_period_that_is_too_long_shows_in_most_steps() -> None:
    steady = ticks(*drifting(1.25))
    assert steady is not None
    assert min(step.beyond for step in steady.steps) > 0
    one = ticks(*[at + (at > 1_007) for at in drifting(1.0)])
    assert one is not None
    assert sum(step.beyond > 0 for step in one.steps) < len(one.steps) / 2


def test_what_was_held_up_may_come_in_a_burst_but_not_the_whole_stream() -> None:
    """Lines that come together were held up together, by what came before the first."""
    burst = ticks(0.0, 1.0, 2.0, 5.0, 5.0, 5.01, 6.0, 7.0)
    assert burst is not None
    assert {(delay.begin, delay.end) for delay in burst.delays} == {(2.0, 5.0)}
    whole = ticks(*drifting(0.5))
    assert whole is not None
    assert (whole.fault, whole.delays) == (Fault.WRONG, ())
    assert len(ticks(*[2.0 * (number // 2) for number in range(15)]).delays) > 3  # type: ignore[union-attr]


def test_promptness_is_judged_by_the_two_times_only() -> None:
    assert promptly(10.0, 11.0, within=1.0, what="a reply") is None
    violation = promptly(10.0, 11.5, within=1.0, what="a reply", hint="flush")
    assert violation is not None
    assert (violation.expected, violation.actual) == (
        "a reply within 1 s",
        "it came after 1.50 s",
    )
    assert (violation.fault, violation.hint) == (Fault.LATE, "flush")
    assert violation.delays == (Delay(10.0, 11.5, 0.5, "it came after 1.50 s"),)


@pytest.mark.parametrize(
    ("actual", "fault", "told"),
    [
        (["a", "x", "c"], Fault.WRONG, "as line 2: x"),
        (["a", "b", "c", "d"], Fault.WRONG, "one more: d"),
        (["a", "b"], Fault.ABSENT, "2 lines; the first that is missing: c"),
        ([], Fault.ABSENT, "0 lines; the first that is missing: a"),
        (["b", "c"], Fault.WRONG, "as line 1: b"),
    ],
)
def test_lines_out_of_order(actual: list[str], fault: Fault, told: str) -> None:
    violation = in_order(["a", "b", "c"], actual)
    assert violation is not None
    assert (violation.fault, violation.actual) == (fault, told)


def test_a_line_of_another_place_is_named() -> None:
    violation = in_order(["a", "b", "c"], ["a", "c", "b"])
    assert violation is not None
    assert violation.symptom == Symptom(Sign.OVERTAKEN, facts={"line": 2, "by": 3})
    told = in_order(["a", "b"], ["b", "a"], hint="the lab's own")
    assert told is not None
    assert told.hint == "the lab's own"


@given(st.lists(st.text()), st.lists(st.text()))
def test_in_order_is_equality(expected: list[str], actual: list[str]) -> None:
    assert (in_order(expected, actual) is None) == (expected == actual)


@given(st.lists(st.text(), max_size=8), st.lists(st.text(), max_size=8))
def test_only_what_could_still_come_is_absent(expected: list[str], actual: list[str]) -> None:
    violation = in_order(expected, actual)
    if violation is not None:
        is_a_beginning = expected[: len(actual)] == actual
        assert (violation.fault is Fault.ABSENT) == (is_a_beginning and len(actual) < len(expected))


def test_a_quantity_and_its_limit() -> None:
    assert at_most(5, 5, what="growth") is None
    violation = at_most(0.1, 2.0, what="CPU time", unit=" s")
    assert violation is not None
    assert (violation.expected, violation.actual) == ("CPU time: at most 0.1 s", "2 s")


def test_slack_is_given_and_not_told() -> None:
    """An error of the clock, or a slow machine, is no part of what the contract says."""
    assert promptly(10.0, 11.5, within=1.0, slack=0.5, what="a reply") is None
    violation = promptly(10.0, 12.0, within=1.0, slack=0.5, what="a reply")
    assert violation is not None
    assert violation.expected == "a reply within 1 s"
    assert violation.delays == (Delay(10.0, 12.0, 0.5, "it came after 2.00 s"),)


def test_a_delay_is_the_same_from_another_zero() -> None:
    delay = Delay(1.0, 2.0, 0.5, "it came after 1.00 s")
    assert delay.counted_from(100.0) == Delay(101.0, 102.0, 0.5, "it came after 1.00 s")


@pytest.mark.parametrize(
    ("template", "parts", "words", "fits", "misfits"),
    [
        ("{name} is here.", {"name": "Ann"}, "Ann is here.", "Ann is here.", "Bob is here."),
        ("{name} says: {text}", {"text": "a.c"}, "… says: a.c", "B says: a.c", "B says: abc"),
        ("{name} (*) is here.", {"name": "Ann"}, "Ann (*) is here.", "Ann (1) is here.", "Ann (1)"),
        ("no part at all", {}, "no part at all", "no part at all", "no part at all, or so"),
    ],
)
def test_a_wording_from_a_template(
    template: str, parts: dict[str, Any], words: str, fits: str, misfits: str
) -> None:
    wording = Wording.template(template, **parts)
    assert wording.words == words
    assert wording.holds(fits)
    assert not wording.holds(misfits)


def test_a_template_may_be_meant_to_the_letter_or_stand_in_a_longer_text() -> None:
    exact = Wording.template("* {name} (3)", exactly=True, name="Ann")
    assert exact.holds("* Ann (12)")
    assert not exact.holds("** Ann (12)")
    part = Wording.template("{name} says", whole=False, name="Ann")
    assert part.words == "Ann says"
    assert part.holds("So Ann says: hi")
    assert not part.holds("So Bob says: hi")


def test_to_require_is_to_raise_what_was_found() -> None:
    require(None)
    with pytest.raises(Violation, match="expected a, got b"):
        require(Violation("a", "b"))


def test_what_comes_too_soon() -> None:
    assert not_before(10.0, 19.0, least=9.0, what="TIMEOUT") is None
    assert not_before(10.0, 18.5, least=9.0, slack=0.5, what="TIMEOUT") is None
    violation = not_before(10.0, 14.0, least=9.0, what="TIMEOUT", came="BYE", hint="wait")
    assert violation is not None
    assert (violation.expected, violation.actual) == ("TIMEOUT not before 9 s", "BYE after 4.00 s")
    assert (violation.fault, violation.timed, violation.hint) == (Fault.WRONG, True, "wait")
    assert violation.delays == (Delay(1.0, 10.0, 5.0, "BYE after 4.00 s"),)
