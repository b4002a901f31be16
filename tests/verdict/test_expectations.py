"""What a scenario expects of a line, where it is made from a template."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.verdict.expectations import Wording

SAYS = "{name} says: {message}"


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("Ann says: hi", True),
        ("Bob comes.Ann says: hiBob leaves.", True),
        ("Ann says: ho", False),
        ("hi says: Ann", False),
        ("Ann says:\n hi", False),
    ],
)
def test_a_part_of_a_longer_text(text: str, holds: bool) -> None:
    assert Wording.template(SAYS, whole=False, message="hi").holds(text) is holds


def test_the_number_may_be_another_where_all_else_is_exact() -> None:
    wording = Wording.template("room 12, {name}", whole=False, exactly=True, name="7 up")
    assert wording.holds("so: room 977, 7 up!")
    assert not wording.holds("so: room x, 7 up!")


@given(st.text("ab: \n", max_size=12), st.text("ab: ", max_size=3), st.text("ab", max_size=2))
def test_it_is_what_one_pattern_finds(text: str, between: str, message: str) -> None:
    wording = Wording.template(f"a{{x}}{between}{{message}}", whole=False, message=message)
    one = f"a.*{re.escape(between)}{re.escape(message)}"
    assert wording.holds(text) is (re.search(one, text) is not None)


def test_a_flood_without_an_end_is_looked_through_once() -> None:
    """One pattern would look through the rest of it from each of its letters, and never end."""
    flood = "Ann says: hello there" * 100_000
    assert not Wording.template(SAYS, whole=False, message="good-bye").holds(flood)
    flood += " says: good-bye"
    assert Wording.template(SAYS, whole=False, message="good-bye").holds(flood)
