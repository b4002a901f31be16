"""How answers are read: what is right by h11, what is wrong by hand, and both alike."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.labs.http_server.answer import Response, by_hand, read, refusal

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"


def plain(answer: Response | None) -> tuple[Any, ...] | None:
    """What both readers must agree on."""
    if answer is None:
        return None
    return answer.status, answer.body, answer.ends_by, answer.whole, answer.size, answer.head


RIGHT = {
    "a length": (HEAD + b"hello", "GET", False),
    "a length, and more behind it": (HEAD + b"helloHTTP/1.1 404", "GET", False),
    "a part of the body": (HEAD + b"hel", "GET", False),
    "to HEAD": (HEAD, "HEAD", False),
    "304": (b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n', "GET", False),
    "chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n",
        "GET",
        False,
    ),
    "up to the close": (b"HTTP/1.0 200 OK\r\n\r\nhello", "GET", True),
    "not closed yet": (b"HTTP/1.0 200 OK\r\n\r\nhel", "GET", False),
    "behind 100": (b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"hello", "POST", False),
    "without a phrase": (b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "GET", False),
}


@pytest.mark.parametrize("case", RIGHT.values(), ids=RIGHT)
def test_both_readers_agree_on_what_is_right(case: tuple[bytes, str, bool]) -> None:
    data, method, closed = case
    assert refusal(data, method, closed=closed) == ""
    answer = read(data, method=method, closed=closed)
    assert plain(answer) == plain(by_hand(data, method=method, closed=closed))
    assert answer is not None


@given(
    body=st.binary(max_size=60),
    cuts=st.lists(st.integers(1, 20), max_size=5),
    come=st.integers(0, 400),
)
def test_both_readers_agree_wherever_it_is_cut(body: bytes, cuts: list[int], come: int) -> None:
    data, at = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 0
    for size in (*cuts, len(body)):
        piece = body[at : at + size]
        data += b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b""
        at += size
    data += b"0\r\n\r\n"
    answer, same = read(data[:come]), by_hand(data[:come])
    assert (answer is None) == (same is None)
    if come >= len(data):
        assert answer is not None
        assert same is not None
        assert (answer.body, answer.whole) == (same.body, same.whole) == (body, True)


WRONG = {
    "LF alone": (b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", 200, b"hello"),
    "no version": (b"200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello"),
    "a colon behind the version": (
        b"HTTP/1.1: 404 Not Found\r\nContent-Length: 5\r\n\r\nhello", 404, b"hello",
    ),
    "a space before the colon": (
        b"HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello", 200, b"hello",
    ),
    "an empty line before it": (b"\r\n" + HEAD + b"hello", 200, b"hello"),
    "a header without a colon": (
        b"HTTP/1.1 200 OK\r\nServer\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_read_all_the_same(case: tuple[bytes, int, bytes]) -> None:
    data, status, body = case
    answer = read(data)
    assert answer is not None
    assert (answer.status, answer.body, answer.whole) == (status, body, True)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-",
        b"hello\r\n\r\n",
        b"<html>\r\n\r\n",
        b"123 4\r\n5 x\r\n\r\n",
    ],
)
def test_what_is_no_answer(data: bytes) -> None:
    assert read(data) is None


def test_a_length_that_is_no_number_is_none() -> None:
    answer = by_hand(b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello", closed=True)
    assert answer is not None
    assert (answer.length, answer.ends_by, answer.body) == (None, "close", b"hello")


@given(st.binary(max_size=200), st.booleans(), st.sampled_from(["GET", "HEAD", "POST"]))
def test_whatever_comes_is_read_without_an_error(data: bytes, closed: bool, method: str) -> None:
    read(b"HTTP/1.1 200 OK\r\n" + data, method=method, closed=closed)
    read(data, method=method, closed=closed)
