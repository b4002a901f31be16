"""What threads of a real program wait for, as it is judged how they serve clients."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from conformance.sandbox.measure import tasks
from conformance.sandbox.measure.thread_waits import thread_waits
from conformance.verdict.serving import ThreadWait

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no /proc")

WITHIN = 20.0
"""Seconds for a program to come to where it waits."""

BEGIN = """import os, select, socket, threading, time
a, b = socket.socketpair()
full, deaf = socket.socketpair()
full.setblocking(False)
try:
    while True: full.send(bytes(65536))
except BlockingIOError: pass
full.setblocking(True)
def registered(group, *wanted):
    for one, events in wanted: group.register(one, events)
    return group
"""


def waiting(source: str, call: str) -> list[ThreadWait]:
    """What the threads of a program wait for, once the first of them is in that call."""
    with subprocess.Popen([sys.executable, "-c", BEGIN + source]) as program:
        try:
            until = time.monotonic() + WITHIN
            while time.monotonic() < until:
                found = tasks.tasks_of([program.pid])
                if found and found[0].call == call:
                    return thread_waits([program.pid])
            raise AssertionError(f"it does not wait in {call}: {found}")
        finally:
            program.kill()


@pytest.mark.parametrize(
    ("source", "call", "count"),
    [
        ("a.recv(1)", "recv", 1),
        ("os.read(a.fileno(), 1)", "read", 1),
        ("socket.create_server(('', 0)).accept()", "accept", 1),
        ("select.select([a], [], [b])", "select", 1),
        ("registered(select.poll(), (a, 1), (b, 1)).poll()", "poll", 2),
        ("registered(select.poll(), (full, 1 | 4), (b, 64)).poll()", "poll", 2),
        ("registered(select.epoll(), (a, 1), (b, 1)).poll()", "epoll_wait", 2),
        ("registered(select.poll(), (os.pipe()[0], 1), (b, 1)).poll()", "poll", 1),
    ],
)
def test_what_it_can_read_from(source: str, call: str, count: int) -> None:
    (wait,) = waiting(source, call)
    assert wait.asleep
    assert wait.call == call
    assert len(wait.sockets) == count
    assert wait.started > 0


@pytest.mark.parametrize(
    ("source", "call", "told"),
    [
        ("registered(select.poll(), (full, 4), (b, 2)).poll()", "poll", "poll"),
        ("select.select([], [full], [b])", "select", "select"),
        ("full.send(b'x')", "send", ""),
        ("os.write(full.fileno(), b'x')", "write", ""),
    ],
)
def test_nobody_is_served_by_who_waits_to_write(source: str, call: str, told: str) -> None:
    (wait,) = waiting(source, call)
    assert (wait.call, wait.sockets) == (told, frozenset())


@pytest.mark.parametrize(
    ("source", "call"),
    [
        ("time.sleep(60)", "sleep"),
        ("threading.Lock().acquire() and threading.Event().wait()", "futex"),
    ],
)
def test_other_calls_are_left_out(source: str, call: str) -> None:
    (wait,) = waiting(source, call)
    assert (wait.call, wait.sockets) == ("", frozenset())


def test_all_clients_of_a_large_loop_are_seen() -> None:
    source = """pairs = [socket.socketpair() for _ in range(200)]
registered(select.epoll(), *((one, 1) for pair in pairs for one in pair)).poll()"""
    (wait,) = waiting(source, "epoll_wait")
    assert len(wait.sockets) == 400 > tasks.MAX_WATCHED
