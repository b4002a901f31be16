"""Which exception is told with a failure, and in what words."""

from __future__ import annotations

import pytest

from conformance.verdict.symptoms import Thrown
from conformance.verdict.thrown.choice import Printed, sentence, told
from conformance.verdict.violation import Kind
from kit.recordings import OWN, recordings

RECORDED = recordings()
NULL = RECORDED["java-print"]
LOST = RECORDED["java-reset"]
PYTHON = RECORDED["python-main"]


def place(thrown: Thrown | None) -> str:
    return "" if thrown is None else f"{thrown.name} {thrown.file}:{thrown.line}"


def chosen(
    before: str = "", during: str = "", after: str = "", *, kind: Kind = Kind.SILENCE,
    status: int | None = None, used: bool = False,
) -> Thrown | None:  # fmt: skip
    printed = Printed(before, during, after)
    return told(printed, OWN, kind=kind, status=status, used=used).thrown


def test_the_first_one_of_the_conversation_is_told() -> None:
    assert place(chosen(during=NULL + PYTHON)) == "NullPointerException Echo.java:4"


def test_the_last_one_is_told_of_a_program_that_has_ended() -> None:
    assert place(chosen(during=NULL + PYTHON, status=1)) == "AttributeError server.py:3"
    lost = RECORDED["node-reset"]
    assert place(chosen(during=NULL + lost, status=1)) == "Error server.js:21"


def test_one_with_a_place_is_told_rather_than_one_without() -> None:
    printed = RECORDED["java-println"]
    assert place(chosen(during=printed)) == "NullPointerException :0"
    assert place(chosen(during=printed + PYTHON)) == "AttributeError server.py:3"


@pytest.mark.parametrize("kind", [Kind.SILENCE, Kind.CLOSED, Kind.OPEN, Kind.REFUSED])
def test_a_lost_connection_may_explain_what_did_not_come(kind: Kind) -> None:
    assert place(chosen(during=LOST, kind=kind)) == "SocketException Echo.java:26"
    assert place(chosen(during=LOST + NULL, kind=kind)) == "NullPointerException Echo.java:4"


@pytest.mark.parametrize("kind", [Kind.FORM, Kind.LATE])
def test_a_lost_connection_explains_no_wrong_text(kind: Kind) -> None:
    assert chosen(during=LOST, kind=kind) is None
    assert place(chosen(during=LOST + NULL, kind=kind)) == "NullPointerException Echo.java:4"


def test_what_is_printed_when_the_clients_leave_is_told_as_that() -> None:
    seen = chosen(after=NULL)
    assert seen is not None
    assert (seen.before, seen.after) == (False, True)
    assert chosen(after=LOST) is None
    assert "the client had ended" in sentence(seen)


def test_who_has_closed_a_connection_may_print_why_a_little_later() -> None:
    seen = chosen(after=NULL, kind=Kind.CLOSED)
    assert seen is not None
    assert not seen.after


def test_an_older_one_is_told_as_older() -> None:
    seen = chosen(before=PYTHON)
    assert seen is not None
    assert seen.before
    assert sentence(seen).startswith("Before this was tried, your program had printed")


def test_an_older_one_is_not_told_of_a_server_that_others_have_used() -> None:
    assert chosen(before=PYTHON, used=True) is None


def test_an_older_one_explains_no_wrong_text() -> None:
    assert chosen(before=PYTHON, kind=Kind.FORM) is None


def test_a_trace_that_began_before_the_conversation_is_none_of_it() -> None:
    head, tail = NULL[: len(NULL) // 2], NULL[len(NULL) // 2 :]
    assert chosen(before=head, during=tail, used=True) is None


def test_a_signal_that_ends_it_without_a_word_is_told() -> None:
    seen = chosen(during="client 1\n", kind=Kind.ENDED, status=139)
    assert seen is not None
    assert sentence(seen) == "The program ended with a segmentation fault while this was tried."
    assert chosen(during="client 1\n", kind=Kind.ENDED, status=1) is None


WORDS = {
    "java-print": "an exception while this was tried: NullPointerException at Echo.java:4",
    "node-addr": "an exception while this was tried: Error: listen EADDRINUSE: address already in"
    " use :::38967 at server.js:9",
    "native-c-assert": 'a failed assertion while this was tried: n == 3 && "x" at server.c:9',
    "native-c-asan-asan": "an error of AddressSanitizer while this was tried: heap-buffer-overflow"
    " at server.c:5",
    "native-c-free": "an error of the C library while this was tried: free(): double free detected"
    " in tcache 2",
    "native-go-index": "a panic while this was tried: runtime error: index out of range [3] with"
    " length 0 at main.go:4",
    "node-value": "an uncaught value while this was tried: text at server.js:8",
}


@pytest.mark.parametrize("name", WORDS)
def test_it_is_said_in_one_sentence(name: str) -> None:
    seen = chosen(during=RECORDED[name])
    assert seen is not None
    assert sentence(seen) == f"Your program printed {WORDS[name]} (see its own output)."


def test_the_output_begins_where_the_exception_does() -> None:
    printed = Printed("ready\n", "one\ntwo\nthree\n" + PYTHON + "after\n" * 30)
    shown = told(printed, OWN, kind=Kind.CLOSED).output
    assert shown.startswith("two\nthree\nTraceback")
    assert '  File "server.py", line 3' in shown
    assert shown.endswith("after")


def test_without_an_exception_the_last_lines_are_kept() -> None:
    printed = Printed("a\n" * 20, "b\n" * 5, "c\n")
    assert told(printed, OWN, kind=Kind.CLOSED).output == "a\n" * 6 + "b\n" * 5 + "c"


def test_what_the_program_has_worded_is_bounded() -> None:
    long = "x" * 600
    text = f'Traceback (most recent call last):\n  File "{long}.py", line 3\n{long}: {long}\n'
    seen = chosen(during=text)
    assert seen is not None
    assert len(seen.name) <= 80
    assert len(sentence(seen)) < 400
