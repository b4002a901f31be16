"""One scenario of a run, and where it stands. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from conformance.contract.scenario import Scenario
from conformance.verdict.model import Attempt, Clause, Outcome
from conformance.verdict.stands_or_repeat import Ruling
from conformance.verdict.violation import Fault, Kind


class Stage(Enum):
    """Where a scenario stands."""

    WAITING = auto()
    """Waits for a session, which other scenarios may share."""
    FRESH = auto()
    """Waits for a session of its own."""
    EXCLUSIVE = auto()
    """Waits for a session of its own while nothing else runs."""
    HELD = auto()
    """Its session is under way."""
    EXCUSED = auto()
    """It could not be judged because of another clause, which has not failed yet."""
    RELYING = auto()
    """It is judged in spite of a fault, but the clause that pays for that has not failed yet."""
    CRASHED = auto()
    """The conversation held, but then the program ended: this clause pays unless another does."""
    SETTLED = auto()


@dataclass
class Case:
    scenario: Scenario
    stage: Stage
    attempts: list[Attempt] = field(default_factory=list)
    ruling: Ruling | None = None
    told: bool = False
    void: set[str] = field(default_factory=set)
    """The clauses that do not excuse it: they have not failed, or not in a way that explains it."""
    pending: Ruling | None = None
    """The ruling that stands if the clauses that it relies on have failed."""
    crash: Attempt | None = None
    """The attempt in or right after which the program ended by itself, unless that was seen
    again."""

    @property
    def clause(self) -> Clause:
        return self.scenario.clause

    @property
    def outcome(self) -> Outcome | None:
        """None while it is not settled."""
        return None if self.ruling is None else self.ruling.attempt.outcome

    @property
    def failed(self) -> bool:
        return self.outcome is Outcome.FAILED

    @property
    def nothing_came(self) -> bool:
        """Whether it has failed because what it waited for never came."""
        absent = self.ruling is not None and self.ruling.attempt.fault is Fault.ABSENT
        return absent and self.failed_by(Kind.SILENCE, Kind.ENDED, Kind.CLOSED)

    def failed_by(self, *kinds: Kind) -> bool:
        return self.failed and self.ruling is not None and self.ruling.attempt.kind in kinds

    @property
    def in_doubt(self) -> bool:
        """Whether it was tried, and what it showed may still turn out otherwise."""
        known = (Stage.EXCUSED, Stage.RELYING, Stage.CRASHED)
        undecided = self.ruling is None and self.stage not in known
        return bool(self.attempts) and undecided

    def settle(self, ruling: Ruling) -> None:
        self.stage = Stage.SETTLED
        self.ruling = ruling

    @property
    def decided(self) -> bool:
        """Whether cases that wait for this one can go on: it is settled, or only open as to which
        clause pays for something else."""
        return self.stage in (Stage.SETTLED, Stage.RELYING, Stage.CRASHED)
