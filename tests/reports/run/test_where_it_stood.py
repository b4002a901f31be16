"""The words for where a program stood."""

from __future__ import annotations

import pytest

from conformance.reports.run.where_it_stood import where_it_stood
from conformance.reports.text.page import Page
from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.symptoms import Stood
from conformance.verdict.transcript import Entry, Transcript
from kit.runs import BYE_IN_LOWER_CASE, HOSTILE, alone, printed

RECV = Stood("waits in recv", "client", "main", "server.py", 14, "data = conn.recv(1024);")
TWO = Transcript((Entry(0.0, "client 2", "hello\n"),), "capture")


def words(*stood: Stood, queued: tuple[str, ...] = (), talk: Transcript | None = None) -> list[str]:
    held = Attempt(Outcome.FAILED, talk or Transcript(), stood=stood, queued=queued)
    return [row.plain.strip() for row in where_it_stood(held, Page(width=200))]


@pytest.mark.parametrize(
    ("stood", "told"),
    [
        (
            RECV,
            "its only thread waits in recv for the client · server.py:14: data = conn.recv(1024)",
        ),
        (Stood("runs, and waits for nothing"), "its only thread runs, and waits for nothing"),
        (Stood("waits in accept", alike=19), "19 of its threads wait in accept"),
        (
            Stood("runs, and waits for nothing", alike=2, name="a child process"),
            "2 of its processes run, and wait for nothing",
        ),
        (
            Stood("waits in epoll_wait", "new clients and client 2", "main"),
            "its only thread waits in epoll_wait for new clients and client 2",
        ),
    ],
)
def test_one_sentence(stood: Stood, told: str) -> None:
    assert words(stood) == [f"where it stood: {told}"]


def test_the_first_client_is_told_from_others() -> None:
    (told,) = words(RECV, queued=("client 2",))
    assert "waits in recv for the first client" in told
    assert told.endswith("; client 2 is in the accept queue")
    assert "for the first client" in words(RECV, talk=TWO)[0]


def test_a_row_for_each_thread() -> None:
    lock = Stood("waits for the lock", "of a Room, which Thread-1 holds", "Thread-0", "A.java", 3)
    others = [
        Stood("sleeps", name=f"Thread-{number}", file="A.java", line=number) for number in (4, 5)
    ]
    told = words(RECV, lock, *others, queued=tuple(f"client {n}" for n in range(2, 21)))
    assert told == [
        "where it stood",
        "its main thread waits in recv for the first client · server.py:14: data = conn.recv(1024)",
        "its thread Thread-0 waits for the lock of a Room, which Thread-1 holds · A.java:3",
        "its thread Thread-4 sleeps · A.java:4",
        "1 more of its threads does something else",
        "client 2, client 3 and 17 others are in the accept queue",
    ]


def test_nothing_is_said_where_nobody_looked() -> None:
    assert words() == []


def test_names_and_lines_of_the_program_are_hostile() -> None:
    stood = Stood("waits in recv", HOSTILE, HOSTILE, HOSTILE, 3, HOSTILE)
    failed = BYE_IN_LOWER_CASE.with_attempt(stood=(stood, stood), queued=(HOSTILE,))
    assert not set("\x1b\x07\0\u202e") & set(printed(alone(failed)))
    rows = where_it_stood(failed.attempt, Page(width=80))
    assert 4 < len(rows) < 30
    assert all(len(row.plain) <= 80 for row in rows)
