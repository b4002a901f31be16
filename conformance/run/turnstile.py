"""Whether a session may start now: waiting costs nothing, starting does.

An engine asks a turnstile before it starts anything. A run by itself passes at once.
Beside others it asks the pacer of the class, for one thing at a time, and says when the
start is over and when the session is.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Protocol


class Word(Enum):
    """What a run says to the pacer."""

    ASK = auto()
    """May something start?"""
    ASK_BUILD = auto()
    """May a build start, which is over when it ends?"""
    ASK_CALM = auto()
    """May something start that has to be alone on the machine?"""
    STARTED = auto()
    """What was started waits for clients, or never will: it is no longer starting."""
    ENDED = auto()
    REFUSED = auto()
    """The machine has no room for what may start: it did not."""


class Turnstile(Protocol):
    """What an engine passes before each session."""

    def may_start(self, *, calm: bool) -> bool:
        """Whether the next session may start; if not, the engine is to be stepped when it
        may."""
        ...

    def decline(self) -> None:
        """Nothing has to start any more: gives back what was let pass meanwhile."""
        ...

    def refused(self, *, calm: bool) -> bool:
        """The machine has no room for what was let pass. Whether it was asked for again, and
        passes later: something else goes on, whose end makes room."""
        ...

    def started(self) -> None: ...
    def ended(self) -> None: ...


class Open:
    """The turnstile of a run that has the machine to itself."""

    def may_start(self, *, calm: bool) -> bool:
        return True

    def decline(self) -> None:
        """Nobody waits for it."""

    def refused(self, *, calm: bool) -> bool:
        return False

    def started(self) -> None:
        """Nobody waits for it."""

    def ended(self) -> None:
        """Nobody waits for it."""


class Paced:
    """The turnstile of a run beside others."""

    def __init__(self, say: Callable[[Word], bool]) -> None:
        """`say` reaches the pacer, and answers whether anything goes on; a word that asks
        takes the place of the one before."""
        self._say = say
        self._asked: Word | None = None
        self._given: Word | None = None

    def let_pass(self) -> None:
        """The pacer grants what was asked for."""
        self._given, self._asked = self._asked, None

    def may_start(self, *, calm: bool) -> bool:
        wanted = Word.ASK_CALM if calm else Word.ASK
        if self._given is wanted:
            self._given = None
            return True
        self.decline()  # what was asked for is needed no more
        if self._asked is not wanted:
            self._asked = wanted
            self._say(wanted)
        return False

    def decline(self) -> None:
        if self._given is not None:
            self._given = None
            self.started()
            self.ended()

    def refused(self, *, calm: bool) -> bool:
        others = self._say(Word.REFUSED)
        if others:
            self.may_start(calm=calm)  # not yet: it asks
        return others

    def started(self) -> None:
        self._say(Word.STARTED)

    def ended(self) -> None:
        self._say(Word.ENDED)
