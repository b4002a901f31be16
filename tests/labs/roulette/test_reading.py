"""What an answer means in whichever form it comes, and what is odd about the form."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.labs.roulette import forms, learning, section_3_commands
from conformance.labs.roulette.model import Store
from conformance.labs.roulette.reading import Reply, names, number, oddities, tells_error

INFO = forms.INFO
RIGHT = '{"protocolVersion":"2.0","numberOfStudents":3}'


def reply(*lines: str, rest: str = "") -> Reply:
    return Reply(lines, rest)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (reply(RIGHT), 3),
        (reply('{"protocolVersion":"2.0","numberOfStudents":"3"}'), 3),
        (reply('{"protocolVersion":"2.0","nb":3}'), 3),
        (reply("{'protocolVersion': '2.0', 'numberOfStudents': 3}"), 3),
        (reply("{", '  "protocolVersion": "2.0",', '  "numberOfStudents": 3', "}"), 3),
        (reply("OK", "> " + RIGHT, ""), 3),
        (reply(rest=RIGHT), 3),
        (reply("There are 3 students."), 3),
        (reply("version 2.0: 3"), 3),
        (reply("3 of 4"), None),
        (reply('{"a":1,"b":2}'), None),
        (reply('{"numberOfStudents":true}'), None),
        (reply('{"numberOfStudents":1e999}'), None),
        (reply("Huh?"), None),
        (reply('{"numberOfStudents":' + "9" * 5000 + "}"), None),
    ],
)
def test_a_number_is_found(said: Reply, told: int | None) -> None:
    assert number(said, "numberOfStudents") == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (reply('{"fullname":"Ann"}'), ["Ann"]),
        (reply('{"name":"Ann","error":null}'), ["Ann"]),
        (reply('{"students":[{"fullname":"Ann"},{"fullname":"Bob"}]}'), ["Ann", "Bob"]),
        (reply('{"students":["Bob"]}'), ["Bob"]),
        (reply('{"students":[]}'), []),
        (reply("Ann", "Bob"), ["Ann", "Bob"]),
        (reply('{"students":[{"fullname":"Ann"},]}'), ["Ann"]),
        (reply('{"fullname":"Eve"}'), ["Eve"]),
        (reply("nobody"), []),
    ],
)
def test_names_are_found(said: Reply, told: list[str]) -> None:
    assert names(said, ["Ann", "Bob"]) == told


def test_an_error_is_one_where_it_says_something() -> None:
    assert tells_error(reply('{"error":"empty"}'))
    assert tells_error(reply("Error: empty"))
    assert not tells_error(reply('{"fullname":"Ann","error":null}'))


@pytest.mark.parametrize(
    ("said", "odd"),
    [
        (reply(RIGHT), []),
        (reply('{"numberOfStudents": 3, "protocolVersion": "2.0"}'), []),
        (reply(rest=RIGHT), [["unended"]]),
        (reply(RIGHT, ""), [["lines behind", "1"]]),
        (reply("", RIGHT), [["lines before", "1"]]),
        (reply(RIGHT, rest="> "), [["behind", "> "]]),
        (reply("> " + RIGHT), [["before", "> "]]),
        (reply(RIGHT + ";"), [["after", ";"]]),
        (reply("{", *RIGHT[1:-1].split(","), "}"), [["broken"]]),
        (reply("{", RIGHT[1:-1], "}"), [["lines"]]),
        (reply(RIGHT.replace('"', "'")), [["notation"]]),
        (reply(RIGHT.replace("}", ",}")), [["broken"]]),
        (reply("three"), [["no object"]]),
        (reply('{"protocolVersion":"2.0"}'), [["missing", "numberOfStudents"]]),
        (reply('{"protocolVersion":"2.0","nb":3}'), [["key", "numberOfStudents", "nb"]]),
        (reply(RIGHT[:-1] + ',"x":null}'), [["further", "x"]]),
        (reply(RIGHT.replace("3", '"3"')), [["quoted number"]]),
        (reply(RIGHT.replace("2.0", "1.0")), [["value", "protocolVersion", "1.0"]]),
        (reply(), [["no object"]]),
    ],
)
def test_what_is_odd_about_an_object(said: Reply, odd: list[list[str]]) -> None:
    assert oddities(said, INFO) == odd


def test_what_is_odd_about_a_text() -> None:
    wanted = Store(2).help()
    assert oddities(reply(wanted.words), wanted) == []
    assert oddities(reply("Huh?", wanted.words), wanted) == [["lines before", "1"]]
    assert oddities(reply("> " + wanted.words), wanted) == [["before", "> "]]
    assert oddities(reply("Huh?"), wanted) == [["text"]]


@pytest.mark.parametrize("text", ["{" * 50_000, '{"a":' * 20_000, "{'" * 50_000, "9 " * 50_000])
def test_hostile_text_is_read_at_once(text: str) -> None:
    for said in (reply(text), reply(rest=text)):
        assert number(said, "a") is None
        assert names(said, ["Ann"]) == []
        assert oddities(said, INFO)


# -- what the numbers show ----------------------------------------------------------------


class Found:
    """What a survey has found: the numbers of INFO, and what each LOAD has told of itself."""

    def __init__(self, numbers: list[int | None], counts: list[int | None], other: int = -1):
        self.numbers, self.counts, self.loaded = numbers, counts, [["a", "b", "c"], ["d", "e"]]
        self.other = numbers[-1] if other < 0 else other
        self.everybody = ["a", "b", "c", "d", "e"]
        self.server = type("Server", (), {"remote": False})
        self.guest = type("Guest", (), {"version_2": True})


ALL = ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("numbers", "counts", "listed", "known"),
    [
        ([0, 3, 5], [3, 2], ALL, {}),
        ([0, 3, 5], [3, 5], ALL, {"total": True}),
        ([0, 3, 2], [3, 2], ["d", "e"], {"replaces": True}),
        ([0, 4, 7], [4, 3], [*ALL, "x", "x"], {"offset": 1, "surplus": [1, "2.3"]}),
        ([0, 4, 7], [3, 2], [*ALL, "x", "x"], {"surplus": [1, "2.4"]}),
        ([0, 4, 7], [3, 2], ALL, {"info": False}),
        ([0, 2, 3], [2, 1], ["b", "c", "e"], {"offset": -1, "surplus": [-1, "2.3"]}),
        ([2, 5, 7], [3, 2], [*ALL, "x", "y"], {"preloaded": 2}),
        ([0, 0, 0], [3, 2], ALL, {"info": False}),
        ([0, 0, 0], [3, 2], [], {"info": True, "keeps nothing": "2.4"}),
        ([0, 0, 0], [0, 0], [], {"info": True, "keeps nothing": "2.3", "offset": -3}),
        ([0, 2, 4], [3, 2], ALL, {"info": False}),
        ([None, None, None], [3, 2], ALL, {"info": False}),
    ],
)
def test_how_students_are_kept(
    numbers: list[int | None], counts: list[int | None], listed: list[str], known: dict[str, Any]
) -> None:
    assert learning.keeping(Found(numbers, counts), [], listed) == known


def test_a_store_of_its_own_is_seen_by_the_next_client() -> None:
    assert learning.keeping(Found([0, 3, 5], [3, 2], other=0), [], ALL) == {"own": True}


def test_how_a_wrong_number_of_commands_came_about() -> None:
    def why(told: int) -> str:
        return str(section_3_commands.why(5, told, 7))

    assert "BYE counts" in why(4)
    assert "ENDOFDATA is no" in why(6)
    assert "names of a LOAD are" in why(12)
    assert "names of a LOAD and ENDOFDATA" in why(13)
    assert "all clients" in why(40)
    assert why(2) == "This client has sent 5 commands, BYE among them."
