"""Gives the hand-ins of a class out to machines, in shards.

A machine gets its next shard when it is done with its last. What comes of it is the coordinator's.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance.classes.grading.outdated import Due
from conformance.classes.machines.arrivals import Outstanding
from conformance.classes.machines.engines.engine import ShardEngine
from conformance.classes.machines.portions import WaitingHandIn, portion
from conformance.classes.machines.presence import KnownMachine, Presence
from conformance.classes.machines.shard import CommonTerms, bytes_of, pack_shard
from conformance.classes.model import HandIn
from conformance.classes.results.class_log import Key
from conformance.contract.catalog import Catalog
from conformance.verdict.model import WrongCall


@dataclass
class GivingOut:
    """What waits for a machine, and what machines have."""

    common: CommonTerms
    catalog: Catalog
    engine: ShardEngine
    machines: Presence
    fail: Callable[[Due, str], None]
    """Leaves a hand-in open, and says why."""
    ended: Callable[[HandIn], None]
    """Nothing more comes of a hand-in."""
    waiting: list[WaitingHandIn] = field(default_factory=list)
    """In the order of the class; those that come back are last."""
    given: dict[str, Outstanding] = field(default_factory=dict)
    """What machines have, by the name of the shard."""
    _shards: int = 0

    def leave_what_cannot_travel(self) -> None:
        """A hand-in in the folder of its own lab is told from the lab's files by where it lies."""
        for each in list(self.waiting):
            lab = Path(self.catalog[each.due.hand_in.lab].file)
            path = Path(os.path.realpath(each.due.hand_in.path or ""))
            if lab.parent.name == lab.stem and path.is_relative_to(os.path.realpath(lab.parent)):
                self.waiting.remove(each)
                told = "it lies in the folder of its lab, and is graded on this machine only"
                self.fail(each.due, told)

    def hand_out(self, scratch: Path) -> None:
        """Gives each machine that has nothing to do its next shard."""
        busy = {given.machine for given in self.given.values()}
        for known in self.machines.usable:
            while self.waiting and known.name not in busy:
                chosen = portion(
                    self.waiting,
                    known.name,
                    usable={each.name for each in self.machines.usable},
                    cores=known.cores,
                    pace=known.pace,
                    size=_size,
                )
                if not chosen:
                    self._settle_what_nobody_else_can()
                    break
                for each in chosen:
                    self.waiting.remove(each)
                if self._submit(known, chosen, scratch):
                    break

    def _submit(self, known: KnownMachine, chosen: Sequence[WaitingHandIn], scratch: Path) -> bool:
        """Whether a shard of these hand-ins was given to the machine."""
        self._shards += 1
        name, due = f"shard-{self._shards}", [each.due for each in chosen]
        try:
            shard = pack_shard(name, scratch, due, self.common)
        except (OSError, WrongCall) as error:
            if len(chosen) == 1:
                told = told_of(error)
                self.fail(due[0], f"it could not be sent to another machine: {told}")
            else:  # find out which one it is
                for each in chosen:
                    each.alone = True
                self.waiting += chosen
            return False
        now = time.monotonic()
        keys = {key_of(one): one for one in due}
        self.given[name] = Outstanding(known.name, keys, shard.archive, now, len(due))
        self.engine.submit(known.name, shard)
        return True

    def _settle_what_nobody_else_can(self) -> None:
        """What every machine that is here has tried is left as it is."""
        names = {each.name for each in self.machines.usable}
        for each in [each for each in self.waiting if names <= each.avoid]:
            self.waiting.remove(each)
            self.ended(each.due.hand_in)


def told_of(error: OSError | WrongCall) -> str:
    """Why something could not be read or written, as a part of a sentence."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


def key_of(due: Due) -> Key:
    return due.hand_in.author, due.hand_in.lab


def _size(each: WaitingHandIn) -> int:
    path = each.due.hand_in.path
    return bytes_of(path) if path is not None else 0
