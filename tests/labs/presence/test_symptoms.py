"""What the presence lab knows of a failure, beside that it is one: who was told instead, whose
message it is, what WHO lists."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from conformance import Sign, Symptom
from conformance.labs.presence import (
    hearing,
    learning,
    listing,
    people,
    presence,
    section_5_full_room,
)

PARAMETERS = presence.presence.resolve("presence", {})


def server(**dialect: Any) -> Any:
    return SimpleNamespace(dialect=dialect, parameters=PARAMETERS)


def person(name: str, there: Any) -> people.Person:
    found = people.Person(there, SimpleNamespace(label=f"client of {name}"))
    found.name = name
    return found


THERE = server()
ANN, BOB, CLEO = (person(name, THERE) for name in ("Ann", "Bob", "Cleo"))
NAMED_ALONE = server(only_named=True)


@pytest.mark.parametrize(
    ("told", "whom"),
    [
        ([], "nobody"),
        ([ANN], "the speaker alone"),
        ([BOB, CLEO], "all but the speaker"),
        ([BOB], "some"),
        ([ANN, CLEO], "some"),
    ],
)
def test_who_was_told_of_what_ann_did(told: list[people.Person], whom: str) -> None:
    assert hearing.who_was(told, [ANN, BOB, CLEO], ANN) == whom


def test_who_leaves_is_no_speaker() -> None:
    assert hearing.who_was([BOB], [BOB, CLEO], None) == "some"


def test_others_may_not_be_told_because_they_have_not_said_hello() -> None:
    speaker = person("Ann", NAMED_ALONE)
    assert hearing.who_was([speaker], [speaker, BOB, CLEO], speaker) == "who has said HELLO"


def told(*lists: str, message: str) -> learning.Told:
    return learning.Told(
        f"SAY {message}", {"message": message}, [text.split("/") for text in lists]
    )


@pytest.mark.parametrize(
    ("second", "named_alone"),
    [
        (("Bob says: ho", "Bob says: ho", "Welcome"), True),
        (("Bob says: ho", "Bob says: ho", "Bob says: ho"), False),
        (("Bob says: ho", "", ""), False),
        (("Bob says: ho", "", "Bob says: ho"), False),
    ],
)
def test_whether_only_those_are_told_who_have_said_hello(
    second: tuple[str, ...], named_alone: bool
) -> None:
    first = told("Ann says: hi", "", "", message="hi")
    samples = [first, told(*second, message="ho")]
    assert learning.is_told_to_the_named_alone(samples, "message") is named_alone
    assert not learning.is_told_to_the_named_alone(samples[:1], "message")
    assert not learning.is_told_to_the_named_alone([first, None], "message")


def lesson(*talk: learning.Told | None, works: tuple[str, ...] = (), spoken_to: bool = True) -> Any:
    everybody = [SimpleNamespace(was_spoken_to=spoken_to)]
    return SimpleNamespace(works=[*works], everybody=everybody, hellos=[], talk=[*talk])


SILENCE = Symptom(Sign.NOTHING, facts={"told": "nobody"})


def test_what_a_lesson_adds_to_a_silence() -> None:
    unheard = told("", "", "", message="hi")
    shouted = told("ANN SAYS: HI", "", "", message="hi")
    for held, known in (
        (lesson(unheard, spoken_to=False), {"answers": "nothing at all"}),
        (lesson(unheard), {"answers": "no command"}),
        (lesson(unheard, works=("WHO",)), {}),
        (lesson(shouted), {}),  # SAY has an effect, in capitals
        (lesson(None), {}),  # it broke off
    ):
        assert learning.learnt_of_silence(held, SILENCE) == known


def test_a_message_in_a_full_room_may_be_told_under_another_name_or_with_others() -> None:
    said = {ANN: ["hellothere"], BOB: ["goodevening"], CLEO: ["nicetosee"]}
    for text, sign, facts in (
        ("Bob says: hellothere", Sign.MISNAMED, {"name": "Bob", "right": "Ann"}),
        ("SAY hellothere", Sign.UNCHANGED, {}),
        ("Ann says: Bob says: hellothere", Sign.FORM, {"line": "of several"}),
        ("Ann says: goodeveninghellothere", Sign.FORM, {"line": "of several"}),
    ):
        found = section_5_full_room.of_another(ANN, "hellothere", text, said)
        assert found.sign is sign
        assert facts.items() <= found.facts.items()
    assert section_5_full_room.of_another(ANN, "hellothere", "Ann: hellothere!", said) is None


def test_a_list_of_one_name_for_all_is_known() -> None:
    def symptom(*entries: str) -> Symptom | None:
        answer = ["Users:", *(f" - {name}" for name in entries)]
        wrong = listing.the_list(answer, ["Ann", "Bob", "Cleo"], Counter())
        return wrong.symptom if wrong else None

    known = Symptom(Sign.FORM, facts={"list": "one name for all"})
    assert symptom("Cleo", "Cleo", "Cleo") == known
    assert symptom("Cleo", "Cleo", "Bob") is None
    assert symptom("Cleo") is None
    assert symptom("Ann", "Bob", "Cleo") is None
