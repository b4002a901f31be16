"""Whoever is killed, nothing is left of the session."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from conformance.sandbox import Isolation, World, die_with_parent
from kit.trials import WITHIN, apart, python, until_says

FAMILY = """
import os, signal
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("ready", flush=True)
        signal.pause()
    os._exit(0)
signal.pause()
"""


def be_worker(isolation: Isolation, scratch: Path, report: int) -> NoReturn:
    """A session that starts a program with a detached grandchild, tells all pids and waits."""
    try:
        with World(isolation, scratch) as world:
            process = python(world, FAMILY)
            until_says(process, "ready")
            pids = [os.getpid(), process.pid, *process.pids()]
            os.write(report, struct.pack(f"{len(pids)}i", *pids))
            signal.pause()
    finally:
        os._exit(1)


def be_parent(isolation: Isolation, scratch: Path, report: int) -> NoReturn:
    """An engine: the parent of one worker."""
    me = os.getpid()
    if os.fork() == 0:
        die_with_parent(me)
        be_worker(isolation, scratch, report)
    signal.pause()
    os._exit(1)


@pytest.mark.parametrize("role", [be_worker, be_parent])
def test_nothing_survives_a_kill(
    isolation: Isolation, scratch: Path, role: Callable[[Isolation, Path, int], NoReturn]
) -> None:
    def work() -> int:
        reading, writing = os.pipe()
        victim = os.fork()
        if victim == 0:
            role(isolation, scratch, writing)
        assert select.select([reading], [], [], WITHIN)[0]
        data = os.read(reading, 1000)
        pids = struct.unpack(f"{len(data) // 4}i", data)
        handles = [os.pidfd_open(pid) for pid in pids]
        os.kill(victim, signal.SIGKILL)
        until = time.monotonic() + WITHIN
        for handle in handles:
            assert select.select([handle], [], [], until - time.monotonic())[0], "one survived"
        return len(pids)

    # The worker, bubblewrap or the keeper, the program, its detached grandchild.
    assert apart(work) >= 4


def starting(isolation: Isolation, scratch: Path, report: int) -> NoReturn:
    """A session that starts programs without a pause, and is killed in the middle."""
    try:
        with World(isolation, scratch) as world:
            os.write(report, b"!")
            while True:
                python(world, "pass")
    finally:
        os._exit(1)


def processes_of(scratch: Path) -> list[int]:
    """The living processes that have the session's folder in their command line."""
    found = []
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if str(scratch).encode() in Path("/proc", pid, "cmdline").read_bytes():
                found.append(int(pid))
    return found


@pytest.mark.parametrize("delay", [step / 1000 for step in range(0, 24, 2)])
def test_nothing_waits_for_ever_that_was_killed_while_it_started(
    isolation: Isolation, scratch: Path, delay: float
) -> None:
    """bubblewrap that dies between two of its steps must not leave a child that waits."""

    def work() -> list[int]:
        reading, writing = os.pipe()
        victim = os.fork()
        if victim == 0:
            starting(isolation, scratch, writing)
        assert select.select([reading], [], [], WITHIN)[0]
        select.select([], [], [], delay)  # into the middle of a start, another step each time
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
        until = time.monotonic() + WITHIN
        while (left := processes_of(scratch)) and time.monotonic() < until:
            select.select([], [], [], 0.01)
        return left

    assert apart(work) == []
