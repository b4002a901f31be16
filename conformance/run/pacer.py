"""Who may start something next, when many runs go on beside one another. Pure.

Sessions wait most of their time, and waiting is free; what costs is to start them. So
only as many start at a time as there are cores to do it, and the next may as soon as one
of them waits for clients: the cores themselves set the pace. Of builds there are as many,
each until it ends. What has to be alone comes when nothing else is left, one after another.
Whoever began first goes first, so that runs end, and their memory is free again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from conformance.run.turnstile import Word

STARTING_FOR = 3.0
"""Seconds after which a start no longer counts as one: a program that has not opened its
port by then waits for something, and not for a core."""


@dataclass
class _Runner:
    """What the pacer knows of one run."""

    wants: Word | None = None
    starting: deque[float] = field(default_factory=deque)
    """When each of its sessions began that does not wait for clients yet."""
    building: bool = False
    running: int = 0
    alone: bool = False
    """Its session under way is one that has the machine to itself."""


class Pacer:
    """Takes requests, and says who may go. Times are seconds of any steady clock."""

    def __init__(self, *, starts: int, sessions: int) -> None:
        """`starts` at a time, and `sessions` under way at a time, at most."""
        self._starts = starts
        self._sessions = sessions
        self._runners: dict[int, _Runner] = {}
        self._full = False
        """The machine had no room for one more, and nothing has ended since."""

    def enter(self, number: int) -> None:
        """A run begins; the lower its number, the sooner its turn."""
        self._runners[number] = _Runner()

    def leave(self, number: int) -> None:
        """A run has ended, with all that it had under way."""
        del self._runners[number]
        self._full = False

    def hear(self, number: int, word: Word) -> bool:
        """A run has said something. Whether anything goes on: who was refused waits until
        some of it has ended, and where there is nothing, for nothing."""
        runner = self._runners[number]
        if word is Word.STARTED:
            if runner.starting:
                runner.starting.popleft()
        elif word in (Word.ENDED, Word.REFUSED):
            runner.running -= 1
            runner.alone = runner.building = False
            self._full = word is Word.REFUSED
            if self._full and runner.starting:
                runner.starting.pop()
        else:
            runner.wants = word
        return self.under_way > 0

    def grant(self, now: float, *, memory: Callable[[], bool], others_to_come: bool) -> list[int]:
        """The runs that may start something now, each once; it is taken note of.

        Without `memory` for one more, nothing starts beside others. While there are
        `others_to_come`, nobody is alone yet.
        """
        granted = []
        for number in self._asking(Word.ASK_BUILD):
            if not self._room_to_build(memory=memory):
                break
            self._let_go(number, now)
            self._runners[number].starting.clear()  # it starts nothing that waits for clients
            self._runners[number].building = True
            granted.append(number)
        for number in self._asking(Word.ASK):
            if not self._room(now, memory=memory):
                break
            self._let_go(number, now)
            granted.append(number)
        if not granted and not others_to_come and not self.under_way:
            for number in self._asking(Word.ASK_CALM)[:1]:
                self._let_go(number, now)
                self._runners[number].alone = True
                granted.append(number)
        return granted

    def _room(self, now: float, *, memory: Callable[[], bool]) -> bool:
        if any(runner.alone for runner in self._runners.values()):
            return False
        if not self.under_way:
            return True  # one can always run, however little memory there seems to be
        room = self.under_way < self._sessions and self._starting(now) < self._starts
        return room and not self._full and memory()

    def _room_to_build(self, *, memory: Callable[[], bool]) -> bool:
        """Builds keep a core busy until they end: as many at a time as may start, whatever
        starts beside them."""
        if any(runner.alone for runner in self._runners.values()):
            return False
        builds = sum(runner.building for runner in self._runners.values())
        return not self.under_way or (builds < self._starts and not self._full and memory())

    def _let_go(self, number: int, now: float) -> None:
        runner = self._runners[number]
        runner.wants = None
        runner.starting.append(now)
        runner.running += 1

    def _asking(self, word: Word) -> list[int]:
        return sorted(number for number, runner in self._runners.items() if runner.wants is word)

    def _starting(self, now: float) -> int:
        return sum(
            now - began < STARTING_FOR
            for runner in self._runners.values()
            for began in runner.starting
        )

    @property
    def under_way(self) -> int:
        """Sessions, and builds, that are going on."""
        return sum(runner.running for runner in self._runners.values())

    def is_idle(self, number: int) -> bool:
        """Whether a run does nothing but wait for its turn."""
        runner = self._runners[number]
        return runner.wants is not None and not runner.running

    @property
    def hungry(self) -> bool:
        """Whether one more run would find something to do: no request waits."""
        runners = self._runners.values()
        waiting = (Word.ASK, Word.ASK_BUILD)
        return not any(r.wants in waiting or r.alone for r in runners)

    @property
    def busy(self) -> int:
        """Runs that do not just wait to be alone."""
        return sum(runner.wants is not Word.ASK_CALM for runner in self._runners.values())
