"""What is said of a crowd of whom some were hung up on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.labs.echo.section_5_clients import of_a_crowd
from conformance.verdict.violation import Fault, Kind, Violation


@dataclass(eq=False)
class Visitor:
    opened_at: float


CROWD = [Visitor(at / 100) for at in range(20)]


def told(answered: Sequence[Visitor], cut_off: Sequence[Visitor]) -> Violation:
    wrong = Violation("> HELLO", "the server reset the connection", kind=Kind.CLOSED)
    found: Violation = of_a_crowd(wrong, CROWD[::-1], answered, cut_off)
    return found


def test_those_who_came_first_are_served_and_the_others_hung_up_on() -> None:
    wrong = told(CROWD[:12], CROWD[12:])
    assert wrong.actual.endswith("connection; 12 of 20 clients had been answered")
    assert isinstance(wrong.hint, dict)
    assert "is there a limit" in wrong.hint["closed too early"]


def test_no_limit_is_seen_where_others_came_before_or_too_few_were_hung_up_on() -> None:
    near_misses = {
        "nobody was served": ([], CROWD),
        "those who came last": (CROWD[8:], CROWD[:8]),
        "a few": (CROWD[:17], CROWD[17:]),
        "some still wait": (CROWD[:8], CROWD[12:]),
        "any": (CROWD[::2], CROWD[1::2]),
    }
    for name, (answered, cut_off) in near_misses.items():
        wrong = told(answered, cut_off)
        assert wrong.hint == "", name
        assert f"{len(answered)} of 20" in wrong.actual


def test_one_who_waits_in_vain_shows_no_limit() -> None:
    wrong = Violation("> HELLO", "nothing within 10 s", fault=Fault.ABSENT)
    found = of_a_crowd(wrong, CROWD, CROWD[:12], CROWD[12:])
    assert found.hint == ""
    assert found.actual == "nothing within 10 s; 12 of 20 clients had been answered"
    other = Violation("> HELLO", "> HALLO")
    assert of_a_crowd(other, CROWD, CROWD[:12], []).actual == "> HALLO"
