"""What a report shows of the program's own output."""

from __future__ import annotations

import time

import pytest

from conformance.reports.run.own_output import own_output
from conformance.reports.text.page import Page
from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.thrown.choice import Printed, told
from conformance.verdict.violation import Kind
from kit.recordings import OWN, recordings
from kit.runs import HOSTILE

RECORDED = recordings()


def shown(printed: str, *, whole: bool = False, kind: Kind = Kind.CLOSED) -> list[str]:
    """The lines that a report shows, where the program printed that in the conversation."""
    seen = told(Printed(during=printed), OWN, kind=kind)
    attempt = Attempt(Outcome.FAILED, output=seen.output, thrown=seen.thrown)
    return [row.plain for row in own_output(attempt, Page(whole=whole))]


def quoted(rows: list[str]) -> list[str]:
    return [row for row in rows if "│ … " not in row]


@pytest.mark.parametrize("name", RECORDED)
def test_twelve_lines_are_enough_for_each(name: str) -> None:
    many = "client connected\n" * 30
    rows = shown(many + RECORDED[name] + many)
    assert len(rows) <= 12


@pytest.mark.parametrize(
    ("name", "place", "cause"),
    [
        ("python-thread", 'File "server.py", line 3, in serve', "AttributeError: 'str' object"),
        ("python-recursion", 'File "server.py", line 33, in f', "RecursionError: maximum"),
        ("java-caused", "at Echo$Room.say(Echo.java:4)", "Caused by: java.lang.NullPointerExcep"),
        ("java-future", "at Echo$Room.say(Echo.java:4)", "Caused by: java.lang.NullPointerExcep"),
        ("node-addr", "at Server.<anonymous> (server.js:9:86)", "Error: listen EADDRINUSE"),
        ("node-cause", "at serve (server.js:2:30)", "[cause]: TypeError: x.toUperCase is not"),
        ("native-c-asan-asan", "in serve server.c:5", "ERROR: AddressSanitizer: heap-buffer"),
        ("native-go-http", "main.go:4", "http: panic serving"),
    ],
)
def test_the_cause_stays_and_its_place_is_marked(name: str, place: str, cause: str) -> None:
    rows = shown(RECORDED[name] + "client connected\n" * 30)
    [marked] = [row for row in rows if row.startswith("  ▶ │ ")]
    assert place in marked
    assert any(cause in row for row in rows)


def test_what_is_left_out_is_counted() -> None:
    rows = shown(RECORDED["java-future"] + "bye\n" * 3)
    gaps = [row for row in rows if "│ … " in row]
    left_out = sum(int(gap.split()[2]) for gap in gaps)
    lines = RECORDED["java-future"].count("\n") + 3
    wrapped = sum(1 for row in quoted(rows) if not row[6:].startswith(("Ex", "Ca", " ", "bye")))
    assert gaps
    assert len(quoted(rows)) - wrapped + left_out == lines


def test_the_same_trace_is_shown_once() -> None:
    rows = shown(RECORDED["java-thread"] * 5)
    assert sum("NullPointerException" in row for row in rows) == 1
    assert any("… the same 19 times more …" in row for row in rows)


def test_once_more_is_said_of_the_second() -> None:
    rows = shown(RECORDED["java-print"] * 2)
    assert any("… the same once more …" in row for row in rows)


def test_without_an_exception_the_last_lines_are_shown() -> None:
    attempt = Attempt(Outcome.FAILED, output="\n".join(f"line {n}" for n in range(40)))
    rows = [row.plain for row in own_output(attempt, Page())]
    assert rows[0] == "    │ … 29 lines …"
    assert rows[1:] == [f"    │ line {n}" for n in range(29, 40)]


def test_a_run_of_an_older_suite_keeps_its_traceback() -> None:
    """It has no `thrown`, and its output ends with the traceback."""
    attempt = Attempt(Outcome.FAILED, output=RECORDED["python-main"])
    rows = [row.plain for row in own_output(attempt, Page())]
    assert len(rows) == 8
    assert not any("▶" in row for row in rows)


def test_all_is_shown_where_all_is_asked_for() -> None:
    rows = shown(RECORDED["node-addr"], whole=True)
    assert not any("│ … " in row for row in rows)
    assert len(rows) == RECORDED["node-addr"].count("\n")


def test_hostile_text_in_a_trace_is_shown_harmless() -> None:
    name = HOSTILE.replace("\r", "").strip()
    text = f'Traceback (most recent call last):\n  File "/home/student/{name}.py", line 3\nE: x\n'
    rows = shown(text)
    assert any(row.startswith("  ▶ │ ") for row in rows)
    assert not any(ord(char) < 32 or char == "\u202e" for row in rows for char in row)
    assert not any(row.lstrip().startswith("::") for row in rows)


@pytest.mark.parametrize("line", ["a.B: c\n", "\n", "java.io.IOException: x\n", "x" * 999 + "\n"])
def test_a_long_output_takes_no_time_by_its_square(line: str) -> None:
    def taken(size: int) -> float:
        attempt = Attempt(Outcome.FAILED, output=(line * (size // len(line) + 1))[:size])
        best = min(_timed(attempt) for _ in range(3))
        return max(best, 0.005)  # below that, the clock decides

    assert taken(80_000) < 10 * taken(20_000)


def _timed(attempt: Attempt) -> float:
    began = time.process_time()
    own_output(attempt, Page())
    return time.process_time() - began
