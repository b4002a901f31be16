"""Merges parts of a class into one folder of results, from which all reports are rendered.

Of a hand-in that several parts have judged, one run counts: one in which nothing is open before
another, then the later one. What the folder has from a former merge, or has graded itself, is one
of them. So a merge can be repeated, with any of the parts, in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from conformance.classes.merging import by_hand
from conformance.classes.merging.agreement import placeless
from conformance.classes.merging.copied_run import began, copy_run, weight_of
from conformance.classes.merging.graded_part import GradedPart, parts_of
from conformance.classes.model import Class, HandIn
from conformance.classes.parts import PartOfClass, authors_in, part_of_each, told_parts
from conformance.classes.results.ledger import Ledger
from conformance.classes.results.record import Damaged


@dataclass(frozen=True)
class Merged:
    """What came of a merge."""

    copied: int
    """Runs that count now, and did not before."""
    missing: Sequence[PartOfClass]
    """The parts without which something is open."""


@dataclass(frozen=True)
class Merging:
    """One merge, into a folder that nobody else grades into meanwhile."""

    parts: Sequence[GradedPart]
    into: Ledger
    before: Callable[[HandIn], None] = lambda hand_in: None
    """Called before a run takes the place of the former one."""
    after: Callable[[HandIn], None] = lambda hand_in: None
    """Called after that."""

    def run(self) -> Merged:
        """Merges the parts, which fit together. Raises OSError where something cannot be
        written."""
        first = self.parts[0]
        graded = self._class_found_here()
        kept = self._parts_kept(graded)
        there = kept.union(*(part.parts for part in self.parts))
        # If we are killed, what is merged now is missing until it is merged again.
        self.into.hold(kept, merged=True)
        self.into.sweep()
        self.into.begin(graded, first.seed, first.wanted)
        by_hand.take_over([part.folder for part in self.parts], self.into)
        copied = sum([self._take_over(hand_in) for hand_in in self._judged(graded)])
        missing = self._tell_what_is_open(graded, there)
        self.into.hold(there, merged=True)
        return Merged(copied, missing)

    def _class_found_here(self) -> Class:
        """The class, with the places of this machine where one of the folders knows them: others
        may have been written elsewhere."""
        known = [part.graded for part in self.parts]
        if self.into.seed is not None and placeless(self.into.of) == placeless(known[0]):
            known.insert(0, self.into.of)
        return next(filter(_is_here, known), known[0])

    def _parts_kept(self, graded: Class) -> set[PartOfClass]:
        """The parts that were here before, and are of the same work."""
        wanted, former = self.parts[0].wanted, self.into.wanted
        changed = {
            author for author, lab in wanted if wanted[author, lab] != former.get((author, lab), "")
        }
        return {part for part in parts_of(self.into) if not authors_in(graded, [part]) & changed}

    def _judged(self, graded: Class) -> Iterator[HandIn]:
        """The hand-ins that can have a run."""
        wanted = self.parts[0].wanted
        for hand_in in graded.hand_ins:
            if hand_in.path is not None and wanted.get((hand_in.author, hand_in.lab)):
                yield hand_in

    # -- runs -------------------------------------------------------------------------

    def _take_over(self, hand_in: HandIn) -> bool:
        """Copies the run that counts, unless it is there. Returns whether one was copied."""
        replaces = self.into.file(hand_in).exists()
        for part in self._better(hand_in):
            if replaces:
                self.before(hand_in)
            try:
                copy_run(part, hand_in, self.into)
            except Damaged:
                continue  # the next one, or it is open
            if replaces:
                self.after(hand_in)
            return True
        return False

    def _better(self, hand_in: HandIn) -> Sequence[GradedPart]:
        """The parts whose run of the hand-in counts rather than the present one, the best first."""
        having = [part for part in self.parts if part.has_run(hand_in)]
        own = None  # what is damaged here weighs nothing
        if having and self.into.is_current(hand_in):
            own = weight_of(self.into.file(hand_in))
        if own is not None:
            having = [part for part in having if began(part.ledger.file(hand_in)) != own.began]
        if not having or (len(having) == 1 and own is None):
            return having
        weights = [(weight_of(part.ledger.file(hand_in)), part) for part in having]
        ranked = [(weight, part) for weight, part in weights if weight is not None]
        if own is not None:
            ranked = [(weight, part) for weight, part in ranked if weight > own]
        ranked.sort(key=lambda pair: pair[0], reverse=True)
        return [part for _, part in ranked]

    # -- what is open -----------------------------------------------------------------

    def _tell_what_is_open(self, graded: Class, there: set[PartOfClass]) -> Sequence[PartOfClass]:
        """Records why hand-ins have no run. Returns the parts that are missing."""
        covered = authors_in(graded, there)
        numbers = {part.of for part in there}
        of = min(numbers, default=1)
        places = part_of_each(graded, of) if len(numbers) == 1 else {}
        missing = set()
        for hand_in in graded.hand_ins:
            if hand_in.path is None or hand_in.problem or self.into.is_current(hand_in):
                continue
            if hand_in.author in covered:
                self._tell_why_it_has_no_run(hand_in)
            elif hand_in.author in places:
                part = PartOfClass(of, places[hand_in.author])
                missing.add(part)
                self.into.trouble(hand_in, f"{part.told} is missing")
            else:
                self.into.trouble(hand_in, "it is in none of the parts that were merged")
        return sorted(missing)

    def _tell_why_it_has_no_run(self, hand_in: HandIn) -> None:
        """As the parts say that have it; where none of these was merged now, as was said before."""
        having = [part for part in self.parts if hand_in.author in part.authors]
        key = (hand_in.author, hand_in.lab)
        for part in having:
            if told := part.ledger.troubles.get(key):
                self.into.trouble(hand_in, told[0], refused=told[1])
                return
        for part in having:
            where = told_parts(part.parts)
            if part.has_run(hand_in) or part.is_unreadable(hand_in):
                self.into.trouble(hand_in, f"its run is damaged in {where}")
            else:
                self.into.trouble(hand_in, f"{where} ended before it was graded")


def _is_here(graded: Class) -> bool:
    return all(hand_in.path is None or hand_in.path.exists() for hand_in in graded.hand_ins)
