"""What threads of a real program do, as the kernel says."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from conformance.sandbox.measure import tasks
from conformance.sandbox.measure.tasks import Task

WITHIN = 20.0
"""Seconds for a program to come to where it waits."""

BEGIN = "import os, select, socket, threading, time\na, b = socket.socketpair()\n"


def waiting(source: str, call: str) -> list[Task]:
    """The threads of a program, once the first of them waits in that call."""
    with subprocess.Popen([sys.executable, "-c", BEGIN + source]) as program:
        try:
            until = time.monotonic() + WITHIN
            while time.monotonic() < until:
                found = tasks.tasks_of([program.pid])
                if found and found[0].call == call:
                    return found
            raise AssertionError(f"it does not wait in {call}: {found}")
        finally:
            program.kill()


LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no /proc")


@LINUX
@pytest.mark.parametrize(
    ("source", "call", "count"),
    [
        ("a.recv(1)", "recv", 1),
        ("a.settimeout(60)\na.recv(1)", "poll", 1),
        ("select.select([a, b], [], [])", "select", 2),
        (
            "e = select.epoll()\nfor s in (a, b): e.register(s, select.EPOLLIN)\ne.poll()",
            "epoll_wait",
            2,
        ),
        ("threading.Lock().acquire() and threading.Event().wait()", "futex", 0),
        ("time.sleep(60)", "sleep", 0),
        ("os.read(os.pipe()[0], 1)", "read", 1),
    ],
)
def test_the_call_and_what_it_waits_for(source: str, call: str, count: int) -> None:
    (first,) = waiting(source, call)
    assert len(first.watched) == count
    assert all(one.inode for one in first.watched) or call == "read"


def test_a_process_that_is_gone() -> None:
    with subprocess.Popen(["true"]) as program:
        program.wait()
    assert tasks.tasks_of([program.pid]) == []
    assert not tasks.catches(program.pid, 3)
    assert tasks.executable(program.pid) == ""


SELECT = """import ctypes
size = 2**31 - 1
read = (ctypes.c_ulong * 1024)()
read[0] = 1 << a.fileno() | 1 << b.fileno()
ctypes.CDLL(None).select(size, read, None, None, None)
"""


@LINUX
def test_a_select_of_more_than_there_can_be() -> None:
    """The kernel looks at no more descriptors than the program has."""
    (first,) = waiting(SELECT, "select")
    assert len(first.watched) == 2


MANY = """c = [os.dup(b.fileno()) for _ in range(300)]
p = select.poll()
for fd in c: p.register(fd, select.POLLIN)
e = select.epoll()
for fd in c: e.register(fd, select.POLLIN)
"""


@LINUX
@pytest.mark.parametrize(
    ("wait", "call", "count"),
    [
        ("p.poll()", "poll", tasks.MAX_WATCHED),
        ("e.poll()", "epoll_wait", tasks.MAX_WATCHED),
        ("select.select(c, [], [])", "select", 300),
    ],
)
def test_no_more_descriptors_than_a_reader_asks_for(wait: str, call: str, count: int) -> None:
    (first,) = waiting(MANY + wait, call)
    assert len(first.watched) == count


@LINUX
def test_no_more_threads_than_a_reader_asks_for() -> None:
    source = "for _ in range(3): threading.Thread(target=b.recv, args=(1,)).start()\na.recv(1)"
    with subprocess.Popen([sys.executable, "-c", BEGIN + source]) as program:
        try:
            until = time.monotonic() + WITHIN
            while len(tasks.tasks_of([program.pid])) < 4:
                assert time.monotonic() < until
            assert len(tasks.tasks_of([program.pid, program.pid], most=None)) == 8
            assert len(tasks.tasks_of([program.pid, program.pid], most=6)) == 6
            first, *others = tasks.tasks_of([program.pid], most=2)
            assert (first.tid, len(others)) == (program.pid, 1)
            assert first.started <= others[0].started
        finally:
            program.kill()


@pytest.mark.parametrize(
    ("line", "machine", "found"),
    [
        ("", "x86_64", ("", [])),
        ("running", "x86_64", ("", [])),
        ("-1 0x7ffd 0x7f", "x86_64", ("", [])),
        ("45 0x4 0x7f 0x400 0x0 0x0 0x0 0x7ffd 0x7f", "x86_64", ("recv", [4, 127, 1024, 0, 0, 0])),
        ("207 0x4 0x0 0x0 0x0 0x0 0x0 0x0 0x0", "aarch64", ("recv", [4, 0, 0, 0, 0, 0])),
        ("999 0x4 0x0 0x0 0x0 0x0 0x0 0x0 0x0", "x86_64", ("call 999", [4, 0, 0, 0, 0, 0])),
        ("45 0x4 0x0 0x0 0x0 0x0 0x0 0x0 0x0", "riscv64", ("call 45", [4, 0, 0, 0, 0, 0])),
    ],
)
def test_a_line_of_the_kernel(line: str, machine: str, found: tuple[str, list[int]]) -> None:
    assert tasks.parsed(line, machine) == found


def test_our_own_handlers() -> None:
    assert tasks.catches(os.getpid(), 2)  # Python's for Ctrl-C
    assert not tasks.catches(os.getpid(), 12)
