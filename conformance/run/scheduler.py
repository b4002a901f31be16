"""Decides which of many concurrent checks may start something next.

A check says what it waits for; the scheduler starts it when there is room. Sessions mostly wait,
which costs nothing; starting them costs CPU time. So only as many start at a time as there are
cores, and the next may start as soon as one of them waits for clients. A build counts as starting
until it ends. What has to be alone on the machine runs when all else has ended, one after another,
and what becomes possible by it waits until none is left: side by side, it takes the time of one.
The oldest check goes first, so that checks end and free their memory.
"""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, Protocol, TypeVar

from conformance.session.forked import NO_ROOM

STARTING_FOR = 3.0
"""Seconds after which a session no longer counts as starting: a program that has not opened its
port by then is waiting for something other than a core."""

LOOK_EVERY = 1.0
"""Each check is stepped at least this often (seconds), because its sessions have deadlines."""


class Wants(Enum):
    """What a check waits for."""

    NOTHING = auto()
    """Nothing to start: it waits for what it has under way, or has ended."""
    BUILD = auto()
    START = auto()
    """To start a session beside whatever else runs."""
    EXCLUSIVE = auto()
    """To start a session that has the machine to itself."""


@dataclass(frozen=True)
class Start:
    """Something that was started and has not ended."""

    kind: Wants
    began: float
    """When, in seconds of the scheduler's clock."""
    waits: bool = False
    """Whether it has finished starting: it waits for clients, or never will."""


class Startable(Protocol):
    """What is scheduled; `Check` is one, and describes these methods."""

    @property
    def wants(self) -> Wants: ...

    @property
    def under_way(self) -> Sequence[Start]: ...

    def start(self) -> None: ...

    def refuse(self, error: OSError) -> None: ...

    def fileno(self) -> int: ...


AnyCheck = TypeVar("AnyCheck", bound=Startable)


@dataclass(eq=False, kw_only=True)
class Scheduler(Generic[AnyCheck]):
    """Starts what checks want, and says which of them to step."""

    starts: int
    """How many may be starting at a time."""
    sessions: int
    """How many may be under way."""
    memory_left: Callable[[], bool] = lambda: True
    """Whether the machine has room for one more; if not, nothing starts beside others."""
    exclusive_waits: bool = True
    """Whether an exclusive session waits until all else has ended; else only for the rest of its
    own check."""
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._checks: list[AnyCheck] = []
        """In the order in which they began."""
        self._selector = selectors.DefaultSelector()
        self._looked = self.clock()
        """When each was looked at last."""
        self._one_by_one = False
        """Whether the session started last had the machine to itself: the others that want that go
        first now."""
        self._refused_at: int | None = None
        """How much was under way when the machine last had no room; None once something has
        ended."""

    def enter(self, check: AnyCheck) -> None:
        self._selector.register(check, selectors.EVENT_READ, check)
        self._checks.append(check)

    def leave(self, check: AnyCheck) -> None:
        """A check has ended. Call it before the check's descriptor is closed."""
        self._selector.unregister(check)
        self._checks.remove(check)
        self._refused_at = None

    def close(self) -> None:
        self._selector.close()

    def start(self, *, others_to_come: bool = False) -> AnyCheck | None:
        """Starts the next thing that may start; returns its check, to be stepped next, or None.
        While there are `others_to_come`, no exclusive session starts, but behind another one."""
        under_way = self._under_way()
        if self._refused_at is not None and len(under_way) < self._refused_at:
            self._refused_at = None
        check = self._next(under_way, others_to_come)
        if check is None:
            return None
        try:
            check.start()
        except OSError as error:
            if error.errno in NO_ROOM and under_way:
                self._refused_at = len(under_way)
                return None
            check.refuse(error)
        return check

    def fileno(self) -> int:
        """Readable when a check has something to do."""
        return self._selector.fileno()

    def ready(self, within: float = LOOK_EVERY / 2) -> list[AnyCheck]:
        """The checks to step, after waiting up to `within` seconds for one. Every so often, all of
        them."""
        found: list[AnyCheck] = [key.data for key, _ in self._selector.select(within)]
        if self.clock() - self._looked > LOOK_EVERY:
            self._looked = self.clock()
            return list(self._checks)
        return found

    @property
    def busy(self) -> int:
        """How many checks do more than wait for an exclusive start."""
        return len(self._checks) - len(self._wanting(Wants.EXCLUSIVE))

    @property
    def hungry(self) -> bool:
        """Whether there is room for one more check: none waits for its turn."""
        waiting = self._wanting(Wants.BUILD) or self._wanting(Wants.START)
        one_by_one = self._one_by_one and self._wanting(Wants.EXCLUSIVE)
        return not (waiting or one_by_one or _any(Wants.EXCLUSIVE, self._under_way()))

    def _under_way(self) -> list[Start]:
        """Sessions, and builds, that are going on."""
        return [start for check in self._checks for start in check.under_way]

    def _wanting(self, kind: Wants) -> list[AnyCheck]:
        return [check for check in self._checks if check.wants is kind]

    def _next(self, under_way: Sequence[Start], others_to_come: bool) -> AnyCheck | None:
        alone = self._wanting(Wants.EXCLUSIVE)
        beside = self._wanting(Wants.START)
        if not self.exclusive_waits:
            beside = [check for check in self._checks if check in beside or check in alone]
        elif _any(Wants.EXCLUSIVE, under_way):
            return None
        elif self._one_by_one and alone:
            return None if under_way else alone[0]
        self._one_by_one = False
        if (builds := self._wanting(Wants.BUILD)) and self._room_to_build(under_way):
            return builds[0]
        if beside and self._room_beside(under_way):
            return beside[0]
        if not alone or under_way or others_to_come:
            return None
        self._one_by_one = True
        return alone[0]

    def _room_to_build(self, under_way: Sequence[Start]) -> bool:
        """Each build keeps a core busy until it ends, whatever starts beside it."""
        builds = sum(start.kind is Wants.BUILD for start in under_way)
        return not under_way or (builds < self.starts and self._room())

    def _room_beside(self, under_way: Sequence[Start]) -> bool:
        if not under_way:
            return True  # one may always run, even if memory seems short
        now = self.clock()
        starting = sum(
            start.kind is not Wants.BUILD and not start.waits and now - start.began < STARTING_FOR
            for start in under_way
        )
        return len(under_way) < self.sessions and starting < self.starts and self._room()

    def _room(self) -> bool:
        return self._refused_at is None and self.memory_left()


def _any(kind: Wants, under_way: Sequence[Start]) -> bool:
    return any(start.kind is kind for start in under_way)
