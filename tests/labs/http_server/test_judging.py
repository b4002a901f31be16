"""What an answer has to be, asked of answers that are made by hand."""

from __future__ import annotations

import email.utils

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance import Draw
from conformance.contract.catalog import load
from conformance.labs.http_server.answer import by_hand
from conformance.labs.http_server.chunks import chunked
from conformance.labs.http_server.dates import date_of, dated
from conformance.labs.http_server.judging import has_octets, same_text
from conformance.labs.http_server.section_2_a_file import form_of, leads_to
from conformance.labs.http_server.site import base_of, lay, roles


@given(st.integers(0, 4_000_000_000))
def test_dates_are_those_of_the_library(seconds: int) -> None:
    assert dated(seconds) == email.utils.formatdate(seconds, usegmt=True)
    assert date_of(dated(seconds)) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "Tue, 1 Dec 2026 10:00:00 GMT",
        "Tue, 01 Dec 2026 10:00:00 +0000",
        "Mon, 01 Dec 2026 10:00:00 GMT",  # it was a Tuesday
        "mar., 01 déc. 2026 10:00:00 GMT",
        "Tue, 31 Feb 2026 10:00:00 GMT",
        "2026-12-01T10:00:00Z",
        "",
    ],
)
def test_other_forms_are_no_dates(text: str) -> None:
    assert date_of(text) is None


@pytest.mark.parametrize(
    ("head", "seen"),
    [
        (b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n", None),
        (b"HTTP/1.1 200 \r\nA:b\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\nA: b\n\n", "`HTTP/1.1 200 OK␊`"),
        (b"HTTP/1.1 200\r\nA: b\r\n\r\n", "`HTTP/1.1 200␍␊`"),
        (b"200 OK\r\n\r\n", "`200 OK␍␊`"),
        (b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "`A : b␍␊`"),
        (b"HTTP/1.1 200 OK\r\nA b\r\n\r\n", "`A b␍␊`"),
        (b"HTTP/1.1 200 OK\r\nA: b\n\r\n", "`A: b␊`"),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n\n", "`␊`"),
    ],
)
def test_the_form_of_a_head(head: bytes, seen: str | None) -> None:
    wrong = form_of(head)
    assert (wrong.actual if wrong else None) == seen


@pytest.mark.parametrize(
    ("location", "right"),
    [
        ("/docs/", True),
        ("docs/", True),
        ("http://localhost:8080/docs/", True),
        ("//localhost/docs/", True),
        ("http://elsewhere.example/docs/", False),
        ("/docs", False),
        ("/other/", False),
    ],
)
def test_where_a_location_leads(location: str, right: bool) -> None:
    answer = by_hand(f"HTTP/1.1 301 Moved\r\nLocation: {location}\r\n\r\n".encode(), closed=True)
    assert (leads_to(answer, "/docs", Asked()) is None) == right


class Asked:
    """A server, as far as its name is asked."""

    port = 8080
    parameters = load(())["http-server"].resolve("http-server", {})


def test_where_octets_differ() -> None:
    assert has_octets(b"abc", b"abc", "the body") is None
    for body, told in {
        b"ab": "2 octets",
        b"abx": "3 octets; octet 2 is 78 in place of 63",
        b"abc\r\n": "5 octets; behind the last: \r\n",
    }.items():
        wrong = has_octets(body, b"abc", "the body")
        assert wrong is not None
        assert wrong.actual == told


@given(st.text("ab\r\n ", max_size=12))
def test_text_is_the_same_whatever_its_line_ends(text: str) -> None:
    unix = text.replace("\r\n", "\n")
    assert same_text(unix.replace("\n", "\r\n").encode(), unix.encode()) or "\r" in unix
    assert same_text(text.encode() + b"\r\n", text.encode())
    assert not same_text(b"x" + text.encode(), text.encode())


@given(st.binary(max_size=50), st.lists(st.integers(0, 10), max_size=4))
def test_chunks_hold_the_body(body: bytes, sizes: list[int]) -> None:
    sizes = sizes if sum(sizes) <= len(body) else []
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    for how in ({}, {"upper": True}, {"extension": ";a=b"}, {"trailers": ["A: b"]}):
        answer = by_hand(head + chunked(body, sizes, **how))
        assert answer is not None
        assert (answer.body, answer.whole) == (body, True)


@pytest.mark.parametrize(
    "settings",
    [{}, {"post": "cgi"}, {"hosts": "one.example two.example"}, {"index": ""}, {"root": "a/b"}],
    ids=str,
)
def test_each_role_has_a_file_of_its_own(settings: dict[str, str]) -> None:
    parameters = load(())["http-server"].resolve("http-server", settings)
    laid = lay(parameters, Draw(7, "laid"))
    assert len(laid) == len(roles(parameters))
    assert laid.keys() != lay(parameters, Draw(8, "laid")).keys()
    outside = dict(zip(roles(parameters), laid, strict=True))
    root = base_of(parameters)
    assert not outside["secret"].startswith(root)
    assert outside["beside"].startswith(root)
    assert not outside["beside"].startswith(f"{root}/")
