"""Pytest's side of the judge: its process, and the events that it tells."""

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
"""Seconds to take in the submissions: the largest archives are unpacked in a few."""

ANSWER_WITHIN = 3_600.0
"""Seconds for one verdict. Builds, sessions and the wait for the host are each bounded
where they are made; this is for a judge that hangs, and is no limit of any of them."""

END_WITHIN = 20.0
"""Seconds for the judge to end its sessions and remove what it wrote."""


class JudgeGone(Exception):  # noqa: N818 - what happened, in our own words
    """There is no judge any more."""


class EventStream:
    """What the judge tells one process of pytest."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = connection.makefile("rb")
        self._seen = 0
        self._events: dict[int, list[Event]] = {}

    @classmethod
    def through(cls, door: str) -> EventStream:
        """Where nobody is behind it any more, that is noticed when something is read."""
        connection = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(OSError):
            connection.connect(door)
        return cls(connection)

    def want(self, wanted: Sequence[tuple[int, Sequence[str]]]) -> None:
        """Has these clauses of these submissions judged."""
        with contextlib.suppress(OSError):
            self._say({"want": wanted})

    def ask(self, said: dict[str, Any], within: float) -> Any:
        """The answer to that. Raises OSError, also where the judge has ended."""
        self._connection.settimeout(within)
        self._say(said)
        if not (line := self._lines.readline()).endswith(b"\n"):
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        return json.loads(line)

    def read(self, within: float = ANSWER_WITHIN, **also: Any) -> None:
        """Takes in the events that come, or have come, next. Raises JudgeGone."""
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
        """All events of its run, as they come. Raises JudgeGone where there are no more."""
        told = self._events.setdefault(submission, [])
        for seen in itertools.count():
            while seen == len(told):
                self.read()
            yield told[seen]

    def known(self, submission: int) -> list[Event]:
        """The events of its run that were read."""
        return self._events.get(submission, [])

    def _say(self, said: dict[str, Any]) -> None:
        self._connection.sendall(json.dumps(said).encode("ascii") + b"\n")

    def close(self) -> None:
        self._lines.close()
        self._connection.close()


class JudgeProcess:
    """The judge, started by the pytest that the user started. `stop` ends it, with all
    that it started; so does the end of this process, whatever it is."""

    def __init__(self, orders: dict[str, Any]) -> None:
        """Raises ValueError, with one sentence, where the orders cannot be followed, and
        JudgeGone."""
        self._stopped = False
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - `stop` closes it
        # The judge finds this very suite, also where it is not installed.
        search_path = [str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH", "")]
        ours, theirs = socket.socketpair()
        with theirs:
            # A session of its own: Ctrl-C reaches pytest alone, which then ends it.
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
        """Ends the judge, with what it told at last, and waits until nothing of it is left."""
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
        if self._scratch is not None:  # gone already, unless the judge was killed
            shutil.rmtree(self._scratch, ignore_errors=True)
