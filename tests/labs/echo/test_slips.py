"""Hints for what a small slip makes of a reply, and near misses, which have none."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from conformance.labs.echo.section_3_replies import why_in_no_form
from conformance.labs.echo.slips import (
    again_and_again,
    behind_anothers,
    cut_as_a_newline,
    of_letters,
    put_between,
    shown_by,
)
from conformance.verdict.model import Parameters
from conformance.verdict.violation import Violation

WORDS = ["abcdefghijklm", "nopqrstuvwxyz", "HeLLo[1]", "aAzZ"]


def hint_of(*replies: str, transform: str = "upper") -> str:
    server = SimpleNamespace(parameters=Parameters({"prefix": "> ", "transform": transform}))
    return str(why_in_no_form(server, WORDS, list(replies)))


def said(change: Callable[[str], str]) -> list[str]:
    return ["> " + "".join(map(change, word)) for word in WORDS]


def test_the_end_of_the_alphabet_that_is_left_out_is_named() -> None:
    both = hint_of(*said(lambda letter: letter if letter in "az" else letter.upper()))
    assert "`a` and `z` each came back as it was sent" in both
    assert ">= 'a' and <= 'z'" in both
    only = hint_of(*said(lambda letter: letter if letter == "z" else letter.upper()))
    assert only.startswith("`z` came back as it was sent")
    down = said(lambda letter: letter if letter == "A" else letter.lower())
    assert "`A`" not in hint_of(*down, transform="lower")  # not every capital was sent


@pytest.mark.parametrize(
    "change",
    [
        lambda letter: letter if letter in "am" else letter.upper(),
        lambda letter: letter,
        lambda letter: letter if letter == "z" else letter.upper().replace("[", "{"),
        str.upper,
    ],
)
def test_other_letters_are_no_end_of_the_alphabet(change: Callable[[str], str]) -> None:
    assert "alphabet" not in hint_of(*said(change))


def test_one_z_that_was_changed_is_a_race_and_no_comparison() -> None:
    replies = said(lambda letter: letter if letter == "z" else letter.upper())
    assert "alphabet" not in hint_of(*replies[:-1], "> AAZZ")


def test_capitals_that_became_small_were_swapped() -> None:
    assert "only small letters may change" in hint_of(*said(str.swapcase))
    assert "only capitals may change" in hint_of(*said(str.swapcase), transform="lower")
    assert "may change" not in hint_of(*said(str.lower))
    assert "may change" not in hint_of(*said(str.swapcase)[:-1], "> AAZZ")


def test_of_small_letters_alone_nobody_knows_whether_capitals_change() -> None:
    assert of_letters("> ", str.upper, ["abc"], ["> ABC"]) == ""


def test_a_last_character_was_cut_off_as_a_newline() -> None:
    assert "cut off as if" in cut_as_a_newline("> LAST", "> LAS")
    for other in ("> LAST", "> LA", "> AST", "> LASx", "nothing within 5 s"):
        assert cut_as_a_newline("> LAST", other) == ""


def test_what_stands_between_replies_is_told() -> None:
    assert put_between("> TWO", ",> TWO").startswith("`,` stands between two replies")
    for other in ("> TWO", "\0> TWO", "> ONE,> TWO", ",> THREE", "x> TWO"):
        assert put_between("> TWO", other) == ""


def test_a_piece_of_anothers_line_before_the_reply_is_told() -> None:
    told = behind_anothers("silent words of another")
    assert "share" in told("> HELLO", "> SILENT WORHELLO")
    assert "share" in told("> SAND", "> SILENT WORSAND")
    for other in ("> HELLO", "> SILENT WOR", "> SILEHELLO", "> MY OWN WORHELLO", "> HELLOSILENT"):
        assert told("> HELLO", other) == ""


def kept_wrongly(line: str) -> str:
    """What comes of pending += rest, where the line comes letter by letter."""
    pending = ""
    for letter in line:
        pending += pending + letter
    return pending


def test_a_beginning_that_was_added_again_is_told() -> None:
    told = again_and_again("> ")
    assert "again and again" in told("> HELLO", "> " + kept_wrongly("HELLO"))
    assert "again and again" in told("> HELLO", "> HHEHELHELLHELLO")
    for body in ("HELLO", "HELLOHELLO", "OLDLINEHELLO", "HHELLO", "HHEHELHELL", "HEXHELHELLHELLO"):
        assert told("> HELLO", f"> {body}") == ""


def test_the_hint_is_for_another_text_and_else_stays_as_it_was() -> None:
    with pytest.raises(Violation) as cut, shown_by(cut_as_a_newline):
        raise Violation("> LAST", "> LAS", hint="the usual")
    assert isinstance(cut.value.hint, dict)
    assert list(cut.value.hint) == ["another text"]
    with pytest.raises(Violation) as other, shown_by(cut_as_a_newline):
        raise Violation("> LAST", "> MAST", hint="the usual")
    assert other.value.hint == "the usual"
