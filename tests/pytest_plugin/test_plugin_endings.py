"""However pytest ends, nothing that it started goes on, and nothing is left on the disk."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from kit.installation import ECHO, STUB, Installation

UNDER_WAY_WITHIN = 120.0
"""Seconds for the scenario to begin; a few on an idle machine."""

GONE_WITHIN = 60.0
"""Seconds for everything to be gone; one on an idle machine, with pytest-xdist some."""


@contextmanager
def under_way(
    installation: Installation, cwd: Path, *call: object
) -> Iterator[subprocess.Popen[str]]:
    """pytest, while a scenario that does not end by itself is being held."""
    beacon = installation.temporary / "beacon"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(beacon))
        beacon.chmod(0o777)  # the session may be another user's
        listening.listen()
        given = ("--submission", ECHO, "--lab", "stub", "--labs", STUB, "--clauses", "4.1")
        process = installation.start(*given, "--set", f"beacon={beacon}", *call, cwd=cwd)
        with process:
            pidfd = os.pidfd_open(process.pid)
            waiting = [listening.fileno(), pidfd]
            ready, _, _ = select.select(waiting, [], [], UNDER_WAY_WITHIN)
            os.close(pidfd)
            if listening.fileno() not in ready:
                process.kill()
                pytest.fail(f"the scenario never began: {process.communicate()[0]}")
            scenario, _ = listening.accept()
            with scenario:
                try:
                    yield process
                finally:
                    process.kill()


def everything(process: subprocess.Popen[str]) -> dict[int, str]:
    """A pidfd of pytest and of all that it has started and that runs, and what it is."""
    whole = psutil.Process(process.pid)
    found = {}
    for one in [whole, *whole.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess, ProcessLookupError):  # a session ends now and then
            what = " ".join(one.cmdline())
            found[os.pidfd_open(one.pid)] = what
    return found


def gone(pidfds: dict[int, str], within: float = GONE_WITHIN) -> list[str]:
    """Waits until all have ended; returns those that have not."""
    until = time.monotonic() + within
    left = dict(pidfds)
    with ExitStack() as stack:
        for pidfd in pidfds:
            stack.callback(os.close, pidfd)
        poll = select.poll()
        for pidfd in pidfds:
            poll.register(pidfd, select.POLLIN)
        while left and (remaining := until - time.monotonic()) > 0:
            for pidfd, _ in poll.poll(remaining * 1000):
                poll.unregister(pidfd)
                del left[pidfd]
    return list(left.values())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("call", [(), ("-n", "2")])
def test_nothing_is_left_after(
    installation: Installation, tmp_path: Path, number: signal.Signals, call: tuple[str, ...]
) -> None:
    with under_way(installation, tmp_path, *call) as process:
        pidfds = everything(process)
        assert any("bwrap" in what or str(ECHO.name) in what for what in pidfds.values())
        process.send_signal(number)
        assert gone(pidfds) == []
    assert not list(installation.temporary.glob("conformance-*"))


def test_ctrl_c_of_a_terminal_reaches_all_of_pytest(
    installation: Installation, tmp_path: Path
) -> None:
    with under_way(installation, tmp_path, "-n", "2") as process:
        pidfds = everything(process)
        os.killpg(process.pid, signal.SIGINT)  # its group is its own: it leads a session
        assert gone(pidfds) == []
    assert not list(installation.temporary.glob("conformance-*"))


def test_a_judge_that_is_killed_is_an_error_and_leaves_nothing(
    installation: Installation, tmp_path: Path
) -> None:
    with under_way(installation, tmp_path) as process:
        pidfds = everything(process)
        [judge] = psutil.Process(process.pid).children()
        judge.kill()
        output, _ = process.communicate(timeout=UNDER_WAY_WITHIN)
        assert gone(pidfds) == []
    assert process.returncode == 1
    assert "the judge has ended before it could judge this" in output


def test_what_even_the_judge_could_not_remove_goes_with_the_next_run(
    installation: Installation, tmp_path: Path
) -> None:
    with under_way(installation, tmp_path) as process:
        pidfds = everything(process)
        [judge] = psutil.Process(process.pid).children()
        process.send_signal(signal.SIGSTOP)  # it is not to tidy up
        judge.kill()
        process.kill()
        assert gone(pidfds) == []
    assert list(installation.temporary.glob("conformance-*"))
    call = ("--submission", ECHO, "--lab", "echo", "--collect-only", "-q")
    assert installation.run(*call, cwd=tmp_path).status == 0
    assert not list(installation.temporary.glob("conformance-*"))
