"""Pytest's side of the judge: its process, and the events that it sends."""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from conformance.verdict.events import Event

_JUDGE = "conformance.pytest_plugin.judge"

OPEN_WITHIN = 120.0
"""Seconds to take in the submissions: the largest archives take a few."""

ANSWER_WITHIN = 3_600.0
"""Seconds for one verdict, if the judge hangs. Builds, sessions and waits have deadlines."""

END_WITHIN = 20.0
"""Seconds for the judge to end its sessions and remove what it wrote."""


class JudgeGone(Exception):  # noqa: N818 - what has happened
    """The judge has ended, or does not answer."""


class EventStream:
    """The events that the judge sends to one process of pytest."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = connection.makefile("rb")
        self._seen = 0
        self._events: dict[int, list[Event]] = {}

    @classmethod
    def through(cls, door: str) -> EventStream:
        """The stream from a socket. If nobody listens there, reading raises JudgeGone."""
        connection = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(OSError):
            connection.connect(door)
        return cls(connection)

    def want(self, wanted: Sequence[tuple[int, Sequence[str]]]) -> None:
        """Asks for these clauses of these submissions to be judged."""
        with contextlib.suppress(OSError):
            self._say({"want": wanted})

    def ask(self, said: dict[str, Any], within: float) -> Any:
        """Sends a request, and returns the answer. Raises OSError, also if the judge has ended."""
        self._connection.settimeout(within)
        self._say(said)
        if not (line := self._lines.readline()).endswith(b"\n"):
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        return json.loads(line)

    def read(self, within: float = ANSWER_WITHIN, **also: Any) -> None:
        """Reads the next events, waiting for at least one. Raises JudgeGone."""
        try:
            events = self.ask({"seen": self._seen, **also}, within)
        except TimeoutError as error:
            raise JudgeGone(f"the judge does not answer: {error}") from None
        except OSError:
            raise JudgeGone("the judge has ended before it could judge this") from None
        self._seen += len(events)
        for event in events:
            self._events.setdefault(event.pop("of"), []).append(event)

    def events(self, submission: int) -> Iterator[Event]:
        """All events of a submission's run, as they come. Raises JudgeGone."""
        told = self._events.setdefault(submission, [])
        for seen in itertools.count():
            while seen == len(told):
                self.read()
            yield told[seen]

    def known(self, submission: int) -> list[Event]:
        """The events of a submission's run that were read so far."""
        return self._events.get(submission, [])

    def _say(self, said: dict[str, Any]) -> None:
        self._connection.sendall(json.dumps(said).encode("ascii") + b"\n")

    def close(self) -> None:
        self._lines.close()
        self._connection.close()


class JudgeProcess:
    """The judge, as a child of the pytest that the user started. `stop` ends it and all that it
    started; so does the end of this process."""

    def __init__(self, orders: dict[str, Any]) -> None:
        """Raises ValueError, with a sentence, if the orders are wrong, and JudgeGone if it ends."""
        self._stopped = False
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - `stop` closes it
        # The judge must import this very suite, even if that is not installed.
        search_path = [str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH", "")]
        ours, theirs = socket.socketpair()
        with theirs:
            # In a session of its own, it gets no Ctrl-C: pytest does, and ends it.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", _JUDGE, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=self._errors,
                stderr=self._errors,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, search_path))},
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self.stream = EventStream(ours)
        self._scratch: Path | None = None
        try:
            self.opening = self._opening(orders)
        except BaseException:
            self.stop()
            raise
        self._scratch = Path(self.opening["scratch"])

    def _opening(self, orders: dict[str, Any]) -> dict[str, Any]:
        opening: dict[str, Any]
        try:
            opening = self.stream.ask(orders, OPEN_WITHIN)
        except OSError:
            self._errors.seek(0)
            said = self._errors.read().decode(errors="replace")[-2_000:].strip()
            raise JudgeGone(f"the judge has ended: {said or 'it said nothing'}") from None
        if "wrong" in opening:
            raise ValueError(opening["wrong"])
        return opening

    def stop(self) -> None:
        """Reads the last events, ends the judge, and waits until nothing of it is left."""
        if self._stopped:
            return
        self._stopped = True
        with contextlib.suppress(JudgeGone):
            if self._scratch is not None:
                self.stream.read(END_WITHIN, end=True)
        self.stream.close()
        for insist in (None, signal.SIGTERM, signal.SIGKILL):
            if insist is not None:
                self._process.send_signal(insist)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_WITHIN)
                break
        self._errors.close()
        if self._scratch is not None:  # it is gone, unless the judge was killed
            shutil.rmtree(self._scratch, ignore_errors=True)
