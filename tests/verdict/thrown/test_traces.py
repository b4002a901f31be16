"""What is read of an exception that a program printed. The outputs are of Python 3.11 and
3.13, Java 17 and 25, Node 20, gcc 12, Go and Rust."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.verdict.thrown.own_files import OwnPaths
from conformance.verdict.thrown.traces import traces
from kit.recordings import OWN, recordings

RECORDED = recordings()

SEEN = {
    "python-main": "AttributeError server.py:3",
    "python-thread": "AttributeError server.py:3",
    "python-older-thread": "AttributeError server.py:3",
    "python-direct": "KeyError server.py:6",
    "python-during": "AttributeError server.py:9",
    "python-asyncio": "AttributeError server.py:3",
    "python-cb": "AttributeError server.py:3",
    "python-group": "AttributeError server.py:3",
    "python-older-group": "AttributeError server.py:3",
    "python-log": "AttributeError server.py:3",
    "python-pool": "AttributeError server.py:3",
    "python-socketserver": "AttributeError server.py:3",
    "python-older-socketserver": "AttributeError server.py:3",
    "python-recursion": "RecursionError server.py:33",
    "python-older-recursion": "RecursionError server.py:33",
    "python-addr": "OSError server.py:50",
    "python-faulthandler": "fatal error server.py:52",
    "python-unicode": "UnicodeDecodeError server.py:54",
    "python-multi": "ValueError server.py:55",
    "python-broken": "SyntaxError broken.py:1",
    "python-older-broken": "SyntaxError broken.py:1",
    "python-import": "SyntaxError broken.py:1",
    "python-ints": "",
    "java-main": "NullPointerException Echo.java:4",
    "java-source": "NullPointerException Echo.java:4",
    "java-thread": "NullPointerException Echo.java:4",
    "java-pool": "NullPointerException Echo.java:4",
    "java-caused": "NullPointerException Echo.java:4",
    "java-future": "NullPointerException Echo.java:4",
    "java-sneaky": "NullPointerException Echo.java:4",
    "java-suppressed": "NullPointerException Echo.java:4",
    "java-print": "NullPointerException Echo.java:4",
    "java-prefix": "NullPointerException Echo.java:4",
    "java-log": "NullPointerException Echo.java:4",
    "java-println": "NullPointerException",
    "java-index": "ArrayIndexOutOfBoundsException Echo.java:18",
    "java-bind": "BindException Echo.java:21",
    "java-multi": "IOException Echo.java:23",
    "java-init": "ArithmeticException Echo.java:35",
    "java-reset": "SocketException Echo.java:26",
    "java-closed": "SocketException Echo.java:27",
    "java-lambda": "ClassCastException Echo.java:28",
    "java-number": "NumberFormatException Echo.java:30",
    "java-package": "Server$Oops com/example/Server.java:3",
    "java-virtual": "NullPointerException live/Virtual.java:2",
    "java-dump": "",
    "node-throw": "TypeError server.js:2",
    "node-event": "TypeError server.js:2",
    "node-reject": "TypeError server.js:2",
    "node-console": "TypeError server.js:2",
    "node-prefix": "TypeError server.js:2",
    "node-cause": "TypeError server.js:2",
    "node-twenty": "TypeError server.js:2",
    "node-esm": "TypeError server.mjs:1",
    "node-addr": "Error server.js:9",
    "node-aggregate": "AggregateError server.js:13",
    "node-assert": "AssertionError server.js:14",
    "node-module": "Error server.js:20",
    "node-own": "ProtocolFault server.js:16",
    "node-port": "RangeError server.js:15",
    "node-rejectValue": "UnhandledPromiseRejection",
    "node-reset": "Error server.js:21",
    "node-stack": "RangeError server.js:23",
    "node-syntax": "SyntaxError broken.js:2",
    "node-value": "uncaught value server.js:8",
    "node-trace": "",
    "node-warn": "",
    "native-c-assert": "failed assertion server.c:9",
    "native-cpp-assert": "failed assertion server.cpp:6",
    "native-c-asan-asan": "AddressSanitizer server.c:5",
    "native-c-asan-null": "AddressSanitizer server.c:5",
    "native-c-asan-leak": "",
    "native-c-undefined": "undefined behaviour server.c:14",
    "native-c-free": "C library",
    "native-c-smash": "C library",
    "native-cpp-throw": "std::runtime_error",
    "native-cpp-at": "std::out_of_range",
    "native-cpp-int": "int",
    "native-cpp-join": "std::terminate",
    "native-go-index": "panic main.go:4",
    "native-go-goroutine": "panic main.go:4",
    "native-go-nil": "panic main.go:8",
    "native-go-error": "panic main.go:9",
    "native-go-http": "panic main.go:4",
    "native-go-repanic": "panic main.go:12",
    "native-rust-index": "panic main.rs:2",
    "native-rust-thread": "panic main.rs:2",
    "native-rust-unwrap": "panic main.rs:5",
    "native-rust-named": "panic main.rs:7",
}


def first(text: str, own: OwnPaths = OWN) -> str:
    """The first exception in the text, as `NullPointerException Echo.java:4`; "" if none is."""
    for trace in traces(text):
        raised, frame, file = trace.told(own)
        return f"{raised.name} {file}:{frame.number}" if frame else raised.name
    return ""


@pytest.mark.parametrize("name", RECORDED)
def test_the_exception_and_its_place_are_read(name: str) -> None:
    assert first(RECORDED[name]) == SEEN[name]


@pytest.mark.parametrize("name", [name for name in RECORDED if SEEN[name]])
def test_other_output_around_it_changes_nothing(name: str) -> None:
    around = "listening on 2323\nclient 1 says: Error at noon\n"
    [*found] = traces(f"{around}{RECORDED[name]}\n{around}")
    assert len(found) == len(traces(RECORDED[name]))
    assert first(f"{around}{RECORDED[name]}\n{around}") == SEEN[name]


@pytest.mark.parametrize("name", [name for name in RECORDED if SEEN[name]])
def test_paths_made_relative_are_read_again(name: str) -> None:
    assert first(OWN.relative(RECORDED[name])) == SEEN[name]


@pytest.mark.parametrize("end", ["\r\n"])
@pytest.mark.parametrize("name", ["python-thread", "java-caused", "node-throw", "native-go-index"])
def test_line_ends_may_be_those_of_windows(name: str, end: str) -> None:
    assert first(RECORDED[name].replace("\n", end)) == SEEN[name]


@pytest.mark.parametrize(
    "text",
    [
        "no Exception so far\n",
        "Exception handling is on\nat 12:00 (noon)\n",
        "Error: could not read the line\nclient left\n",
        "java.lang.NullPointerException would be thrown here\n",
        "ValueError: this is what a client said\n",
        "Caused by: the client\n    at home (in Pau)\n",
        "INFO: 0 errors\n  at work\n",
        "Traceback (most recent call last):\nnothing follows\n",
        "Traceback (most recent call last):\n  no frame\nValueError: x\n",
        "panic: not really\n",
        "free lunch\nterminate called\n",
        "thread 'main' is ready\n",
        "server.c:12: a note\n",
        "Assertion failed to fail.\n",
        "Warning: at Echo.main(Echo.java:3)\n",
        "   java.lang.Thread.State: RUNNABLE\n\tat Echo.main(Echo.java:3)\n",
        "(node:1) Warning: x\n    at serve (/home/student/server.js:2:3)\n",
    ],
)
def test_ordinary_words_are_no_exception(text: str) -> None:
    assert traces(text) == []


def test_an_error_that_is_only_mentioned_does_not_take_the_frames_of_the_next() -> None:
    mentioned = "Error: the line was ignored\n" + RECORDED["node-console"]
    assert first(mentioned) == "TypeError server.js:2"
    mentioned = "my.Fault: ignored\nclient 2\n" + RECORDED["java-print"]
    assert first(mentioned) == "NullPointerException Echo.java:4"


@pytest.mark.parametrize("folder", ["node_modules", "vendor"])
def test_frames_of_libraries_are_not_the_students_own(folder: str) -> None:
    text = RECORDED["node-console"].replace("/server.js:2:", f"/{folder}/x/index.js:7:")
    assert first(text) == "TypeError server.js:10"


def test_two_files_of_one_name_are_told_apart_by_their_package() -> None:
    own = OwnPaths(frozenset({"a/com/example/Server.java", "b/Server.java"}))
    assert first(RECORDED["java-package"], own) == "Server$Oops a/com/example/Server.java:3"
    unclear = OwnPaths(frozenset({"a/Server.java", "b/Server.java"}))
    assert first(RECORDED["java-package"], unclear) == "Server$Oops"


def test_where_only_classes_were_handed_in_the_trace_names_the_file() -> None:
    own = OwnPaths(frozenset({"echo.jar"}))
    assert first(RECORDED["java-thread"], own) == "NullPointerException Echo.java:4"


def test_a_relative_path_is_looked_for_where_the_program_was_started() -> None:
    own = OwnPaths(frozenset({"src/server.c", "old/server.c"}), folder="src")
    assert first(RECORDED["native-c-assert"], own) == "failed assertion src/server.c:9"


HOSTILE = [
    "at " * 7_000,
    "at x(" * 4_000,
    "Traceback (most recent call last):\n" * 600,
    'Traceback (most recent call last):\n  File "a", line 1\n' * 400,
    '  File "' * 3_000,
    "".join(f"{' ' * n}Traceback (most recent call last):\n" for n in range(140)),
    "a.B: c\n" * 3_000,
    "java.lang.Exception\n\tat a.b(c.java:1)\n" * 500,
    "java.lang.Exception\nCaused by: a.B\n" * 600,
    "Error: x\n" * 2_500,
    "/x:1\ny\n^\n" * 2_500,
    "Error: x\n    at a (b:1:1) {\n  [cause]: Error: y {\n" * 400,
    "panic: x\n" * 2_500,
    "goroutine 1 [" * 1_500,
    "thread '" * 2_500,
    " Assertion `" * 1_600 + "' failed.",
    "==1==ERROR: AddressSanitizer: x\n" * 600,
    "terminate called after throwing an instance of '\n" * 400,
    "\0\x1b[2J\udcff\u202e" * 4_000,
    "+-| " * 5_000,
    "x.y$" * 5_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_takes_no_time_by_its_square(text: str) -> None:
    """64 KiB, as much as is kept, takes not much more than four times the CPU of 16."""

    def taken(size: int) -> float:
        whole = (text * (size // len(text) + 1))[:size]
        best = min(_timed(whole) for _ in range(3))
        return max(best, 0.002)  # below that, the clock decides

    assert taken(64 * 1024) < 10 * taken(16 * 1024)


def _timed(text: str) -> float:
    began = time.process_time()
    traces(text)
    return time.process_time() - began


PIECES = st.sampled_from(
    [line for text in RECORDED.values() for line in text.split("\n")] + ["", "\t", "  ", "x"]
)


@given(st.lists(PIECES, max_size=40))
def test_any_mixture_of_lines_is_read_without_an_error(lines: list[str]) -> None:
    last = -1
    for trace in traces("\n".join(lines)):
        assert last < trace.first <= trace.last < len(lines)
        last = trace.last
        assert all(trace.first <= raised.row <= trace.last for raised in trace.raised)
        trace.told(OWN)
