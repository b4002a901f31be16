"""Looks at a program that runs: what each of its threads does, and on whom it waits.

Best effort: what this machine, or the program, does not show is left out. Nothing here judges.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass

from conformance.sandbox.measure import proc, py_spy, tasks
from conformance.sandbox.measure.tasks import Task
from conformance.session.host import POLL
from conformance.session.stood import java, node, python
from conformance.session.stood.own_files import OwnFiles
from conformance.session.stood.stack import Stack
from conformance.session.stood.threads import A_DATAGRAM, NEW_CLIENTS, stood
from conformance.session.submission_host import SubmissionHost
from conformance.verdict.symptoms import Stood
from conformance.verdict.thrown.own_files import OwnPaths

WITHIN = 1.5
"""Seconds for all of a look. py-spy takes 0.1, a JVM 0.05, Node's inspector 1.0."""

MAX_PROCESSES = 4
"""Processes of a program whose language is asked for their stacks."""

Stacks = dict[tuple[int, int], Stack]


@dataclass(frozen=True)
class Seen:
    stood: tuple[Stood, ...] = ()
    queued: tuple[str, ...] = ()
    """Clients whose connection was not accepted."""


async def look(host: SubmissionHost, clients: Mapping[int, str], *, goes_on: bool) -> Seen:
    """What is seen of the program, in at most `WITHIN` seconds. `clients`: the name of each that is
    connected, by its port. `goes_on`: the conversation does, so that Node's inspector is left
    alone."""
    names: dict[int, str] = {}
    queued = []
    for listener in host.listeners():
        names[listener.inode] = NEW_CLIENTS if listener.protocol == "tcp" else A_DATAGRAM
    for connection in host.connections():
        name = clients.get((connection.local if host.on_terminal else connection.remote)[1])
        if name and connection.queued:
            queued.append(name)
        elif name and connection.inode:
            names[connection.inode] = name
    found = tasks.tasks_of(host.pids())
    stacks: Stacks = {}
    with suppress(TimeoutError):
        async with asyncio.timeout(WITHIN):
            await asyncio.gather(
                *(_ask(host, one, found, stacks) for one in _asked(found, goes_on=goes_on))
            )
    own = OwnFiles(host.directory, host.own_files() if stacks else OwnPaths())
    found = list(_without_runtimes(found, stacks, names))
    return Seen(stood(found, stacks, names, own), tuple(sorted(queued, key=_by_number)))


def _without_runtimes(
    found: Sequence[Task], stacks: Stacks, names: Mapping[int, str]
) -> Iterator[Task]:
    """The threads that can be the student's: of Node the first, of a JVM that gave no dump those
    that wait for a client. The first thread of a JVM runs nothing itself."""
    languages = {one.pid: tasks.executable(one.pid) for one in found if one.pid == one.tid}
    for one in found:
        language = languages.get(one.pid, "")
        if language.startswith("node") and one.tid != one.pid:
            continue
        without_dump = language == "java" and (one.pid, one.tid) not in stacks
        if without_dump and not any(each.inode in names for each in one.watched):
            continue
        yield one


def _asked(found: Sequence[Task], *, goes_on: bool) -> list[Task]:
    """The first thread of each process that is asked."""
    leaders = [one for one in found if one.pid == one.tid][:MAX_PROCESSES]
    return [one for one in leaders if not (goes_on and tasks.executable(one.pid) == "node")]


def _by_number(name: str) -> tuple[int, str]:
    return len(name), name


async def _ask(host: SubmissionHost, leader: Task, found: Sequence[Task], stacks: Stacks) -> None:
    """Adds the stacks of a process, if its language has a way to tell them."""
    language = tasks.executable(leader.pid)
    with suppress(Exception):  # the kernel's word is left, whatever a dump or the inspector says
        if language.startswith(("python", "pypy")):
            threads = _numbers(leader, found)
            by_tid = python.stacks_of(await py_spy.call(python.arguments(leader.pid)))
            stacks |= {
                (leader.pid, tid): by_tid[number]
                for tid, inside in threads.items()
                for number in (tid, inside)
                if number in by_tid
            }
        elif language == "java" and tasks.catches(leader.pid, signal.SIGQUIT):
            threads = _numbers(leader, found)
            by_number = java.stacks_of(await _thread_dump(host, leader.pid))
            stacks |= {
                (leader.pid, tid): by_number[inside]
                for tid, inside in threads.items()
                if inside in by_number
            }
        elif language.startswith("node") and _is_busy(leader) and host.own_network:
            stacks[leader.pid, leader.tid] = await _inspected(host, leader.pid)


def _numbers(leader: Task, found: Sequence[Task]) -> dict[int, int]:
    """The threads of a process by their number, and the one in their own pid namespace, which a
    dump may say instead."""
    return {one.tid: proc.pid_inside(one.tid) for one in found if one.pid == leader.pid}


def _is_busy(leader: Task) -> bool:
    """Whether a Node program does not come back to its event loop, and takes SIGUSR1."""
    return not leader.call and tasks.catches(leader.pid, signal.SIGUSR1)


async def _inspected(host: SubmissionHost, pid: int) -> Stack:
    """The stack of a Node program, which writes about its inspector on stderr meanwhile."""
    with host.process.output.aside() if host.process else nullcontext():
        os.kill(pid, signal.SIGUSR1)
        return await node.stack_of(host.loopback_socket)


async def _thread_dump(host: SubmissionHost, pid: int) -> str:
    """What a JVM writes on its stdout when it gets SIGQUIT."""
    process = host.process
    if process is None:
        return ""
    with process.output.aside() as written:
        os.kill(pid, signal.SIGQUIT)
        while True:
            await asyncio.sleep(POLL)
            process.output.drain()
            text = written.decode("utf-8", "replace")
            if java.is_whole(text) or process.output.ended:
                return text
