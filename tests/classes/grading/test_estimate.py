"""How long a grading will take is said with what that rests on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from conformance.classes.grading.estimate import Work, estimate, lasting
from conformance.verdict.model import Run

START = datetime(2026, 11, 29, 12, tzinfo=UTC)


def run(after: float, seconds: float, day: int = 0) -> Run:
    began = START + timedelta(days=day, seconds=after)
    return Run("echo", "x", {}, 1, "full", "0", started=began.isoformat(), seconds=seconds)


def test_one_server_takes_as_long_as_its_silences() -> None:
    one = estimate([Work("python", False, 30)], cores=8)
    assert 10 <= one.least <= 60
    assert one.most > one.least
    assert "1 hand-in, 8 cores" in one.basis


def test_a_hundred_take_what_was_measured() -> None:
    """74 s on two cores, all clauses of echo."""
    hundred = estimate([Work("python", False, 30)] * 100, cores=2)
    assert 50 <= hundred.least <= 110


def test_what_forty_took_that_only_have_to_listen() -> None:
    """5 to 10 s on two cores."""
    assert 3 <= estimate([Work("python", False, 1)] * 40, cores=2).least <= 12


def test_a_stream_lasts() -> None:
    assert estimate([Work("python", False, 13, lasts=60.0)], cores=8).least > 120


def test_more_cores_are_quicker_and_builds_are_not() -> None:
    many = [Work("java", True, 30)] * 200
    assert estimate(many, cores=2).least > 1.9 * estimate(many, cores=4).least
    assert estimate(many, cores=2).least > estimate([Work("java", False, 30)] * 200, cores=2).least


def test_former_runs_are_a_better_basis() -> None:
    former = [run(2 * i, 4.0) for i in range(20)]  # 42 s together
    told = estimate([Work("python", False, 30)] * 40, cores=2, former=former)
    assert told.least == told.most == pytest.approx(84.0)
    assert told.told == "about 84 s"
    assert told.basis == "20 runs of this class took 42 s together"


def test_of_several_gradings_the_largest_counts() -> None:
    former = [*(run(i, 10.0) for i in range(10)), *(run(i, 100.0, day=3) for i in range(4))]
    told = estimate([Work("python", False, 30)] * 10, cores=2, former=former)
    assert told.least == pytest.approx(19.0)


def test_a_few_former_runs_are_no_basis() -> None:
    told = estimate([Work("python", False, 30)] * 10, cores=2, former=[run(0, 1.0)] * 2)
    assert "hand-ins" in told.basis


def test_nothing_takes_no_time() -> None:
    assert estimate([], cores=2).told == "about 0 s"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.2, "1 s"),
        (40.4, "40 s"),
        (99, "99 s"),
        (150, "2 min"),
        (5900, "98 min"),
        (7300, "2 h 2 min"),
    ],
)
def test_times_are_told_roughly(seconds: float, told: str) -> None:
    assert lasting(seconds) == told
