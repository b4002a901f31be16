"""Grades a class: every hand-in that is due is checked, many beside one another.

The pacer says when each may start something. What a judging tells is on disk before
anybody hears of it. One that fails through the suite's own fault is held once more at the
end; it never costs a student anything, nor does it stop the others.
"""

from __future__ import annotations

import contextlib
import selectors
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from conformance.classes.grading.capacity import Pace, files_allowed, memory_left, open_at_most
from conformance.classes.grading.judging import Judging
from conformance.classes.grading.outdated import (
    Due,
    Terms,
    Why,
    request,
    what_is_due,
    what_is_wanted,
)
from conformance.classes.model import Class, HandIn, Result
from conformance.classes.results.ledger import Ledger
from conformance.classes.results.record import Damaged, Record
from conformance.contract.catalog import Catalog
from conformance.run.check import LONGEST, host_to_ourselves
from conformance.run.engine import Engine
from conformance.run.pacer import Pacer
from conformance.run.scratch import scratch_folder
from conformance.sandbox import Isolation, Tier
from conformance.session.forked import NO_ROOM, Forked, terminable
from conformance.verdict.events import Event

STEP = 1.0
"""Seconds after which each judging is stepped, also without a reason: its sessions have
deadlines."""


class Watcher(Protocol):
    """Hears how the grading goes on."""

    def began(self, graded: Class, todo: int, current: int) -> None:
        """So many hand-ins are to be run; of so many the former result still holds."""

    def started(self, hand_in: HandIn) -> None: ...

    def judged(self, hand_in: HandIn) -> None:
        """One more clause of it; the verdict is on disk already."""

    def ended(self, hand_in: HandIn, result: Result) -> None: ...

    def calm(self, waiting: int) -> None:
        """All else has ended: what was in doubt is repeated alone, in so many runs."""

    def closed(self) -> None:
        """Nothing goes on any more, also after an interruption."""


@dataclass(eq=False)
class _Running:
    """One hand-in under way."""

    number: int
    due: Due
    judging: Judging
    record: Record
    whole: bool = False
    trouble: str = ""
    refused: bool = False
    """The trouble is what was handed in: to hold it once more would be of no use."""


@dataclass
class Grading:
    """One call of `conformance grade`."""

    graded: Class
    """The whole class, as it is recorded."""
    ledger: Ledger
    catalog: Catalog
    isolation: Isolation
    pace: Pace
    watcher: Watcher
    terms: Terms
    why: Mapping[Why, int] = field(default_factory=dict)
    """How many are run for which reason; known when the watcher hears that it begins."""
    _todo: list[Due] = field(default_factory=list)
    _running: dict[int, _Running] = field(default_factory=dict)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _sources: dict[int, Forked | Engine] = field(default_factory=dict)
    """What of each stands in the selector."""

    def __post_init__(self) -> None:
        alone = self.isolation.tier is Tier.NONE  # they would want one port of one machine
        self._most = 1 if alone else self.pace.sessions
        self._most_open = open_at_most(files_allowed())
        self._pacer = Pacer(starts=self.pace.starts, sessions=self._most)
        self._calm = False
        self._begun = 0
        self._stepped = 0.0
        """When all were stepped last."""

    def run(self, again: Collection[str] = (), labs: Collection[str] = ()) -> None:
        """Grades what is due for these labs (none: for all), and the hand-ins of the authors
        in `again`.

        Ends all that is under way when it is interrupted; what had ended is kept.
        """
        self.ledger.sweep()
        wanted, troubles = what_is_wanted(
            self.graded, self.catalog, self.terms, self.isolation.tier
        )
        self.ledger.begin(self.graded, self.terms.seed, wanted)
        for hand_in in self.graded.hand_ins:
            if told := troubles.get((hand_in.author, hand_in.lab)):
                self.ledger.trouble(hand_in, told, refused=True)
        self._todo = what_is_due(self.graded, self.ledger, wanted, again=again, labs=labs)
        self.why = Counter(due.why for due in self._todo)
        asked = sum(bool(of) and (not labs or lab in labs) for (_, lab), of in wanted.items())
        self.watcher.began(self.graded, len(self._todo), asked - len(self._todo))
        self._todo.reverse()  # the next one is the last of the list
        with contextlib.ExitStack() as last:  # each, whatever becomes of the others
            last.enter_context(terminable())
            last.callback(self.watcher.closed)
            last.callback(self._selector.close)
            last.enter_context(host_to_ourselves(self.isolation, remote=False))
            scratch = last.enter_context(scratch_folder())
            last.callback(self._end_all)
            self._hold_all(scratch)

    def _end_all(self) -> None:
        """One that cannot be ended leaves the others to be; the next call sweeps."""
        for running in self._running.values():
            for end in (running.judging.close, running.record.drop):
                with contextlib.suppress(OSError):
                    end()

    # -- many at a time ---------------------------------------------------------------

    def _hold_all(self, scratch: Path) -> None:
        while self._todo or self._running:
            self._open(scratch)
            while self._grant():
                self._open(scratch)
            for key, _ in self._selector.select(STEP / 2):
                if running := self._running.get(key.data):
                    self._step(running)
            if time.monotonic() - self._stepped > STEP:
                self._stepped = time.monotonic()
                for running in list(self._running.values()):
                    self._bound(running)

    def _open(self, scratch: Path) -> None:
        """Begins one more hand-in where one more would find something to do: it is of no use
        while it waits in line."""
        while self._todo and self._room and self._pacer.hungry and self._pacer.busy < self._most:
            self._begin(self._todo.pop(), scratch)

    @property
    def _room(self) -> bool:
        """Whether one more can be open, those included that wait to be alone."""
        return len(self._running) < self._most_open

    def _begin(self, due: Due, scratch: Path) -> None:
        self._begun += 1
        number, hand_in = self._begun, due.hand_in
        record = None
        self._pacer.enter(number)
        try:
            record = self.ledger.record(hand_in, due.fingerprint)
            asked = request(self.graded, hand_in, self.terms, record.evidence)
            say = partial(self._pacer.hear, number)
            wake = partial(self._wake, number)
            place = scratch / str(number)
            judging = Judging(asked, self.catalog, self.isolation, place, say, wake)
        except OSError as error:
            if record is not None:
                record.drop()
            self._pacer.leave(number)
            self._not_begun(due, error)
            return
        self._running[number] = _Running(number, due, judging, record)
        self.watcher.started(hand_in)

    def _not_begun(self, due: Due, error: OSError) -> None:
        """Where the machine has no room for one more, there may be when another has ended."""
        if self._running and error.errno in NO_ROOM:
            self._most_open = len(self._running)
            self._todo.append(due)
        else:
            self._failed(due, f"it could not be started: {(error.strerror or str(error)).lower()}")

    def _grant(self) -> bool:
        """Lets pass who may; whether there was anybody."""
        if not self._calm and not self._todo and self._running and not self._pacer.busy:
            self._calm = True
            self.watcher.calm(len(self._running))
        granted = self._pacer.grant(
            time.monotonic(), memory=memory_left, others_to_come=self._others_to_come
        )
        for number in granted:
            running = self._running[number]
            try:
                running.judging.let_pass()
            except OSError as error:
                running.trouble = f"it could not go on: {_told(error)}"
                self._finish(running)
            else:
                self._step(running)
        return bool(granted)

    @property
    def _others_to_come(self) -> bool:
        """Whether somebody could still disturb who has to be alone. Where there is room for
        nobody else before one of those has ended, they come first."""
        return bool(self._pacer.busy or (self._todo and self._room))

    # -- one of them ------------------------------------------------------------------

    def _step(self, running: _Running) -> None:
        for event in running.judging.step():
            self._take(running, event)
        if running.judging.ended:
            self._finish(running)

    def _wake(self, number: int, source: Forked | Engine | None) -> None:
        """Has the selector wake us for `source`, instead of what it was before."""
        if former := self._sources.pop(number, None):
            self._selector.unregister(former)
        if source is not None:
            self._selector.register(source, selectors.EVENT_READ, number)
            self._sources[number] = source

    def _take(self, running: _Running, event: Event) -> None:
        if event["event"] == "trouble":
            running.trouble, running.refused = event["text"], event["refused"]
            return
        try:
            running.record.write(event)
        except OSError as error:
            running.trouble = f"its run cannot be written: {_told(error)}"
            return
        running.whole = event["event"] == "end" and not event["interrupted"]
        if event["event"] == "verdict":
            self.watcher.judged(running.due.hand_in)

    def _bound(self, running: _Running) -> None:
        """No judging goes on for ever; the time for which it waits for its turn is not its
        own."""
        if self._pacer.is_idle(running.number):
            running.judging.deadline = time.monotonic() + LONGEST
        elif time.monotonic() > running.judging.deadline:
            running.trouble = "it did not end in time"
            self._finish(running)
            return
        self._step(running)

    def _finish(self, running: _Running) -> None:
        judging, due = running.judging, running.due
        with contextlib.ExitStack() as last:
            last.callback(running.record.drop)  # nothing is left of it where it is kept
            with contextlib.suppress(OSError):
                judging.close()
            del self._running[running.number]  # not before: who is interrupted ends it again
            self._pacer.leave(running.number)
            trouble = running.trouble or self._kept(running)
        if trouble:
            self._failed(due, trouble, refused=running.refused)
        else:
            self.watcher.ended(due.hand_in, self.ledger.result(due.hand_in))

    def _kept(self, running: _Running) -> str:
        """Has the run count; why it does not, if it does not."""
        if not running.whole:
            return "its process ended early"
        try:
            self.ledger.keep(running.record)
        except (OSError, Damaged) as error:
            return f"its run could not be kept: {_told(error)}"
        return ""

    def _failed(self, due: Due, trouble: str, *, refused: bool = False) -> None:
        """It is open. Where the suite was in trouble, and not what was handed in `refused`, it
        is held once more, when all others have begun."""
        self.ledger.trouble(due.hand_in, trouble, refused=refused)
        if due.again or refused:
            self.watcher.ended(due.hand_in, self.ledger.result(due.hand_in))
        else:
            self._todo.insert(0, replace(due, again=True))


def _told(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or str(error)


def authors(graded: Class, named: Sequence[str]) -> set[str]:
    """The authors of the students (or groups) named."""
    members = {student.id: graded.author_of(student) for student in graded.students}
    return {members.get(name, name) for name in named}
