"""What /proc shows of processes: of this one, and of children that do as they are told."""

from __future__ import annotations

import mmap
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.sandbox import kernel
from conformance.sandbox.measure import proc
from conformance.sandbox.measure.proc import TOO_MANY_PROCESSES, Hidden, Usage

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="Linux's /proc")

GONE = 2**22 + 1
"""No process: the kernel gives no number as large (PID_MAX_LIMIT)."""

ME = os.getpid()


@pytest.fixture
def child() -> Iterator[subprocess.Popen[str]]:
    """One that has a child itself, and says its number."""
    script = "sleep 600 & echo $!; wait"
    with subprocess.Popen(["/bin/sh", "-c", script], stdout=subprocess.PIPE, text=True) as made:
        yield made
        for pid in (*proc.descendants(made.pid), made.pid):
            os.kill(pid, signal.SIGKILL)


def test_children_and_theirs(child: subprocess.Popen[str]) -> None:
    assert child.stdout is not None
    grandchild = int(child.stdout.readline())
    assert child.pid in proc.children(ME)
    assert grandchild not in proc.children(ME)
    assert proc.children(child.pid) == [grandchild] == proc.descendants(child.pid)
    assert {child.pid, grandchild} <= {*proc.descendants(ME)}
    assert ME not in proc.descendants(ME)


def test_without_the_kernels_lists_the_same_are_found(
    child: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert child.stdout is not None
    grandchild = int(child.stdout.readline())
    monkeypatch.setattr(proc, "_children_are_listed", lambda: False)
    assert proc.descendants(child.pid) == [grandchild]
    assert proc.descendants(GONE) == []


def test_a_name_may_hold_any_bytes(tmp_path: Path) -> None:
    program = os.fsencode(tmp_path) + b"/\xe9cho"  # ISO-8859-1
    os.symlink("/bin/sleep", program)
    with subprocess.Popen([program, "600"]) as named:
        try:
            assert proc.pid_inside(named.pid) > 0
        finally:
            named.kill()


def test_what_is_gone_is_no_error() -> None:
    assert proc.children(GONE) == proc.descendants(GONE) == []
    assert proc.pid_inside(GONE) == 0
    assert [*proc.sockets(GONE)] == []
    assert proc.owner(1, [GONE]) is None
    assert proc.usage([GONE]) == Usage()
    assert proc.memory([GONE]) == 0


def test_what_is_there() -> None:
    assert proc.pid_inside(ME) > 0
    used = proc.usage([ME], memory_bytes=5)
    assert (used.processes, used.zombies, used.memory_bytes, used.hidden) == (1, 0, 5, 0)
    assert used.threads >= 1
    assert used.cpu_seconds > 0
    with open(os.devnull):
        assert proc.usage([ME]).open_files == used.open_files + 1


def test_a_zombie_is_counted_apart() -> None:
    with kernel.forking():
        pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert proc.usage([pid]) == Usage(zombies=1, cpu_seconds=proc.usage([pid]).cpu_seconds)
    assert [*proc.sockets(pid)] == [], "it has nothing open, and hides nothing"
    os.waitpid(pid, 0)


def test_whose_a_socket_is(child: subprocess.Popen[str]) -> None:
    with socket.socket() as ours:
        inode = os.fstat(ours.fileno()).st_ino
        assert inode in proc.sockets(ME)
        assert proc.owner(inode, [child.pid, GONE, ME]) == ME
        assert proc.owner(inode, [child.pid]) is None
    assert inode not in proc.sockets(ME)


def test_a_process_that_hides_what_it_has_may_have_the_socket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed = os.listdir

    def refused(path: str) -> list[str]:
        if path == f"/proc/{os.getppid()}/fd":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "listdir", refused)
    with socket.socket() as ours:
        inode = os.fstat(ours.fileno()).st_ino
        assert proc.owner(inode, [os.getppid(), ME]) == ME, "it is known whose it is"
        with pytest.raises(Hidden, match=f"process {os.getppid()} does not show"):
            proc.owner(inode, [os.getppid()])
    assert proc.usage([os.getppid()]).hidden == 1


def test_memory_that_is_taken_is_counted() -> None:
    before = proc.memory([ME])
    size = 32 * 2**20
    with mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as taken:
        for page in range(0, size, mmap.PAGESIZE):
            taken[page] = 1
        assert proc.memory([ME]) >= before + size * 9 // 10


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="Linux's memfd_create(2)")
def test_files_in_memory_count_though_nobody_has_mapped_them() -> None:
    before = proc.memory([ME])
    size = 32 * 2**20
    file = os.memfd_create("test")
    try:
        os.posix_fallocate(file, 0, size)
        assert proc.memory([ME]) >= before + size * 9 // 10
    finally:
        os.close(file)


def test_too_many_are_only_counted() -> None:
    crowd = [GONE] * TOO_MANY_PROCESSES
    assert proc.usage(crowd) == Usage(processes=TOO_MANY_PROCESSES, threads=TOO_MANY_PROCESSES)
    assert proc.memory(crowd) == 0


def test_kills_for_memory_only_grow() -> None:
    first = proc.kills_for_memory()
    assert 0 <= first <= proc.kills_for_memory() < sys.maxsize


@pytest.mark.skipif("oom_kill " not in Path("/proc/vmstat").read_text(), reason="since Linux 4.13")
def test_kills_for_memory_are_those_of_the_kernel() -> None:
    def counted() -> int:
        told = Path("/proc/vmstat").read_text().splitlines()
        return int(dict(line.split() for line in told)["oom_kill"])

    before = counted()
    assert before <= proc.kills_for_memory() <= counted()
