"""Where a tree of sources starts: finds the server among several programs.

Every language is reduced to units (a Java type, a Python or Node module): what each
one uses, whether it can be started, whether it listens. The rest is the same for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.submissions.role import Role

NAMES_SHOWN = 4
"""Names that a sentence lists."""


class Opens(IntEnum):
    """What kind of socket a unit opens."""

    NOTHING = 0
    ANY = 1
    """A socket of any port, which may be a client's: `new DatagramSocket()`."""
    LISTENING = 2


@dataclass(frozen=True)
class Unit:
    """A type or a module."""

    name: str
    """Unique in its tree, and as a student would write it: `ch.heig.Server`, `net/server.py`."""
    path: Path
    starts: bool
    """Whether it can be started: it has a main method, a `__main__` guard, …"""
    opens: Opens
    uses: frozenset[str]
    """Names of units of the same tree."""


_PLAYS: ContextVar[str] = ContextVar("plays", default="server")


@contextmanager
def looking_for(plays: str) -> Iterator[None]:
    """In this block, what is looked for is a "server", or a "client"."""
    token = _PLAYS.set(plays)
    try:
        yield
    finally:
        _PLAYS.reset(token)


def looked_for() -> str:
    """ "server", or "client"."""
    return _PLAYS.get()


def possible(units: Sequence[Unit], by_name: Mapping[str, Unit]) -> list[Unit]:
    """Those that may be what is looked for: a client does not listen."""
    if looked_for() == "server":
        return list(units)
    return [unit for unit in units if not reaches(unit, by_name, Opens.LISTENING)]


def servers(units: Sequence[Unit], role: Role | None = None) -> list[Unit]:
    """The units that may be the server (or that program of several), by the best criterion that
    applies; one if it is clear. The criteria: the only one that starts; those that open a listening
    socket; those that use one that does; the same two with any socket; else all that start. Where a
    client is looked for: those that start, and do not listen.
    """
    starting = role.pick(units) if role else [unit for unit in units if unit.starts]
    if len(starting) <= 1:
        return starting
    by_name = {unit.name: unit for unit in units}
    if looked_for() == "client":
        return possible(starting, by_name) or starting
    for wanted in (Opens.LISTENING, Opens.ANY):
        direct = [unit for unit in starting if unit.opens >= wanted]
        if direct:
            return direct
        reaching = [unit for unit in starting if reaches(unit, by_name, wanted)]
        if reaching:
            return reaching
    return starting


def doubt(chosen: Unit, units: Sequence[Unit], role: Role | None = None) -> str:
    """A sentence if another unit could be meant as well: one that can be started, leads to a
    listening socket, and is no part of the chosen one. "" if there is none, if it was chosen by its
    name, or if a client is looked for."""
    if role is not None or looked_for() == "client":
        return ""
    by_name = {unit.name: unit for unit in units}
    part = reached(chosen, by_name)
    others = [
        unit.name
        for unit in units
        if unit.starts and unit not in part and reaches(unit, by_name, Opens.LISTENING)
    ]
    if not others or not reaches(chosen, by_name, Opens.LISTENING):
        return ""
    named = " and ".join(sorted(others)[:NAMES_SHOWN])
    return f"{chosen.name} was started; {named} could be meant, too"


def reached(start: Unit, by_name: Mapping[str, Unit]) -> list[Unit]:
    """`start`, and all units that it uses, directly or not."""
    found = {start.name: start}
    queue = [start]
    while queue:
        for name in queue.pop().uses:
            if name in by_name and name not in found:
                found[name] = by_name[name]
                queue.append(by_name[name])
    return list(found.values())


def reaches(start: Unit, by_name: Mapping[str, Unit], wanted: Opens) -> bool:
    """Whether `start`, or a unit that it uses directly or not, opens such a socket."""
    return any(unit.opens >= wanted for unit in reached(start, by_name))


def holds_one(units: Sequence[Unit]) -> bool:
    """Whether anything in the tree is what is looked for: it opens a listening socket; or, as a
    client does, it starts and opens none."""
    if looked_for() == "client":
        return bool(possible([u for u in units if u.starts], {u.name: u for u in units}))
    return any(unit.opens is Opens.LISTENING for unit in units)
