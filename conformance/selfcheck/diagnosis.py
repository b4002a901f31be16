"""Whether a report says rightly what the failures of a mutant have in common.

A mutant declares the cause that is to be told first. One that declares none must get none of the
lab's: nobody has said that the sentence is true of it. An exception that several failures share
needs no declaration, since the program has printed it itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.selfcheck.references.library import Mutant
from conformance.verdict.causes import LEAST_CLAUSES, common
from conformance.verdict.model import Common, Level, Outcome, Run
from conformance.verdict.points import is_open


@dataclass(frozen=True)
class Diagnoses:
    """Of how many mutants that lose several clauses the cause was told."""

    right: int = 0
    wrong: int = 0
    silent: int = 0
    """No cause was told."""

    @property
    def asked(self) -> int:
        return self.right + self.wrong + self.silent


def misdiagnosed(mutant: Mutant, run: Run) -> list[str]:
    """A sentence if another cause is told first than the one that it declares, or none."""
    first = next(iter(_causes(run)), None)
    declared = mutant.symptom
    if first and first.name != declared:
        should = f"its `symptom` is {declared!r}" if declared else "it declares no `symptom`"
        return [f"{first.told} That is {first.name!r}; {should}."]
    if declared and not first and _is_whole(run) and _lost(mutant, run) >= LEAST_CLAUSES:
        return [f"It is not said what its failures have in common; its `symptom` is {declared!r}."]
    return []


def diagnoses(tried: Iterable[tuple[Mutant, Run]]) -> Diagnoses:
    """Counts the mutants that lose so many clauses that a cause may be told. Those that their
    reference leaves to the student are lost without the mutant's fault."""
    right = wrong = silent = 0
    for mutant, run in tried:
        if run.common and misdiagnosed(mutant, run):
            wrong += 1
        elif run.common:
            right += 1
        elif _lost(mutant, run) >= LEAST_CLAUSES:
            silent += 1
    return Diagnoses(right, wrong, silent)


def _causes(run: Run) -> Sequence[Common]:
    """What is told of the lab's causes, without the exceptions at one place."""
    thrown = {each.name for each in common(run.verdicts, ())}
    return [each for each in run.common if each.name not in thrown]


def _lost(mutant: Mutant, run: Run) -> int:
    own = [v for v in run.verdicts if v.clause.number not in mutant.reference.leaves]
    return sum(each.outcome is Outcome.FAILED or each.not_shown for each in own)


def _is_whole(run: Run) -> bool:
    """Whether no clause is missing that could have shown a cause."""
    binding = [verdict for verdict in run.verdicts if verdict.level is not Level.INFO]
    return not any(is_open(verdict) or verdict.left_out for verdict in binding)
