"""Which machines are there, and which of them may grade."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from conformance.classes.grading.check_all import Watcher
from conformance.classes.machines.engines.engine import ShardEngine
from conformance.classes.machines.fitness import unfit
from conformance.classes.machines.messages import MachineFacts
from conformance.classes.machines.shard import CommonTerms
from conformance.classes.model import HandIn
from conformance.verdict.model import WrongCall
from conformance.verdict.points import counted

PATIENCE = 30.0
"""Seconds for a first or another machine to come, where there is none."""


class MachineWatcher(Watcher, Protocol):
    """Is also notified of the machines."""

    def placed(self, hand_in: HandIn, machine: str) -> None:
        """Which machine judges it; called before `started`."""

    def withdrawn(self, hand_in: HandIn) -> None:
        """Its machine was lost: it is no longer under way, and will be started again."""

    def noticed(self, machine: str, told: str) -> None:
        """Something about a machine: that it is there, is lost, is not used and why."""


@dataclass(eq=False)
class KnownMachine:
    """A machine, as far as it is known."""

    name: str
    cores: int = 1
    """Until it has told."""
    pace: float = 0.0
    """Hand-ins that it did in a second of its last shard; 0 before its first."""
    fruitless: int = 0
    """Shards in a row that were lost by what may be its own doing."""
    put_aside: str = ""
    """Why it gets no more shards."""
    is_here: bool = False
    greeted: bool = False


class Presence:
    """The machines of an engine, as they come and go."""

    def __init__(
        self, common: CommonTerms, engine: ShardEngine, watcher: MachineWatcher, patience: float
    ) -> None:
        self._common = common
        self._engine = engine
        self._watcher = watcher
        self._patience = patience
        self._known: dict[str, KnownMachine] = {}
        self._nobody_since: float | None = None
        self._told_coming = ""

    def __getitem__(self, name: str) -> KnownMachine:
        return self._known[name]

    @property
    def usable(self) -> list[KnownMachine]:
        """Those that are there and may grade, as far as is known."""
        return [each for each in self._known.values() if each.is_here and not each.put_aside]

    def look(self) -> None:
        """Finds out who has come, and who has gone."""
        present = {machine.name: machine.facts for machine in self._engine.machines()}
        for name, facts in present.items():
            known = self._known.setdefault(name, KnownMachine(name))
            if not known.is_here and known.greeted and not known.put_aside:
                self._watcher.noticed(name, "is there again")
            known.is_here = True
            if facts is not None and not known.greeted:
                self.vet(known, facts)
        for known in self._known.values():
            if known.is_here and known.name not in present:
                known.is_here = False
                if not known.put_aside:
                    self._watcher.noticed(known.name, "has gone")

    def vet(self, known: KnownMachine, facts: MachineFacts) -> bool:
        """Whether the machine may grade, by what it is."""
        common = self._common
        if why := unfit(facts, common.tier, common.suite, common.labs):
            self.put_aside(known, why)
        elif not known.greeted:
            known.greeted, known.cores = True, max(1, facts.cores)
            told = f"is there: {facts.host}, {counted(facts.cores, 'core')}, tier {facts.tier}"
            self._watcher.noticed(known.name, told)
        return not known.put_aside

    def put_aside(self, known: KnownMachine, why: str) -> None:
        """Gives it no more shards."""
        if not known.put_aside:
            known.put_aside = why
            self._watcher.noticed(known.name, f"is not used: {why}")

    def nobody_is_left(self, waiting: int) -> bool:
        """Whether no machine can take what waits, and none will come. Raises WrongCall if none ever
        could."""
        if self.usable:
            self._nobody_since = None
            return False
        now = time.monotonic()
        self._nobody_since = now if self._nobody_since is None else self._nobody_since
        coming = self._engine.coming()
        if coming:
            if coming != self._told_coming:
                self._watcher.noticed("", f"Waiting for machines: {coming}")
            self._told_coming = coming
            return False
        some_are_here = any(each.is_here for each in self._known.values())
        is_patient = coming is None and now - self._nobody_since < self._patience
        if not some_are_here and is_patient:
            return False
        if not any(each.greeted for each in self._known.values()):
            told = [f"{each.name}: {each.put_aside}" for each in self._known.values()]
            raise WrongCall(f"--on: there is no machine to grade on ({'; '.join(told) or 'none'})")
        self._watcher.noticed("", f"No machine is left to grade {counted(waiting, 'hand-in')}")
        return True
