"""What the threads of a program wait for, as `verdict.serving` judges by it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from conformance.sandbox.measure.tasks import Task, tasks_of
from conformance.verdict.serving import VIRTUAL, ThreadWait

_FOR_SOCKETS = ("read", "recv", "accept", "poll", "select", "epoll_wait")
"""The calls in which a thread waits for clients, or for what they say."""

_MOST_FILES = 65_536
"""Of one call: more than a program may have open."""

_GO_BUILT = b"Go build ID:"
_GO_WITHIN = 65_536
"""Go's linker writes the build ID at the beginning of the code."""


def thread_waits(pids: Iterable[int]) -> list[ThreadWait]:
    """All threads of these processes, and what each of them waits for."""
    return [_wait(task) for task in tasks_of(pids, most=None, most_watched=_MOST_FILES)]


def _wait(task: Task) -> ThreadWait:
    call, sockets = "", frozenset[int]()
    if task.call in _FOR_SOCKETS:
        call = task.call
        sockets = frozenset(filter(None, (one.inode for one in task.watched if one.to_read)))
    asleep = task.state == "S"
    return ThreadWait(task.pid, task.tid, task.started, task.name, asleep, call, sockets)


def scheduler_of(pids: Iterable[int], waits: Sequence[ThreadWait]) -> str:
    """What maps many conversations to few threads in the program, so that threads show nothing of
    clients; "" if nothing does."""
    if any(wait.name.startswith(VIRTUAL) for wait in waits):
        return "Java, which runs virtual threads,"
    for pid in pids:
        with suppress(OSError):
            with open(f"/proc/{pid}/exe", "rb") as program:
                if _GO_BUILT in program.read(_GO_WITHIN):
                    return "Go's scheduler"
            with open(f"/proc/{pid}/maps", "rb") as maps:
                if any(b"/greenlet/" in line for line in maps):
                    return "greenlet, which switches between clients in one thread,"
    return ""
