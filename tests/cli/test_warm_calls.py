"""What the tests call is forked from a warm process: it behaves as what a user starts."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import psutil
import pytest

from kit.desk import Desk

STARTED = ("env",)
"""A command of its own: Python is started."""


@pytest.mark.parametrize(
    "words", [("explain", "echo", "3.1"), ("check", "nowhere", "--lab", "echo"), ("--nothing",)]
)
def test_it_says_and_returns_what_a_started_one_does(desk: Desk, words: tuple[str, ...]) -> None:
    assert desk.call(*words) == desk.call(*words, command=STARTED)


def test_a_check_comes_to_the_same_verdicts(desk: Desk) -> None:
    words = (desk.echo(), "--only", "1.1,3.1,3.4", "--seed", "5")
    forked, started = desk.check(*words), desk.check(*words, command=STARTED)
    assert (
        forked.outcomes == started.outcomes == {"1.1": "passed", "3.1": "passed", "3.4": "passed"}
    )


def test_an_environment_is_that_of_its_call_alone(desk: Desk, tier_none: dict[str, str]) -> None:
    server, apart = desk.echo(), {"XDG_RUNTIME_DIR": str(desk.reports)}

    def tier(**environment: str) -> str:
        checked = desk.check(server, "--only", "1.1", command=(), **apart, **environment)
        return str(checked.run["tier"])

    own = tier()
    assert own != tier(**tier_none) == "none"
    assert tier() == own


def test_who_kills_it_is_told_by_its_status(desk: Desk) -> None:
    """It is a child of the tests' process, with a process group of its own."""
    server = desk.program("import time\ntime.sleep(1000)\n")
    events = desk.reports / "events"
    ended: list[int] = []

    def call() -> None:
        words = ("check", server, "--lab", "echo", "--events", events)
        ended.append(desk.call(*words).status)

    calling = threading.Thread(target=call)
    before = set(psutil.Process().children())
    calling.start()
    pid = _begun(before, events)
    assert os.getpgid(pid) == pid
    os.kill(pid, signal.SIGINT)
    calling.join(timeout=60)
    assert ended == [3]


def _begun(before: set[psutil.Process], events: Path) -> int:
    until = time.monotonic() + 60
    while not (events.exists() and events.stat().st_size):
        assert time.monotonic() < until
        time.sleep(0.02)
    [process] = set(psutil.Process().children()) - before
    return process.pid
