"""Grades a class: checks every hand-in that is due, several at a time.

The scheduler decides when each may start something. Events of a check are on disk before they are
reported. A check that fails through the suite's own fault is repeated once at the end. It never
costs a student anything, nor does it stop the others.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from conformance.classes.grading.capacity import Pace, files_allowed, memory_left, open_at_most
from conformance.classes.grading.outdated import (
    Due,
    Remaining,
    Terms,
    Why,
    planned,
    request,
)
from conformance.classes.model import Class, HandIn, Result
from conformance.classes.results.basis import basis_of
from conformance.classes.results.class_log import Key
from conformance.classes.results.fingerprint import work_of
from conformance.classes.results.ledger import Ledger
from conformance.classes.results.record import Damaged, Record
from conformance.contract.catalog import Catalog
from conformance.run.check import Check, host_to_ourselves
from conformance.run.scheduler import Scheduler
from conformance.run.scratch import folder_for_a_part, scratch_folder
from conformance.sandbox import Isolation, Tier
from conformance.session.forked import NO_ROOM, terminable
from conformance.submissions import ask_tools
from conformance.verdict.events import Event


class Watcher(Protocol):
    """Is notified of the progress of a grading."""

    def began(self, graded: Class, todo: int, current: int) -> None:
        """`todo` hand-ins are to be run; the former results of `current` others still hold."""

    def started(self, hand_in: HandIn) -> None: ...

    def judged(self, hand_in: HandIn) -> None:
        """One more clause of it was judged; the verdict is already on disk."""

    def ended(self, hand_in: HandIn, result: Result) -> None: ...

    def repeating_alone(self, waiting: int) -> None:
        """Only `waiting` hand-ins are left: what was in doubt in them is repeated alone."""

    def closed(self) -> None:
        """The grading has ended, or was interrupted."""


@dataclass(eq=False)
class _Running:
    """A hand-in under way."""

    due: Due
    record: Record
    last: contextlib.ExitStack
    """Removes what it leaves behind."""
    whole: bool = False
    trouble: str = ""
    """Why its run cannot be recorded."""


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
    noticed: Callable[[HandIn], None] = lambda hand_in: None
    """Called before the watcher is told that a run has ended."""
    publish: Callable[[str], None] = lambda author: None
    """Called with an author none of whose hand-ins are still to be run; then, too, before the
    watcher is told."""
    replacing: Callable[[HandIn], None] = lambda hand_in: None
    """Called before a run takes the place of the former one."""
    tier: Tier | None = None
    """The tier that fingerprints name; None: that of this machine."""
    called: Mapping[Key, Path] = field(default_factory=dict)
    """How reports name the path of what was handed in, where it is not the path here."""
    _current: int = 0
    """The number of hand-ins whose former results still hold."""
    _todo: list[Due] = field(default_factory=list)
    _running: dict[Check, _Running] = field(default_factory=dict)
    _repeating_alone: bool = False
    """All else has ended: what was in doubt is repeated alone."""
    _begun: int = 0
    _remaining: Remaining = field(default_factory=Remaining)

    def __post_init__(self) -> None:
        alone = self.isolation.tier is Tier.NONE  # they would all need the same port
        self._most = 1 if alone else self.pace.sessions
        self._most_open = open_at_most(files_allowed())
        self._scheduler = Scheduler[Check](
            starts=self.pace.starts, sessions=self._most, memory_left=memory_left
        )

    def plan(
        self,
        again: Collection[str] = (),
        labs: Collection[str] = (),
        of: Collection[str] | None = None,
    ) -> Mapping[Why, int]:
        """Finds out which hand-ins of these labs (none: all) are due, including those of the
        authors in `again`; and of the authors in `of` alone, if it is given. Returns how many will
        be run for each reason."""
        found = planned(
            self.graded, self.ledger, self.catalog, self.terms, self.tier or self.isolation.tier,
            again=again, labs=labs, of=of,
        )  # fmt: skip
        self._todo, self._current = found.due[::-1], found.current  # the next one is last
        self._remaining = Remaining(found.due)
        return found.why

    def run(self) -> None:
        """Grades what was planned. An interruption ends all under way; complete results are
        kept."""
        self.watcher.began(self.graded, len(self._todo), self._current)
        with contextlib.ExitStack() as last:  # each is called even if another one fails
            last.enter_context(terminable())
            last.callback(self.watcher.closed)
            last.callback(self._scheduler.close)
            last.enter_context(host_to_ourselves(self.isolation, remote=False))
            scratch = last.enter_context(scratch_folder())
            last.callback(self._end_all)
            if self._todo:
                ask_tools()
            self._run_all(scratch)

    def _end_all(self) -> None:
        """If one fails to stop, stop the rest; the next call cleans up."""
        for check, running in self._running.items():
            for end in (check.close, running.last.close):
                with contextlib.suppress(OSError):
                    end()

    # -- many at a time ---------------------------------------------------------------

    def _run_all(self, scratch: Path) -> None:
        while self._todo or self._running:
            self._open(scratch)
            while (started := self._start()) is not None:
                self._step(started)
                self._open(scratch)
            for check in self._scheduler.ready():
                self._step(check)
            self._tell_if_repeating_alone()

    def _start(self) -> Check | None:
        """Starts the next thing that may start. Something that has to be alone may, if no other
        hand-in can be begun now that would disturb it."""
        others_to_come = bool(self._scheduler.busy or (self._todo and self._room))
        return self._scheduler.start(others_to_come=others_to_come)

    def _open(self, scratch: Path) -> None:
        """Begins hand-ins while the scheduler has room for them. More would only wait in line."""
        scheduler = self._scheduler
        while self._todo and self._room and scheduler.hungry and scheduler.busy < self._most:
            self._begin(self._todo.pop(), scratch)

    @property
    def _room(self) -> bool:
        """Whether one more hand-in can be open. Those that wait to be alone count, too."""
        return len(self._running) < self._most_open

    def _begin(self, due: Due, scratch: Path) -> None:
        self._begun += 1
        place = scratch / str(self._begun)
        try:
            with contextlib.ExitStack() as last:
                record = self.ledger.record(due.hand_in, due.fingerprint)
                last.callback(record.drop)  # the folder of results keeps nothing of it
                has_model = self.catalog[due.hand_in.lab].state_model is not None
                asked = request(
                    self.graded, due.hand_in, self.terms, record.evidence, searchable=has_model,
                    called=self.called.get((due.hand_in.author, due.hand_in.lab)),
                )  # fmt: skip
                last.enter_context(folder_for_a_part(place))
                check = Check(asked, self.catalog, self.isolation, place)
                self._scheduler.enter(check)
                self._running[check] = _Running(due, record, last.pop_all())
        except OSError as error:
            self._not_begun(due, error)
        else:
            self.watcher.started(due.hand_in)

    def _not_begun(self, due: Due, error: OSError) -> None:
        """If the machine has no room for one more, it is begun when another has ended."""
        if self._running and error.errno in NO_ROOM:
            self._most_open = len(self._running)
            self._todo.append(due)
        else:
            self._failed(due, f"it could not be started: {(error.strerror or str(error)).lower()}")

    def _tell_if_repeating_alone(self) -> None:
        all_wait = self._running and not self._todo and not self._scheduler.busy
        if all_wait and not self._repeating_alone:
            self._repeating_alone = True
            self.watcher.repeating_alone(len(self._running))

    # -- one of them ------------------------------------------------------------------

    def _step(self, check: Check) -> None:
        running = self._running[check]
        for event in check.step():
            self._take(running, event)
            if event["event"] == "run":
                work = work_of(running.due.fingerprint)
                self._take(running, basis_of(check.request, self.catalog, event, work).event)
        if check.ended or running.trouble:
            self._finish(check, running)

    def _take(self, running: _Running, event: Event) -> None:
        try:
            running.record.write(event)
        except OSError as error:
            running.trouble = f"its run cannot be written: {_told(error)}"
            return
        running.whole = event["event"] == "end" and not event["interrupted"]
        if event["event"] == "verdict":
            self.watcher.judged(running.due.hand_in)

    def _finish(self, check: Check, running: _Running) -> None:
        self._scheduler.leave(check)
        with running.last:
            with contextlib.suppress(OSError):
                check.close()
            del self._running[check]  # not earlier: after an interruption, `_end_all` closes it
            trouble, refused = running.trouble, False
            if check.trouble is not None and not trouble:
                trouble, refused = check.trouble.text, check.trouble.by_hand_in
            trouble = trouble or self._keep(running)
        if trouble:
            self._failed(running.due, trouble, refused=refused)
        else:
            self._ended(running.due.hand_in)

    def _keep(self, running: _Running) -> str:
        """Makes the run count. Returns why it does not; "" if it does."""
        if not running.whole:
            return "its process ended early"
        self.replacing(running.due.hand_in)
        try:
            self.ledger.keep(running.record)
        except (OSError, Damaged) as error:
            return f"its run could not be kept: {_told(error)}"
        return ""

    def _failed(self, due: Due, trouble: str, *, refused: bool = False) -> None:
        """Leaves the hand-in open. If the suite failed, and it was not the hand-in that was
        `refused`, it is repeated once, after all others have begun."""
        self.ledger.trouble(due.hand_in, trouble, refused=refused)
        if due.again or refused:
            self._ended(due.hand_in)
        else:
            self._todo.insert(0, replace(due, again=True))

    def _ended(self, hand_in: HandIn) -> None:
        self.noticed(hand_in)
        if self._remaining.end(hand_in):
            self.publish(hand_in.author)
        self.watcher.ended(hand_in, self.ledger.result(hand_in))


def _told(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or str(error)


def authors(graded: Class, named: Sequence[str]) -> set[str]:
    """The authors of the students (or groups) named."""
    members = {student.id: graded.author_of(student) for student in graded.students}
    return {members.get(name, name) for name in named}
