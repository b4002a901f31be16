"""When a machine counts as slow, and by how much its deadlines are stretched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.sandbox.measure import slowness
from conformance.sandbox.measure.slowness import (
    MAX_STRETCH,
    Slowness,
    chosen_or_measured,
    measure,
    why_stretched,
)


@given(st.floats(0.01, 1.5))
def test_an_ordinary_machine_stretches_nothing(factor: float) -> None:
    assert Slowness(factor).stretch == 1.0
    assert why_stretched(Slowness(factor).stretch) == ""


@pytest.mark.parametrize(("factor", "stretch"), [(2.0, 2.0), (4.26, 4.3), (500.0, MAX_STRETCH)])
def test_a_slow_one_stretches_by_as_much_as_it_is_slow(factor: float, stretch: float) -> None:
    assert Slowness(factor).stretch == stretch
    assert f"stretched {stretch:g} times" in why_stretched(stretch)
    assert f"{stretch:g} times" in str(Slowness(factor))


def test_what_is_chosen_by_hand_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slowness, "measure", lambda: Slowness(4.0))
    assert chosen_or_measured(None) == (1.0, 4.0)
    assert chosen_or_measured(1.0) == (1.0, 1.0)
    assert chosen_or_measured(2.5) == (2.5, 1.0)


def test_more_work_is_slower_whatever_else_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is CPU time: work that is done ten times makes a machine ten times as slow."""
    usual = measure().factor
    monkeypatch.setattr(slowness, "STEPS", 10 * slowness.STEPS)
    assert measure().factor > 2 * usual
