"""A terminal at which `conformance` runs, and what stands on its screen."""

from __future__ import annotations

import contextlib
import re
import signal
import sys
from collections.abc import Iterator

import pexpect

from kit.desk import REPOSITORY, Desk

WITHIN = 60.0
"""Seconds for a terminal to show what a test waits for: a bound."""

ROWS = 50
HIDDEN, SHOWN = "\x1b[?25l", "\x1b[?25h"
"""What hides a terminal's cursor, and shows it again."""


@contextlib.contextmanager
def at_a_terminal(desk: Desk, *words: object, columns: int = 60) -> Iterator[pexpect.spawn]:
    """`conformance` with these words, at a terminal of so many columns."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "conformance", *map(str, words)],
        cwd=str(REPOSITORY),
        env={**desk.environment, "TERM": "xterm"},
        timeout=WITHIN,
        encoding="utf-8",
        dimensions=(ROWS, columns),
    )
    child.logfile_read = Heard()
    try:
        yield child
    finally:
        # Waited for: `close` alone gives up on a child that has not died within 0.4 s.
        child.kill(signal.SIGKILL)
        child.wait()
        child.close()


class Heard:
    """Keeps all that a terminal was sent."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass


def ended(child: pexpect.spawn) -> int:
    """The exit status, after the program's end."""
    child.expect(pexpect.EOF)
    child.wait()
    return int(child.exitstatus)


def screen(text: str) -> list[str]:
    """The lines that are left of a text on a terminal that is high enough: it knows the ways by
    which rich rewrites lines, and no others."""
    rows, at = [""], 0
    for piece in re.split(r"(\x1b\[[0-9;?]*[A-Za-z]|[\r\n])", text):
        if piece == "\n":
            at += 1
            rows += [""] * (at == len(rows))
        elif piece == "\x1b[2K":
            rows[at] = ""
        elif piece == "\x1b[1A":
            at -= 1
        elif not piece.startswith(("\x1b", "\r")):
            rows[at] += piece
    return [row.rstrip() for row in rows]
