"""What is on record of one hand-in: its run, by hand corrected, and what that rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from conformance.classes.model import HandIn, Override, Result, Total
from conformance.classes.results.basis import Basis, basis_in
from conformance.classes.results.class_log import CLASS_FILE, Key
from conformance.classes.results.corrections import apply_what_fits, total_that_fits
from conformance.classes.results.fingerprint import work_of
from conformance.classes.results.ledger import Ledger
from conformance.classes.results.record import Damaged
from conformance.verdict.events import Event, from_lines, replay
from conformance.verdict.model import Run, WrongCall
from conformance.verdict.points import Tally, tally, tally_of

RUN_FILE = "run.jsonl"
"""The events of a single run, in the folder of its evidence."""


@dataclass(frozen=True)
class OnRecord:
    author: str
    lab: str
    run: Run | None = None
    """With its corrections applied; None if there is none."""
    total: Total | None = None
    """The corrected points of the whole lab."""
    trouble: str = ""
    """Why there is no run."""
    not_counted: Mapping[str, str] = field(default_factory=dict)
    """Why a correction does not count that was not withdrawn, by its clause (or TOTAL)."""
    basis: Basis = field(default_factory=Basis)
    fingerprint: str = ""
    """The fingerprint that the run has in its class; "" for a single run."""

    @property
    def key(self) -> Key:
        return self.author, self.lab

    @property
    def tally(self) -> Tally | None:
        """Its points; None if it has none."""
        if self.total is not None:
            return Tally(self.total.points, self.total.possible, provisional=False)
        return tally_of(self.run) if self.run is not None else None


def read_events(file: Path) -> list[Event]:
    """The events of a stored run. Raises FileNotFoundError, Damaged."""
    try:
        with file.open(encoding="ascii", errors="backslashreplace") as lines:
            return list(from_lines(lines))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Damaged(f"{file} cannot be read: {error.strerror}") from None
    except (WrongCall, ValueError, TypeError, RecursionError) as error:
        raise Damaged(f"{file} is damaged: {error}") from None


def recorded(events: list[Event], whose: Key | None = None, of: str = "the run") -> OnRecord:
    """What the events of one run say, without corrections. `whose`: author and lab; None: the
    submission that the run names. Raises Damaged."""
    try:
        first = events[0] if events and events[0]["event"] == "hand-in" else {}
        run = replay(events[1:] if first else events)
        author, lab = whose or (str(first.get("author", run.submission)), run.lab)
        fingerprint = str(first.get("fingerprint", ""))
        return OnRecord(author, lab, run, basis=basis_in(events), fingerprint=fingerprint)
    except (WrongCall, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"{of} is damaged: {error}") from None


def checked(found: OnRecord, of: str) -> OnRecord:
    """The same, if each value in its run is of its type: reading a run takes some as they are, and
    the file of a single run may come from anybody. Raises Damaged."""
    try:
        msgspec.convert(msgspec.to_builtins(found.run), Run)
    except (ValueError, TypeError, RecursionError) as error:
        raise Damaged(f"{of} is damaged: {error}") from None
    return found


def former_of(ledger: Ledger, hand_in: HandIn) -> OnRecord | None:
    """What its last whole run said, also if that no longer counts, with the corrections that were
    given to the same work; None if there is none."""
    file = ledger.file(hand_in)
    try:
        found = recorded(read_events(file), (hand_in.author, hand_in.lab), str(file))
    except (FileNotFoundError, Damaged):
        return None
    work = work_of(found.fingerprint)
    return _corrected(found, [o for o in ledger.given(hand_in) if not o.work or o.work == work])


def of_class(ledger: Ledger) -> Iterator[OnRecord]:
    """What counts of each hand-in of a class, in the order of the class."""
    for hand_in in ledger.of.hand_ins:
        yield current_of(ledger, hand_in, ledger.result(hand_in))


def current_of(ledger: Ledger, hand_in: HandIn, result: Result) -> OnRecord:
    """What counts of a hand-in."""
    told = OnRecord(
        hand_in.author, hand_in.lab, result.run, result.total, result.told,
        not_counted=dict(_not_counted(ledger, hand_in, result)),
    )  # fmt: skip
    if result.run is None:
        return told
    try:
        found = recorded(read_events(ledger.file(hand_in)))
    except (FileNotFoundError, Damaged):
        return told
    return replace(told, basis=found.basis, fingerprint=found.fingerprint)


def _not_counted(ledger: Ledger, hand_in: HandIn, result: Result) -> Iterator[tuple[str, str]]:
    outdated = ledger.outdated_corrections(hand_in)
    verdicts = result.run.verdicts if result.run else ()
    corrected = {verdict.clause.number for verdict in verdicts if verdict.corrected}
    for each in ledger.given(hand_in):
        if each in outdated:
            yield each.clause, "it was given to other work"
        elif result.total is None if each.is_total else each.clause not in corrected:
            yield each.clause, "it no longer fits"


def _corrected(found: OnRecord, given: list[Override]) -> OnRecord:
    assert found.run is not None
    run, _ = apply_what_fits(found.run, given)
    total, _ = total_that_fits(given, tally(found.run.verdicts).possible, found.lab)
    return replace(found, run=run, total=total)


def is_class(folder: Path) -> bool:
    """Whether `grade` has written this folder."""
    return (folder / CLASS_FILE).is_file()


def run_file(path: Path) -> Path:
    """The file of a single run: `path` itself, or the one in the folder where it was kept."""
    return path / RUN_FILE if path.is_dir() else path
