"""Which hand-ins a machine gets next, and how many. Pure.

A machine asks for more when it is done, so a slow one gets less. How many it gets follows from the
pace that it has shown: a shard should take some time, for each begins with the start of Python and
ends with cores that have nothing to do; and the last ones should be small, so that no machine works
on alone when the others have ended.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from conformance.classes.grading.outdated import Due

SHARD_SECONDS = 30.0
"""Seconds that a shard should take."""

FIRST_EACH_CORE = 2
"""Hand-ins for each core in the first shard of a machine, whose pace is not known yet; and the
least of any shard while there is enough for all, since fewer would leave cores idle."""

MAX_BYTES = 256 * 2**20
"""Bytes of a shard at most, unless one hand-in alone is larger."""

MOST_LOST = 3
"""How often a hand-in may be lost with its machine before it is left open."""


@dataclass(eq=False)
class WaitingHandIn:
    """A hand-in that waits for a machine."""

    due: Due
    lost: int = 0
    """How often its machine was lost while it was judged. It may be what ends machines: it goes
    alone from then on, so that no other is lost with it."""
    lost_on: set[str] = field(default_factory=set)
    """The machines that it was lost with. Others try it first: it may be the machine."""
    alone: bool = False
    """Whether it goes alone for another reason."""
    avoid: set[str] = field(default_factory=set)
    """Machines that could not judge it."""

    @property
    def apart(self) -> bool:
        return self.alone or self.lost > 0


def portion(
    waiting: Sequence[WaitingHandIn],
    machine: str,
    *,
    usable: Collection[str],
    cores: int,
    pace: float,
    size: Callable[[WaitingHandIn], int],
) -> list[WaitingHandIn]:
    """What this machine gets next; none if there is nothing for it.

    `usable`: all machines, with this one. `pace`: hand-ins that it does in a second, 0 if that is
    not known. `size`: the bytes of one.
    """
    able = [each for each in waiting if machine not in each.avoid]
    together = [each for each in able if not each.apart]
    if not together:
        others = set(usable) - {machine}
        return [e for e in able if machine not in e.lost_on or others <= e.lost_on | e.avoid][:1]
    least = min(FIRST_EACH_CORE * cores, math.ceil(len(together) / len(usable)))
    aim = round(pace * SHARD_SECONDS) if pace else least
    fair = math.ceil(len(together) / (2 * len(usable)))
    chosen: list[WaitingHandIn] = []
    room = MAX_BYTES
    for each in together[: max(least, min(aim, fair))]:
        room -= size(each)
        if chosen and room < 0:
            break
        chosen.append(each)
    return chosen
