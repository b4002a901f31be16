"""A class on a machine that has no room for more, and one that is interrupted."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar, NoReturn

import psutil
import pytest

from conformance.classes.grading import capacity, check_all
from conformance.classes.grading.capacity import Pace, open_at_most
from conformance.classes.grading.check_all import Grading
from conformance.classes.model import Class, HandIn, Result
from conformance.run.check import Trouble
from conformance.run.plan import Request
from conformance.run.scheduler import Start, Wants
from conformance.sandbox import Isolation, Tier
from conformance.sandbox.measure.exhaustion import Left
from conformance.verdict.events import Event
from kit.small_class import CATALOG, TERMS, SmallClass


@pytest.fixture
def small(tmp_path: Path) -> SmallClass:
    return SmallClass(tmp_path)


@pytest.fixture
def in_time() -> Iterator[None]:
    """Ends a grading that waits for what cannot come."""

    def waits_for_ever(*_: object) -> NoReturn:
        raise AssertionError("nobody may start any more")

    signal.signal(signal.SIGALRM, waits_for_ever)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


class Heard:
    """A watcher that takes down what it hears."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self.is_closed = False

    def began(self, graded: Class, todo: int, current: int) -> None: ...
    def started(self, hand_in: HandIn) -> None: ...
    def judged(self, hand_in: HandIn) -> None: ...
    def repeating_alone(self, waiting: int) -> None: ...

    def ended(self, hand_in: HandIn, result: Result) -> None:
        self.results.append(result)

    def closed(self) -> None:
        self.is_closed = True


def grade(small: SmallClass, pace: Pace, heard: Heard) -> None:
    isolation = Isolation(Tier.FULL, "")
    grading = Grading(small.graded, small.ledger, CATALOG, isolation, pace, heard, TERMS)
    grading.plan()
    grading.run()


def test_a_check_that_cannot_be_started_ends_nothing(
    small: SmallClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(check_all, "Check", full)
    heard = Heard()
    grade(small, Pace(1, 1), heard)
    assert len(heard.results) == 4
    assert all("too many open files" in result.trouble for result in heard.results)
    assert heard.is_closed
    assert not list(small.ledger.folder.glob("runs/*/*.part"))


class Fake:
    """A check that wants one thing, and does nothing once that was started."""

    wanted = Wants.BUILD

    def __init__(self, asked: Request, *_: object) -> None:
        self.who = asked.name
        self.wants = self.wanted
        self.under_way: list[Start] = []
        self.ended = False
        self.trouble: Trouble | None = None
        self._pipe = os.pipe()

    def start(self) -> None:
        self.under_way.append(Start(self.wants, 0.0))
        self.wants = Wants.NOTHING

    def refuse(self, error: OSError) -> None:
        raise error

    def fileno(self) -> int:
        return self._pipe[0]

    def step(self) -> list[Event]:
        return []

    def close(self) -> None:
        for end in self._pipe:
            os.close(end)


class Stuck(Fake):
    """A check that cannot be ended as it should."""

    closed: ClassVar[list[str | None]] = []

    def close(self) -> None:
        super().close()
        self.closed.append(self.who)
        raise OSError(errno.ECHILD, os.strerror(errno.ECHILD))


def test_interrupted_each_is_ended_whatever_becomes_of_the_others(
    small: SmallClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    def started(hand_in: HandIn) -> None:
        begun.append(hand_in.author)
        if len(begun) == 2:
            raise KeyboardInterrupt

    heard = Heard()
    monkeypatch.setattr(heard, "started", started)
    monkeypatch.setattr(check_all, "Check", Stuck)
    Stuck.closed.clear()
    with pytest.raises(KeyboardInterrupt):
        grade(small, Pace(2, 2), heard)
    assert sorted(map(str, Stuck.closed)) == sorted(begun)
    assert heard.is_closed
    assert not list(small.ledger.folder.glob("runs/*/*.part"))


class Exclusive(Fake):
    """A check that has to be alone, and ends without a word when it is."""

    wanted = Wants.EXCLUSIVE

    def start(self) -> None:
        super().start()
        self.ended = True


def test_those_who_wait_to_be_alone_make_room_for_others(
    small: SmallClass, monkeypatch: pytest.MonkeyPatch, in_time: None
) -> None:
    monkeypatch.setattr(check_all, "Check", Exclusive)
    monkeypatch.setattr(check_all, "open_at_most", lambda files: 2)
    heard = Heard()
    grade(small, Pace(2, 2), heard)
    assert [result.trouble for result in heard.results] == ["its process ended early"] * 4


class Company(Fake):
    """A check that ends when there are two of its kind; the machine refuses it to bob."""

    wanted = Wants.START
    open = 0
    met = False

    def __init__(self, asked: Request, *rest: object) -> None:
        if asked.name == "bob":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        super().__init__(asked, *rest)
        Company.open += 1
        Company.met |= Company.open == 2

    def step(self) -> list[Event]:
        self.ended = Company.met
        return []

    def close(self) -> None:
        super().close()
        Company.open -= 1


def test_what_is_refused_to_one_leaves_the_others_their_room(
    small: SmallClass, monkeypatch: pytest.MonkeyPatch, in_time: None
) -> None:
    monkeypatch.setattr(check_all, "Check", Company)
    heard = Heard()
    grade(small, Pace(2, 9), heard)
    assert Company.met
    refused = [each for each in heard.results if each.hand_in.author == "bob"]
    assert len(refused) == 2
    assert all("permission denied" in result.trouble for result in refused)


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.EMFILE])
def test_who_finds_no_room_though_nothing_else_goes_on_is_in_trouble(
    small: SmallClass, monkeypatch: pytest.MonkeyPatch, in_time: None, number: int
) -> None:
    def refuse() -> NoReturn:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fork", refuse)
    heard = Heard()
    grade(small, Pace(2, 2), heard)
    assert len(heard.results) == 4
    assert all(os.strerror(number).lower() in each.trouble.lower() for each in heard.results)


def test_checks_leave_files_for_all_else() -> None:
    assert open_at_most(256) == 2
    assert 4 * open_at_most(1024) <= 1024 - 512
    assert open_at_most(65_536) > 5_000


@pytest.mark.parametrize(
    ("processes", "memory", "sessions"),
    [
        (100, 2**40, 1),
        (1_024, 2**40, 1),
        (1_500, 2**40, 2),
        (4_096, 2**40, 13),
        (4_096, 0, 2),
        (1_024, 0, 1),
        (10**9, 10 * 100 * 2**20, 9),
    ],
)
def test_sessions_that_the_machine_can_hold(
    monkeypatch: pytest.MonkeyPatch, processes: int, memory: int, sessions: int
) -> None:
    """Ordinary ones, beside one that takes the 1,024 processes that it may."""
    monkeypatch.setattr(capacity, "processes_left", lambda: Left(processes))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=memory))
    assert Pace.of_this_machine().sessions == sessions
    assert Pace.of_this_machine(sessions=77).sessions == 77
