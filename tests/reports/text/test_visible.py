from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from conformance.reports.text.visible import (
    disarm,
    fit,
    lines_of,
    shorten_middle,
    visible,
    visible_line,
    without_colours,
    wrapped,
)

ANY_TEXT = st.text(st.characters(codec=None), max_size=60)  # lone surrogates too


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("> BYE\r\n", "> BYE␍⏎"),
        ("a\tb\0", "a␉b␀"),
        ("caf\udce9", "caf\\xe9"),
        ("\ud800", "\\u{D800}"),
        ("\x1b[2J\x7f\x9b", "\\u{1B}[2J\\u{7F}\\u{9B}"),
        ("\u202egnp.exe", "\\u{202E}gnp.exe"),
        ("\ufeffBYE\u200b", "\\u{FEFF}BYE\\u{200B}"),
        ("no\u00a0break \u2028", "no\\u{A0}break \\u{2028}"),
        ("e\u0301", "e\\u{301}"),
        ("HÉLLO ÇA € 漢", "HÉLLO ÇA € 漢"),
    ],
)
def test_what_cannot_be_seen_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(ANY_TEXT)
def test_nothing_visible_can_steer_a_terminal_or_break_a_line_or_xml(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  two  spaces \n", "␣␣two  spaces␣⏎"),
        ("> \r\n", ">␣␍⏎"),
        ("   ", "␣␣␣"),
        ("\n", "⏎"),
        ("", ""),
    ],
)
def test_spaces_are_shown_where_they_would_be_overlooked(text: str, shown: str) -> None:
    assert visible_line(text) == shown


@given(ANY_TEXT)
def test_lines_lose_nothing(text: str) -> None:
    assert "".join(lines_of(text)) == text


def test_only_lf_ends_a_line() -> None:
    assert lines_of("a\rb\x0bc\u2028d\n\ne") == ["a\rb\x0bc\u2028d\n", "\n", "e"]


def test_a_long_text_is_shortened_in_its_middle_and_says_how_much() -> None:
    text = "begin" + "·" * 1_000_000 + "end"
    short = shorten_middle(text, 60)
    assert short.startswith("begin")
    assert short.endswith("end")
    assert "characters)" in short
    assert cell_len(short) <= 60


def test_where_there_is_little_room_how_much_is_left_out_is_not_said() -> None:
    assert shorten_middle("Annokrjafp is in the room.", 20) == "Annokrjafp i… room."


@given(st.text("a漢", max_size=300), st.integers(3, 100))
def test_a_short_text_is_left_alone_and_a_long_one_fits(text: str, cells: int) -> None:
    short = shorten_middle(text, cells)
    assert short == text if cell_len(text) <= cells else cell_len(short) <= cells


@given(st.text("ab 漢", max_size=300), st.integers(2, 100))
def test_rows_lose_nothing_and_fit(text: str, cells: int) -> None:
    rows = wrapped(text, cells)
    assert "".join(rows) == text
    assert all(cell_len(row) <= cells for row in rows)


def test_rows_part_between_words() -> None:
    assert wrapped("there is no key called x", 10) == ["there is ", "no key ", "called x"]
    assert wrapped("> averylongword x", 10) == ["> averylon", "gword x"]
    assert wrapped("   averylongword", 10) == ["   averylo", "ngword"]


def test_colours_are_taken_out_and_nothing_else() -> None:
    assert without_colours("\x1b[1;31mERROR\x1b[0m\x1b[K a") == "ERROR a"
    assert without_colours("\x1b[2J\x1b]0;x\x07") == "\x1b[2J\x1b]0;x\x07"


def test_an_encoding_that_lacks_our_signs_gets_others() -> None:
    assert fit("✗ BYE⏎ é", "latin-1") == "x BYE\\n é"
    assert fit("✗ BYE⏎ é", "ascii") == "x BYE\\n \\u{E9}"


@pytest.mark.parametrize(
    "line",
    [
        "::error file=a::x",
        "   ::stop-commands::x",
        "a ##[error]b",
        "##vso[task.complete]",
        "::x",
        "##teamcity[buildStop]",
        "a [[ATTACHMENT|/etc/passwd]]",
    ],
)
def test_no_line_is_a_command_to_a_runner(line: str) -> None:
    safe = disarm(line)
    assert not safe.lstrip().startswith("::")
    assert "##[" not in safe
    assert "##vso[" not in safe
    assert "##teamcity[" not in safe
    assert "[[ATTACHMENT|" not in safe
    assert disarm(safe) == safe


def test_other_lines_are_left_alone() -> None:
    for line in ("a [[b]] [ATTACHMENT]", "listens on :::2323", "## heading", "a::b", "# [x]"):
        assert disarm(line) == line
