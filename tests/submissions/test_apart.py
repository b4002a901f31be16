"""Work on what a student wrote, in a process of its own: whatever it does, one sentence comes
of it, and what stands beside it goes on."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import sys
import time
from collections.abc import Callable

import pytest

from conformance.sandbox.kernel import forking
from conformance.submissions import Ambiguous
from conformance.submissions.apart import Enter, Raised, Step, Unread, apart, each_apart
from conformance.verdict.model import WrongCall

LONG = Step("it could not be read", within=60.0)
SHORT = Step("it could not be read", within=0.2)


def works(enter: Enter) -> str:
    return "well"


def never_ends(enter: Enter) -> str:
    while True:
        pass


def crashes(enter: Enter) -> str:
    return str(ctypes.string_at(0))


def nests(enter: Enter) -> str:
    return nests(enter)


def takes_all_memory(enter: Enter) -> str:
    taken = [bytes(1 << 20)]
    while True:
        taken.append(bytes(1 << 24))


def errs(enter: Enter) -> str:
    return [""][1]


def ends_by_itself(enter: Enter) -> str:
    os._exit(3)


def cannot_be_told(enter: Enter) -> Callable[[], None]:
    return lambda: None


def tells_too_much(enter: Enter) -> str:
    return "x" * (20 << 20)


def is_killed(enter: Enter) -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return ""


def is_ambiguous(enter: Enter) -> str:
    raise Ambiguous("several could be meant")


def meets_a_full_disk(enter: Enter) -> str:
    try:
        raise OSError(errno.ENOSPC, "No space left on device")
    except OSError:
        raise WrongCall("it cannot be copied") from None


WAYS: dict[Callable[[Enter], object], str] = {
    never_ends: "that takes more than 0.2 s",
    crashes: "that read it crashed (Segmentation fault)",
    nests: "nested too deeply",
    takes_all_memory: "that takes more than 1024 MiB of memory",
    errs: "IndexError: list index out of range (test_apart.py:",
    ends_by_itself: "that read it crashed (status 3)",
    cannot_be_told: "(apart.py:",
    tells_too_much: "its description is too long",
    is_killed: "this machine has too little memory",
}


def test_what_it_finds_comes_back() -> None:
    assert apart(works, LONG) == "well"


def test_it_is_another_process_and_leaves_nothing_behind() -> None:
    pid = apart(lambda enter: os.getpid(), LONG)
    assert pid != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("work", WAYS, ids=lambda work: work.__name__)
def test_each_way_to_end_is_a_sentence(work: Callable[[Enter], object]) -> None:
    with pytest.raises(Unread) as told:
        apart(work, SHORT if work is never_ends else LONG)
    assert str(told.value).startswith("it could not be read: ")
    assert WAYS[work] in str(told.value)


def test_others_go_on() -> None:
    """One process does one after another; where one has ended it, the next does the rest."""
    several = [works, crashes, works, errs, never_ends, works]
    outcomes = list(each_apart(several, Step("no", within=1.0)))
    assert [isinstance(each, Raised) or each for each in outcomes] == [
        *("well", True, "well", True, True, "well")
    ]


def test_those_that_end_well_share_a_process() -> None:
    pids = set(each_apart([lambda enter: os.getpid()] * 50, LONG))
    assert len(pids) == 1


def test_what_is_known_is_raised_as_it_is() -> None:
    with pytest.raises(Ambiguous, match=r"^several could be meant$"):
        apart(is_ambiguous, LONG)


def test_it_is_still_known_whether_it_was_the_machine() -> None:
    with pytest.raises(WrongCall) as told:
        apart(meets_a_full_disk, LONG)
    cause = told.value.__cause__
    assert isinstance(cause, OSError)
    assert cause.errno == errno.ENOSPC


def test_an_error_of_the_system_is_raised_as_it_is() -> None:
    with pytest.raises(FileNotFoundError):
        apart(lambda enter: os.stat("/nowhere/at/all"), LONG)


def test_a_sentence_quotes_no_megabytes() -> None:
    def quotes(enter: Enter) -> str:
        raise WrongCall("there is no key " + "x" * 1_000_000)

    with pytest.raises(WrongCall) as told:
        apart(quotes, LONG)
    assert len(str(told.value)) < 600


def test_each_step_has_its_own_deadline_and_words() -> None:
    def goes_on(enter: Enter) -> str:
        enter(Step("it could not be recognised", within=0.2))
        return never_ends(enter)

    with pytest.raises(Unread, match=r"^it could not be recognised: .* more than 0\.2 s$"):
        apart(goes_on, LONG)


def test_nothing_of_it_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    def says(enter: Enter) -> str:
        os.write(1, b"said")
        os.write(2, b"said")
        return crashes(enter)

    with pytest.raises(Unread):
        apart(says, LONG)
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's counters")
def test_what_the_machine_has_it_wait_for_a_core_is_not_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With four of them on one core, none gets more than a part of it."""
    monkeypatch.setattr(sys.modules[apart.__module__], "PATIENCE", 100.0)
    core = min(os.sched_getaffinity(0))

    def on_one_core(enter: Enter) -> float:
        os.sched_setaffinity(0, {core})
        enter(Step("it could not be read", within=0.6))
        until = time.thread_time() + 0.4
        while time.thread_time() < until:
            pass
        return time.thread_time()

    def busy(enter: Enter) -> None:
        os.sched_setaffinity(0, {core})
        never_ends(enter)

    children = []
    try:
        for _ in range(3):
            with forking():
                pid = os.fork()
            if pid == 0:
                busy(lambda step: None)
            children.append(pid)
        assert apart(on_one_core, LONG) > 0.4
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def test_it_ends_with_the_one_who_asked() -> None:
    reading, writing = os.pipe()
    with forking():
        pid = os.fork()
    if pid == 0:
        os.close(reading)
        with_pipe = Step("no", within=60.0)
        apart(lambda enter: (os.write(writing, b"."), never_ends(enter)), with_pipe)
        os._exit(0)
    os.close(writing)
    assert os.read(reading, 1) == b"."
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert os.read(reading, 1) == b""  # nobody holds its end any more
    os.close(reading)
