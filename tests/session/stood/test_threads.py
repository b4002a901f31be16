"""From what the kernel and a dump say of each thread to words."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.sandbox.measure.tasks import Task, Watched
from conformance.session.own_files import files_below
from conformance.session.stood.own_files import OwnFiles
from conformance.session.stood.stack import Frame, Stack
from conformance.session.stood.threads import stood
from conformance.verdict.symptoms import Stood
from conformance.verdict.thrown.own_files import OwnPaths

SOCKETS = {7: "new clients", 11: "client", 12: "client 2", 13: "client 3", 14: "client 4"}
SERVER = "import socket\n\n    data = conn.recv(1024)  \n"


def on(*inodes: int, to_write: bool = False) -> tuple[Watched, ...]:
    return tuple(Watched(4, f"socket:[{inode}]", to_write=to_write) for inode in inodes)


def task(call: str, *inodes: int, state: str = "S", tid: int = 1, pid: int = 1) -> Task:
    return Task(pid, tid, 7, "python3", state, call, on(*inodes))


def told(*tasks: Task, stacks: Mapping[tuple[int, int], Stack] | None = None) -> tuple[Stood, ...]:
    return stood(tasks, stacks or {}, SOCKETS, OwnFiles(Path("/nowhere"), OwnPaths()))


@pytest.mark.parametrize(
    ("one", "does", "whom"),
    [
        (task("recv", 11), "waits in recv", "client"),
        (task("read", 12), "waits in recv", "client 2"),
        (task("poll", 12), "waits in recv", "client 2"),
        (task("accept", 7), "waits in accept", ""),
        (task("poll", 7), "waits in accept", ""),
        (task("epoll_wait", 7, 11), "waits in epoll_wait", "new clients and client"),
        (task("select", 11, 12, 13, 14), "waits in select", "client, client 2 and 2 others"),
        (task("select"), "sleeps", ""),
        (task("futex"), "waits for a lock, a queue or another thread", ""),
        (task("sleep"), "sleeps", ""),
        (task("call 999"), "waits in a system call", ""),
        (task("", state="R"), "runs, and waits for nothing", ""),
        (task("", state="D"), "waits for a disk", ""),
        (task("", state="T"), "is stopped", ""),
        (replace(task("send"), watched=on(12, to_write=True)), "waits in send", "client 2"),
        (replace(task("poll"), watched=on(12, to_write=True)), "waits in send", "client 2"),
        (
            replace(task("read"), watched=(Watched(0, "pipe:[5]"),)),
            "waits for input from the keyboard",
            "",
        ),
        (replace(task("read"), watched=(Watched(3, "pipe:[5]"),)), "waits in read", ""),
    ],
)
def test_what_a_thread_does(one: Task, does: str, whom: str) -> None:
    assert told(one) == (Stood(does, whom, "main"),)


def test_threads_that_do_the_same_are_one() -> None:
    threads = [task("recv", inode, tid=tid) for tid, inode in enumerate((11, 12, 13, 14), 2)]
    found = told(task("accept", 7), *threads)
    assert found == (
        Stood("waits in recv", "client, client 2 and 2 others", alike=4),
        Stood("waits in accept", name="main"),
    )


def test_threads_that_read_from_one_client_are_told_of() -> None:
    same = [task("recv", inode, tid=tid) for tid, inode in enumerate((11, 12, 12), 2)]
    assert told(*same)[0].on == "client and client 2, several of them for the same one"


def test_processes_are_told_from_threads() -> None:
    first, child = task("accept", 7), task("recv", 11, pid=2, tid=2)
    assert [one.name for one in told(first, child)] == ["a child process", "main"]


def test_a_shell_that_waits_for_the_program_is_left_out() -> None:
    shell = replace(task("wait"), name="sh")
    assert told(shell, task("recv", 11, pid=2, tid=2)) == (
        Stood("waits in recv", "client", "main"),
    )


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    (tmp_path / "server.py").write_text(SERVER)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "Room.java").write_text("package lab.chat;\nclass Room {}\n")
    (tmp_path / "Room.java").write_text("class Room {\n  void say() {}\n}\n")
    (tmp_path / "site-packages").mkdir()
    (tmp_path / "site-packages" / "other.py").write_text("x\n")
    os.symlink("/etc/passwd", tmp_path / "link.py")
    os.mkfifo(tmp_path / "pipe.py")
    return tmp_path


def own_files(folder: Path, started: str = ".") -> OwnFiles:
    return OwnFiles(folder, OwnPaths(files_below(folder), ["/home/student"], started))


@pytest.mark.parametrize(
    ("frame", "place"),
    [
        (Frame("/home/student/server.py", 3), ("server.py", 3, "data = conn.recv(1024)")),
        (Frame("server.py", 3), ("server.py", 3, "data = conn.recv(1024)")),
        (Frame("file:///home/student/server.py", 1), ("server.py", 1, "import socket")),
        (Frame("file:///home/student/s%65rver.py?v=1", 1), ("server.py", 1, "import socket")),
        (Frame("file://[", 1), ("", 0, "")),
        (Frame("/home/student/server.py", 99), ("server.py", 99, "")),
        (Frame("Room.java", 2), ("Room.java", 2, "void say() {}")),
        (Frame("Room.java", 2, "lab.chat"), ("lib/Room.java", 2, "class Room {}")),
        (Frame("Room.java", 2, "java.util"), ("", 0, "")),
        (Frame("/home/student/site-packages/other.py", 1), ("", 0, "")),
        (Frame("/home/student/../../etc/passwd", 1), ("", 0, "")),
        (Frame("/usr/lib/python3.11/socket.py", 1), ("", 0, "")),
        (Frame("/home/student/link.py", 1), ("link.py", 1, "")),
        (Frame("/home/student/pipe.py", 1), ("pipe.py", 1, "")),
        (Frame("\0", 1), ("", 0, "")),
    ],
)
def test_the_students_own_files(frame: Frame, place: tuple[str, int, str], handed_in: Path) -> None:
    own = own_files(handed_in)
    assert own.innermost([Frame("/usr/lib/python3.11/threading.py", 3), frame]) == place


def test_a_relative_path_begins_where_the_program_was_started(handed_in: Path) -> None:
    (handed_in / "lib" / "server.py").write_text("import room\n")
    for file, place in (
        ("server.py", "lib/server.py"),
        ("../server.py", "server.py"),
        ("Room.java", "lib/Room.java"),
        ("/home/student/server.py", "server.py"),
    ):
        frame = Frame(file, 1, "lab.chat")
        assert own_files(handed_in, "lib").innermost([frame])[0] == place
    assert own_files(handed_in, "site-packages").innermost([Frame("other.py", 1)])[0] == ""


def test_threads_of_the_runtime_are_left_out(handed_in: Path) -> None:
    own = own_files(handed_in)
    stacks = {
        (1, 1): Stack((Frame("server.py", 3),), "main"),
        (1, 2): Stack((Frame("/usr/lib/python3.11/threading.py", 3),), "Thread-1"),
    }
    tasks = [task("recv", 11), task("futex", tid=2), task("futex", tid=3)]
    found = stood(tasks, stacks, SOCKETS, own)
    source = "data = conn.recv(1024)"
    assert found == (Stood("waits in recv", "client", "main", "server.py", 3, source),)


def test_where_no_line_is_known_the_first_thread_is_told(handed_in: Path) -> None:
    own = own_files(handed_in)
    stacks = {(1, 1): Stack((Frame("<string>", 3),), "main")}
    assert stood([task("recv", 11), task("futex", tid=2)], stacks, SOCKETS, own) == (
        Stood("waits in recv", "client", "main"),
    )
