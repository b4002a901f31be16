"""Who gets how much: by pace, less at the end, and nothing beside what may end a machine."""

from __future__ import annotations

from pathlib import Path

from conformance.classes.grading.outdated import Due, Why
from conformance.classes.machines.portions import (
    FIRST_EACH_CORE,
    MAX_BYTES,
    SHARD_SECONDS,
    WaitingHandIn,
    portion,
)
from conformance.classes.model import HandIn


def waiting(count: int) -> list[WaitingHandIn]:
    return [
        WaitingHandIn(Due(HandIn(f"student-{n}", "echo", Path("x")), "f", Why.NEW))
        for n in range(count)
    ]


def given(
    those: list[WaitingHandIn],
    *,
    usable: str = "abcd",
    cores: int = 2,
    pace: float = 0.0,
    size: int = 1,
) -> list[WaitingHandIn]:
    return portion(those, "a", usable=usable, cores=cores, pace=pace, size=lambda each: size)


def test_the_first_is_small_and_the_next_by_its_pace() -> None:
    those = waiting(1_000)
    assert given(those) == those[: 2 * FIRST_EACH_CORE]
    assert len(given(those, pace=1.0)) == round(SHARD_SECONDS)
    assert len(given(those, pace=2.0)) == 2 * len(given(those, pace=1.0))


def test_the_last_are_smaller_but_keep_the_cores_busy() -> None:
    assert len(given(waiting(80), pace=10.0)) == 10
    assert len(given(waiting(80), usable="a", pace=10.0)) == 40
    assert len(given(waiting(20), pace=10.0)) == 2 * FIRST_EACH_CORE
    assert len(given(waiting(4))) == 1, "all machines have something to do"
    assert len(given(waiting(1), pace=10.0)) == 1
    assert given([]) == []


def test_all_are_given_once() -> None:
    those, rounds = waiting(500), 0
    while those:
        chosen = given(those, pace=3.0)
        assert chosen
        those = [each for each in those if each not in chosen]
        rounds += 1
    assert rounds < 40


def test_a_shard_is_bounded_in_bytes_and_never_empty() -> None:
    those = waiting(100)
    assert len(given(those, pace=10.0, size=MAX_BYTES // 3)) == 3
    assert len(given(those, pace=10.0, size=2 * MAX_BYTES)) == 1


def test_what_was_lost_with_its_machine_goes_alone_and_last() -> None:
    those = waiting(3)
    those[0].lost = 1
    those[1].alone = True
    assert given(those) == [those[2]]
    assert given(those[:2]) == [those[0]]


def test_what_was_lost_with_a_machine_is_tried_by_another_first() -> None:
    those = waiting(2)
    for each in those:
        each.lost, each.lost_on = 1, {"a"}
    assert given(those) == []
    assert given(those, usable="a") == those[:1]
    those[1].lost_on, those[1].avoid = {"a", "b", "c"}, {"d"}
    assert given(those) == [those[1]]


def test_a_machine_does_not_get_what_it_could_not_judge() -> None:
    those = waiting(5)
    those[0].avoid.add("a")
    assert given(those) == those[1:2]
    assert given(those[:1]) == []
