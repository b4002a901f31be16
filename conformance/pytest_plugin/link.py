"""Pytest's side of the judge: its process, and the connections to it.

Nothing of the suite is imported here: pytest's process, and those of pytest-xdist, stay
small, and what the judge does cannot disturb them.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_JUDGE = "conformance.pytest_plugin.judge"

OPEN_WITHIN = 120.0
"""Seconds to take in the submissions: the largest archives are unpacked in a few."""

ANSWER_WITHIN = 3_600.0
"""Seconds for one verdict. Builds, sessions and the wait for the host are each bounded
where they are made; this is for a judge that hangs, and is no limit of any of them."""

NOTES_WITHIN = 5.0
"""Seconds for the judge to tell its notes when all is judged; it has nothing else to do."""

END_WITHIN = 20.0
"""Seconds for the judge to end its sessions and remove what it wrote."""


class JudgeGone(Exception):  # noqa: N818 - what happened, in our own words
    """There is no judge any more."""


class JudgeProcess:
    """The judge, started by the pytest that the user started. `stop` ends it, with all
    that it started; so does the end of this process, whatever it is."""

    def __init__(self, orders: dict[str, Any]) -> None:
        """Raises ValueError, with one sentence, where the orders cannot be followed."""
        self.trouble = ""
        """What the judge said of its own end, where it was not as it should be."""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - `stop` closes it
        self._line, theirs = socket.socketpair()
        with theirs:
            # A session of its own: Ctrl-C reaches pytest alone, which then ends it.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", _JUDGE, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=self._errors,
                stderr=self._errors,
                env={**os.environ, "PYTHONPATH": _search_path()},
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._lines = self._line.makefile("rb")
        self._scratch: Path | None = None
        try:
            self.opening = self._asked(orders, OPEN_WITHIN)
        except BaseException:
            self.stop()
            raise
        if "wrong" in self.opening:
            self.stop()
            raise ValueError(self.opening["wrong"])
        self._scratch = Path(self.opening["scratch"])

    def _asked(self, told: dict[str, Any], within: float) -> dict[str, Any]:
        try:
            self._line.settimeout(within)
            self._line.sendall(json.dumps(told).encode("ascii") + b"\n")
            line = self._lines.readline()
        except OSError:
            line = b""
        if not line:
            raise JudgeGone(f"the judge has ended: {self._last_words()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _last_words(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-2_000:].strip() or "it said nothing"

    def notes(self) -> list[list[str]]:
        """What was found out for each submission's run; [] where the judge is gone."""
        try:
            notes: list[list[str]] = self._asked({"notes": True}, NOTES_WITHIN)["notes"]
        except (JudgeGone, ValueError):
            return []
        return notes

    def stop(self) -> None:
        """Ends the judge, and waits until nothing of it is left."""
        if self._line.fileno() == -1:
            return
        self._lines.close()
        self._line.close()
        for insist in (None, signal.SIGTERM, signal.SIGKILL):
            if insist is not None:
                self._process.send_signal(insist)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_WITHIN)
                break
        if self._process.returncode:
            self.trouble = f"the judge ended with {self._process.returncode}: {self._last_words()}"
        self._errors.close()
        if self._scratch is not None:  # gone already, unless the judge was killed
            shutil.rmtree(self._scratch, ignore_errors=True)


def _search_path() -> str:
    """Where the judge finds this very suite, also where it is not installed."""
    suite = str(Path(__file__).resolve().parents[2])
    return os.pathsep.join(filter(None, [suite, os.environ.get("PYTHONPATH", "")]))


class Connection:
    """One pytest process's way to the judge, opened when it is first used."""

    def __init__(self, door: str) -> None:
        self._door = door
        self._socket: socket.socket | None = None

    def want(self, wanted: Sequence[tuple[int, Sequence[str]]]) -> None:
        """Tells what will be asked for, so that the judge can work ahead."""
        self._send({"want": wanted})

    def ask(self, submission: int, clause: str) -> dict[str, Any]:
        """The answer on one clause. Raises JudgeGone."""
        self._send({"ask": (submission, clause)})
        try:
            line = self._lines.readline()
        except OSError as error:
            raise JudgeGone(f"the judge does not answer: {error}") from None
        if not line:
            raise JudgeGone("the judge has ended before it could judge this")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _send(self, told: dict[str, Any]) -> None:
        try:
            if self._socket is None:
                self._socket = socket.socket(socket.AF_UNIX)
                self._socket.settimeout(ANSWER_WITHIN)
                self._socket.connect(self._door)
                self._lines = self._socket.makefile("rb")
            self._socket.sendall(json.dumps(told).encode("ascii") + b"\n")
        except OSError as error:
            raise JudgeGone(f"the judge has ended: {error}") from None

    def close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(AttributeError):
                self._lines.close()
            self._socket.close()
