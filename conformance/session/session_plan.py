"""What a session is asked to do, and what it reports."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance import __version__
from conformance.contract.lab import Lab
from conformance.contract.laid import Laid, laid_for
from conformance.contract.scenario import Scenario
from conformance.sandbox.hosts.emulation import Emulated
from conformance.submissions import Program
from conformance.verdict.delays import START_AT_MOST
from conformance.verdict.model import Attempt, Outcome, Parameters

LONG = 10.0
"""Seconds of a conversation after which those that were to follow it on the same server are held in
several sessions at a time instead: several times what any takes with a program that conforms."""


@dataclass(frozen=True)
class SessionPlan:
    """One launch of a submission, and the scenarios to run on it."""

    lab: Lab
    scenarios: tuple[Scenario, ...]
    parameters: Parameters
    seed: int
    scale: float
    port: int
    follows: bool = False
    """Whether to talk to the program on another port, if it listens there instead."""
    program: Program | None = None
    """How the program is started; None where it runs already."""
    remote: tuple[str, int] | None = None
    """Name or address, and port, of a server that runs already."""
    zone: str = "UTC"
    dialect: Mapping[str, Any] = field(default_factory=dict)
    void: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By clause number: the clauses that do not excuse it, because they hold."""
    found_silent: bool = False
    """Whether an awaited reply never came in an earlier conversation."""
    found_elsewhere: int = 0
    """The other port on which it listened when the gate was tried before; 0 if none."""
    repeats: bool = False
    """Whether the scenarios have failed before, so that they may fail for good now."""
    emulated: Emulated | None = None
    """The conditions of the network between the hosts; None: a wire."""
    network_seed: str = ""
    """What these are drawn by."""
    keep: Collection[Outcome] = ()
    """Attempts with these outcomes keep their evidence, in the session's folder."""

    @property
    def joining(self) -> Collection[str]:
        """The clauses whose scenarios may be held in a shared conversation of this session."""
        shared = [scenario.of for scenario in self.scenarios if scenario.of is not None]
        return [
            s.clause.number for s in self.scenarios if s.joins is not None and s.joins in shared
        ]

    @property
    def laid(self) -> Mapping[str, Laid]:
        """What is laid where the program is started."""
        return laid_for(self.lab.lays, self.parameters, self.seed)

    @property
    def about(self) -> Sequence[str]:
        """What a capture says of the run that it is from, a sentence each."""
        values = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        told = [f"conformance {__version__}, lab {self.lab.name}", f"parameters: {values}"]
        return [*told, f"seed {self.seed}"]

    @property
    def site(self) -> str:
        """The host that the submission is to connect to, where it is a client; else ""."""
        name = self.lab.host_parameter
        return str(self.parameters[name]) if self.lab.plays == "client" else ""

    @property
    def longest(self) -> float:
        """Seconds without a finding after which the session is given up."""
        return self.longest_attempt + 30.0 * self.scale

    @property
    def longest_attempt(self) -> float:
        """Seconds after which an attempt is given up: the lab's limit, plus a slow start."""
        longest = self.lab.longest(self.parameters) * (self.scale + self.allowance)
        return longest + START_AT_MOST

    @property
    def allowance(self) -> float:
        """Seconds that the network may add to a question and its answer. A conversation is taken to
        have one of these for each second that it lasts without."""
        if self.emulated is None:
            return 0.0
        return self.emulated.conditions.allowance(self.lab.protocol)


@dataclass(frozen=True)
class Finding:
    """What a session reports of one scenario."""

    number: str
    """The number of its clause."""
    attempt: Attempt
    dialect: Mapping[str, Any]
    port: int
    """The other port that the program listens on; 0 if it uses the right one."""
