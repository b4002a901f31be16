"""Sessions without a process: the test says what they find."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.sandbox import Isolation
from conformance.session.session_plan import Finding, SessionPlan
from conformance.verdict.model import Attempt


class FakeSession:
    """A session under way."""

    def __init__(self, plan: SessionPlan) -> None:
        self.plan = plan
        self.deadline = math.inf
        self.started = False
        self.talking = 0.0
        self.told: set[str] = set()
        self.done = False
        self.trouble = ""
        self.closed = False
        self.fails_to_end = False
        self._found: list[Finding] = []
        self._ended = False
        self._reading, self._writing = os.pipe()

    @property
    def numbers(self) -> list[str]:
        """The clauses that it is to judge."""
        return [scenario.clause.number for scenario in self.plan.scenarios]

    def find(
        self, number: str, attempt: Attempt, port: int = 0, dialect: Mapping[str, Any] | None = None
    ) -> None:
        """The session reports an attempt at one of its clauses."""
        self.started = True
        self.told.add(number)
        self._found.append(Finding(number, attempt, dialect or {}, port))
        os.write(self._writing, b"!")

    def end(self, *, done: bool = True, trouble: str = "") -> None:
        self.done, self.trouble, self._ended = done, trouble, True
        os.write(self._writing, b"!")

    def find_all(self, attempt: Attempt) -> None:
        """The session reports the same attempt for all its clauses, and ends."""
        for number in self.numbers:
            self.find(number, attempt)
        self.end()

    def fileno(self) -> int:
        return self._reading

    def read(self) -> tuple[list[Finding], bool]:
        os.read(self._reading, 1 << 10)
        found, self._found = self._found, []
        return found, self._ended

    def close(self) -> None:
        self.closed = True
        os.close(self._reading)
        os.close(self._writing)
        if self.fails_to_end:
            raise ChildProcessError("no child processes")


class Sessions:
    """Starts fake sessions, and keeps them for the test."""

    def __init__(self) -> None:
        self.held: list[FakeSession] = []
        self.full: OSError | None = None
        """An error to raise instead of starting one, as on a machine without room."""

    def __call__(self, plan: SessionPlan, isolation: Isolation, scratch: Path) -> FakeSession:
        assert scratch.is_dir(), "each has a folder of its own"
        if self.full is not None:
            raise self.full
        self.held.append(FakeSession(plan))
        return self.held[-1]

    @property
    def last(self) -> FakeSession:
        return self.held[-1]

    @property
    def open(self) -> list[FakeSession]:
        return [session for session in self.held if not session.closed]
