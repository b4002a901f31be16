"""Where a stream tells the time, however its lines end."""

from __future__ import annotations

import pytest

from conformance.labs.streaming_time.tellings import date_in, tellings, tells

FORM = "{'time' : '<date>'}"
DATE = "Sun Nov 22 22:20:28 UTC 2026"
LINE = FORM.replace("<date>", DATE).encode()


def found(*came: bytes, form: str = FORM) -> list[bytes]:
    """The tellings in what came, a read each."""
    data, reads = b"", []
    for part in came:
        data += part
        reads.append(len(data))
    return [data[begin:end] for begin, end in tellings(data, reads, form)]


@pytest.mark.parametrize(
    "end", [b"", b"\n", b"\r", b"\r\n", b"\n\n", b"\0", b"\n\0", b" ", b"\nsent\n", b", "]
)
def test_a_telling_is_found_whatever_ends_it(end: bytes) -> None:
    assert len(found(*[LINE + end] * 4)) == 4
    assert len(found(b"".join([LINE + end] * 4))) == 4


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n", b"\n\n", b"\n\0", b"\nsent\n"])
def test_without_braces_it_is_a_line(end: bytes) -> None:
    assert len(found(b"".join([DATE.encode() + end] * 4))) == 4


def test_without_braces_and_ends_it_is_what_came_at_a_time() -> None:
    assert found(*[DATE.encode()] * 3) == [DATE.encode()] * 3


def test_text_of_two_bytes_a_character_tells_the_time() -> None:
    (one, other) = found(((LINE + b"\n") * 2).decode().encode("utf-16-be"))
    assert {date_in(text.decode(), FORM) for text in (one, other)} == {DATE}


def test_a_banner_is_no_telling() -> None:
    assert found(b"Welcome to {my} server\n", LINE + b"\n") == [LINE + b"\n"]
    assert found(b"Welcome\n", DATE.encode() + b"\n") == [DATE.encode() + b"\n"]


@pytest.mark.parametrize("came", [b"x\r", b"hello\n", b"{}", b"\0", b"a { margin: 0 }"])
def test_where_nothing_tells_the_time_there_are_lines(came: bytes) -> None:
    assert not any(tells(piece.decode(), FORM) for piece in found(came, came))
    assert found(came, came)


def test_drops_are_no_tellings() -> None:
    """A byte at a time is one piece, not one piece a byte."""
    assert len(found(*[b"x"] * 20)) == 1


def test_what_has_the_agreed_form_is_a_telling_whatever_its_date() -> None:
    assert found(b"{'time' : 'undefined'}\n", LINE) == [b"{'time' : 'undefined'}\n", LINE]
    assert found(b"T=noon\nT=nine\nhello\n", form="T=<date>") == [b"T=noon\n", b"T=nine\n"]
