"""A run asks the pacer of its class before it starts anything."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from conformance.run.turnstile import Open, Paced, Word


@dataclass
class Pacing:
    """A pacer that takes down what is said."""

    said: list[Word] = field(default_factory=list)
    others: bool = True

    def hear(self, word: Word) -> bool:
        self.said.append(word)
        return self.others


@pytest.fixture
def pacing() -> Pacing:
    return Pacing()


@pytest.fixture
def said(pacing: Pacing) -> list[Word]:
    return pacing.said


@pytest.fixture
def turnstile(pacing: Pacing) -> Paced:
    return Paced(pacing.hear)


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


@pytest.mark.parametrize("calm", [False, True])
def test_where_there_is_no_room_it_asks_again_at_once(
    turnstile: Paced, said: list[Word], calm: bool
) -> None:
    asks = Word.ASK_CALM if calm else Word.ASK
    turnstile.may_start(calm=calm)
    turnstile.let_pass()
    assert turnstile.may_start(calm=calm)
    assert turnstile.refused(calm=calm)
    assert said == [asks, Word.REFUSED, asks]
    assert not turnstile.may_start(calm=calm)
    turnstile.let_pass()
    assert turnstile.may_start(calm=calm)


def test_where_nothing_goes_on_that_could_make_room_it_does_not_wait(
    turnstile: Paced, pacing: Pacing
) -> None:
    pacing.others = False
    turnstile.may_start(calm=False)
    turnstile.let_pass()
    turnstile.may_start(calm=False)
    assert not turnstile.refused(calm=False)
    assert pacing.said == [Word.ASK, Word.REFUSED]
    assert not Open().refused(calm=False)
