"""One check: taken in, built, judged, ended; in a process that forks nothing."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.catalog import load
from conformance.run.check import Check
from conformance.run.plan import Prepared, Request
from conformance.run.scheduler import Wants
from conformance.sandbox import Isolation, SandboxError, Tier
from conformance.verdict.events import replay
from conformance.verdict.model import Attempt, Outcome, WrongCall
from conformance.verdict.violation import Fault
from kit.fake_sessions import Sessions

CATALOG = load()
PASSED = Attempt(Outcome.PASSED, waited=0.0)
WRONG = Attempt(Outcome.FAILED, expected="a", actual="b", fault=Fault.WRONG)

Tell = Callable[[bytes], None]


class Built:
    """Work that was done at once, in this very process."""

    def __init__(self, work: Callable[[Tell], None], scratch: Path) -> None:
        self._told: list[bytes] = []
        self._reading, self._writing = os.pipe()
        os.write(self._writing, b"!")
        work(self._told.append)

    def fileno(self) -> int:
        return self._reading

    def has_ended(self) -> bool:
        return True

    def told(self) -> bytes:
        return b"".join(self._told)

    def close(self) -> None:
        os.close(self._reading)
        os.close(self._writing)


class Killed(Built):
    """A process that is ended before it says anything."""

    def __init__(self, work: Callable[[Tell], None], scratch: Path) -> None:
        super().__init__(lambda tell: None, scratch)


class Building(Built):
    """A build that goes on."""

    def has_ended(self) -> bool:
        return False


@pytest.fixture
def sessions() -> Sessions:
    return Sessions()


Begin = Callable[..., Check]


@pytest.fixture
def begin(tmp_path: Path, sessions: Sessions) -> Iterator[Begin]:
    begun: list[Check] = []

    def begin_with(
        build: Callable[[], Prepared] = lambda: Prepared("echo", "ann"),
        *,
        only: str = "",
        **how: Any,
    ) -> Check:
        begun.append(
            Check(
                Request(lab="echo", only=only, seed=7),
                CATALOG,
                Isolation(Tier.NONE),
                tmp_path,
                build=build,
                start_session=sessions,
                **{"start_build": Built, **how},
            )
        )
        return begun[-1]

    yield begin_with
    for check in begun:
        check.close()


def raising(error: Exception) -> Callable[[], Prepared]:
    def build() -> Prepared:
        raise error

    return build


def wanted(check: Check) -> Wants:
    return check.wants


def judging(check: Check) -> Check:
    """Built, its gate's session under way."""
    check.start()
    check.step()
    check.start()
    return check


def test_its_way_from_the_first_build_to_the_last_event(begin: Begin, sessions: Sessions) -> None:
    check = begin(only="1.1,3.1")
    assert wanted(check) is Wants.BUILD
    assert check.step() == [], "nothing starts by itself"
    check.start()
    assert wanted(check) is Wants.NOTHING
    assert [start.kind for start in check.under_way] == [Wants.BUILD]
    events = check.step()
    assert [event["event"] for event in events] == ["run"]
    assert wanted(check) is Wants.START
    assert check.under_way == []
    check.start()
    sessions.last.find_all(PASSED)
    events += check.step()
    assert check.ended
    assert check.trouble is None
    assert wanted(check) is Wants.NOTHING
    run = replay(events)
    assert {verdict.clause.number for verdict in run.verdicts} == {"1.1", "3.1"}
    assert not run.interrupted


def test_a_filter_hides_what_holds_and_not_what_fails(begin: Begin, sessions: Sessions) -> None:
    check = judging(begin(only="3.1"))
    sessions.last.find("1.1", PASSED)
    assert check.step() == []
    check = judging(begin(only="3.1"))
    sessions.last.find("1.1", WRONG)
    sessions.last.end()
    told = {event["clause"]: event["outcome"] for event in check.step() if "clause" in event}
    assert told == {"1.1": "failed", "3.1": "not_run"}


def test_what_cannot_be_taken_in_is_the_trouble_of_who_handed_it_in(begin: Begin) -> None:
    check = begin(raising(WrongCall("ann.rar: such an archive cannot be opened")))
    check.start()
    assert check.step() == []
    assert check.ended
    assert check.trouble is not None
    assert check.trouble.by_hand_in
    assert check.trouble.text == "ann.rar: such an archive cannot be opened"
    assert isinstance(check.trouble.error, WrongCall)


def test_what_the_machine_refuses_is_not(begin: Begin) -> None:
    full = WrongCall("it cannot be unpacked")
    full.__cause__ = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    check = begin(raising(full))
    check.start()
    check.step()
    assert check.trouble is not None
    assert not check.trouble.by_hand_in


@pytest.mark.parametrize(
    ("raised", "kind", "text"),
    [
        (PermissionError(13, "Permission denied", "x"), PermissionError, "PermissionError: "),
        (SandboxError("no namespaces"), SandboxError, "SandboxError: no namespaces"),
        (KeyError("x"), RuntimeError, "KeyError: 'x' (test_check.py:"),
    ],
)
def test_other_errors_come_along_with_what_they_say(
    begin: Begin, raised: Exception, kind: type[Exception], text: str
) -> None:
    """Whoever checks one submission raises them."""
    check = begin(raising(raised))
    check.start()
    check.step()
    assert check.trouble is not None
    assert isinstance(check.trouble.error, kind)
    assert check.trouble.text.startswith(text)
    assert not check.trouble.by_hand_in


def test_a_process_that_is_killed_while_it_builds_is_trouble(begin: Begin) -> None:
    check = begin(start_build=Killed)
    check.start()
    check.step()
    assert check.trouble is not None
    assert check.trouble.text == "its process ended early"


def test_where_there_is_no_room_to_build_it_wants_to_build_as_before(begin: Begin) -> None:
    full = OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    have_room = False

    def start_build(work: Callable[[Tell], None], scratch: Path) -> Built:
        if not have_room:
            raise full
        return Built(work, scratch)

    check = begin(start_build=start_build)
    with pytest.raises(OSError, match=os.strerror(errno.EAGAIN)):
        check.start()
    assert wanted(check) is Wants.BUILD
    assert check.under_way == []
    have_room = True
    check.start()
    assert [event["event"] for event in check.step()] == ["run"]


def test_without_room_at_all_it_gives_up(begin: Begin) -> None:
    check = begin()
    check.refuse(OSError(errno.EMFILE, os.strerror(errno.EMFILE)))
    assert check.ended
    assert check.trouble is not None
    assert check.trouble.text == "it could not go on: too many open files"


def test_a_session_that_cannot_be_started_for_another_reason_is_trouble(
    begin: Begin, sessions: Sessions
) -> None:
    sessions.full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    check = judging(begin())
    assert check.trouble is not None
    assert os.strerror(errno.ENOSPC) in check.trouble.text


def test_interrupted_it_says_so_and_leaves_nothing(begin: Begin, sessions: Sessions) -> None:
    check = judging(begin())
    [last] = check.interrupt()
    assert (last["event"], last["interrupted"]) == ("end", True)
    assert sessions.open == []
    assert check.step() == []
    check = begin(start_build=Building)
    check.start()
    assert check.interrupt() == [], "there is no run yet"


def test_time_for_which_it_waits_for_its_turn_is_not_its_own(
    begin: Begin, sessions: Sessions
) -> None:
    check = begin(longest=-1.0)
    for _ in range(2):
        assert check.step() == []
        assert not check.ended
    check = begin(longest=-1.0, start_build=Building)
    check.start()
    check.step()
    assert check.trouble is not None
    assert check.trouble.text == "it did not end in time"


def test_closed_twice_it_is_closed(begin: Begin) -> None:
    check = judging(begin())
    check.close()
    check.close()
    assert wanted(check) is Wants.NOTHING
