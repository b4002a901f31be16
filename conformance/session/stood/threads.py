"""Puts what the kernel and the language say of each thread into words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from conformance.sandbox.measure.tasks import Task
from conformance.session.stood.own_files import OwnFiles
from conformance.session.stood.stack import MAIN, RUNS, SLEEPS, Stack
from conformance.verdict.symptoms import Stood

NEW_CLIENTS = "new clients"
"""What a listening TCP socket waits for."""
A_DATAGRAM = "a datagram"

ACCEPTS = "waits in accept"
"""The least interesting: it comes last."""
A_PROCESS = "a child process"
"""The name of the first thread of any process but the first."""

MAX_GROUPS = 6
"""Groups of threads that are kept: a report shows fewer."""

MAX_TEXT = 400
"""Characters kept of a name, which the program may have chosen."""

_FOR_INPUT = "waits for input from the keyboard"
_PLAIN = {
    "futex": "waits for a lock, a queue or another thread",
    "sleep": SLEEPS,
    "wait": "waits until another process ends",
    "pause": "waits for a signal",
    "sigwait": "waits for a signal",
}
_SHELLS = {"sh", "bash", "dash", "env", "npm", "npm exec", "prlimit", "bwrap", "timeout"}
"""What only waits for the program."""


def stood(
    tasks: Sequence[Task],
    stacks: Mapping[tuple[int, int], Stack],
    sockets: Mapping[int, str],
    own: OwnFiles,
) -> tuple[Stood, ...]:
    """What the threads did. `stacks`: by process and thread, as far as a language's dump says;
    of a process that has a dump only threads with a line of the student's own are told. `sockets`:
    what each socket leads to, by its inode: a client, `new clients`, `a datagram`."""
    tasks = [one for one in tasks if not _is_a_shell(one)]
    dumped = {pid for pid, _ in stacks}
    first = tasks[0].pid if tasks else 0
    found: list[Stood] = []
    for task in tasks:
        stack = stacks.get((task.pid, task.tid))
        if task.pid in dumped and stack is None:
            continue
        one = _one(task, stack, sockets, first)
        if stack is not None:
            file, line, source = own.innermost(stack.frames)
            if not file:
                continue
            one = replace(one, file=file, line=line, source=source)
        found.append(one)
    if not found:  # all that is known is what the first thread of each process does
        found = [_one(task, None, sockets, first) for task in tasks if task.tid == task.pid]
    folded = sorted(_folded(found), key=lambda one: one.does == ACCEPTS)
    return tuple(folded[:MAX_GROUPS])


def _is_a_shell(task: Task) -> bool:
    """Whether it only waits for the program that it has started."""
    return task.tid == task.pid and task.call == "wait" and task.name in _SHELLS


def _one(task: Task, stack: Stack | None, sockets: Mapping[int, str], first: int) -> Stood:
    """`first`: the first process of the program."""
    does, on = _does(task, sockets)
    if stack is not None and stack.lock:
        does, on = "waits for the lock", stack.lock
    elif stack is not None and stack.does:
        does, on = stack.does, ""
    name = stack.name if stack is not None else ""
    if task.pid == task.tid:
        name = MAIN if task.pid == first else A_PROCESS
    return Stood(does=does, on=on[:MAX_TEXT], name=name[:MAX_TEXT])


def _does(task: Task, sockets: Mapping[int, str]) -> tuple[str, str]:
    if task.state in "Tt":
        return "is stopped", ""
    if not task.call:
        if task.state == "R":
            return RUNS, ""
        return ("waits for a disk", "") if task.state == "D" else ("waits", "")
    if task.call in _PLAIN:
        return _PLAIN[task.call], ""
    if task.call in ("poll", "select") and not task.watched:
        return SLEEPS, ""
    if task.call in ("read", "recv") and [one.fd for one in task.watched] == [0]:
        return _FOR_INPUT, ""
    named = list(dict.fromkeys(filter(None, (sockets.get(w.inode, "") for w in task.watched))))
    if named == [NEW_CLIENTS] and len(task.watched) == 1:
        return ACCEPTS, ""
    call = task.call
    if len(task.watched) == 1 and named and call in ("poll", "select", "read", "write"):
        # Runtimes wait in poll for the one socket of a call with a deadline.
        call = "send" if task.watched[0].to_write else "recv"
    if call.startswith("call "):
        return "waits in a system call", ""
    return f"waits in {call}", listed(named)


def listed(names: Sequence[str]) -> str:
    """The first names, and how many others."""
    if len(names) <= 3:
        return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
    return f"{', '.join(names[:2])} and {len(names) - 2} others"


def _shared(alike: Sequence[Stood]) -> str:
    """Whether several threads read from one client, in words."""
    each = [one.on for one in alike]
    apart = "" in each or A_DATAGRAM in each or len(set(each)) == len(each)
    return "" if apart or alike[0].does != "waits in recv" else ", several of them for the same one"


def _folded(found: Iterable[Stood]) -> list[Stood]:
    """Threads that do the same at the same line become one."""
    groups: dict[tuple[str, str, int, str], list[Stood]] = {}
    for one in found:
        lock = one.on if one.does == "waits for the lock" else ""
        groups.setdefault((one.does, one.file, one.line, lock), []).append(one)
    told = []
    for alike in groups.values():
        on = alike[0].on
        if len(alike) > 1 and alike[0].does != "waits for the lock":
            on = listed(list(dict.fromkeys(one.on for one in alike if one.on)))
            on += _shared(alike)
        names = {one.name for one in alike}
        name = names.pop() if len(names) == 1 else ""
        told.append(replace(alike[0], on=on, name=name, alike=len(alike)))
    return told
