"""What the presence lab makes of texts, without sockets; and of programs that are not as they
should be, as a user checks them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from conformance import Fault, Violation
from conformance.labs.presence import (
    hearing,
    learning,
    listing,
    notices,
    people,
    presence,
    section_4_leaving,
    section_5_full_room,
)
from kit.desk import Desk, clean_desk
from kit.rooms import ROOMS


def test_the_list_of_who_is_there() -> None:
    names = ["Ann", "Bob", "An anonymous user"]
    good = ["Users:", " - An anonymous user", " - Bob", " - Ann", ""]
    nobody: Counter[str] = Counter()
    assert listing.the_list(good, names, nobody) is None
    assert listing.the_list(good[1:], names, nobody) is not None  # no heading
    assert listing.the_list([*good, " - Ann"], names, nobody) is not None  # twice
    assert listing.the_list(good[:-2], names, nobody) is not None  # Ann is missing
    assert listing.the_list(["Users: - Ann - Bob"], names, nobody) is not None
    strangers = Counter([" - Eve"])
    assert listing.the_list([*good, " - Eve"], names, nobody) is not None
    assert listing.the_list([*good, " - Eve"], names, strangers) is None


HELP = "Commands: HELLO name, SAY message, WHO, BYE, KILL"


class Hearer:
    """A client who has got some lines, and gets others while we watch."""

    label = "client"
    unfinished = ""

    def __init__(self, before: list[str], after: list[str]) -> None:
        self.lines: list[Any] = [line(text) for text in before]
        self._after = [line(text) for text in after]

    async def watch(self, _enough: object, within: float) -> None:
        self.lines += self._after

    def shows(self, violation: Violation | None, *_proof: object) -> Violation | None:
        return violation


def line(text: str, ending: str = "\n") -> Any:
    return SimpleNamespace(text=text, ending=ending)


def server(**dialect: Any) -> Any:
    """A server that has these manners, with the lab's own parameters."""
    parameters = presence.presence.resolve("presence", {})
    return SimpleNamespace(dialect=dialect, parameters=parameters)


def person(client: Any, **dialect: Any) -> people.Person:
    """Somebody called Ann, in the room of a server that has these manners."""
    ann = people.Person(server(**dialect), client)
    ann.name = "Ann"
    return ann


def leaks(answer: list[str], before: list[str], after: list[str]) -> bool:
    hearer = person(Hearer(before, after))
    hearer.listen()
    try:
        asyncio.run(hearing.hear_nothing_of([hearer], answer, "it"))
    except Violation:
        return True
    return False


def test_only_what_came_after_the_question_is_a_leak() -> None:
    assert leaks([HELP], [], [HELP])
    assert not leaks([HELP], [HELP], [])  # the welcome has the words of the help
    assert not leaks([HELP], [HELP], [HELP])  # a banner, repeated to everybody
    assert not leaks([HELP], [], ["Ann is in the room."])


def test_only_the_answers_own_lines_are_the_answer() -> None:
    words = presence.words_of(server().parameters)
    assert listing.lines_with(words, ["-- 3 there --", HELP, "Othello is in the room."]) == [HELP]
    assert listing.lines_with(words, ["say something", "  who"]) == ["say something", "  who"]
    assert listing.entries(["-- 3 there --", "Users:", " - Ann", "Bob is in the room."]) == [
        " - Ann"
    ]


@pytest.mark.parametrize(
    ("closed_at", "fault"), [(7.9, None), (8.1, Fault.LATE), (None, Fault.ABSENT)]
)
def test_the_close_counts_from_kill(closed_at: float | None, fault: Fault | None) -> None:
    client = SimpleNamespace(
        label="client", ending=closed_at, closed_at=closed_at, shows=lambda violation: violation
    )
    violation = section_4_leaving.is_disconnected(client, 3.0, 0.0)
    assert (violation.fault if violation else None) is fault


# -- the server's manners ----------------------------------------------------------------


def told(sent: str, *lists: str, **parts: str) -> learning.Told:
    """What each was told after a line, the sender first: lines with a `/` between them."""
    return learning.Told(sent, parts, [text.split("/") if text else [] for text in lists])


def says_rule(first: str, second: str, strange: str = "What?") -> list[str]:
    """The rule by which these are told: as others hear it, in both cases."""
    samples = [
        told("SAY hi", first, first, name="Ann", message="hi"),
        told("SAY ho", second, second, name="Bob", message="ho"),
    ]
    unknown = told("xyz", strange, line="xyz", name="Bob")
    return list(learning.rule(samples, "message", unknown))


def test_what_is_told_alike_of_two_people_is_a_rule() -> None:
    assert says_rule("[Ann] hi", "[Bob] ho") == ["[{name}] {message}"]
    assert says_rule("10:59 Ann: hi", "11:00 Bob: ho") == ["10:59 {name}: {message}"]
    assert says_rule("Ann says: hi/Ann: hi", "Bob: ho") == ["{name}: {message}"]


@pytest.mark.parametrize("second", ["Bob said: ho", "[Ann] ho", "", "[Bob] hi"])
def test_what_differs_is_none(second: str) -> None:
    assert says_rule("[Ann] hi", second) == []


@pytest.mark.parametrize(
    ("first", "second", "strange"),
    [
        ("SAY hi", "SAY ho", "xyz"),
        ("> SAY hi", "> SAY ho", "> xyz"),
        ("Ann: SAY hi", "Bob: SAY ho", "Bob: xyz"),
    ],
)
def test_a_line_that_is_sent_on_is_not_understood(first: str, second: str, strange: str) -> None:
    assert says_rule(first, second, strange) == []
    assert says_rule(first, second) != []


@pytest.mark.parametrize(
    ("came", "says", "name", "by"),
    [
        ("HELLO {name} is in the room.", "HELLO {name} says: {message}", "HELLO {name}", "2.1"),
        ("{name} is in the room.", "HELLO {name} says: {message}", "HELLO {name}", "2.2"),
        ("*** HELLO {name} ***", "[HELLO {name}] {message}", "HELLO {name}", "2.1"),
        ('"{name}" is in the room.', '"{name}" says: {message}', '"{name}"', "2.1"),
        ("", "An anonymous user says: {message}", "An anonymous user", "2.1"),
        ("{name} is in the room.", "An anonymous user says: {message}", "An anonymous user", "2.2"),
        ("Hello, {name}!", "An anonymous user says: {message}", "An anonymous user", "2.2"),
    ],
)
def test_whom_the_server_calls_otherwise(came: str, says: str, name: str, by: str) -> None:
    """And which clause pays for it."""
    found = learning.naming([came] if came else [], [says], server().parameters)
    assert found == {"form": name, "by": by}


@pytest.mark.parametrize(
    ("came", "says"),
    [
        ("{name} is in the room.", "{name} says: {message}"),
        ("{name} has come", "[{name}] {message}"),
        ("HELLO {name} is in the room.", "{name} says: {message}"),
        ("{name} is in the room.", "> {message}"),
    ],
)
def test_whom_it_calls_by_name(came: str, says: str) -> None:
    assert learning.naming([came], [says], server().parameters) is None


def test_how_often_a_notice_comes_is_kept() -> None:
    there = server()
    twice = "Ann says: hi/Ann says: hi"
    first = told("SAY hi", "Ann says: hi", twice, twice, name="Ann", message="hi")
    learning.keep(there, "says", "message", [first], ["{name} says: {message}"])
    assert there.dialect["says"] == {"self": 1, "others": 2}
    alone = told("SAY hi", "[Ann] hi", "", "[Ann] hi", name="Ann", message="hi")
    learning.keep(there, "says", "message", [alone], ["[{name}] {message}"])
    assert there.dialect["says"] == {"form": "[{name}] {message}", "self": 1, "others": 0}


def test_a_notice_in_its_own_words_is_one_to_the_letter() -> None:
    ann = person(client(), says={"form": "*{name}* (3): {message}"})
    assert notices.says(ann, "hi").holds("*Ann* (12): hi")
    assert not notices.says(ann, "hi").holds("*Ann Bob* (12): hi")
    assert not notices.says(ann, "hi").holds("Ann says: hi")


def test_the_clause_that_pays_for_a_name_is_judged_by_the_right_one() -> None:
    ann = person(client(), called={"form": "HELLO {name}", "by": "2.2"})
    assert notices.as_asked("left", ann).words == "HELLO Ann has left the room."
    ann.hello = "hello"
    assert notices.says(ann, "hi").words == "hello Ann says: hi"
    ann.judging = "2.2"
    assert notices.as_asked("says", ann, message="hi").words == "Ann says: hi"


def client(*lines: tuple[str, str], unfinished: str = "") -> Any:
    return SimpleNamespace(lines=[line(*parts) for parts in lines], unfinished=unfinished)


def test_texts_end_as_the_servers_lines_do() -> None:
    usual = person(client(("one", "\n"), ("two", "\r\n"), unfinished="three"))
    assert usual.texts() == ["one", "two"]
    assert usual.texts((1, 0)) == ["two"]
    assert person(client(unfinished="one\rtwo\r"), ends="\r").texts((0, 4)) == ["two", ""]
    unended = client(("heading", "\n"), unfinished="Ann says: hi")
    assert person(unended, ends="").texts((0, 4)) == ["ing\nAnn says: hi"]
    prompted = client(("> > Ann says: > hi", "\n"))
    assert person(prompted, prompt={"text": "> ", "by": "2.1"}).texts() == ["Ann says: > hi"]


def test_only_the_clause_that_pays_for_a_prompt_sees_it() -> None:
    ann = person(client(("> hi", "\n")), prompt={"text": "> ", "by": "2.2"})
    for ann.judging, seen in (("2.2", "> hi"), ("2.3", "hi")):
        assert ann.texts() == [seen]


def test_messages_that_come_too_often_or_too_seldom_show() -> None:
    assert section_5_full_room.first_of(["a", "b"], 1) == ["a", "b"]
    assert section_5_full_room.first_of(["a", "a", "b"], 1) == ["a", "a", "b"]
    assert section_5_full_room.first_of(["a", "a", "b", "b"], 2) == ["a", "b"]
    assert section_5_full_room.first_of(["a", "b", "a", "b"], 2) == ["a", "b"]
    assert section_5_full_room.first_of(["a", "a", "b"], 2) == ["a"]
    assert section_5_full_room.first_of(["a"], 0) == ["a"]


def test_a_notice_with_the_name_is_no_entry_of_the_list() -> None:
    answer = ["Ann is in the room.", "Users:", "1. Ann", "2. Bob", "Ann has left the room."]
    assert listing.listed(server(), "Ann", answer) == ["1. Ann"]


@pytest.mark.parametrize(
    ("manners", "others", "command"),
    [
        ({}, ["Bob"], "SAY"),
        ({"says": {"self": 1, "others": 0}, "came": {"self": 1, "others": 1}}, ["Bob"], "HELLO"),
        ({"says": {"self": 1, "others": 0}, "came": {"self": 1, "others": 1}}, [], "SAY"),
        ({"says": {"self": 0, "others": 1}}, ["Bob"], "SAY"),
        ({"says": {"missing": "silence"}, "came": {"self": 1, "others": 0}}, ["Bob"], "HELLO"),
        ({"says": {"missing": "silence"}, "came": {"missing": "form"}}, ["Bob"], ""),
    ],
)
def test_the_command_by_which_a_speaker_is_heard(
    manners: dict[str, Any], others: list[str], command: str
) -> None:
    assert notices.voice(server(**manners), others) == command


# -- rooms with a fault ------------------------------------------------------------------


@pytest.fixture
def desk() -> Iterator[Desk]:
    with clean_desk() as desk:
        yield desk


@pytest.mark.slow
@pytest.mark.parametrize("name", ROOMS)
def test_a_fault_costs_the_clauses_that_it_touches(desk: Desk, name: str) -> None:
    """All others are passed: the lab judges through it. What a busy machine leaves open is
    neither."""
    source, touched = ROOMS[name]
    checked = desk.check(desk.program(source), "--strict", "--seed", 7, lab="presence")
    lost = {*checked.those("failed"), *checked.those("not_run")}
    assert lost <= touched, checked.stdout
    assert not touched & {*checked.those("passed")}, checked.stdout
    assert checked.status in ({1, 3} if touched else {0, 3})
