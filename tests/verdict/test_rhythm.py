"""What comes again and again: its gaps, and what is missing."""

from __future__ import annotations

import pytest

from conformance.verdict.transcript import Series


def test_gaps_lie_between_neighbours() -> None:
    assert Series("line", 1.0, 0.25, (0.5, 1.5, 3.0)).gaps == [1.0, 1.5]
    assert Series("line", 1.0, 0.25, (0.5,)).gaps == []


@pytest.mark.parametrize(("gap", "off"), [(1.0, False), (1.25, False), (1.26, True), (0.7, True)])
def test_a_gap_is_off_beyond_its_tolerance(gap: float, off: bool) -> None:
    assert Series("line", 1.0, 0.25, ()).is_off(gap) is off


@pytest.mark.parametrize(("count", "missing"), [(5, 3), (2, 0), (1, 0), (0, 0)])
def test_what_is_missing(count: int, missing: int) -> None:
    assert Series("line", 1.0, 0.25, (0.0, 1.0), count).missing == missing
