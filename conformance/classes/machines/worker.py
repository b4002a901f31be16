"""Grades a shard on this machine, and tells what comes of it.

It is a grading like any other, into a folder of its own. What has ended there is told at once, and
whole; what is on disk here is gone when the shard is done.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from conformance.classes.grading.capacity import Pace
from conformance.classes.grading.check_all import Grading
from conformance.classes.machines.fitness import facts_of_this_machine, unfit
from conformance.classes.machines.messages import (
    MAX_TEXT,
    PIECE_BYTES,
    ClauseJudged,
    EvidencePiece,
    HandInBegun,
    HandInEnded,
    HandInTrouble,
    MachineFacts,
    Message,
    RunEvent,
    ShardEnded,
)
from conformance.classes.machines.shard import ShardManifest, UnpackedShard, unpack_shard
from conformance.classes.model import Class, HandIn, Result
from conformance.classes.results.ledger import Ledger
from conformance.classes.results.record import rests_on
from conformance.contract.catalog import load
from conformance.run.scratch import scratch_folder
from conformance.sandbox import Isolation, preload, probe
from conformance.sandbox.measure.slowness import Slowness
from conformance.session.forked import terminable
from conformance.verdict.events import Event, from_lines
from conformance.verdict.model import WrongCall

TellMessage = Callable[[Message], None]


def probed() -> MachineFacts:
    """What this machine is."""
    return facts_of_this_machine(load(), probe())


def grade_shard(archive: BinaryIO, pace: Pace, tell: TellMessage) -> None:
    """Unpacks a shard, grades it, and tells all of it. Raises OSError where telling fails."""
    with terminable(), scratch_folder() as scratch:
        isolation = probe()
        facts = facts_of_this_machine(load(), isolation, pace.starts)
        tell(facts)
        try:
            shard = unpack_shard(archive, scratch / "shard")
            if why := _unfit(facts, shard.manifest):
                tell(ShardEnded(f"this machine may not grade it: {why}"))
                return
            slowness = Slowness(facts.slowness)
            _grade(shard, scratch / "out", isolation, pace, slowness, tell)
        except (OSError, WrongCall) as error:
            if isinstance(error, BrokenPipeError):
                raise
            tell(ShardEnded(str(error)[:MAX_TEXT]))
        else:
            tell(ShardEnded())


def _unfit(facts: MachineFacts, manifest: ShardManifest) -> str:
    return unfit(facts, manifest.tier, manifest.suite, manifest.labs)


def _grade(
    shard: UnpackedShard,
    out: Path,
    isolation: Isolation,
    pace: Pace,
    slowness: Slowness,
    tell: TellMessage,
) -> None:
    manifest = shard.manifest
    preload()
    if manifest.terms.search:
        from conformance.session.search.loading import load as load_search

        load_search()
    terms = manifest.terms
    if manifest.measured:
        terms = replace(terms, stretch=slowness.stretch)
    ledger = Ledger(out)
    with ledger.grading():
        grading = Grading(
            shard.graded,
            ledger,
            load(shard.lab_folders),
            isolation,
            pace,
            _Teller(ledger, tell),
            terms,
            tier=manifest.tier,
            called=shard.called,
        )
        grading.plan()
        grading.run()


@dataclass
class _Teller:
    """Watches the grading, and tells what it sees."""

    ledger: Ledger
    tell: TellMessage

    def began(self, graded: Class, todo: int, current: int) -> None:
        pass

    def started(self, hand_in: HandIn) -> None:
        self.tell(HandInBegun(hand_in.author, hand_in.lab))

    def judged(self, hand_in: HandIn) -> None:
        self.tell(ClauseJudged(hand_in.author, hand_in.lab))

    def ended(self, hand_in: HandIn, result: Result) -> None:
        if result.run is None:
            told = result.trouble[:MAX_TEXT]
            self.tell(HandInTrouble(hand_in.author, hand_in.lab, told, result.refused))
        else:
            self._tell_run(hand_in)

    def repeating_alone(self, waiting: int) -> None:
        pass

    def closed(self) -> None:
        pass

    def _tell_run(self, hand_in: HandIn) -> None:
        author, lab = hand_in.author, hand_in.lab
        folder = self.ledger.evidence(hand_in)
        evidence: dict[str, int] = {}
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            with file.open("rb") as reader:
                # An empty file is one empty piece.
                while (data := reader.read(PIECE_BYTES)) or file.name not in evidence:
                    evidence[file.name] = evidence.get(file.name, 0) + len(data)
                    self.tell(EvidencePiece(author, lab, file.name, data))
        file, count = self.ledger.file(hand_in), 0
        with file.open(encoding="ascii") as lines:
            for event in from_lines(lines):
                if event["event"] != "hand-in":
                    count += 1
                    self.tell(RunEvent(author, lab, with_captures(event, _name_of)))
        self.tell(HandInEnded(author, lab, rests_on(file), count, evidence))


def _name_of(capture: str) -> str:
    return os.path.basename(capture)


def with_captures(event: Mapping[str, Any], change: Callable[[str], str]) -> Event:
    """The event, with another text for each capture that it names."""
    if event["event"] != "verdict":
        return dict(event)
    told = _with_capture(event, change)
    if told.get("earlier"):
        told["earlier"] = [_with_capture(attempt, change) for attempt in told["earlier"]]
    return told


def _with_capture(told: Mapping[str, Any], change: Callable[[str], str]) -> Event:
    capture = told.get("capture")
    return {**told, "capture": change(capture)} if capture else dict(told)
