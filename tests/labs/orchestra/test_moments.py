"""Dates of ISO 8601, and others."""

from __future__ import annotations

import pytest

from conformance.labs.orchestra.moments import epoch_of, rough, why_not, written

MOMENT = 1461734450.731  # 2016-04-27T05:20:50.731Z


@pytest.mark.parametrize(
    "text",
    [
        "2016-04-27T05:20:50.731Z",
        "2016-04-27T05:20:50.731000000Z",
        "2016-04-27T07:20:50.731+02:00",
        "2016-04-27T07:20:50.731+0200",
        "2016-04-27T07:20:50.731+02",
        "2016-04-27T00:20:50,731-05:00",
    ],
)
def test_an_exact_moment(text: str) -> None:
    assert epoch_of(text) == pytest.approx(MOMENT)


def test_without_a_fraction_or_seconds() -> None:
    assert epoch_of("2016-04-27T05:20:50Z") == pytest.approx(MOMENT - 0.731)
    assert epoch_of("2016-04-27T05:20Z") == pytest.approx(MOMENT - 50.731)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("2016-04-27T05:20:50.731", "of which zone"),
        ("2016-04-27 05:20:50.731Z", "stands a T"),
        ("2016-04-27T07:20:50.731+02:00[Europe/Zurich]", "name of the zone"),
        ("2016-04-27T05:20:50.7311234567Z", ""),
        ("2016-13-27T05:20:50Z", ""),
        ("Wed Apr 27 2016 07:20:50 GMT+0200", ""),
        ("", ""),
        (1461734450731, "a number"),
        (None, ""),
        (["2016-04-27T05:20:50Z"], ""),
    ],
)
def test_what_is_no_such_moment(value: object, why: str) -> None:
    assert epoch_of(value) is None
    assert why in why_not(value)


def test_a_rough_moment_can_be_compared() -> None:
    assert rough(1461734450731) == pytest.approx(MOMENT)
    assert rough(1461734450.731) == pytest.approx(MOMENT)
    assert rough("2016-04-27 05:20:50.731") == pytest.approx(MOMENT)
    assert rough("yesterday") is None
    assert rough(True) is None


def test_a_moment_is_written_as_the_contract_has_it() -> None:
    assert written(MOMENT) == "2016-04-27T05:20:50.731Z"
