"""What a check is doing just now, for someone who waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Phase(Enum):
    BUILDING = auto()
    """The submission is taken in and built."""
    WAITING = auto()
    """Another check on this machine has to end first."""
    STARTING = auto()
    """Programs have been started, and none is ready for clients."""
    JUDGING = auto()
    """Conversations are held; or one has ended, and the next has yet to begin."""
    SEARCHING = auto()
    """All clauses are judged, and conversations are held that nobody wrote."""


@dataclass(frozen=True)
class Doing:
    phase: Phase
    clauses: tuple[str, ...] = ()
    """The clauses that are being judged, one for each program that runs."""
    alone: bool = False
    """Whether a clause is tried again while nothing else runs."""
    judged: int = 0
    todo: int = 0
    """How many clauses are to be judged in all; 0 while that is not known."""
