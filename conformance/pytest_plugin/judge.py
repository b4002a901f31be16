"""The judge: one process a pytest run, which holds all conversations and tells verdicts.

pytest-xdist's workers have threads, and a process with threads cannot make a user
namespace; nor should each of them hold the gate, or a conversation that several clauses
share, for itself. So the items of all workers ask this one process, over a socket in
its scratch folder, in JSON lines:

    {"want": [[0, ["1.1", "4.1"]]]}    is to be judged, in this order, as time allows
    {"ask": [0, "4.1"]}                and this one is waited for: its answer is a line

Submissions are heard one after another, as `conformance check` would: clauses that have
to be tried again alone are then alone. The judge ends when pytest does, however that
ends: its line to pytest breaks, and the kernel sends TERM when pytest itself dies.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import sys
import tempfile
from typing import Any, NoReturn

from conformance.pytest_plugin.hearing import Answer, Hearing, hearings
from conformance.run.scratch import scratch_folder
from conformance.sandbox import SandboxError
from conformance.sandbox.kernel import set_death_signal
from conformance.verdict.model import WrongCall

TICK = 1.0
"""Seconds between two looks at sessions that may have overrun their deadline."""

SEND_WITHIN = 30.0
"""Seconds for an item that has asked to take its answer; it is waiting for it."""

Question = tuple[int, str]


class Judge:
    """Hears the submissions, and answers those who ask."""

    def __init__(self, hearings: list[Hearing], door: socket.socket, line: socket.socket) -> None:
        self._hearings = hearings
        self._line = line
        self._selector = selectors.DefaultSelector()
        self._selector.register(door, selectors.EVENT_READ, lambda: self._admit(door))
        self._selector.register(line, selectors.EVENT_READ, self._told_by_pytest)
        self._asked: dict[Question, list[socket.socket]] = {}
        self._ended = False

    def serve(self) -> None:
        """Until pytest has ended."""
        current: Hearing | None = None
        while not self._ended:
            if current is None or not current.busy:
                current = next((hearing for hearing in self._hearings if hearing.busy), None)
            if current is not None:
                self._tell(self._hearings.index(current), current.step())
                if not current.busy:
                    continue
            self._wait(current)

    def _wait(self, current: Hearing | None) -> None:
        """Until something is told, by a session or an item."""
        engine = current.engine if current else None
        if engine is not None:
            self._selector.register(engine, selectors.EVENT_READ, lambda: None)
        try:
            for key, _ in self._selector.select(TICK):
                key.data()
        finally:
            if engine is not None:
                self._selector.unregister(engine)

    def _admit(self, door: socket.socket) -> None:
        connection, _ = door.accept()
        connection.settimeout(SEND_WITHIN)
        told = b""

        def hear() -> None:
            nonlocal told
            data = connection.recv(1 << 16)
            if not data:
                self._selector.unregister(connection)
                connection.close()
                return
            *whole, told = (told + data).split(b"\n")
            for line in whole:
                self._heard(json.loads(line), connection)

        self._selector.register(connection, selectors.EVENT_READ, hear)

    def _heard(self, told: dict[str, Any], connection: socket.socket) -> None:
        for index, numbers in told.get("want", ()):
            self._hearings[index].want(numbers)
        if "ask" not in told:
            return
        index, number = told["ask"]
        hearing = self._hearings[index]
        if number in hearing.answers:
            _send(connection, hearing.answers[number])
            return
        hearing.want([number])
        self._asked.setdefault((index, number), []).append(connection)

    def _tell(self, index: int, answers: dict[str, Answer]) -> None:
        for number, answer in answers.items():
            for connection in self._asked.pop((index, number), ()):
                _send(connection, answer)

    def _told_by_pytest(self) -> None:
        """pytest asks for what was found out for whole runs; its silence is its end."""
        if self._line.recv(1 << 10):
            _send(self._line, {"notes": [hearing.remarks() for hearing in self._hearings]})
        else:
            self._ended = True


def _send(connection: socket.socket, told: dict[str, Any]) -> None:
    """Whoever is gone, or does not listen, is not told."""
    with contextlib.suppress(OSError):
        connection.sendall(json.dumps(told).encode("ascii") + b"\n")


def _ended(number: int, frame: object) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # putting away is not to be interrupted
    raise SystemExit(0)


def hold_court(orders: dict[str, Any], line: socket.socket) -> None:
    """Opens the hearings, tells pytest what there is to collect, and serves."""
    with scratch_folder() as scratch, contextlib.ExitStack() as stack:
        tempfile.tempdir = str(scratch)  # what a build leaves when it is killed
        cases = hearings(orders, scratch, stack)
        private = scratch / "door"
        private.mkdir(mode=0o700)
        door = stack.enter_context(socket.socket(socket.AF_UNIX))
        door.bind(str(private / "judge"))
        door.listen()
        for case in cases:
            stack.callback(case.close)
        submissions = [case.opening() for case in cases]
        opening = {"door": str(private / "judge"), "scratch": str(scratch)}
        _send(line, {**opening, "submissions": submissions})
        Judge(cases, door, line).serve()


def main(descriptor: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for pytest, which ends us
    signal.signal(signal.SIGTERM, _ended)
    with socket.socket(fileno=descriptor) as line:
        with line.makefile("rb") as lines:
            orders = json.loads(lines.readline())
        if sys.platform.startswith("linux"):
            set_death_signal(signal.SIGTERM)
        if os.getppid() != orders["parent"]:
            return
        try:
            hold_court(orders, line)
        except WrongCall as wrong:
            _send(line, {"wrong": str(wrong)})
        except SandboxError as error:
            _send(line, {"wrong": f"this machine does not let a submission be run: {error}"})


if __name__ == "__main__":
    main(int(sys.argv[1]))
