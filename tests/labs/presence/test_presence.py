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
    full_room,
    hearing,
    learning,
    leaving,
    listing,
    notices,
    people,
    presence,
    talking,
)
from kit.desk import Desk, clean_desk
from kit.rooms import ROOMS

SAYS = "{name} says: {message}"


def test_a_notice_is_a_whole_line() -> None:
    wanted = notices.notice(SAYS, name="Ann", message="hi (there)")
    assert wanted.words == "Ann says: hi (there)"
    assert wanted.holds("Ann says: hi (there)")
    assert not wanted.holds("Ann says: hi (there)!")
    assert not wanted.holds("Ann says: hi there")


def test_parts_that_are_not_known_may_be_any_text() -> None:
    wanted = notices.notice(SAYS, message="hi")
    assert wanted.words == "… says: hi"
    assert wanted.holds("An anonymous user says: hi")
    assert not wanted.holds("Ann says: ho")
    assert notices.notice("*{name}*left*", name="Ann").holds("--> Ann has left the room")


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

    name = "client"
    unfinished = ""

    def __init__(self, before: list[str], after: list[str]) -> None:
        self.lines: list[Any] = [line(text) for text in before]
        self._after = [line(text) for text in after]

    async def watch(self, _enough: object, within: float) -> None:
        self.lines += self._after


def line(text: str, ending: str = "\n") -> Any:
    return SimpleNamespace(text=text, ending=ending)


def server(**dialect: Any) -> Any:
    """A server that has these manners, with the lab's own parameters."""
    parameters = presence.presence.resolve("presence", {})
    return SimpleNamespace(dialect=dialect, parameters=parameters)


def leaks(answer: list[str], before: list[str], after: list[str]) -> bool:
    hearer = Hearer(before, after)
    try:
        asyncio.run(hearing.hear_nothing_of(server(), answer, people.marks([hearer]), "it"))
    except Violation:
        return True
    return False


def test_only_what_came_after_the_question_is_a_leak() -> None:
    assert leaks([HELP], [], [HELP])
    assert not leaks([HELP], [HELP], [])  # the welcome has the words of the help
    assert not leaks([HELP], [HELP], [HELP])  # a banner, repeated to everybody
    assert not leaks([HELP], [], ["Ann is in the room."])


def test_only_the_answers_own_lines_are_the_answer() -> None:
    room = SimpleNamespace(parameters=presence.presence.resolve("presence", {}))
    assert talking.help_in(room, ["-- 3 there --", HELP, "Othello is in the room."]) == [HELP]
    assert talking.help_in(room, ["say something", "  who"]) == ["say something", "  who"]
    answer = ["-- 3 there --", "Users:", " - Ann", "Bob is in the room."]
    assert listing.entries(answer) == [" - Ann"]


@pytest.mark.parametrize(
    ("seconds", "fault"), [(4.9, None), (5.1, Fault.LATE), (None, Fault.ABSENT)]
)
def test_the_close_counts_from_kill(seconds: float | None, fault: Fault | None) -> None:
    at = None if seconds is None else seconds + 7.0
    client = SimpleNamespace(name="client", ending=at, closed_at=at)
    violation = leaving.disconnected(client, 7.0, 5.0)
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
    there = server(says={"form": "*{name}* (3): {message}"})
    assert notices.says(there, "Ann", "hi").holds("*Ann* (12): hi")
    assert not notices.says(there, "Ann", "hi").holds("*Ann Bob* (12): hi")
    assert not notices.says(there, "Ann", "hi").holds("Ann says: hi")


def test_the_clause_that_pays_for_a_name_is_judged_by_the_right_one() -> None:
    there = server(called={"form": "HELLO {name}", "by": "2.2"})
    assert notices.as_asked(there, "says", "2.2", "Ann", message="hi").words == "Ann says: hi"
    assert notices.as_asked(there, "left", "4.2", "Ann").words == "HELLO Ann has left the room."
    assert notices.says(there, "Ann", "hi", hello="hello").words == "hello Ann says: hi"


def client(*lines: tuple[str, str], unfinished: str = "") -> Any:
    return SimpleNamespace(lines=[line(*parts) for parts in lines], unfinished=unfinished)


def test_texts_end_as_the_servers_lines_do() -> None:
    usual = client(("one", "\n"), ("two", "\r\n"), unfinished="three")
    assert people.texts(server(), usual) == ["one", "two"]
    assert people.texts(server(), usual, (1, 0)) == ["two"]
    assert people.texts(server(ends="\r"), client(unfinished="one\rtwo\r"), (0, 4)) == ["two", ""]
    unended = client(("heading", "\n"), unfinished="Ann says: hi")
    assert people.texts(server(ends=""), unended, (0, 4)) == ["ing\nAnn says: hi"]
    prompted = client(("> > Ann says: > hi", "\n"))
    assert people.texts(server(prompt={"text": "> ", "by": "2.1"}), prompted) == ["Ann says: > hi"]


def test_only_the_clause_that_pays_for_a_prompt_sees_it() -> None:
    there = server(prompt={"text": "> ", "by": "2.2"})
    for clause, seen in (("2.2", "> hi"), ("2.3", "hi")):
        with learning.judged_with_prompts(there, clause):
            assert people.texts(there, client(("> hi", "\n"))) == [seen]
    assert there.dialect["prompt"]["text"] == "> "


def test_messages_that_come_too_often_or_too_seldom_show() -> None:
    assert full_room.first_of(["a", "b"], 1) == ["a", "b"]
    assert full_room.first_of(["a", "a", "b"], 1) == ["a", "a", "b"]
    assert full_room.first_of(["a", "a", "b", "b"], 2) == ["a", "b"]
    assert full_room.first_of(["a", "b", "a", "b"], 2) == ["a", "b"]
    assert full_room.first_of(["a", "a", "b"], 2) == ["a"]
    assert full_room.first_of(["a"], 0) == ["a"]


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
