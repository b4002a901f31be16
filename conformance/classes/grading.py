"""Grades a class: every hand-in that is due is checked, many beside one another.

One warm parent forks a trial for each hand-in, and says when it may start something (see
`pacer`). What a trial tells is on disk before anybody hears of it. A trial that fails
through the suite's own fault is held once more at the end; it never costs a student
anything, and whatever it does, the others are in processes of their own.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from conformance.catalog import Catalog
from conformance.check import host_to_ourselves
from conformance.classes.capacity import Pace, files_allowed, memory_left, open_at_most
from conformance.classes.due import Due, Terms, Why, request, what_is_due, what_is_wanted
from conformance.classes.ledger import Ledger
from conformance.classes.model import Class, HandIn, Result
from conformance.classes.record import Damaged, Record
from conformance.events import Event, verdict_from_json
from conformance.model import Verdict, WrongCall
from conformance.pacer import Pacer
from conformance.sandbox import Isolation, Tier
from conformance.trial import LONGEST, Trial, terminable
from conformance.turnstile import LARGEST, Word


class Watcher(Protocol):
    """Hears how the grading goes on."""

    def began(self, graded: Class, todo: int, current: int) -> None:
        """So many hand-ins are to be run; of so many the former result still holds."""

    def started(self, hand_in: HandIn) -> None: ...

    def judged(self, hand_in: HandIn, verdict: Verdict) -> None:
        """The verdict is on disk already."""

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
    trial: Trial
    record: Record
    whole: bool = False
    trouble: str = ""


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

    def __post_init__(self) -> None:
        alone = self.isolation.tier is Tier.NONE  # they would want one port of one machine
        self._most = 1 if alone else self.pace.sessions
        self._most_open = open_at_most(files_allowed())
        self._pacer = Pacer(starts=self.pace.starts, sessions=self._most)
        self._calm = False
        self._begun = 0

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
                self.ledger.trouble(hand_in, told)
        self._todo = what_is_due(self.graded, self.ledger, wanted, again=again, labs=labs)
        self.why = Counter(due.why for due in self._todo)
        asked = sum(bool(of) and (not labs or lab in labs) for (_, lab), of in wanted.items())
        self.watcher.began(self.graded, len(self._todo), asked - len(self._todo))
        self._todo.reverse()  # the next one is the last of the list
        with contextlib.ExitStack() as last:  # each, whatever becomes of the others
            last.callback(self.watcher.closed)
            last.callback(self._selector.close)
            last.callback(self._end_all)
            last.enter_context(host_to_ourselves(self.isolation, remote=False))
            with terminable():
                self._hold_all()

    def _end_all(self) -> None:
        """One that cannot be ended leaves the others to be; the next call sweeps."""
        for running in self._running.values():
            for end in (running.trial.close, running.record.drop):
                with contextlib.suppress(OSError):
                    end()

    # -- many at a time ---------------------------------------------------------------

    def _hold_all(self) -> None:
        while self._todo or self._running:
            self._open()
            self._grant()
            for key, _ in self._selector.select(0.2):
                number, wire = key.data
                if number in self._running:
                    (self._answer if wire else self._listen)(self._running[number])
            for running in list(self._running.values()):
                self._bound(running)

    def _open(self) -> None:
        """Begins one more hand-in where one more would find something to do: its process
        costs memory, and is of no use while it waits in line."""
        while self._todo and self._room and self._pacer.hungry and self._pacer.busy < self._most:
            self._begin(self._todo.pop())
            if len(self._running) > 1:
                return  # see first what it asks for

    @property
    def _room(self) -> bool:
        """Whether one more can be open, those included that wait to be alone."""
        return len(self._running) < self._most_open

    def _begin(self, due: Due) -> None:
        self._begun += 1
        number, hand_in = self._begun, due.hand_in
        record = None
        try:
            record = self.ledger.record(hand_in, due.fingerprint)
            asked = request(self.graded, hand_in, self.terms, record.evidence)
            trial = Trial(asked, self.catalog, self.isolation, paced=True)
        except OSError as error:
            if record is not None:
                record.drop()
            self._not_begun(due, error)
            return
        self._running[number] = _Running(number, due, trial, record)
        self._pacer.enter(number)
        self._selector.register(trial, selectors.EVENT_READ, (number, None))
        wire = _wire(trial)
        wire.setblocking(False)
        self._selector.register(wire, selectors.EVENT_READ, (number, wire))
        self.watcher.started(hand_in)

    def _not_begun(self, due: Due, error: OSError) -> None:
        """The machine has no room for one more: there may be when another has ended."""
        if self._running:
            self._most_open = len(self._running)
            self._todo.append(due)
        else:
            self._failed(due, f"it could not be started: {(error.strerror or str(error)).lower()}")

    def _grant(self) -> None:
        if not self._calm and not self._todo and self._running and not self._pacer.busy:
            self._calm = True
            self.watcher.calm(len(self._running))
        now = time.monotonic()
        for number in self._pacer.grant(
            now, memory=memory_left(), others_to_come=self._others_to_come
        ):
            wire = _wire(self._running[number].trial)
            with contextlib.suppress(OSError):  # it has just ended: its pipe will tell
                wire.send(Word.GO.encode())

    @property
    def _others_to_come(self) -> bool:
        """Whether somebody could still disturb who has to be alone. Where there is room for
        nobody else before one of those has ended, they come first."""
        return bool(self._pacer.busy or (self._todo and self._room))

    def _answer(self, running: _Running) -> None:
        """Hears what a trial asks for, or tells of what it has started."""
        wire = _wire(running.trial)
        while True:
            try:
                word = wire.recv(LARGEST)
            except BlockingIOError:
                return
            except OSError:
                word = b""
            if not word:
                with contextlib.suppress(KeyError):
                    self._selector.unregister(wire)
                return
            self._pacer.hear(running.number, Word(word.decode()))

    # -- one of them ------------------------------------------------------------------

    def _listen(self, running: _Running) -> None:
        ended = running.trial.has_ended()
        try:
            events = running.trial.take()
        except (WrongCall, ValueError) as error:
            events = [{"event": "trouble", "text": f"its run cannot be read: {error}"}]
        for event in events:
            self._take(running, event)
        if ended:
            self._finish(running)

    def _take(self, running: _Running, event: Event) -> None:
        if event["event"] == "trouble":
            running.trouble = event["text"]
            return
        try:
            running.record.write(event)
        except OSError as error:
            running.trouble = f"its run cannot be written: {_told(error)}"
            return
        running.whole = event["event"] == "end" and not event["interrupted"]
        if event["event"] == "verdict":
            self.watcher.judged(running.due.hand_in, verdict_from_json(event))

    def _bound(self, running: _Running) -> None:
        """No trial goes on for ever; the time for which it waits for its turn is not its own."""
        if self._pacer.is_idle(running.number):
            running.trial.deadline = time.monotonic() + LONGEST
        elif time.monotonic() > running.trial.deadline:
            running.trouble = "it did not end in time"
            self._finish(running)

    def _finish(self, running: _Running) -> None:
        trial, due = running.trial, running.due
        self._selector.unregister(trial)
        with contextlib.suppress(KeyError):
            self._selector.unregister(_wire(trial))
        del self._running[running.number]
        self._pacer.leave(running.number)
        with contextlib.ExitStack() as last:
            last.callback(running.record.drop)  # nothing is left of it where it is kept
            trial.close()
            trouble = running.trouble or _kept(running)
        if trouble:
            self._failed(due, trouble)
        else:
            self.watcher.ended(due.hand_in, self.ledger.result(due.hand_in))

    def _failed(self, due: Due, trouble: str) -> None:
        """Through no fault of its author: it is held once more, when all others have begun."""
        self.ledger.trouble(due.hand_in, trouble)
        if due.again:
            self.watcher.ended(due.hand_in, self.ledger.result(due.hand_in))
        else:
            self._todo.insert(0, replace(due, again=True))


def _kept(running: _Running) -> str:
    """Has the run count; why it does not, if it does not."""
    if not running.whole:
        return "its process ended early"
    try:
        running.record.keep()
    except (OSError, Damaged) as error:
        return f"its run could not be kept: {_told(error)}"
    return ""


def _told(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or str(error)


def _wire(trial: Trial) -> socket.socket:
    assert trial.wire is not None, "trials of a class are paced"
    return trial.wire


def authors(graded: Class, named: Sequence[str]) -> set[str]:
    """The authors of the students (or groups) named."""
    members = {student.id: graded.author_of(student) for student in graded.students}
    return {members.get(name, name) for name in named}
