"""A run, copied from a part into the folder of the whole class: it reads as if it had been judged
there."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePath

from conformance.classes.file_names import safe_name
from conformance.classes.merging.graded_part import GradedPart
from conformance.classes.model import HandIn
from conformance.classes.results.ledger import EVIDENCE, Ledger
from conformance.classes.results.on_record import read_events
from conformance.classes.results.record import Damaged, read_run
from conformance.verdict.events import Event, from_lines
from conformance.verdict.model import WrongCall
from conformance.verdict.points import tally


@dataclass(frozen=True, order=True)
class Weight:
    """How a run compares with others of the same work: that of the greatest weight counts."""

    is_settled: bool
    """Whether nothing that counts is open in it."""
    began: str
    """When (ISO 8601, UTC): of two, the later counts."""


def weight_of(file: Path) -> Weight | None:
    """What the run in a file weighs; None if it is not whole, or there is none."""
    try:
        _, run = read_run(file)
    except (FileNotFoundError, Damaged):
        return None
    return None if run.interrupted else Weight(not tally(run.verdicts).provisional, run.started)


def began(file: Path) -> str:
    """When the run in a file began; "" if that cannot be read. Quick: it reads two lines."""
    try:
        with file.open(encoding="ascii") as lines:
            told = list(from_lines(islice(lines, 2)))
            return next((str(each.get("started")) for each in told if each["event"] == "run"), "")
    except (OSError, ValueError, WrongCall):
        return ""


def copy_run(part: GradedPart, hand_in: HandIn, into: Ledger) -> None:
    """Has the part's run of a hand-in count in `into`, with its evidence. Raises OSError; and
    Damaged where it is not whole: then what was there before still counts."""
    file = part.ledger.file(hand_in)
    try:
        first, *events = read_events(file)
    except (FileNotFoundError, ValueError) as error:
        raise Damaged(f"{file} is damaged: {error}") from None
    if (first.get("author"), first.get("lab")) != (hand_in.author, hand_in.lab):
        raise Damaged(f"{file} is the run of another hand-in")
    record = into.record(hand_in, str(first["fingerprint"]))
    try:
        named = safe_name(hand_in.author), safe_name(hand_in.lab)
        copied = _copy_evidence(part.folder.joinpath(EVIDENCE, *named), record.evidence)
        for event in events:
            record.write(_placed(event, copied))
        into.keep(record)
    finally:
        record.drop()


def _copy_evidence(kept: Path, place: Path) -> Mapping[str, str]:
    """Copies the files of evidence. Returns their paths, by name."""
    copied = {}
    for file in kept.iterdir() if kept.is_dir() else ():
        if stat.S_ISREG(file.lstat().st_mode):  # as all are that the suite has written
            copied[file.name] = str(shutil.copyfile(file, place / file.name))
    return copied


def _placed(event: Event, copied: Mapping[str, str]) -> Event:
    """The event, with the places that its captures have now; "" for one that did not come along."""
    if event["event"] != "verdict":
        return event
    earlier: Iterable[Mapping[str, object]] = event.get("earlier", ())
    return {**_of_attempt(event, copied), "earlier": [_of_attempt(e, copied) for e in earlier]}


def _of_attempt(told: Mapping[str, object], copied: Mapping[str, str]) -> Event:
    if not (capture := told.get("capture")):
        return dict(told)
    return {**told, "capture": copied.get(PurePath(str(capture)).name, "")}
