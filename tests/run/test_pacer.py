"""Who may start something next."""

from __future__ import annotations

import pytest

from conformance.run.pacer import STARTING_FOR, Pacer
from conformance.run.turnstile import Word


def grant(pacer: Pacer, now: float = 0.0, *, memory: bool = True, more: bool = False) -> list[int]:
    return pacer.grant(now, memory=lambda: memory, others_to_come=more)


@pytest.fixture
def pacer() -> Pacer:
    """Three runs that ask, two of which may start at a time."""
    made = Pacer(starts=2, sessions=10)
    for number in (1, 2, 3):
        made.enter(number)
        made.hear(number, Word.ASK)
    return made


def test_so_many_start_at_a_time_as_it_was_told(pacer: Pacer) -> None:
    assert grant(pacer) == [1, 2]
    assert grant(pacer) == []


def test_the_next_may_when_one_waits_for_clients(pacer: Pacer) -> None:
    grant(pacer)
    pacer.hear(2, Word.STARTED)
    assert grant(pacer) == [3]


def test_a_start_that_takes_long_is_waiting_for_something_else(pacer: Pacer) -> None:
    grant(pacer, now=0.0)
    assert grant(pacer, now=STARTING_FOR - 0.01) == []
    assert grant(pacer, now=STARTING_FOR) == [3]


def test_whoever_began_first_goes_first(pacer: Pacer) -> None:
    grant(pacer)
    for number in (1, 2):
        pacer.hear(number, Word.STARTED)
    pacer.hear(1, Word.ASK)
    assert grant(pacer) == [1, 3]


def test_no_more_sessions_are_under_way_than_it_was_told() -> None:
    pacer = Pacer(starts=5, sessions=1)
    for number in (1, 2):
        pacer.enter(number)
        pacer.hear(number, Word.ASK)
    assert grant(pacer) == [1]
    pacer.hear(1, Word.STARTED)
    assert grant(pacer) == []
    pacer.hear(1, Word.ENDED)
    assert grant(pacer) == [2]


def test_without_memory_nothing_starts_beside_others(pacer: Pacer) -> None:
    assert grant(pacer, memory=False) == [1], "one alone can always run"
    pacer.hear(1, Word.STARTED)
    assert grant(pacer, memory=False) == []
    assert grant(pacer) == [2, 3]


def test_what_has_to_be_alone_waits_until_all_else_has_ended(pacer: Pacer) -> None:
    grant(pacer)
    pacer.hear(3, Word.ASK_CALM)
    for number in (1, 2):
        pacer.hear(number, Word.STARTED)
    assert grant(pacer) == []
    pacer.leave(1)
    pacer.hear(2, Word.ENDED)
    assert grant(pacer, more=True) == [], "others are still to come"
    assert grant(pacer) == [3]


def test_beside_what_is_alone_nothing_starts(pacer: Pacer) -> None:
    for number in (1, 2, 3):
        pacer.hear(number, Word.ASK_CALM)
    assert grant(pacer) == [1], "one after another"
    pacer.hear(1, Word.STARTED)
    pacer.hear(2, Word.ASK)
    assert grant(pacer) == []
    pacer.hear(1, Word.ENDED)
    assert grant(pacer) == [2]


def test_a_run_that_is_gone_takes_its_sessions_along(pacer: Pacer) -> None:
    grant(pacer)
    pacer.leave(1)
    assert grant(pacer) == [3]
    assert pacer.under_way == 2


def test_one_more_run_is_of_use_only_when_nobody_stands_in_line() -> None:
    pacer = Pacer(starts=1, sessions=10)
    assert pacer.hungry
    pacer.enter(1)
    pacer.hear(1, Word.ASK)
    assert not pacer.hungry
    assert grant(pacer) == [1]
    assert pacer.hungry


def test_a_run_that_only_waits_is_idle(pacer: Pacer) -> None:
    assert pacer.is_idle(1)
    grant(pacer)
    pacer.hear(1, Word.ASK)
    assert not pacer.is_idle(1), "its first session goes on"
    assert pacer.busy == 3
    pacer.hear(3, Word.ASK_CALM)
    assert pacer.busy == 2


def test_a_build_is_over_when_it_ends_and_no_sooner() -> None:
    pacer = Pacer(starts=2, sessions=100)
    for number in range(1, 5):
        pacer.enter(number)
        pacer.hear(number, Word.ASK_BUILD)
    assert grant(pacer, now=0.0) == [1, 2]
    assert grant(pacer, now=1_000.0) == [], "however long it takes"
    for word in (Word.STARTED, Word.ENDED):
        pacer.hear(1, word)
    assert grant(pacer, now=1_000.0) == [3]


def test_sessions_start_beside_builds() -> None:
    pacer = Pacer(starts=1, sessions=100)
    for number, word in ((1, Word.ASK_BUILD), (2, Word.ASK), (3, Word.ASK_BUILD)):
        pacer.enter(number)
        pacer.hear(number, word)
    assert grant(pacer) == [1, 2]


def test_nothing_is_alone_beside_a_build() -> None:
    pacer = Pacer(starts=1, sessions=100)
    for number, word in ((1, Word.ASK_BUILD), (2, Word.ASK_CALM)):
        pacer.enter(number)
        pacer.hear(number, word)
    assert grant(pacer) == [1]
    assert grant(pacer) == []
    pacer.leave(1)
    assert grant(pacer) == [2]


@pytest.mark.parametrize("asks", [Word.ASK, Word.ASK_BUILD])
def test_who_finds_no_room_is_let_pass_again_when_something_has_ended(asks: Word) -> None:
    pacer = Pacer(starts=3, sessions=10)
    for number, word in ((1, Word.ASK), (2, asks)):
        pacer.enter(number)
        pacer.hear(number, word)
    assert set(grant(pacer)) == {1, 2}
    assert pacer.hear(2, Word.REFUSED), "the first goes on"
    pacer.hear(2, asks)
    pacer.hear(1, Word.STARTED)
    pacer.enter(3)
    pacer.hear(3, asks)
    assert grant(pacer) == []
    pacer.hear(1, Word.ENDED)
    assert grant(pacer) == [2, 3]


def test_a_run_that_is_gone_makes_room_for_who_found_none(pacer: Pacer) -> None:
    pacer.hear(3, Word.ASK_CALM)
    grant(pacer)
    pacer.hear(2, Word.REFUSED)
    pacer.hear(2, Word.ASK)
    pacer.leave(1)
    assert grant(pacer) == [2]


def test_what_was_refused_is_not_starting(pacer: Pacer) -> None:
    grant(pacer, now=0.0)
    pacer.hear(2, Word.REFUSED)
    pacer.leave(1)
    pacer.hear(2, Word.ASK)
    assert grant(pacer, now=0.0) == [2, 3]


def test_where_nothing_goes_on_there_is_nothing_to_wait_for() -> None:
    pacer = Pacer(starts=2, sessions=10)
    for number, word in ((1, Word.ASK_CALM), (2, Word.ASK)):
        pacer.enter(number)
        pacer.hear(number, word)
    assert grant(pacer) == [2]
    assert not pacer.hear(2, Word.REFUSED)
    assert grant(pacer) == [1], "one alone may always try"
    assert not pacer.hear(1, Word.REFUSED)
    pacer.hear(2, Word.ASK)
    assert grant(pacer) == [2], "nothing is alone any more"
