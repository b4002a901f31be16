"""What an engine is: it knows which machines are there, and carries.

It decides nothing. The coordinator says which machine gets which shard, at most one at a time for
each, because two gradings on one machine would both believe that they own its cores. It judges what
comes back; an engine only brings the lines, in the order in which each shard wrote them.

On the machine a shard is `shard_command()`, a process of its own: never a thread or a forked worker
of the engine, since only a process with one thread can make the hosts that submissions run on. It
reads the shard's archive from its standard input, or from the file that is its last argument, and
writes its lines to its standard output; what it writes to its standard error is for whoever looks
for a fault. It dies with the thread that started it, and takes along all that it has started: so
that thread must live as long as the shard does.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from conformance.classes.machines.messages import MachineFacts
from conformance.classes.machines.shard import Shard


def shard_command(python: str = sys.executable) -> list[str]:
    """The words that start a shard where that Python has this suite. With `--probe` added, they
    print one line, the MachineFacts, and end."""
    return [python, "-P", "-m", "conformance", "shard"]


@dataclass(frozen=True)
class PresentMachine:
    """A machine that takes shards now."""

    name: str
    """As the console shows it. It means the same machine as long as the engine is open: one that
    was found unfit gets no shard by this name again."""
    facts: MachineFacts | None = None
    """None where they are not known before its first shard, which tells them, too."""


@dataclass(frozen=True)
class ShardNews:
    """What is new of a shard. After one that has `ended` or is `lost` there is no more."""

    shard: str
    """Its name."""
    lines: Sequence[bytes] = ()
    """Whole lines, in their order. One that was cut off when the shard was lost is left out."""
    ended: bool = False
    """Its process has ended by itself, with status 0, and all its lines were heard."""
    lost: str = ""
    """Why nothing more will come, in a few words: "killed by signal 9", "the machine has gone"."""


class ShardEngine(Protocol):
    """Machines to which shards can be given. What it starts, it starts in a `with` block and ends
    there. Whatever cannot be set up raises WrongCall on entering. One thread calls it."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends all shards that are under way, and waits for that; also after Ctrl-C."""

    def machines(self) -> Sequence[PresentMachine]:
        """The machines that are there now, busy ones too, in an order that stays. Those that come
        and go are seen by calling it again, about once a second. It does not wait."""

    def coming(self) -> str | None:
        """Which machines are still to come, as a console says it: "4 jobs in Slurm's queue";
        "" if none will, and None if nobody knows. Asked where there is none to grade on."""

    def submit(self, machine: str, shard: Shard) -> None:
        """Gives a shard to a machine that has none. If that is gone by now, the shard is told as
        lost. Its archive can be read until it has ended or is lost."""

    def hear(self, within: float) -> Sequence[ShardNews]:
        """What has come since the last call; if nothing has, waits for it for `within` seconds."""

    def stop(self, shard: str) -> None:
        """Ends a shard from which nothing is wanted any more. Nothing is told of it after this; its
        machine is free again."""
