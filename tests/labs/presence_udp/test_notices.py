"""What is learnt of how a server tells of people, from what each of three has heard."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict

import pytest

from conformance.labs.presence_udp.notices import Heard, Manner, Speaker, fits, learn

PEOPLE = (("Bobq", 5001), ("Cleo", 5002), ("Annx", 5003))
BOB, CLEO, ANN = (Speaker(name, "10.9.9.2", port) for name, port in PEOPLE)

Says = Callable[[str, Speaker, str, str, bool], Iterable[str]]
"""Of event, speaker, datagram, message, and whether the listener is the speaker: the texts."""


def contract(event: str, who: Speaker, sent: str, text: str, own: bool) -> list[str]:
    """A server that does as the contract says."""
    if event == "list":
        return ["Currently in the room:\n - Bobq\n - Cleo\n - Annx"] if own else []
    if event == "unknown":
        return ["What? I only understand HELLO, SAY, WHO, ALIVE and BYE"] if own else []
    told = {"came": "is in the room.", "says": f"says: {text}", "left": "has left the room."}
    return [f"{who.name} {told[event]}"] if event in told else []


def lesson(says: Says) -> list[Heard]:
    """What is heard where each thing is done twice: the lesson of the lab."""
    done = [
        ("came", BOB, "HELLO Bobq", "", [BOB]),
        ("came", CLEO, "HELLO Cleo", "", [BOB, CLEO]),
        ("came", ANN, "HELLO Annx", "", [BOB, CLEO, ANN]),
        ("says", ANN, "SAY ahoy", "ahoy", [BOB, CLEO, ANN]),
        ("says", BOB, "SAY hullo", "hullo", [BOB, CLEO, ANN]),
        ("list", ANN, "WHO", "", [BOB, CLEO, ANN]),
        ("left", CLEO, "BYE", "", [BOB, CLEO, ANN]),
        ("unknown", ANN, "frobnicate", "", [BOB, ANN]),
        ("alive", ANN, "ALIVE", "", [BOB, ANN]),
        ("left", BOB, "BYE", "", [BOB, ANN]),
    ]
    return [
        Heard(event, about, sent, text, own, tuple(says(event, who, sent, text, own)))
        for event, who, sent, text, crowd in done
        for own in (listener is who for listener in crowd)
        for about in ([s for s in crowd if s is not who] if event == "list" else [who])
    ]


def changed(change: Callable[[str], str]) -> Says:
    """A server that does as the contract says, and then something to each text."""
    return lambda *asked: [change(text) for text in contract(*asked)]


def named(name: Callable[[Speaker], str]) -> Says:
    """A server that calls people otherwise."""

    def says(event: str, who: Speaker, sent: str, text: str, own: bool) -> list[str]:
        told = contract(event, who, sent, text, own)
        for one in (BOB, CLEO, ANN):
            told = [words.replace(one.name, name(one)) for words in told]
        return told

    return says


def test_of_a_server_that_is_as_it_should_be_nothing_is_learnt() -> None:
    way = learn(lesson(contract))
    assert way == Manner()
    assert way.in_words() == ""


def test_words_of_its_own() -> None:
    way = learn(lesson(changed(lambda text: text.replace(" is in the room.", " joined!"))))
    assert way.told("came", ANN, own=True) == way.told("came", ANN, own=False) == "Annx joined!"
    assert way.told("says", ANN, "hi", own=False) == way.due("says", ANN, "hi") == "Annx says: hi"
    assert "`Ann joined!`" in way.in_words()
    known = json.loads(json.dumps(asdict(way)))
    assert Manner(**known).told("came", ANN, own=True) == "Annx joined!"


@pytest.mark.parametrize(
    ("name", "called"),
    [
        (lambda who: f"HELLO {who.name}", "HELLO Annx"),
        (lambda who: who.name.upper(), "ANNX"),
        (lambda who: who.name[:-1], "Ann"),
        (lambda who: f"{who.host}:{who.port}", "10.9.9.2:5003"),
        (lambda who: "undefined", "undefined"),
    ],
)
def test_a_name_of_its_own_is_paid_for_once(name: Callable[[Speaker], str], called: str) -> None:
    way = learn(lesson(named(name)))
    assert way.told("came", ANN, own=True) == f"{called} is in the room."
    assert way.due("came", ANN) == "Annx is in the room."  # there it is paid for
    assert way.due("says", ANN, "hi") == f"{called} says: hi"
    assert way.due("left", ANN) == f"{called} has left the room."
    assert way.lists
    assert way.name_due("list", ANN) == called


@pytest.mark.parametrize("change", ["> {}", "{}\n", "{}\0\0\0"])
def test_what_stands_around_everything(change: str) -> None:
    way = learn(lesson(changed(change.format)))
    assert way.plain(change.format("Annx says: hi")) == "Annx says: hi"
    assert way.told("left", ANN, own=False) == "Annx has left the room."


def test_whom_it_does_not_tell() -> None:
    def others_only(event: str, who: Speaker, sent: str, text: str, own: bool) -> list[str]:
        return [] if own and event == "says" else contract(event, who, sent, text, own)

    way = learn(lesson(others_only))
    assert not way.tells("says", own=True)
    assert way.tells("says", own=False)
    assert way.tells("came", own=True)


def test_copies_are_those_of_every_notice() -> None:
    def twice(*asked: object) -> list[str]:
        return 2 * contract(*asked)  # type: ignore[arg-type]

    def said_twice(event: str, *asked: object) -> list[str]:
        return (1 + (event == "says")) * contract(event, *asked)  # type: ignore[arg-type]

    assert learn(lesson(twice)).copies == 2
    assert learn(lesson(said_twice)).copies == 1
    assert learn(lesson(twice)).once(["a", "a", "a"], "a") == 2


@pytest.mark.parametrize(
    "says",
    [
        lambda event, who, sent, text, own: ["OK"] * own,
        lambda event, who, sent, text, own: ["Who are you? Say HELLO name first"],
        lambda event, who, sent, text, own: [sent] * own,
        lambda event, who, sent, text, own: [sent] * (not own),
        lambda event, who, sent, text, own: [f"{who.port}: {sent}"],
        lambda event, who, sent, text, own: [],
    ],
    ids=["constant", "constant to all", "echo", "relay", "relay with address", "nothing"],
)
def test_what_answers_nonsense_in_the_same_way_tells_nothing(says: Says) -> None:
    way = learn(lesson(says))
    assert way.tells_nothing
    assert not way.lists
    assert way.told("says", ANN, "hi", own=False) == "Annx says: hi"


def test_no_rule_is_made_of_what_changes() -> None:
    words = iter(range(1_000))
    way = learn(lesson(changed(lambda text: f"{text} ({next(words)})")))
    assert way.told("came", ANN, own=False) == "Annx is in the room."


@pytest.mark.parametrize(
    ("words", "text", "whether"),
    [
        ("«name» has joined", "ann has joined", True),
        ("«name» has joined", "ann has joined!", False),
        ("«name»: «text»", "ann: hello: all", True),
        ("a«name»a", "a", False),
        ("a«name»a", "aa", True),
        ("plain", "plain", True),
        ("plain", "plainly", False),
        ("«a»x«b»x«c»", "x\nx", True),
        ("«a»ab«b»", "aab", True),
        ("«a»ab«b»b", "ab", False),
        ("«" * 20_000, "«" * 20_000, True),
        ("«a»b" * 5_000 + "c", "b" * 60_000, False),
    ],
)
def test_words_with_placeholders_fit_at_once(words: str, text: str, whether: bool) -> None:
    assert fits(words, text) == whether
