"""The terminal that a client runs in: reads what it prints, and tells it the server if it asks.

pexpect reads and writes the suite's end; the program's end is its stdin, stdout and stderr.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pexpect
from pexpect import fdpexpect

from conformance.sandbox import Output

QUIET = 0.4
"""Seconds without output after which a question without an end of line waits for an answer."""

_ANYTHING = re.compile(rb"(?s).+")

_PORT = re.compile(r"\bport\b", re.IGNORECASE)
_HOST = re.compile(
    r"\b(?:host|hostname|server|address|adresse|serveur|h\u00f4te|hote|url|site|name|nom|ip)\b",
    re.IGNORECASE,
)


@dataclass
class _Log:
    """A file, to pexpect: what is read of the terminal becomes the program's output."""

    output: Output

    def write(self, data: bytes) -> None:
        self.output.take(data)

    def flush(self) -> None:
        pass


@dataclass
class Terminal:
    """Reads a program's terminal until it ends, and answers it."""

    output: Output
    answers: Mapping[str, str]
    """What is answered to a question for the "host", and for the "port"; each once."""
    answered: dict[str, str] = field(default_factory=dict)
    """The questions that were answered, as they were printed."""
    _seen: int = 0
    """Bytes of the output that were printed before the last answer."""
    _task: asyncio.Task[None] | None = None
    _spawn: Any = None

    def begin(self) -> None:
        """Reads from now on, in the running event loop."""
        self._spawn = fdpexpect.fdspawn(os.dup(self.output.fileno()))
        self._spawn.logfile_read = _Log(self.output)
        self._task = asyncio.create_task(self._read())

    def end(self) -> None:
        """Reads no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._spawn is not None:
            if self._spawn.async_pw_transport:
                self._spawn.async_pw_transport[1].close()  # and with it the descriptor
            else:
                self._spawn.close()
            self._spawn = None

    async def _read(self) -> None:
        spawn = self._spawn
        wanted = spawn.compile_pattern_list([_ANYTHING, pexpect.EOF, pexpect.TIMEOUT])
        while (found := await spawn.expect_list(wanted, timeout=QUIET, async_=True)) != 1:
            if found == 2:
                self._answer(self.output.unended(self._seen))

    def _answer(self, question: str) -> None:
        """Answers what the program prints and waits behind, if it asks for the server."""
        about = "port" if _PORT.search(question) else "host" if _HOST.search(question) else ""
        if about in self.answers and about not in self.answered.values():
            self.answered[question.strip()] = about
            self._seen = self.output.total
            with contextlib.suppress(OSError):  # it has ended meanwhile
                self._spawn.sendline(self.answers[about])
