from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contract.draw import Draw

SEEDS = st.integers(0, 10**8)


def everything(draw: Draw) -> list[object]:
    return [
        draw.word(), draw.words(5), draw.line(40), draw.lines(3), draw.spread("abc123", 2),
        draw.data(16), draw.number(1, 6), draw.chance(0.5),
    ]  # fmt: skip


@given(SEEDS)
def test_a_seed_repeats_a_run_to_the_letter(seed: int) -> None:
    assert everything(Draw(seed, "listens")) == everything(Draw(seed, "listens"))


@given(SEEDS)
def test_each_scenario_and_each_seed_draws_its_own(seed: int) -> None:
    mine = Draw(seed, "listens").words(5)
    assert mine != Draw(seed, "greets").words(5)
    assert mine != Draw(seed + 1, "listens").words(5)


def test_the_draw_of_today_is_that_of_tomorrow() -> None:
    # A run of last year is repeated by its seed: what is drawn may not change unnoticed.
    draw = Draw(20261122, "hangs_up_after_bye")
    assert [draw.word(), draw.number(0, 999)] == ["mxzhhhuaxb", 658]


@given(SEEDS, st.integers(0, 60))
def test_words_are_different_words_of_small_letters(seed: int, count: int) -> None:
    words = Draw(seed, "x").words(count)
    assert len(set(words)) == len(words) == count
    assert all(set(word) <= set(string.ascii_lowercase) for word in words)


@given(SEEDS, st.integers(2, 500))
def test_a_line_has_its_length_and_no_spaces_that_trimming_would_lose(
    seed: int, length: int
) -> None:
    line = Draw(seed, "x").line(length)
    assert len(line) == length
    assert line == line.strip()
    assert "\n" not in line


@given(SEEDS, st.integers(1, 120))
def test_numbered_lines(seed: int, count: int) -> None:
    lines = Draw(seed, "x").lines(count)
    assert [line.split(" ")[0] for line in lines] == [str(n) for n in range(1, count + 1)]


@given(SEEDS, st.integers(1, 12))
def test_what_is_spread_is_all_there(seed: int, count: int) -> None:
    letters = string.ascii_lowercase + string.digits + string.punctuation
    parts = Draw(seed, "x").spread(letters, count)
    assert len(parts) == count
    assert sorted("".join(parts)) == sorted(letters)


@pytest.mark.parametrize("length", [0, 1, 1000])
def test_data(length: int) -> None:
    assert len(Draw(1, "x").data(length)) == length
