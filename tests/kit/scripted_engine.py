"""An engine without machines: a test says what each of them tells of its shard."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from conformance.classes.machines.engines.engine import PresentMachine, ShardNews
from conformance.classes.machines.fitness import installed_labs
from conformance.classes.machines.messages import (
    EvidencePiece,
    HandInBegun,
    HandInEnded,
    MachineFacts,
    Message,
    RunEvent,
    ShardEnded,
    to_message_line,
)
from conformance.classes.machines.shard import Shard, UnpackedShard, unpack_shard
from conformance.classes.results.fingerprint import suite_digest
from conformance.sandbox import Tier
from conformance.verdict.events import judged, run_began, run_ended
from conformance.verdict.model import Attempt, Outcome, Run, Verdict
from conformance.verdict.points import Counting, mark
from kit.small_class import CATALOG, CLAUSE

Play = Callable[[str, Shard], Iterable[ShardNews]]
"""What a machine tells of a shard."""


def facts(*, tier: Tier = Tier.FULL, suite: str = "", cores: int = 1) -> MachineFacts:
    """A machine that may grade, unless it says otherwise."""
    own = suite or suite_digest()
    return MachineFacts("node", tier.value, cores, 2**30, own, installed_labs(CATALOG), 1.0)


def opened(shard: Shard) -> UnpackedShard:
    """What is in a shard."""
    with TemporaryDirectory() as folder, shard.archive.open("rb") as stream:
        return unpack_shard(stream, Path(folder, "shard"))


def run_of(
    author: str, lab: str, fingerprint: str, *, seed: int = 7, evidence: bytes = b""
) -> list[Message]:
    """What a machine tells of a hand-in: it fails where there is evidence, else it passes."""
    attempt = Attempt(Outcome.FAILED, capture="a.pcapng") if evidence else Attempt(Outcome.PASSED)
    events = [
        run_began(Run(lab, author, {}, seed, "full", "0", False)),
        judged(mark(Verdict(CLAUSE, CLAUSE.level, attempt), Counting())),
        run_ended(1.0),
    ]
    files = {"a.pcapng": evidence} if evidence else {}
    return [
        HandInBegun(author, lab),
        *(EvidencePiece(author, lab, name, data) for name, data in files.items()),
        *(RunEvent(author, lab, event) for event in events),
        HandInEnded(
            author, lab, fingerprint, len(events), {name: len(d) for name, d in files.items()}
        ),
    ]


def lines(messages: Iterable[Message]) -> list[bytes]:
    return [to_message_line(message).rstrip(b"\n") for message in messages]


def whole(shard: Shard) -> list[Message]:
    """All that a machine tells of a shard that it grades."""
    told: list[Message] = [facts()]
    for (author, lab), fingerprint in opened(shard).wanted.items():
        told += run_of(author, lab, fingerprint)
    return [*told, ShardEnded()]


def grades(machine: str, shard: Shard) -> Iterator[ShardNews]:
    """Tells a whole shard."""
    yield ShardNews(shard.name, lines(whole(shard)))
    yield ShardNews(shard.name, ended=True)


class ScriptedEngine:
    """Machines that play their parts."""

    def __init__(self, **plays: Play) -> None:
        """By the name of a machine, how it plays."""
        self.plays = plays
        self.here = [PresentMachine(name) for name in plays]
        self.given: list[tuple[str, list[str]]] = []
        """Each machine that was given a shard, and the authors in that."""
        self.stopped: list[str] = []
        self.is_open = False
        self.interrupted = False
        """Whether there is a Ctrl-C when nothing more comes."""
        self._news: deque[ShardNews] = deque()

    def __enter__(self) -> Self:
        self.is_open = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.is_open = False

    def machines(self) -> Sequence[PresentMachine]:
        return self.here

    def coming(self) -> str | None:
        return None

    def submit(self, machine: str, shard: Shard) -> None:
        self.given.append((machine, sorted(author for author, _ in opened(shard).wanted)))
        self._news.extend(self.plays[machine](machine, shard))

    def hear(self, within: float) -> Sequence[ShardNews]:
        if not self._news and self.interrupted:
            raise KeyboardInterrupt
        return [self._news.popleft()] if self._news else []

    def stop(self, shard: str) -> None:
        self.stopped.append(shard)
        self._news = deque(news for news in self._news if news.shard != shard)
