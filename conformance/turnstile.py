"""Whether a session may start now: waiting costs nothing, starting does.

An engine asks a turnstile before it starts anything. A run by itself passes at once.
Beside others it asks the pacer of the class through a socket, one request at a time, and
says when the start is over and when the session is.
"""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Iterator
from enum import StrEnum
from typing import Protocol

LARGEST = 64
"""Bytes of a message between a turnstile and the pacer; each is one word."""


class Word(StrEnum):
    """What is said between a run and the pacer."""

    ASK = "ask"
    """May something start?"""
    ASK_BUILD = "ask-build"
    """May a build start, which is over when it ends?"""
    ASK_CALM = "ask-calm"
    """May something start that has to be alone on the machine?"""
    GO = "go"
    STARTED = "started"
    """What was started waits for clients, or never will: it is no longer starting."""
    ENDED = "ended"


class Turnstile(Protocol):
    """What an engine passes before each session."""

    beside_others: bool
    """Somebody else answers for the machine, and lets runs start beside one another."""

    def may_start(self, *, calm: bool) -> bool:
        """Whether the next session may start; if not, `fileno` is readable when it may."""
        ...

    def decline(self) -> None:
        """Nothing has to start any more: gives back what was let pass meanwhile."""
        ...

    def passage(self) -> contextlib.AbstractContextManager[None]:
        """Waits until something that is no session may start (the submission is taken in, and
        built); it is over with the block."""
        ...

    def started(self) -> None: ...
    def ended(self) -> None: ...
    def fileno(self) -> int:
        """-1 where nobody has to wait."""
        ...


class Open:
    """The turnstile of a run that has the machine to itself."""

    beside_others = False

    def may_start(self, *, calm: bool) -> bool:
        return True

    def decline(self) -> None:
        """Nobody waits for it."""

    def passage(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def started(self) -> None:
        """Nobody waits for it."""

    def ended(self) -> None:
        """Nobody waits for it."""

    def fileno(self) -> int:
        return -1


class Paced:
    """The turnstile of a run beside others; `wire` leads to the pacer (SOCK_SEQPACKET)."""

    beside_others = True

    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire
        wire.setblocking(False)
        self._asked: Word | None = None

    def fileno(self) -> int:
        return self._wire.fileno()

    def may_start(self, *, calm: bool) -> bool:
        return self._passes(Word.ASK_CALM if calm else Word.ASK)

    def _passes(self, wanted: Word) -> bool:
        if self._asked is None:
            self._asked = wanted
            self._say(wanted)
        if not self._answered():
            return False
        given, self._asked = self._asked, None
        if given is wanted:
            return True
        self._give_back()  # what was asked for is needed no more
        return self._passes(wanted)

    def decline(self) -> None:
        if self._asked is not None and self._answered():
            self._asked = None
            self._give_back()

    def _give_back(self) -> None:
        self.started()
        self.ended()

    def _answered(self) -> bool:
        try:
            word = self._wire.recv(LARGEST)
        except BlockingIOError:
            return False
        if not word:
            raise InterruptedError("the pacer of the class is gone")
        return True

    @contextlib.contextmanager
    def passage(self) -> Iterator[None]:
        while not self._passes(Word.ASK_BUILD):
            select.select([self._wire], [], [])
        try:
            yield
        finally:
            self._give_back()

    def started(self) -> None:
        self._say(Word.STARTED)

    def ended(self) -> None:
        self._say(Word.ENDED)

    def _say(self, word: Word) -> None:
        with contextlib.suppress(BrokenPipeError):  # it is gone: so shall we be
            self._wire.send(word.encode())


def pair() -> tuple[socket.socket, socket.socket]:
    """The two ends of the wire between a run's turnstile and the pacer."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
