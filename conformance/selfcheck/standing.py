"""Whether a mutant that hangs was said to stand where it does.

Only clauses that it declares count, and only threads of which a line of its own files was named.
The other threads of a program may stand anywhere: one of them has to be in the right line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from conformance.selfcheck.references.library import Mutant
from conformance.verdict.model import Outcome, Run, Verdict
from conformance.verdict.symptoms import Stood


@dataclass(frozen=True)
class Standings:
    """How many of the mutants that say where they hang were found there."""

    right: int = 0
    wrong: int = 0
    unnamed: int = 0
    """No line of their own files was named."""

    @property
    def asked(self) -> int:
        return self.right + self.wrong + self.unnamed


def misplaced(mutant: Mutant, run: Run) -> list[str]:
    """A sentence for each clause where lines were named, and none is one where it hangs."""
    if mutant.stands is None:
        return []
    hangs = " or ".join(repr(piece) for piece in mutant.stands) or "no line of its own"
    told = []
    for verdict in _looked_at(mutant, run):
        if (named := _named(verdict.attempt.stood)) and not _is_right(mutant, named):
            where = ", ".join(f"{each.file}:{each.line}" for each in named)
            told.append(f"{verdict.clause.number}: said to stand in {where}; it hangs in {hangs}.")
    return told


def standings(tried: Iterable[tuple[Mutant, Run]]) -> Standings:
    """Counts the mutants that were looked at, or should have been: those that say where they
    hang. One that was misplaced in any clause is wrong."""
    right = wrong = unnamed = 0
    for mutant, run in tried:
        if mutant.stands is None:
            continue
        if misplaced(mutant, run):
            wrong += 1
        elif any(_named(verdict.attempt.stood) for verdict in _looked_at(mutant, run)):
            right += 1
        elif mutant.stands:
            unnamed += 1
        else:
            right += 1  # nothing could be named, and nothing was
    return Standings(right, wrong, unnamed)


def _looked_at(mutant: Mutant, run: Run) -> Iterator[Verdict]:
    for verdict in run.verdicts:
        if verdict.outcome is Outcome.FAILED and verdict.clause.number in mutant.fails:
            yield verdict


def _named(stood: Sequence[Stood]) -> list[Stood]:
    return [each for each in stood if each.file]


def _is_right(mutant: Mutant, named: Sequence[Stood]) -> bool:
    return any(mutant.is_where_it_hangs(each.file, each.line) for each in named)
