"""Processes of ours: what reaches the child of a fork, and what is heard of a session."""

from __future__ import annotations

import errno
import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from conformance.contract.catalog import load
from conformance.sandbox import Isolation, Tier
from conformance.session import forked, worker
from conformance.session.forked import Forked, fork_with_pipe, settle, terminable
from conformance.session.session_plan import Finding, SessionPlan
from conformance.session.worker import MAX_LINE_BYTES, Worker
from conformance.verdict.model import Attempt, Outcome

Tell = Callable[[Finding], None]


def test_what_comes_too_early_waits_for_the_child_to_have_settled() -> None:
    go, going = os.pipe()
    parent = os.getpid()
    former = signal.signal(signal.SIGTERM, lambda *_: os.write(pipe, b"as its parent"))

    def as_itself(*_: object) -> None:
        os.write(pipe, b"as itself")

    try:
        pid, pipe = fork_with_pipe()
        if pid == 0:
            os.read(go, 1)
            settle(parent, as_itself)
            os._exit(0)
        os.kill(pid, signal.SIGTERM)
        os.write(going, b"!")
        _, status = os.waitpid(pid, 0)
    finally:
        signal.signal(signal.SIGTERM, former)
    assert (os.read(pipe, 100), status) == (b"as itself", 0)
    for fd in (go, going, pipe):
        os.close(fd)


def test_an_interruption_as_the_work_ends_does_not_go_on_in_its_parents_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent, block = os.getpid(), signal.pthread_sigmask

    def interrupted_meanwhile(how: int, signals: Any) -> None:
        block(how, signals)
        raise KeyboardInterrupt  # as it does when the handler of a signal that came does

    def work(_: object) -> None:
        monkeypatch.setattr(signal, "pthread_sigmask", interrupted_meanwhile)

    try:
        child = Forked(work, tmp_path)
    except KeyboardInterrupt:
        assert os.getpid() != parent
        (tmp_path / "went on").touch()
        os._exit(0)
    select.select([child], [], [])
    assert child.has_ended()
    child.close()
    assert not (tmp_path / "went on").exists()


def test_the_parent_hears_as_before() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    pid, pipe = fork_with_pipe()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(pipe)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def wait_as_a_child() -> None:
    pid, _ = fork_with_pipe()
    if pid == 0:
        signal.alarm(30)  # lost by its parent, it would go on as a second test run
        signal.pause()


def test_a_child_is_not_lost_where_its_parent_is_interrupted_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The parent takes the signal when it hears again, before it has told of the child."""
    held, children = os.listdir("/proc/self/fd"), []
    fork = os.fork

    def interrupted() -> int:
        if (pid := fork()) > 0:
            children.append(os.pidfd_open(pid))
            signal.pthread_kill(threading.get_ident(), signal.SIGTERM)  # it alone holds it back
        return pid

    monkeypatch.setattr(os, "fork", interrupted)
    with pytest.raises(KeyboardInterrupt), terminable():
        wait_as_a_child()
    [child] = children
    assert select.select([child], [], [], 0)[0], "the child has ended"
    os.close(child)
    assert not set(os.listdir("/proc/self/fd")) - set(held)


def test_an_interruption_reaches_no_child_that_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end, (reading, writing) = os._exit, os.pipe()

    def interrupted(status: int) -> NoReturn:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except KeyboardInterrupt:
            os.write(writing, b"raised")
        end(status)

    monkeypatch.setattr(os, "_exit", interrupted)
    work = Forked(lambda tell: tell(b"done"), tmp_path)
    while not work.has_ended():
        assert select.select([work], [], [], 20)[0], "it does not end"
    work.close()
    os.close(writing)
    assert (work.told(), os.read(reading, 100)) == (b"done", b"")
    os.close(reading)


def test_what_is_ignored_from_the_start_interrupts_nothing() -> None:
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with terminable():
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, former)


def test_a_fork_that_is_refused_leaves_no_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> NoReturn:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    before, held = signal.pthread_sigmask(signal.SIG_BLOCK, ()), os.listdir("/proc/self/fd")
    monkeypatch.setattr(os, "fork", refuse)
    with pytest.raises(BlockingIOError):
        fork_with_pipe()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
    more = set(os.listdir("/proc/self/fd")) - set(held)  # fewer: what a test before us left
    assert not more


# -- what hangs in the kernel -------------------------------------------------------------


@pytest.fixture
def deathless(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No child is ever gone, whatever is sent to it: the kernel waits for a disk."""
    wait = os.waitpid
    asked_of: set[int] = set()

    def never(pid: int, options: int) -> tuple[int, int]:
        assert options == os.WNOHANG, "this would wait for ever"
        asked_of.add(pid)
        return 0, 0

    monkeypatch.setattr(forked, "KILL_WITHIN", 0.1)
    monkeypatch.setattr(os, "waitpid", never)
    yield
    assert asked_of
    for pid in asked_of:
        wait(pid, 0)


def test_work_that_hangs_in_the_kernel_does_not_hang_us(tmp_path: Path, deathless: None) -> None:
    Forked(lambda tell: signal.pause(), tmp_path).close()


def test_a_session_that_hangs_in_the_kernel_does_not_hang_us(
    tmp_path: Path, deathless: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard(lambda tell: None, tmp_path, monkeypatch)


# -- what is heard of a session -----------------------------------------------------------


def heard(tells: Callable[[Tell], None], folder: Path, patch: pytest.MonkeyPatch) -> Any:
    """What the engine hears of a session that `tells` this: its findings, and the worker."""

    def hold(plan: Any, isolation: Any, scratch: Any, tell: Tell, started: Any) -> None:
        tells(tell)

    patch.setattr(worker, "hold", hold)
    echo = load()["echo"]
    parameters = echo.resolve("echo", {})
    plan = SessionPlan(echo, (), parameters, seed=1, scale=1.0, port=2323)
    made = Worker(plan, Isolation(Tier.NONE, ""), folder)
    findings, ended = [], False
    try:
        while not ended:
            assert select.select([made], [], [], 20)[0], "it says nothing more"
            more, ended = made.read()
            findings += more
    finally:
        made.close()
    return findings, made


def finding(number: str, size: int) -> Finding:
    return Finding(number, Attempt(Outcome.FAILED, actual="x" * size), {}, 0)


def test_what_a_session_tells_is_put_together_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = [1, 70_000, 3, 2 * 2**20]

    def tells(tell: Tell) -> None:
        for number, size in enumerate(sizes):
            tell(finding(str(number), size))

    findings, made = heard(tells, tmp_path, monkeypatch)
    assert [len(each.attempt.actual) for each in findings] == sizes
    assert (made.done, made.trouble) == (True, "")


def test_a_session_that_tells_more_than_anybody_would_read_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tells(tell: Tell) -> None:
        tell(finding("1.1", 1))
        tell(finding("1.2", 2 * MAX_LINE_BYTES))

    findings, made = heard(tells, tmp_path, monkeypatch)
    assert [each.number for each in findings] == ["1.1"]
    assert "reported more than its limit" in made.trouble
