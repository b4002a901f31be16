"""Two texts under each other, and the caret where they part."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from conformance.reports.text.comparison import compare, first_difference

ANY_TEXT = st.text(st.characters(codec=None), max_size=60)  # lone surrogates too


def marked(expected: str, actual: str, encoding: str = "utf-8") -> tuple[str, str, str]:
    shown = compare(expected, actual, cells=60, encoding=encoding)
    return shown.expected, shown.actual, "" if shown.caret is None else " " * shown.caret + "^"


def test_the_caret_stands_under_the_first_difference() -> None:
    assert marked("> BYE\n", "> bye\n") == ("> BYE⏎", "> bye⏎", "  ^")
    assert marked("> 漢字 A\n", "> 漢字 B\n") == ("> 漢字 A⏎", "> 漢字 B⏎", "       ^")
    assert marked("> É\n", "> E\u0301\n") == ("> É⏎", "> E\\u{301}⏎", "  ^")


def test_the_caret_counts_what_an_ascii_terminal_shows() -> None:
    expected, actual, caret = marked("> É A\n", "> É a\n", "ascii")
    assert (expected, actual) == ("> \\u{C9} A\\n", "> \\u{C9} a\\n")
    assert expected[len(caret) - 1] == "A"


def test_spaces_that_differ_are_shown_and_no_others() -> None:
    assert marked("> A B\n", ">A B\n") == (">␣A B⏎", ">A B⏎", " ^")
    assert marked("a b  c\n", "a b c\n") == ("a b␣␣c⏎", "a b␣c⏎", "    ^")
    assert marked("HELLO\n", "HELLO \n") == ("HELLO⏎", "HELLO␣⏎", "     ^")


def test_what_is_not_alike_has_no_caret() -> None:
    assert marked("the close, within 1 s", "nothing") == ("the close, within 1 s", "nothing", "")
    assert marked("the server closes the connection", "it was still open after 1 s")[2] == ""
    assert marked("10 replies", "9 replies")[2] == "^"
    assert marked("> BYE", "> bye")[2] == "  ^"
    assert marked("> HELLO", "HELLO")[2] == "^"
    assert marked("> QWZ", "> RTP")[2] == "  ^"
    assert marked("same", "same")[2] == ""


def test_lines_that_read_like_sentences_have_their_caret() -> None:
    texts = "the bob says: hello", "the bob says: hallo"
    assert compare(*texts, cells=60).caret is None
    assert compare(*texts, cells=60, lines=True).caret == len("the bob says: h")


def test_a_number_of_times_is_no_line() -> None:
    assert marked("once: Ann says: hi", "2 times to client 2: Ann says: hi")[2] == ""
    assert marked("20 lines", "1 line; the first that is missing: x")[2] == ""


def test_letters_in_another_case_are_passed_over_where_more_differs() -> None:
    """As C's toupper leaves them, which is allowed; where a text is asked for, they count."""
    texts = "> HÉLLO ÇA €", "> HéLLO çA ¬"
    shown = compare(*texts, cells=60)
    assert (shown.expected, shown.actual) == texts
    assert shown.caret == len("> HÉLLO ÇA ")
    assert compare(*texts, cells=60, lines=True).caret == len("> H")
    assert compare("> HÉ", "> Hé", cells=60).caret == len("> H")


def test_a_difference_far_into_a_long_line_is_found_and_shown() -> None:
    line = "x" * 100_000
    expected, actual, caret = marked(f"{line}A{line}\n", f"{line}B{line}\n")
    assert expected[len(caret) - 1] == "A"
    assert actual[len(caret) - 1] == "B"
    assert max(cell_len(expected), cell_len(actual)) <= 70


@given(ANY_TEXT, ANY_TEXT, st.sampled_from(["utf-8", "ascii", "latin-1", "cp1252"]))
def test_any_two_texts_can_be_compared(expected: str, actual: str, encoding: str) -> None:
    shown = compare(expected, actual, cells=40, encoding=encoding)
    (shown.expected + shown.actual).encode(encoding)
    assert (shown.expected + shown.actual).isprintable()
    assert shown.caret is None or 0 <= shown.caret <= 40


@given(ANY_TEXT, ANY_TEXT)
def test_texts_part_at_the_first_difference(one: str, other: str) -> None:
    at = first_difference(one, other)
    if at is None:
        assert one == other
    else:
        assert one[:at] == other[:at]
        assert one[at : at + 1] != other[at : at + 1]
