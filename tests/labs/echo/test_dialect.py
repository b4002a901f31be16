from __future__ import annotations

import json
import string
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contract.draw import Draw
from conformance.labs.echo.dialect import (
    CASES,
    Dialect,
    Rule,
    every_reading,
    fits,
    recognise,
    rule_of,
)
from conformance.labs.echo.learning import LETTERS, Learner, learn, without_prompt
from conformance.verdict.model import Parameters

USUAL = Dialect("> ")


@pytest.mark.parametrize(
    ("line", "prefix", "case", "suffix"),
    [
        ("> HELLO", "> ", "in upper case", ""),
        (">HELLO", ">", "in upper case", ""),
        ("HELLO", "", "in upper case", ""),
        ("> > HELLO", "> > ", "in upper case", ""),
        ("> HELLO!", "> ", "in upper case", "!"),
        ("> hello", "> ", "as it was sent", ""),
        ("> Hello", "> ", "with a capital first", ""),
        ("Echo: HELLO (5)", "Echo: ", "in upper case", " (5)"),
        ("> HELL", "> ", "in upper case without its last character", ""),
        ("> ELLO", "> ", "in upper case without its first character", ""),
        ("> hell", "> ", "as it was sent, without its last character", ""),
    ],
)
def test_what_servers_make_of_hello(line: str, prefix: str, case: str, suffix: str) -> None:
    assert recognise("hello", line, usual=USUAL) == Dialect(prefix, case, suffix)


def test_the_upper_case_of_another_locale() -> None:
    found = recognise("think big", "> THİNK BİG", usual=USUAL)
    assert found == Dialect("> ", "in the upper case of another locale")


@pytest.mark.parametrize("line", ["", "Welcome to the server.", "> ", "What?"])
def test_no_answer_at_all(line: str) -> None:
    assert recognise("hello", line, usual=USUAL) is None


def test_the_usual_dialect_is_preferred() -> None:
    # A line without letters looks the same in every case.
    assert recognise("123", "> 123", usual=USUAL) == USUAL
    assert recognise("", "> ", usual=USUAL) == USUAL


def test_every_reading_of_a_line_is_told_the_most_likely_one_first() -> None:
    readings = list(every_reading("a1", "> A1", usual=USUAL))
    assert readings[0] == USUAL
    assert Dialect("> ", "with capitals first") in readings
    assert Dialect("> ", "in upper case without its last character", "1") in readings
    assert len(readings) == len(set(readings))
    assert not list(every_reading("", "> ?", usual=USUAL))


def test_a_dialect_explains_all_replies_or_none() -> None:
    assert fits(Dialect(">"), ["a", "b"], [">A", ">B"])
    assert not fits(Dialect(">"), ["a", "b"], [">A", "> B"])
    assert not fits(Dialect(">"), ["a", "b"], [">A"])


WORD = st.text(string.ascii_lowercase, min_size=5, max_size=20)
AROUND = st.text(string.punctuation + " ", max_size=5)


@given(word=WORD, prefix=AROUND, suffix=AROUND, case=st.sampled_from(sorted(CASES)))
def test_what_is_recognised_explains_the_line(
    word: str, prefix: str, suffix: str, case: str
) -> None:
    line = Dialect(prefix, case, suffix).reply(word)
    found = recognise(word, line, usual=USUAL)
    assert found is not None
    assert found.reply(word) == line


@given(word=WORD, other=WORD, prefix=AROUND)
def test_what_is_learnt_from_one_line_foretells_the_next(
    word: str, other: str, prefix: str
) -> None:
    spoken = Dialect(prefix)
    found = recognise(word, spoken.reply(word), usual=USUAL)
    assert found is not None
    assert found.reply(other) == spoken.reply(other)


def test_it_can_be_sent_to_another_process() -> None:
    spoken = Dialect("» ", "as it was sent", "\r")
    assert Dialect(**json.loads(json.dumps(asdict(spoken)))) == spoken


def learnt(words: list[str], lines: list[str], **before: object) -> dict[str, Any]:
    dialect: dict[str, Any] = dict(before)
    server = SimpleNamespace(
        parameters=Parameters({"prefix": "> ", "transform": "upper"}), dialect=dialect
    )
    heard = Learner(server, SimpleNamespace(label="client"))
    heard.groups = [[line] for line in lines]
    heard.words = words[: len(lines)]
    replies = learn(server, heard)
    without_prompt(server, words[0], replies)
    return dialect


@pytest.mark.parametrize("prefix", ["> ", ">", "", "> > "])
@pytest.mark.parametrize("case", CASES)
def test_clause_3_1_of_echo_learns_every_form_whatever_is_drawn(prefix: str, case: str) -> None:
    spoken = Dialect(prefix, case)
    fresh = ["hello", "aHa! said i", "BYE", "3rd i'm 2b oR", " xy", "Ig"]
    for seed in range(300):
        draw = Draw(seed, "sends_the_line_back_in_upper_case")
        words = ["hello" + draw.word(), *draw.spread(LETTERS, 10)]
        found = learnt(words, [spoken.reply(word) for word in words])
        form = Dialect(**found["form"]) if "form" in found else USUAL
        assert "unknown" not in found
        assert fits(form, fresh, [spoken.reply(text) for text in fresh]), f"seed {seed}: {form}"


def test_a_prompt_is_learnt_from_the_first_reply() -> None:
    words = ["hello", "aB1", "i2C"]
    assert learnt(words, ["Your line: > HELLO", "> AB1", "> I2C"]) == {"prompt": "Your line: "}


def test_nothing_of_an_earlier_attempt_is_left() -> None:
    words = ["hello", "aB1", "i2C"]
    assert learnt(words, ["> HELLO", "> AB1"], form=1) == {"unknown": True}
    assert learnt(words, ["> HELLO", "> AB1", "> I2C"], unknown=True) == {}


# -- the lines around a reply ------------------------------------------------------------


@pytest.mark.parametrize(
    ("groups", "rule"),
    [
        ([["> AB1"], ["> C2D"]], Rule(USUAL)),
        ([["> AB1", ""], ["> C2D", ""]], Rule(USUAL, after=1)),
        ([["got aB1", "> AB1"], ["got c2D", "> C2D"]], Rule(USUAL, before=1)),
        ([["x", "> AB1", "y"], ["x", "> C2D", "y"]], Rule(USUAL, before=1, after=1)),
        ([["> aB1"], ["> c2D"]], Rule(Dialect("> ", "as it was sent"))),
        ([["1: AB1"], ["2: C2D"]], Rule(Dialect("1: ", numbered=True))),
        ([["AB1 (3)"], ["C2D (4)"]], Rule(Dialect("", suffix=" (3)", numbered=True))),
    ],
)
def test_the_rule_by_which_a_server_answers(groups: list[list[str]], rule: Rule) -> None:
    assert rule_of(["aB1", "c2D"], groups, USUAL) == rule


@pytest.mark.parametrize(
    "groups",
    [
        [["> AB1"], ["> OTHER"]],
        [["> AB1"], ["> C2D", ""]],
        [["OK"], ["OK"]],
        [["> AB1"]],
        [],
    ],
)
def test_where_there_is_no_rule(groups: list[list[str]]) -> None:
    assert rule_of(["aB1", "c2D"][: len(groups)], groups, USUAL) is None


def test_a_form_that_counts_answers_with_any_number() -> None:
    counting = Dialect("7> ", suffix=" at 10:15", numbered=True)
    assert counting.answers("a1", "12> A1 at 9:3")
    assert not counting.answers("a1", "12> A2 at 9:3")
