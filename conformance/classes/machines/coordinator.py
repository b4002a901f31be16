"""Grades a class on several machines: shards are given out, and what comes of them is taken in.

What comes back is written into the ledger as a grading here would write it, hand-in by hand-in; so
the ledger knows what is still to be done, and the same call goes on where this one ended. A machine
that is lost costs nobody anything: what had not come back goes to another one.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance.classes.grading.outdated import Due, Remaining, Why, planned
from conformance.classes.machines.arrivals import Outstanding
from conformance.classes.machines.engines.engine import ShardEngine, ShardNews
from conformance.classes.machines.giving_out import GivingOut, key_of, told_of
from conformance.classes.machines.messages import (
    ClauseJudged,
    EvidencePiece,
    HandInBegun,
    HandInEnded,
    HandInTrouble,
    MachineFacts,
    Message,
    Nonsense,
    RunEvent,
    ShardEnded,
    from_message_line,
)
from conformance.classes.machines.portions import MOST_LOST, WaitingHandIn
from conformance.classes.machines.presence import (
    PATIENCE,
    KnownMachine,
    MachineWatcher,
    Presence,
)
from conformance.classes.machines.shard import CommonTerms
from conformance.classes.machines.suspicions import Suspicions
from conformance.classes.model import HandIn
from conformance.classes.results.class_log import Key
from conformance.classes.results.fingerprint import work_digest, work_of
from conformance.classes.results.ledger import Ledger
from conformance.contract.catalog import Catalog
from conformance.run.check import CHECKED_WITHIN
from conformance.run.scratch import scratch_folder
from conformance.session.forked import terminable
from conformance.verdict.points import counted

LOOK_EVERY = 1.0
"""Seconds between two looks at which machines are there."""

SILENT_FOR = 2 * CHECKED_WITHIN
"""Seconds after which a shard that has begun, and tells nothing any more, is given up."""

MOST_FRUITLESS = 3
"""Shards in a row that a machine may lose by what may be its own doing: no hand-in in them had
begun, or it told nonsense over hand-ins that were never lost before."""


@dataclass
class Coordinator:
    """One call of `conformance grade --on`."""

    common: CommonTerms
    ledger: Ledger
    catalog: Catalog
    engine: ShardEngine
    watcher: MachineWatcher
    noticed: Callable[[HandIn], None] = lambda hand_in: None
    """As of `Grading`, as are the next two."""
    publish: Callable[[str], None] = lambda author: None
    replacing: Callable[[HandIn], None] = lambda hand_in: None
    patience: float = PATIENCE
    _current: int = 0
    _remaining: Remaining = field(default_factory=Remaining)
    _histories: dict[Key, WaitingHandIn] = field(default_factory=dict)
    _suspicions: Suspicions = field(default_factory=Suspicions)

    def __post_init__(self) -> None:
        self._machines = Presence(self.common, self.engine, self.watcher, self.patience)
        self._out = GivingOut(
            self.common, self.catalog, self.engine, self._machines, self._fail, self._ended
        )

    def plan(
        self,
        again: Collection[str] = (),
        labs: Collection[str] = (),
        of: Collection[str] | None = None,
    ) -> Mapping[Why, int]:
        """As `Grading.plan`."""
        common = self.common
        found = planned(
            common.graded, self.ledger, self.catalog, common.terms, common.tier,
            again=again, labs=labs, of=of,
        )  # fmt: skip
        self._out.waiting = [WaitingHandIn(due) for due in found.due]
        self._histories = {key_of(each.due): each for each in self._out.waiting}
        self._current = found.current
        self._remaining = Remaining(found.due)
        return found.why

    def run(self) -> None:
        """Grades what was planned. An interruption ends all under way; complete results are kept.
        Raises WrongCall if there is no machine that may grade."""
        self.watcher.began(self.common.graded, len(self._out.waiting), self._current)
        with contextlib.ExitStack() as last:
            last.enter_context(terminable())
            last.callback(self.watcher.closed)
            self._out.leave_what_cannot_travel()
            if not self._out.waiting:
                return
            scratch = last.enter_context(scratch_folder())
            last.callback(self._drop_all)
            last.enter_context(self.engine)
            self._run_all(scratch)

    def _run_all(self, scratch: Path) -> None:
        while self._out.waiting or self._out.given:
            self._machines.look()
            self._out.hand_out(scratch)
            if not self._out.given and self._machines.nobody_is_left(len(self._out.waiting)):
                return
            for news in self.engine.hear(LOOK_EVERY):
                self._take(news)
            self._give_up_the_silent()

    def _drop_all(self) -> None:
        for given in self._out.given.values():
            given.drop()

    # -- taking in ----------------------------------------------------------------------

    def _take(self, news: ShardNews) -> None:
        given = self._out.given.get(news.shard)
        if given is None:
            return  # it was given up
        known = self._machines[given.machine]
        given.heard_at = time.monotonic()
        try:
            for line in news.lines:
                if not self._hear(known, given, from_message_line(line)):
                    self._give_up(news.shard, given)
                    return
            if news.lost or (news.ended and not given.done):
                self._lose(news.shard, given, news.lost or "it ended too early")
            elif news.ended:
                self._close(news.shard, given)
        except Nonsense as nonsense:
            self._suspect(news.shard, given, f"it told {nonsense}")

    def _hear(self, known: KnownMachine, given: Outstanding, message: Message) -> bool:
        """Takes a message; returns whether the shard may go on. Raises Nonsense."""
        if isinstance(message, MachineFacts):
            given.is_vetted = self._machines.vet(known, message)
            return given.is_vetted
        if given.done or not given.is_vetted:
            raise Nonsense("what belongs to no shard that goes on")
        if isinstance(message, ShardEnded):
            given.done, given.trouble = True, message.trouble
            return True
        key = (message.author, message.lab)
        if key in given.spoilt:
            return True
        try:
            self._hear_of(given, key, message)
        except OSError as error:
            if key not in given.due:
                raise  # its run counts: it is the reports that cannot be written
            due, told = self._forget(given, key), told_of(error)
            given.spoilt.add(key)
            self._fail(due, f"its run cannot be written: {told}")
        return True

    def _hear_of(
        self,
        given: Outstanding,
        key: Key,
        message: HandInBegun
        | ClauseJudged
        | RunEvent
        | EvidencePiece
        | HandInEnded
        | HandInTrouble,
    ) -> None:
        if isinstance(message, HandInBegun):
            # The worker begins it again where the suite has failed once.
            if key not in given.begun:
                hand_in = given.begin(key, self.ledger, self.common.terms.seed).hand_in
                self.watcher.placed(hand_in, given.machine)
                self.watcher.started(hand_in)
            return
        arriving = given.arriving(key)
        hand_in = arriving.due.hand_in
        if isinstance(message, ClauseJudged):
            self.watcher.judged(hand_in)
        elif isinstance(message, RunEvent):
            arriving.take_event(message)
        elif isinstance(message, EvidencePiece):
            arriving.take_piece(message)
        elif isinstance(message, HandInEnded):
            if message.fingerprint != arriving.due.fingerprint and _has_changed(arriving.due):
                told = "it was changed while the class was graded; the next call grades it"
                self._fail(self._forget(given, key), told)
                return
            arriving.require_whole(message)
            self.replacing(hand_in)
            arriving.keep()
            given.end(key)
            self._ended(hand_in)
            for each in self._suspicions.settle(given.machine, key):
                self._distrust(self._machines[each.machine], each.told)
        else:
            self._trouble(given, key, message)

    def _trouble(self, given: Outstanding, key: Key, message: HandInTrouble) -> None:
        """There is no run of it. If that is not the hand-in's doing, another machine may try."""
        due = self._forget(given, key)
        self.ledger.trouble(due.hand_in, message.text, refused=message.refused)
        history = self._histories[key]
        history.avoid.add(given.machine)
        others = {each.name for each in self._machines.usable} - history.avoid
        if message.refused or not others or len(history.avoid) > 1:
            self._ended(due.hand_in)
        else:
            self.watcher.withdrawn(due.hand_in)
            self._out.waiting.append(history)

    def _forget(self, given: Outstanding, key: Key) -> Due:
        given.arriving(key).drop()
        return given.end(key)

    # -- the end of a shard -------------------------------------------------------------

    def _close(self, name: str, given: Outstanding) -> None:
        """It has ended by itself."""
        known = self._machines[given.machine]
        if given.trouble:
            self._lose(name, given, given.trouble, by_machine=True)
            return
        if given.due:
            raise Nonsense("that all is done, and has left some out")
        self._over(name, given)
        known.fruitless = 0
        known.pace = given.count / max(0.1, time.monotonic() - given.began)

    def _lose(
        self,
        name: str,
        given: Outstanding,
        why: str,
        *,
        by_machine: bool = False,
        in_doubt: bool = False,
    ) -> None:
        """It will not end: what has not come back goes elsewhere. `by_machine`: it says so
        itself. A hand-in that may be why, such as one that fills its disk, then goes alone.
        `in_doubt`: it may be the machine's doing, or that of a hand-in that had begun."""
        self._over(name, given)
        known = self._machines[given.machine]
        nothing = not given.begun and len(given.due) == given.count
        fruitless = by_machine or in_doubt or nothing
        known.fruitless = known.fruitless + 1 if fruitless else 0
        left = counted(len(given.due), "hand-in")
        self.watcher.noticed(known.name, f"has lost its part ({why}); to be given again: {left}")
        if known.fruitless >= MOST_FRUITLESS:
            self._machines.put_aside(known, f"it has lost {MOST_FRUITLESS} parts in a row")
        for key, due in given.due.items():
            history = self._histories[key]
            if by_machine and given.count > 1:
                history.alone = True  # find out whether one of them cannot be graded there
            elif by_machine:
                history.avoid.add(given.machine)
                self.ledger.trouble(due.hand_in, f"no machine could grade it: {why}")
            if key in given.begun:
                history.lost += not by_machine
                history.lost_on.add(given.machine)
                self.watcher.withdrawn(due.hand_in)
            if history.lost < MOST_LOST:
                self._out.waiting.append(history)
            else:
                self._fail(due, f"the machine that judged it was lost {history.lost} times ({why})")

    def _suspect(self, name: str, given: Outstanding, told: str) -> None:
        """It told nonsense. A hand-in that had begun may be why: it is lost, and goes alone. Where
        none had, it is the machine."""
        known = self._machines[given.machine]
        if not given.begun:
            self._distrust(known, told)
            return
        self.engine.stop(name)
        self._suspicions.add(known.name, told, given.begun)
        is_first = all(self._histories[key].lost == 0 for key in given.begun)
        self._lose(name, given, told, in_doubt=is_first)

    def _distrust(self, known: KnownMachine, told: str) -> None:
        """Believes a machine nothing any more."""
        for name, given in list(self._out.given.items()):
            if given.machine == known.name:
                self._give_up(name, given)
        self._machines.put_aside(known, told)

    def _give_up(self, name: str, given: Outstanding) -> None:
        """Nothing more is wanted of it, and its machine is to blame."""
        self.engine.stop(name)
        self._over(name, given)
        for key, due in given.due.items():
            if key in given.begun:
                self.watcher.withdrawn(due.hand_in)
            self._out.waiting.append(self._histories[key])

    def _over(self, name: str, given: Outstanding) -> None:
        del self._out.given[name]
        given.drop()
        given.archive.unlink(missing_ok=True)

    def _give_up_the_silent(self) -> None:
        now = time.monotonic()
        for name, given in list(self._out.given.items()):
            if given.is_vetted and now - given.heard_at > SILENT_FOR:
                self.engine.stop(name)
                self._lose(name, given, f"nothing was heard of it for {SILENT_FOR:g} s")

    def _fail(self, due: Due, trouble: str) -> None:
        """Leaves the hand-in open."""
        self.ledger.trouble(due.hand_in, trouble)
        self._ended(due.hand_in)

    def _ended(self, hand_in: HandIn) -> None:
        self.noticed(hand_in)
        if self._remaining.end(hand_in):
            self.publish(hand_in.author)
        self.watcher.ended(hand_in, self.ledger.result(hand_in))


def _has_changed(due: Due) -> bool:
    """Whether what was handed in is no longer what it was when the grading was planned: then no
    machine can judge what was asked for."""
    assert due.hand_in.path is not None, "what is due was handed in"
    try:
        return work_digest(due.hand_in.path) != work_of(due.fingerprint)
    except (OSError, RecursionError):
        return True
