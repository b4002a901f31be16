"""A folder that `conformance grade --part` has written, as a merge reads it; that of a whole class,
too. Nothing is written into it: it may be an artifact that was copied from another machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.classes.model import Class, HandIn
from conformance.classes.parts import PartOfClass, authors_in
from conformance.classes.results.class_log import Key
from conformance.classes.results.ledger import Ledger
from conformance.classes.results.record import rests_on
from conformance.verdict.model import WrongCall

WHOLE = (PartOfClass(1, 1),)


@dataclass(frozen=True)
class GradedPart:
    ledger: Ledger
    graded: Class
    authors: frozenset[str]
    """Who is in it."""

    @property
    def folder(self) -> Path:
        return self.ledger.folder

    @property
    def seed(self) -> int:
        assert self.ledger.seed is not None, "it stands beside the class"
        return self.ledger.seed

    @property
    def parts(self) -> Sequence[PartOfClass]:
        """Which parts of the class it has."""
        return parts_of(self.ledger)

    @property
    def wanted(self) -> Mapping[Key, str]:
        """For each hand-in the fingerprint that its run must have; "" where it is not known."""
        keys = [(hand_in.author, hand_in.lab) for hand_in in self.graded.hand_ins]
        return {key: self.ledger.wanted.get(key, "") for key in keys}

    def has_run(self, hand_in: HandIn) -> bool:
        """Whether there is a run of what is wanted, though it may turn out to be damaged."""
        return self.ledger.is_current(hand_in)

    def is_unreadable(self, hand_in: HandIn) -> bool:
        """Whether there is a file of a run that does not even say what it rests on."""
        file = self.ledger.file(hand_in)
        return file.exists() and not rests_on(file)


def parts_of(ledger: Ledger) -> Sequence[PartOfClass]:
    """Which parts of the class a folder has; none before it was graded, and after a merge that was
    killed before it had put the first ones together."""
    if ledger.seed is None or ledger.merged:
        return ledger.parts
    return ledger.parts or WHOLE


def read_parts(folders: Sequence[Path], out: Path) -> Sequence[GradedPart]:
    """What is in these folders, each once. Raises WrongCall where one holds no graded class, and
    where it is the one that is to be written."""
    found: dict[Path, GradedPart] = {}
    for folder in folders:
        place = folder.resolve()
        if place == out.resolve():
            raise WrongCall(f"--out {out} is one of the parts: choose another folder")
        if not folder.is_dir():
            raise WrongCall(f"there is no folder {folder}")
        if place not in found:
            ledger = Ledger(folder)
            graded = ledger.of
            found[place] = GradedPart(ledger, graded, authors_in(graded, parts_of(ledger)))
    return list(found.values())
