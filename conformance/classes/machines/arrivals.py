"""What has come of one shard: its messages, checked, and written into the ledger.

Nothing is accepted but what this shard was asked for: hand-ins that are in it and have not ended
yet, with the fingerprint that is wanted, whole. Whatever else is told is `Nonsense`, and nothing
more is believed of that shard.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from conformance.classes.grading.outdated import Due
from conformance.classes.machines.messages import (
    EvidencePiece,
    HandInEnded,
    Nonsense,
    RunEvent,
)
from conformance.classes.machines.worker import with_captures
from conformance.classes.results.basis import EVENT as BASIS
from conformance.classes.results.class_log import Key
from conformance.classes.results.ledger import Ledger
from conformance.classes.results.record import Damaged, Record
from conformance.session.evidence_files import MAX_KEPT

MAX_EVENTS = 10_000
"""Events of a run at most: a verdict for each clause, and a few notes."""

MAX_FILES = 1_000
"""Files of evidence of a run at most: two for each attempt."""

_EVENTS = frozenset({"run", BASIS, "note", "verdict", "search", "end"})


@dataclass(eq=False)
class Arriving:
    """The run of one hand-in, on its way into the ledger."""

    due: Due
    ledger: Ledger
    seed: int
    _record: Record | None = None
    _events: int = 0
    _sizes: dict[str, int] = field(default_factory=dict)
    """Bytes of each file of evidence so far."""
    _last: str = ""
    """The kind of the last event."""

    def take_event(self, message: RunEvent) -> None:
        """Writes an event. Raises Nonsense, OSError."""
        event = message.event
        kind = event.get("event")
        if kind not in _EVENTS:
            raise Nonsense(f"an event of a kind that is not known, {str(kind)[:40]!r}")
        if (kind == "run") != (self._events == 0) or self._last == "end":
            raise Nonsense("events that are no run")
        if kind == "run" and event.get("seed") != self.seed:
            raise Nonsense("a run with another seed")
        self._events += 1
        if self._events > MAX_EVENTS:
            raise Nonsense(f"a run of more than {MAX_EVENTS:,} events")
        self._last = str(kind)
        record = self._begun()
        try:
            record.write(with_captures(event, lambda name: self._placed(record, name)))
        except (TypeError, AttributeError):
            raise Nonsense("a verdict that is none") from None

    def take_piece(self, message: EvidencePiece) -> None:
        """Writes a piece of a file. Raises Nonsense, OSError."""
        size = self._sizes.get(message.name, 0) + len(message.data)
        if size > MAX_KEPT or len(self._sizes) > MAX_FILES:
            raise Nonsense("more evidence than there can be")
        self._sizes[message.name] = size
        with self._open(message.name) as file:
            file.write(message.data)

    def require_whole(self, message: HandInEnded) -> None:
        """Raises Nonsense if the run is not the one that is wanted, or not whole."""
        if message.fingerprint != self.due.fingerprint:
            raise Nonsense("a result of other work, or of other rules, than was asked for")
        whole = self._events == message.events and self._last == "end"
        if not whole or self._sizes != dict(message.evidence):
            raise Nonsense("a result of which a part is missing")

    def keep(self) -> None:
        """Makes the run count. Raises Nonsense if it cannot be read, OSError."""
        try:
            self.ledger.keep(self._begun())
        except Damaged as damage:
            raise Nonsense(f"a run that cannot be read ({damage})") from None
        self._record = None

    def drop(self) -> None:
        """Forgets what has come so far. Does nothing after `keep`."""
        if self._record is not None:
            with contextlib.suppress(OSError):
                self._record.drop()
            self._record = None
        self._events, self._last = 0, ""
        self._sizes.clear()

    def _begun(self) -> Record:
        if self._record is None:
            self._record = self.ledger.record(self.due.hand_in, self.due.fingerprint)
        return self._record

    def _open(self, name: str) -> BinaryIO:
        return (self._begun().evidence / name).open("ab")

    def _placed(self, record: Record, name: Any) -> str:
        """Where a capture is now. Raises Nonsense if it did not come before the event."""
        if not isinstance(name, str) or name not in self._sizes:
            raise Nonsense("a capture that did not come")
        return str(record.evidence / name)


@dataclass(eq=False)
class Outstanding:
    """A shard that a machine has: what is still to come of it."""

    machine: str
    due: dict[Key, Due]
    """What has not ended yet."""
    archive: Path
    began: float
    """Seconds of the monotonic clock."""
    count: int
    """Hand-ins that it had at first."""
    begun: dict[Key, Arriving] = field(default_factory=dict)
    is_vetted: bool = False
    """Whether it has told what machine it is on, and that may grade."""
    heard_at: float = 0.0
    done: bool = False
    """Whether it has told its end."""
    trouble: str = ""
    """Why it could grade nothing, in its own words."""
    spoilt: set[Key] = field(default_factory=set)
    """What could not be written here: whatever else comes of it is left."""

    def begin(self, key: Key, ledger: Ledger, seed: int) -> Due:
        """One of its hand-ins has begun. Raises Nonsense."""
        if key in self.begun:
            raise Nonsense("a hand-in that has begun already")
        self.begun[key] = Arriving(self._asked(key), ledger, seed)
        return self.begun[key].due

    def arriving(self, key: Key) -> Arriving:
        """The run on its way of one that has begun. Raises Nonsense."""
        self._asked(key)
        if key not in self.begun:
            raise Nonsense("the result of a hand-in that has not begun")
        return self.begun[key]

    def end(self, key: Key) -> Due:
        """One of its hand-ins has ended."""
        self.begun.pop(key, None)
        return self.due.pop(key)

    def drop(self) -> None:
        """Forgets what has come of runs that have not ended."""
        for arriving in self.begun.values():
            arriving.drop()

    def _asked(self, key: Key) -> Due:
        if key not in self.due:
            raise Nonsense("a hand-in that it was not given, or has told already")
        return self.due[key]
