from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from conformance.contract.draw import Draw
from conformance.labs.presence_udp.lossy_network import disorder

PLANNED = [(sender, f"{number} of {sender}") for number in range(500) for sender in "abc"]


def test_the_same_seed_makes_the_same_disorder() -> None:
    first, second, other = (disorder(PLANNED, Draw(seed, "x")) for seed in (1, 1, 2))
    assert first == second
    assert first != other


def test_a_third_is_lost_at_most_and_a_fifth_of_the_rest_doubled() -> None:
    times = [passage.times for passage in disorder(PLANNED, Draw(7, "x"))]
    assert len(times) == len(PLANNED)
    assert 0.2 < times.count(0) / len(times) < 0.34
    assert 0.15 < times.count(2) / (len(times) - times.count(0)) < 0.25
    assert set(times) == {0, 1, 2}


def test_never_are_two_in_a_row_of_one_sender_lost() -> None:
    fates: dict[str, dict[str, int]] = defaultdict(dict)
    for passage in disorder(PLANNED, Draw(7, "x")):
        fates[passage.sender][passage.text] = passage.times
    for sender, of in fates.items():
        in_order = [of[text] for who, text in PLANNED if who == sender]
        assert not any(first == second == 0 for first, second in pairwise(in_order))


def test_neighbours_change_places_and_nothing_is_invented() -> None:
    passages = disorder(PLANNED, Draw(7, "x"))
    came = [(passage.sender, passage.text) for passage in passages]
    assert came != PLANNED
    assert sorted(came) == sorted(PLANNED)
