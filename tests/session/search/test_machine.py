"""Drawing conversations: what a model allows, the same from the same seed, and nothing on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.contract.catalog import load
from conformance.contract.state_model import TAG, Act, StateModel, Turn
from conformance.session.search.machine import TURNS, TimeIsUp, look_for_one

CATALOG = load()
SEARCHED = [name for name, lab in CATALOG.labs.items() if lab.state_model is not None]

Turns = tuple[Turn, ...]


def model(name: str) -> StateModel:
    lab = CATALOG[name]
    assert lab.state_model is not None
    return lab.state_model(lab.resolve(name, {}), frozenset(), TAG)


def drawn(name: str, number: int, count: int = 10) -> list[Turns]:
    """The first conversations that are drawn."""
    found: list[Turns] = []

    def hold(turns: Turns) -> bool:
        if len(found) == count:
            raise TimeIsUp
        found.append(turns)
        return True

    look_for_one(lambda: model(name), hold, number)
    return found


@pytest.mark.parametrize("name", SEARCHED)
def test_each_is_possible_and_long(name: str) -> None:
    for turns in drawn(name, 7):
        assert len(turns) == TURNS
        following = model(name)
        for turn in turns:
            assert following.allows(turn)
            following.after(turn)


@pytest.mark.parametrize("name", SEARCHED)
def test_everything_that_clients_may_do_is_drawn(name: str) -> None:
    acts = {turn.act for turns in drawn(name, 7, 40) for turn in turns}
    expected = set(Act) if model(name).resets else set(Act) - {Act.RESETS}
    assert acts == expected


@pytest.mark.parametrize("name", SEARCHED)
def test_a_seed_repeats_them(name: str) -> None:
    assert drawn(name, 7) == drawn(name, 7)
    assert drawn(name, 7) != drawn(name, 8)


def test_it_ends_with_the_first_that_breaks_a_promise() -> None:
    held: dict[Turns, None] = {}

    def hold(turns: Turns) -> bool:
        held[turns] = None
        return turns not in list(held)[2:3]

    look_for_one(lambda: model("echo"), hold, 7)
    assert len(held) == 3


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    drawn("echo", 7)
    assert list(tmp_path.iterdir()) == []
