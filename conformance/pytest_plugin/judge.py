"""The judge: one process for each pytest run, which checks the submissions and sends events.

The workers of pytest-xdist have threads, and a process with threads cannot make a user namespace.
Nor should each worker repeat the gate, or a conversation that several clauses share. So the items
of all workers read the events of this one process, over a socket.

First the judge says which items there are. Then it takes requests, as lines of JSON:

    {"want": [[0, ["1.1", "4.1"]]]}    have these clauses of submission 0 judged
    {"seen": 12}                       ask for those after the first 12 events: it answers with
                                       a list of them, as soon as there is one
    {"seen": 30, "end": true}          ask for the rest, and end the judge

Each event has the number of its submission, `of`. Submissions are checked one after another, as
`conformance check` would. The judge always ends with pytest, even with one that is killed: its
socket to pytest is closed, and the kernel sends TERM.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import selectors
import signal
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TextIO

from conformance.contract.catalog import Catalog, load
from conformance.reports.text.visible import visible
from conformance.run.check import Check, host_to_ourselves
from conformance.run.plan import Plan, Prepared, Request
from conformance.run.prepare import build_it, plan, read_request, take_in
from conformance.run.scheduler import Scheduler
from conformance.run.scratch import enterable, scratch_folder
from conformance.sandbox import Isolation, SandboxError, Tier, preload, probe
from conformance.sandbox.kernel import set_death_signal
from conformance.verdict.events import Event, run_began, to_line
from conformance.verdict.model import WrongCall

TICK = 1.0
"""Seconds between two checks whether sessions have overrun their deadline."""

SEND_WITHIN = 30.0
"""Seconds for a reader to take events: it is waiting for them."""


@dataclass
class Submitted:
    """One submission, taken in; what of it is wanted is built and judged later."""

    name: str
    """What it is called among the others."""
    request: Request
    build: Callable[[], Prepared]
    plan: Plan
    """Before it is built."""
    wanted: list[str] = field(default_factory=list)
    """The clauses. Those who ask after the check has begun want the same ones."""
    begun: bool = False

    def opening(self) -> dict[str, Any]:
        """What pytest needs in order to collect the items."""
        return {
            "name": self.name,
            "run": run_began(self.plan.described()),
            "scenarios": [
                {
                    "clause": scenario.clause.number,
                    "name": scenario.name,
                    "level": scenario.level(self.plan.parameters).value,
                    "section": scenario.clause.section,
                }
                for scenario in self.plan.chosen
            ],
        }


@dataclass(eq=False)
class Judge:
    """Checks the submissions, and sends events to all who read them."""

    submitted: list[Submitted]
    catalog: Catalog
    isolation: Isolation
    door: socket.socket
    """Workers connect to it."""
    line: socket.socket
    """Pytest itself is at the other end."""

    def __post_init__(self) -> None:
        self._told: list[str] = []
        """All events so far, as JSON."""
        self._waiting: list[tuple[socket.socket, int]] = []
        """Those who wait for events, and how many they have seen."""
        self._ended = False
        self._current: Check | None = None
        self._number = 0
        """The number of the submission that is being checked."""
        self._log: TextIO | None = None
        self._last = contextlib.ExitStack()
        """Ends that check."""
        jobs = self.submitted[0].request.jobs
        self._scheduler = Scheduler[Check](starts=jobs, sessions=jobs)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.door, selectors.EVENT_READ, self._admit)
        self._selector.register(self._scheduler, selectors.EVENT_READ, lambda: None)
        self._listen_to(self.line)

    def serve(self) -> None:
        """Runs until pytest has ended."""
        with self._last:
            while not self._ended:
                self._begin()
                while (started := self._scheduler.start()) is not None:
                    self._step(started)
                for key, _ in self._selector.select(TICK):
                    key.data()
                for check in self._scheduler.ready(within=0):
                    self._step(check)
            for event in self._current.interrupt() if self._current else ():
                self._publish(event)
        self._answer()

    # -- checking -------------------------------------------------------------------

    def _begin(self) -> None:
        """Begins the next check, if none is under way."""
        waiting = (each for each in self.submitted if each.wanted and not each.begun)
        if self._current is not None or (wanted := next(waiting, None)) is None:
            return
        wanted.begun = True
        self._number = self.submitted.index(wanted)
        try:
            self._check(wanted)
        except Exception as error:  # the suite's own fault, and never a grade
            self._last.close()
            self._tell({"event": "trouble", "text": f"{type(error).__name__}: {error}"})

    def _check(self, wanted: Submitted) -> None:
        request = replace(wanted.request, only=",".join(wanted.wanted))
        remote = bool(request.connect)
        self._last.enter_context(host_to_ourselves(self.isolation, remote=remote))
        if request.keep is not None:
            log = (request.keep / "run.jsonl").open("w", encoding="ascii")
            self._log = self._last.enter_context(log)
        asked = (request, self.catalog, self.isolation, wanted.plan.scratch)
        check = Check(*asked, longest=math.inf, build=wanted.build)
        self._last.callback(check.close)
        self._scheduler.enter(check)
        self._current = check

    def _step(self, check: Check) -> None:
        for event in check.step():
            self._publish(event)
        if check.ended:
            if check.trouble is not None:
                self._tell({"event": "trouble", "text": check.trouble.text})
            self._scheduler.leave(check)
            self._last.close()
            self._current = self._log = None

    def _publish(self, event: Event) -> None:
        if self._log is not None:
            self._log.write(to_line(event))
            self._log.flush()
        self._tell(event)

    # -- telling --------------------------------------------------------------------

    def _tell(self, event: Event) -> None:
        self._told.append(to_line({"of": self._number, **event}).rstrip())
        self._answer()

    def _answer(self) -> None:
        """Sends new events to those who wait for some. Those who are gone are skipped."""
        for connection, seen in self._waiting:
            with contextlib.suppress(OSError):
                connection.sendall(f"[{','.join(self._told[seen:])}]\n".encode("ascii"))
        self._waiting.clear()

    def _admit(self) -> None:
        connection, _ = self.door.accept()
        self._listen_to(connection)

    def _listen_to(self, connection: socket.socket) -> None:
        connection.settimeout(SEND_WITHIN)
        said = b""

        def hear() -> None:
            nonlocal said
            data = b""
            with contextlib.suppress(ConnectionError):
                data = connection.recv(1 << 16)
            *whole, said = (said + data).split(b"\n")
            for line in whole:
                self._heard(connection, json.loads(line))
            if not data and connection is self.line:
                self._ended = True
            elif not data:
                self._selector.unregister(connection)
                connection.close()

        self._selector.register(connection, selectors.EVENT_READ, hear)

    def _heard(self, connection: socket.socket, told: dict[str, Any]) -> None:
        for number, clauses in told.get("want", ()):
            self.submitted[number].wanted = clauses
        self._ended = self._ended or "end" in told
        if "seen" in told:
            self._waiting.append((connection, told["seen"]))
        if told.get("seen", len(self._told)) < len(self._told) and not self._ended:
            self._answer()


def taken_in(
    orders: dict[str, Any], request: Request, catalog: Catalog, isolation: Isolation, scratch: Path
) -> list[Submitted]:
    """The submissions, taken in. Raises WrongCall."""
    paths = [Path(path) for path in orders["submissions"]]
    called: Counter[tuple[str, str]] = Counter()
    found = []
    for number, path in enumerate(paths or [None]):
        place = enterable(scratch / str(number))
        asked = replace(request, path=path)
        if orders["keep"] is not None:
            keep = Path(orders["keep"], *([] if len(paths) < 2 else [str(number + 1)]))
            keep.mkdir(parents=True, exist_ok=True)
            asked = replace(asked, keep=keep)
        taken, submission = take_in(asked, catalog, isolation, place)
        called[taken.variant, taken.submission] += 1
        times = called[taken.variant, taken.submission]
        found.append(
            Submitted(
                visible(taken.submission) + (f" ({times})" if times > 1 else ""),
                asked,
                partial(build_it, taken, submission, asked, place),
                plan(asked, catalog, isolation, place, taken),
            )
        )
    return found


def judge_all(orders: dict[str, Any], line: socket.socket) -> None:
    """Takes the submissions in, tells pytest which items there are, and judges. Raises
    WrongCall."""
    request = read_request(**orders["request"])
    if orders["submissions"] and request.connect:
        raise WrongCall("give --submission PATH or --connect HOST:PORT, not both")
    preload()
    with scratch_folder() as scratch, socket.socket(socket.AF_UNIX) as door:
        tempfile.tempdir = str(scratch)  # so that what a killed build leaves is removed, too
        isolation = Isolation(Tier.NONE) if request.connect else probe()
        catalog = load(request.labs)
        submitted = taken_in(orders, request, catalog, isolation, scratch)
        private = scratch / "door"
        private.mkdir(mode=0o700)
        door.bind(str(private / "judge"))
        door.listen()
        opening = {"door": str(private / "judge"), "scratch": str(scratch)}
        _send(line, {**opening, "submissions": [each.opening() for each in submitted]})
        Judge(submitted, catalog, isolation, door, line).serve()


def _send(line: socket.socket, told: dict[str, Any]) -> None:
    """Sends a line of JSON. Does nothing if nobody reads any more."""
    with contextlib.suppress(OSError):
        line.sendall(json.dumps(told).encode("ascii") + b"\n")


def _terminated(number: int, frame: object) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # cleaning up must not be interrupted
    raise SystemExit(0)


def main(descriptor: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for pytest, which ends us
    signal.signal(signal.SIGTERM, _terminated)
    with socket.socket(fileno=descriptor) as line:
        with line.makefile("rb") as lines:
            orders = json.loads(lines.readline())
        if sys.platform.startswith("linux"):
            set_death_signal(signal.SIGTERM)
        if os.getppid() != orders["parent"]:
            return
        try:
            judge_all(orders, line)
        except WrongCall as wrong:
            _send(line, {"wrong": str(wrong)})
        except SandboxError as error:
            _send(line, {"wrong": f"this machine does not let a submission be run: {error}"})


if __name__ == "__main__":
    main(int(sys.argv[1]))
