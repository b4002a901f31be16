"""The hints of the presence lab: each where its evidence was seen, and not without it."""

from __future__ import annotations

import asyncio
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from conformance import Violation, Wording
from conformance.labs.presence import (
    hearing,
    listing,
    presence,
    section_4_leaving,
    section_5_full_room,
)

EARLIER = ["Users:", " - Ann"]


def hint_of(*answer: str, names: tuple[str, ...] = ("Ann", "Bob")) -> str:
    wrong = listing.the_list([*answer], names, Counter(), earlier=EARLIER)
    return str(wrong.hint) if wrong else ""


def test_an_earlier_list_that_came_once_more() -> None:
    now = ["Users:", " - Ann", " - Bob"]
    assert hint_of(*EARLIER, *now) == listing.ONCE_MORE
    assert hint_of(*now, *EARLIER) != listing.ONCE_MORE
    assert hint_of(*EARLIER, *now, " - Eve") != listing.ONCE_MORE
    assert not hint_of(*now)


def test_two_people_of_one_name_that_are_one_line() -> None:
    names = ("Ann", "nobody", "nobody")
    assert listing.ONE_LINE in hint_of("Users:", " - Ann", " - nobody", names=names)
    assert listing.ONE_LINE not in hint_of("Users:", " - Ann", names=names)
    assert listing.ONE_LINE not in hint_of("Users:", " - nobody", " - nobody", names=names)


SAID = {"Ann": [*"abcde"], "Bob": [*"fghij"], "Cleo": [*"klmno"]}


def are_reversed(*texts: str) -> bool:
    got = dict(zip(SAID, map(list, texts), strict=True))
    return bool(section_5_full_room.are_reversed(SAID, got))


def test_messages_that_came_in_reverse_order() -> None:
    assert are_reversed("edcba", "jihgf", "klmno")
    assert are_reversed("abedc", "fjihg", "lkonm")  # what had come together, each time
    assert not are_reversed("edcba", "fghij", "klmno")  # one of them may be by chance
    assert not are_reversed("bacde", "gfhij", "klmon")
    assert not are_reversed("edcba", "jihgf", "lmkno")
    assert not are_reversed("edcba", "jihgf", "klmn")


PARAMETERS = presence.presence.resolve("presence", {})


class Hearer:
    def __init__(self, **known: Any) -> None:
        self.__dict__.update(known)


def hearer(name: str, *, told: bool) -> Any:
    async def reads(enough: Any, within: float) -> bool:
        return bool(enough())

    return Hearer(
        client=SimpleNamespace(label=name, shows=lambda wrong, *_: wrong),
        hears=lambda wanted: lambda: told,
        reads=reads,
        texts=lambda: ["Ann has left the room."] if told else [],
        unfinished="",
        is_cut_off=False,
        was_spoken_to=True,
    )


def hint_for(*told: bool) -> object:
    people = [hearer(f"client {number}", told=each) for number, each in enumerate(told)]
    wanted = Wording("Ann has left the room.", lambda text: False)
    with pytest.raises(Violation) as seen:
        asyncio.run(hearing.all_hear(people, wanted, some="some", but_last="all but the last"))
    return seen.value.hint


def test_only_who_came_behind_the_leaver_was_not_told() -> None:
    assert hint_for(True, False) == {"nothing came": "all but the last"}
    assert hint_for(False, True) == {"nothing came": "some"}
    assert hint_for(False, False) == ""


@pytest.mark.parametrize(
    ("dialect", "known"),
    [
        ({}, True),
        ({"says": {"self": 1, "others": 1}}, True),
        ({"says": {"missing": "silence"}}, False),
        ({"came": {"self": 1, "others": 0}}, False),
    ],
)
def test_it_is_the_leavers_place_only_where_all_are_told_of_the_rest(
    dialect: dict[str, object], known: bool
) -> None:
    server = SimpleNamespace(dialect=dialect, parameters=PARAMETERS)
    assert bool(section_4_leaving.of_its_place(server)) is known


def test_what_kill_has_left() -> None:
    def left(*cut_off: bool, listener: object = None, actual: str = "it is still running") -> str:
        people = [SimpleNamespace(is_cut_off=each) for each in cut_off]
        return str(section_4_leaving.what_is_left(actual, listener, people))

    assert left(False, False, listener="a socket") == (
        "it is still running, its port is open, and 2 clients are connected"
    )
    assert left(True, False) == (
        "it is still running, its port is closed, and 1 client is connected"
    )
    assert left(True, True).endswith(", and no client is connected")
    assert left(False, actual="its port is still open") == "its port is still open"


@pytest.mark.parametrize(
    ("told", "wanted", "another"),
    [
        ("undefined has left the room.", "Nbffvzczgu has left the room.", True),
        ("An anonymous user is in the room.", "Nbffvzczgu is in the room.", True),
        ("Fdkmrpmfog is in the room.", "Nbffvzczgu is in the room.", False),  # of somebody else
        ("Nbffvzczgu is in the room.", "Nbffvzczgu has left the room.", False),
        ("Someone has arrived...", "Nbffvzczgu has left the room.", False),
        ("undefined has left the room. Bye", "Nbffvzczgu has left the room.", False),
        ("null: hi", "Nbffvzczgu: hi", False),  # too little to know it by
    ],
)
def test_a_notice_of_another_name(told: str, wanted: str, another: bool) -> None:
    assert hearing.names_another(told, wanted) is another
