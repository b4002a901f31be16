"""What the presence lab makes of texts, without sockets."""

from __future__ import annotations

import asyncio
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from conformance import Fault, Violation
from conformance.labs import presence as lab

SAYS = "{name} says: {message}"


def test_a_notice_is_a_whole_line() -> None:
    wanted = lab.notice(SAYS, name="Ann", message="hi (there)")
    assert wanted.words == "Ann says: hi (there)"
    assert wanted.holds("Ann says: hi (there)")
    assert not wanted.holds("Ann says: hi (there)!")
    assert not wanted.holds("Ann says: hi there")


def test_parts_that_are_not_known_may_be_any_text() -> None:
    wanted = lab.notice(SAYS, message="hi")
    assert wanted.words == "… says: hi"
    assert wanted.holds("An anonymous user says: hi")
    assert not wanted.holds("Ann says: ho")
    assert lab.notice("*{name}*left*", name="Ann").holds("--> Ann has left the room")


def test_the_list_of_who_is_there() -> None:
    names = ["Ann", "Bob", "An anonymous user"]
    good = ["Users:", " - An anonymous user", " - Bob", " - Ann", ""]
    nobody: Counter[str] = Counter()
    assert lab.the_list(good, names, nobody) is None
    assert lab.the_list(good[1:], names, nobody) is not None  # no heading
    assert lab.the_list([*good, " - Ann"], names, nobody) is not None  # twice
    assert lab.the_list(good[:-2], names, nobody) is not None  # Ann is missing
    assert lab.the_list(["Users: - Ann - Bob"], names, nobody) is not None
    strangers = Counter([" - Eve"])
    assert lab.the_list([*good, " - Eve"], names, nobody) is not None
    assert lab.the_list([*good, " - Eve"], names, strangers) is None


HELP = "Commands: HELLO name, SAY message, WHO, BYE, KILL"


class Hearer:
    """A client who has got some lines, and gets others while we watch."""

    name = "client"

    def __init__(self, before: list[str], after: list[str]) -> None:
        self.lines: list[Any] = [SimpleNamespace(text=text) for text in before]
        self._after = [SimpleNamespace(text=text) for text in after]

    async def gather(self, _lasting: float) -> None:
        self.lines += self._after


def leaks(answer: list[str], before: list[str], after: list[str]) -> bool:
    try:
        asyncio.run(lab.hear_nothing_of(answer, lab.heard_by([Hearer(before, after)]), "it"))
    except Violation:
        return True
    return False


def test_only_what_came_after_the_question_is_a_leak() -> None:
    assert leaks([HELP], [], [HELP])
    assert not leaks([HELP], [HELP], [])  # the welcome has the words of the help
    assert not leaks([HELP], [HELP], [HELP])  # a banner, repeated to everybody
    assert not leaks([HELP], [], ["Ann is in the room."])


def test_only_the_answers_own_lines_are_the_answer() -> None:
    assert lab.help_in(["-- 3 there --", HELP, "Othello is in the room."]) == [HELP]
    assert lab.help_in(["say something", "  who"]) == ["say something", "  who"]
    assert lab.entries(["-- 3 there --", "Users:", " - Ann", "Bob is in the room."]) == [" - Ann"]


@pytest.mark.parametrize(
    ("seconds", "fault"), [(4.9, None), (5.1, Fault.LATE), (None, Fault.ABSENT)]
)
def test_the_close_counts_from_kill(seconds: float | None, fault: Fault | None) -> None:
    at = 0 if seconds is None else int(seconds * 1e9) + 7
    client = SimpleNamespace(name="client", ending=at or None, closed_at=lambda: at)
    violation = lab.disconnected(client, 7, 5.0)
    assert (violation.fault if violation else None) is fault
