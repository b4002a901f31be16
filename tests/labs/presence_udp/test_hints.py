"""The hints of the presence-udp lab: each where its evidence was seen, and not without it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from conformance import Fault, Sign, Violation
from conformance.labs.presence_udp import (
    beacons,
    listing,
    section_2_talking,
    section_3_who_is_there,
)
from conformance.labs.presence_udp.notices import Speaker

REGULAR = [float(second) for second in range(1, 7)]
ASKED = [6.1 + 0.1 * number for number in range(50)]


@pytest.mark.parametrize(
    ("number", "hint"),
    [(40_000, beacons.ITS_SOURCE), (9908, beacons.THE_GROUPS), (9909, beacons.WHICH_PORT)],
)
def test_a_wrong_number_in_a_beacon_may_be_a_port_that_is_known(number: int, hint: str) -> None:
    assert beacons.of_a_number(f"PRESENCE {number}", 40_000, 9908)[Sign.FORM] == hint


def test_beacons_that_come_only_while_nobody_sends() -> None:
    assert beacons.only_in_silence(REGULAR, 6.0, 12.0)
    assert not beacons.only_in_silence([*REGULAR, 9.0], 6.0, 12.0)
    assert not beacons.only_in_silence([1.0], 6.0, 12.0)  # they had ended before


def test_beacons_that_are_answers_to_discover() -> None:
    follow = [at + 0.01 for at in ASKED]
    assert beacons.answers([*REGULAR, *follow], ASKED, 6.1)
    assert beacons.answers([*REGULAR, *follow, 7.5, 8.5], ASKED, 6.1)
    twice = [at + 0.02 for at in ASKED]  # one for each datagram, of which as many were ALIVE
    assert not beacons.answers([*REGULAR, *follow, *twice], ASKED, 6.1)
    always = [0.1 * number for number in range(120)]
    assert not beacons.answers(always, ASKED, 6.1)
    assert not beacons.answers([*REGULAR, 7.0, 8.0, 9.0], ASKED, 6.1)


def test_who_is_forgotten_too_early_is_told_after_how_long() -> None:
    early = section_3_who_is_there.EARLY
    assert "about 3.0 s instead of 5 s" in section_3_who_is_there.too_early(3.0, 5.0)
    for mistaken in (0.005, 0.5, 0.7, 1.7):  # a unit, or an int of Java, looked at every second
        assert section_3_who_is_there.too_early(mistaken, 5.0) == early


def leaver(*texts: str) -> Any:
    """Ann, who has said BYE, and was told this."""
    received = [SimpleNamespace(text=text) for text in texts]
    return SimpleNamespace(
        server=SimpleNamespace(dialect={}),
        speaker=Speaker("Ann"),
        client=SimpleNamespace(shows=lambda wrong, *_: wrong),
        received=lambda: received,
    )


LEFT = "Ann has left the room."


def test_the_list_of_commands_after_bye_is_told_from_other_texts() -> None:
    def hint(text: str) -> str:
        return str(section_3_who_is_there.hears_no_more(leaver(LEFT, text), LEFT, "hi").hint)

    assert hint("What? HELLO name, SAY, WHO, ALIVE, BYE") == section_3_who_is_there.NO_BREAK
    assert hint("BYE, Ann") == section_3_who_is_there.OUT
    assert hint("Bob says: hi") == section_3_who_is_there.OUT


def test_two_people_of_one_name_that_are_one_line() -> None:
    assert listing.are_one_line(2, 1)
    assert not listing.are_one_line(2, 0)
    assert not listing.are_one_line(1, 1)


class Asker:
    """Ann, of whose datagrams the server understands only these."""

    def __init__(self, *understood: str) -> None:
        self.understood = understood
        self.last = ""
        self.server = SimpleNamespace(round_trip=0.0)
        self.client = SimpleNamespace(forget=lambda: None, send=self.sends)

    def say_hello(self) -> None:
        self.last = ""

    def sends(self, datagram: str) -> None:
        self.last = datagram

    async def hears(self, answer: object, *, patience: float) -> object:
        if self.last in self.understood:
            return answer
        raise Violation("an answer", "nothing", fault=Fault.ABSENT)


@pytest.mark.parametrize(
    ("datagram", "understood", "hint"),
    [
        ("wHO\n", ["wHO"], section_2_talking.NEWLINE),
        ("bye", ["bye\n"], section_2_talking.NO_NEWLINE),
        ("wHO\n", ["WHO"], ""),  # it is the case
        ("wHO\n", ["wHO", "wHO\n"], ""),  # it came late, or was lost
    ],
)
def test_a_command_that_is_not_understood_for_its_newline(
    datagram: str, understood: list[str], hint: str
) -> None:
    async def conversation(fault: Fault) -> None:
        async with section_2_talking.newline_tried(Asker(*understood), datagram, "a list"):
            raise Violation("a list", "nothing", fault=fault)

    with pytest.raises(Violation) as seen:
        asyncio.run(conversation(Fault.ABSENT))
    assert seen.value.hint == ({"nothing came": hint} if hint else "")
    with pytest.raises(Violation) as seen:
        asyncio.run(conversation(Fault.WRONG))
    assert seen.value.hint == ""


@pytest.mark.parametrize(
    ("texts", "taken"),
    [
        (["Bob is in the room."], True),
        (["Bob is in the room.", "Cleo is in the room."], False),  # a list of who is there
        (["Cleo is in the room."], False),
        (["Bob is in the room.", "Ann is in the room."], False),
        ([], False),
    ],
)
def test_a_newcomer_who_is_taken_for_the_first(texts: list[str], taken: bool) -> None:
    server = SimpleNamespace(dialect={})
    bob, cleo, ann = (SimpleNamespace(name=name, server=server) for name in ("Bob", "Cleo", "Ann"))
    assert section_2_talking.is_taken_for(ann, [bob, cleo, ann], texts) is taken
