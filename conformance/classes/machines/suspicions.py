"""Whether a machine that has told nonsense is at fault, or a hand-in that it was judging. Pure.

Over some hand-in every machine may tell nonsense: one whose run is larger than may be told, say. So
a machine goes on at first. It was the machine if others have judged all that it had begun; it was
not if another one tells nonsense over the same hand-in.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from conformance.classes.results.class_log import Key


@dataclass(eq=False)
class Suspicion:
    """A machine that has told nonsense, and the hand-ins any of which may be why."""

    machine: str
    told: str
    """What it has told, as a sentence."""
    hand_ins: set[Key]
    """Those of them that no other machine has judged yet."""


class Suspicions:
    """All suspicions of one grading."""

    def __init__(self) -> None:
        self._open: list[Suspicion] = []

    def add(self, machine: str, told: str, hand_ins: Collection[Key]) -> None:
        """A machine has told nonsense while it judged these."""
        shared = [
            each
            for each in self._open
            if each.machine != machine and not each.hand_ins.isdisjoint(hand_ins)
        ]
        if not shared:
            self._open.append(Suspicion(machine, told, set(hand_ins)))
        for each in shared:
            self._open.remove(each)

    def settle(self, machine: str, hand_in: Key) -> Collection[Suspicion]:
        """A machine has judged a hand-in. Returns the suspicions that were right: the machine of
        each is at fault."""
        for each in self._open:
            if each.machine != machine:
                each.hand_ins.discard(hand_in)
        settled = [each for each in self._open if not each.hand_ins]
        self._open = [each for each in self._open if each.hand_ins]
        return settled
