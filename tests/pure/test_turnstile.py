"""A run asks the pacer of its class before it starts anything."""

from __future__ import annotations

import pytest

from conformance.turnstile import Open, Paced, Word


@pytest.fixture
def said() -> list[Word]:
    return []


@pytest.fixture
def turnstile(said: list[Word]) -> Paced:
    return Paced(said.append)


def test_alone_it_passes_at_once() -> None:
    assert Open().may_start(calm=True)


def test_it_asks_once_and_passes_once_when_it_is_let(turnstile: Paced, said: list[Word]) -> None:
    assert not turnstile.may_start(calm=False)
    assert not turnstile.may_start(calm=False)
    assert said == [Word.ASK]
    turnstile.let_pass()
    assert turnstile.may_start(calm=False)
    turnstile.started()
    turnstile.ended()
    assert not turnstile.may_start(calm=False)
    assert said == [Word.ASK, Word.STARTED, Word.ENDED, Word.ASK]


def test_what_it_no_longer_needs_it_gives_back(turnstile: Paced, said: list[Word]) -> None:
    turnstile.may_start(calm=False)
    turnstile.let_pass()
    assert not turnstile.may_start(calm=True), "it was let pass beside others, not alone"
    assert said == [Word.ASK, Word.STARTED, Word.ENDED, Word.ASK_CALM]


def test_what_it_asks_for_takes_the_place_of_what_it_asked_for_before(
    turnstile: Paced, said: list[Word]
) -> None:
    turnstile.may_start(calm=False)
    turnstile.may_start(calm=True)
    turnstile.let_pass()
    assert turnstile.may_start(calm=True)
    assert said == [Word.ASK, Word.ASK_CALM]


def test_it_declines_what_comes_too_late(turnstile: Paced, said: list[Word]) -> None:
    turnstile.may_start(calm=False)
    turnstile.decline()
    assert said == [Word.ASK], "there is nothing to give back yet"
    turnstile.let_pass()
    turnstile.decline()
    assert said == [Word.ASK, Word.STARTED, Word.ENDED]
    assert not turnstile.may_start(calm=False)
