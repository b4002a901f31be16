"""What a session is asked to do, and what it reports."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.contract.lab import Lab, Scenario
from conformance.submissions import Program
from conformance.verdict.delays import START_AT_MOST
from conformance.verdict.model import Attempt, Outcome, Parameters


@dataclass(frozen=True)
class SessionPlan:
    """One launch of a submission, and the scenarios that are held with it."""

    lab: Lab
    scenarios: tuple[Scenario, ...]
    parameters: Parameters
    seed: int
    scale: float
    port: int
    follows: bool = False
    """Where the program listens on one other port instead, it is talked to there."""
    program: Program | None = None
    """How the program is started; None where it runs already."""
    remote: tuple[str, int] | None = None
    """Name or address, and port, of a server that runs already."""
    zone: str = "UTC"
    dialect: Mapping[str, Any] = field(default_factory=dict)
    void: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Clause number -> the clauses that are no excuse for it, since they hold."""
    found_silent: bool = False
    """In an earlier conversation, what was waited for never came."""
    found_elsewhere: int = 0
    """The one other port on which it listened when it was started for the gate before."""
    keep: Collection[Outcome] = ()
    """Attempts with these outcomes leave their evidence in the session's folder."""

    @property
    def longest(self) -> float:
        """Seconds from one finding to the next after which the session itself is given up."""
        return self.longest_attempt + 30.0 * self.scale

    @property
    def longest_attempt(self) -> float:
        """Seconds after which an attempt is given up: the lab's longest, and a slow start."""
        return self.lab.longest(self.parameters) * self.scale + START_AT_MOST


@dataclass(frozen=True)
class Finding:
    """What a session reports of one scenario."""

    number: str
    """Of its clause."""
    attempt: Attempt
    dialect: Mapping[str, Any]
    port: int
    """The one other port that the program listens on; 0 where it is the right one."""
