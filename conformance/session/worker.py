"""A forked process that runs one session, and the pipe on which it reports.

It is forked from a warm, single-threaded parent: nothing is imported again, and only a process with
one thread may make a user namespace (user_namespaces(7)). It dies with its parent.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from conformance.sandbox import Isolation
from conformance.session.forked import fork_with_pipe, kill, settle
from conformance.session.session import hold
from conformance.session.session_plan import Finding, SessionPlan
from conformance.verdict.events import attempt_from_json, attempt_to_json, to_line

MAX_LINE_BYTES = 8 * 2**20
"""The most bytes reported of one attempt; a session itself keeps below that."""

MAX_FILES = 20_000
"""Open files of a session: a crowd of ten thousand clients, and some."""
MAX_MEMORY = 512 * 2**20
"""Bytes by which a session may outgrow the process that it was forked from. An ordinary one takes
27 MiB, a flooded one 220; one that takes more has escaped all other bounds."""

MAX_READS = 16
"""Pieces of 64 KiB, as much as a pipe holds, that are read at a time."""


class Worker:
    def __init__(self, plan: SessionPlan, isolation: Isolation, scratch: Path) -> None:
        """Starts it, in a `scratch` folder of its own. Raises OSError where there is no room."""
        self.plan = plan
        self.deadline = time.monotonic() + plan.longest
        self._told_last = time.monotonic()
        parent = os.getpid()
        self.pid, self.pipe = fork_with_pipe()
        if self.pid == 0:
            _be_worker(parent, plan, isolation, scratch, self.pipe)
        self._line: list[bytes] = []
        """The pieces of a line that has not ended yet."""
        self._room = MAX_LINE_BYTES
        self.started = False
        """Whether its program has finished starting: it waits for clients, or is known not to."""
        self.told: set[str] = set()
        """Numbers of the clauses that it has reported; another worker may be repeating them
        already."""
        self.done = False
        """Whether the worker has reported its regular end."""
        self.trouble = ""
        """What the worker reported of an irregular end."""

    def fileno(self) -> int:
        return self.pipe

    def read(self) -> tuple[list[Finding], bool]:
        """What it has reported since the last call (of much, a part), and whether it has ended."""
        lines: list[bytes] = []
        ended = False
        with contextlib.suppress(BlockingIOError):
            for _ in range(MAX_READS):
                if ended := not (data := os.read(self.pipe, 1 << 16)):
                    break
                *whole, rest = data.split(b"\n")
                for piece in whole:
                    lines.append(b"".join([*self._line, piece]))
                    self._line, self._room = [], MAX_LINE_BYTES
                self._line.append(rest)
                self._room -= len(rest)
                if self._room < 0:
                    self.trouble = "it reported more than its limit"
                    return list(self._findings(lines)), True
        findings = list(self._findings(lines))
        if findings:
            self._told_last = time.monotonic()
            self.deadline = time.monotonic() + self.plan.longest
        return findings, ended

    def _findings(self, lines: list[bytes]) -> Iterator[Finding]:
        for line in lines:
            told: dict[str, Any] = json.loads(line)
            if "trouble" in told:
                self.trouble = told["trouble"]
                continue
            if "done" in told:
                self.done = True
                continue
            if "started" in told:
                self.started = True
                self._told_last = time.monotonic()
                continue
            self.told.add(told["number"])
            yield Finding(
                told["number"], attempt_from_json(told["attempt"]), told["dialect"], told["port"]
            )

    @property
    def talking(self) -> float:
        """Seconds since its last finding, or since its program was ready; 0 while that starts."""
        return time.monotonic() - self._told_last if self.started else 0.0

    def close(self) -> None:
        """Ends the worker if it still runs, and all that runs in its world."""
        with contextlib.suppress(OSError):
            os.close(self.pipe)
        if not os.waitpid(self.pid, os.WNOHANG)[0]:
            kill(self.pid)


def _be_worker(
    parent: int, plan: SessionPlan, isolation: Isolation, scratch: Path, writing: int
) -> NoReturn:
    """The forked process: runs the session and ends, without the parent's exit handlers."""
    status = 1
    try:
        settle(parent, signal.SIG_DFL)
        _bound_memory()
        _allow_files()

        def tell(finding: Finding) -> None:
            _write(
                writing,
                {
                    "number": finding.number,
                    "attempt": attempt_to_json(finding.attempt),
                    "dialect": finding.dialect,
                    "port": finding.port,
                },
            )

        hold(plan, isolation, scratch, tell, lambda: _write(writing, {"started": True}))
        _write(writing, {"done": True})
        status = 0
    except BaseException as error:
        with contextlib.suppress(OSError):
            _write(writing, {"trouble": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(status)


def _bound_memory() -> None:
    """Has the kernel refuse memory beyond the bound. For programs it is lifted when they are
    started: they have limits of their own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    with contextlib.suppress(OSError):  # a system that does not say how much we use
        pages = int(Path("/proc/self/statm").read_text().split()[5])
        most = pages * resource.getpagesize() + MAX_MEMORY
        if soft == resource.RLIM_INFINITY or most < soft:
            resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def _allow_files() -> None:
    """Lets the session hold a crowd of clients. Programs have a limit of their own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _write(pipe: int, told: dict[str, Any]) -> None:
    data = to_line(told).encode("ascii")
    while data:
        data = data[os.write(pipe, data) :]
