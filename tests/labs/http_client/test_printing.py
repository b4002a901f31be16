"""Whether an answer stands in what a program has printed. No program runs here."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance import Draw
from conformance.labs.http_client.answers import (
    LARGE,
    PIECES,
    WIDTH,
    WebAnswer,
    accents,
    complete,
    cut_short,
    greeting,
    large,
)
from conformance.labs.http_client.printing import as_messages, find, near

SENT = greeting(Draw(1, "greeting"))
TEXT = SENT.data.decode()
PLAIN = TEXT.replace("\r\n", "\n")

PRINTED = {
    "as it came": TEXT,
    "line by line": PLAIN,
    "behind a prompt": "Host? Port? " + TEXT,
    "without its empty lines": "\n".join(line for line in PLAIN.split("\n") if line),
    "with a prefix": "".join(f"<< {line}\n" for line in PLAIN.split("\n")),
    "in a log": "".join(
        f"Nov 30, 2026 4:36 PM Client main\nINFO: {x}\n" for x in PLAIN.split("\n")
    ),
    "in colours": "".join(f"\x1b[32m{line}\x1b[0m\n" for line in PLAIN.split("\n")),
    "with blanks behind": "".join(f"{line}  \t\r\n" for line in PLAIN.split("\n")),
    "between other things": "connected\n" + PLAIN.replace("\n", "\nand now\n") + "closed\n",
}


@pytest.mark.parametrize("printed", PRINTED.values(), ids=PRINTED)
def test_an_answer_is_there_however_it_is_printed(printed: str) -> None:
    found = find(SENT.lines, printed.encode())
    assert found.whole
    assert not found.broken


NOT_PRINTED = {
    "nothing": b"",
    "something else": b"HTTP/1.0 200 OK\r\n\r\nhello\r\n",
    "bytes as Python shows them": repr(SENT.data).encode(),
    "numbers": " ".join(map(str, SENT.data)).encode(),
    "with something behind": "".join(f"{line};\n" for line in PLAIN.split("\n")).encode(),
    "in another order": "".join(f"{x}\n" for x in reversed(PLAIN.split("\n"))).encode(),
    "without its first line": PLAIN.partition("\n")[2].encode(),
    "in capitals": TEXT.upper().encode(),
}


@pytest.mark.parametrize("printed", NOT_PRINTED.values(), ids=NOT_PRINTED)
def test_an_answer_that_is_not_there(printed: bytes) -> None:
    assert not find(SENT.lines, printed).whole


def test_how_much_of_an_answer_is_there() -> None:
    head = TEXT.partition("\r\n\r\n")[0].encode()
    found = find(SENT.lines, head)
    assert (found.lines, found.later) == (len(SENT.head), 0)
    assert found.missing == b"<html>"
    gap = find(SENT.lines, TEXT.replace("<html>\r\n", "").encode())
    assert (gap.lines, gap.later) == (len(SENT.head), len(SENT.lines) - len(SENT.head) - 1)
    assert find(SENT.lines, b"").nothing
    assert SENT.head[0] == b"HTTP/1.1 400 Bad Request"


@given(st.integers(min_value=3, max_value=2_000), st.sampled_from(["{}\n", "a log\nINFO: {}\n"]))
def test_a_line_may_be_broken_where_a_read_ended(size: int, form: str) -> None:
    pieces = (TEXT[at : at + size] for at in range(0, len(TEXT), size))
    found = find(SENT.lines, "".join(form.format(piece) for piece in pieces).encode())
    assert found.whole


def test_a_broken_line_is_told_from_a_missing_one() -> None:
    assert find([b"abcdef"], b"abc\ndef\n").broken == 1
    assert find([b"abcdef"], b"abc\ndex\n").lines == 0
    assert find([b"abcdef"], b"abc\n" + b"...\n" * 50 + b"def\n").lines == 0
    assert find([b"nabc"], b"2026 main\nINFO: na\nmain\nINFO: bc\n").broken == 1


@pytest.mark.parametrize(
    "flood",
    [
        b"\n" * 2_000_000,
        b"h" * 2_000_000,
        b"<\n" * 1_000_000,
        b"\x1b[" * 1_000_000,
        b" " * 2_000_000,
    ],
    ids=["line ends", "one line", "short lines", "half a colour", "blanks"],
)
def test_a_flood_is_searched_in_time(flood: bytes) -> None:
    began = time.thread_time()
    assert not find(large(Draw(1, "large")).lines, flood).whole
    assert time.thread_time() - began < 5.0


def test_the_line_that_holds_a_word() -> None:
    assert near(b"one\ntwo words\nthree", b"words") == "two words"
    assert near(b"one\n", b"words") == ""


def test_the_same_message_at_another_time_is_the_same() -> None:
    assert as_messages(b"12:34:56 connecting\n\n") == as_messages(b"7:01:59 connecting\n")
    assert as_messages(b"refused\n") - as_messages(b"connecting\n") == {"refused"}


# -- what is answered --------------------------------------------------------------


@given(st.integers(min_value=0, max_value=10_000))
def test_the_large_answer_is_as_large_as_the_contract_says(seed: int) -> None:
    sent = large(Draw(seed, "large"))
    head, _, body = sent.data.partition(b"\r\n\r\n")
    assert len(sent.data) == LARGE
    assert f"Content-Length: {len(body)}".encode() in head
    assert len(sent.pieces) == PIECES
    assert all(piece.endswith(b"\r\n") for piece in sent.pieces)
    assert {len(line) + 2 for line in body.split(b"\r\n")[:-2]} == {WIDTH}


def test_a_character_stands_in_both_pieces() -> None:
    sent = accents(Draw(1, "accents"))
    one, two = sent.answer.pieces
    assert sent.whole in one
    with pytest.raises(UnicodeDecodeError):
        one.decode("utf-8")
    assert sent.parted in one + two
    assert (one + two).decode("utf-8")


def test_what_is_cut_short_ends_in_a_line() -> None:
    assert not cut_short(Draw(1, "cut")).data.endswith(b"\n")
    assert len(WebAnswer((b"a\r\n", b"\r\nb")).lines) == 2


@pytest.mark.parametrize(
    ("received", "whole"),
    [
        (b"Hello\r\n\r\n", True),
        (b"Hello\n\n", True),
        (b"Hello\r\n\n", True),
        (b"\r\n\r\n", True),
        (b"GET / HTTP/1.0\r\nHost: a\r\n\r\n", True),
        (b"Hello\r\n", False),
        (b"Hello\r\n\r\nand more", False),
        (b"Hello\r\r", False),
        (b"", False),
    ],
)
def test_a_request_ends_with_a_blank_line(received: bytes, whole: bool) -> None:
    assert complete(received) is whole
