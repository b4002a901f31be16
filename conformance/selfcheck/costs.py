"""What a mutant loses beside the clauses that it declares. One fault costs one clause: what
else is lost is the suite's doing, and needs a reason where it is much."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from conformance.verdict import points
from conformance.verdict.model import Outcome, Run

DEAR = 0.10
"""The share of its lab's worth that a mutant may lose without a reason."""

CHEAP = 0.08
"""The share below which a reason is not needed any more. It is less than what needs one:
what rests on lateness is not lost in each run."""

EXCEPT = 0.05
"""The share of the mutants of a lab that may lose more than that, with a reason."""


@dataclass(frozen=True)
class Cost:
    """Points that a mutant lost beside what it declares."""

    lost: int
    open: int
    """Points of clauses that could not be judged: they may be lost as well."""
    worth: int
    """Points of the whole lab."""
    clauses: tuple[str, ...]
    """Where they were lost."""

    @classmethod
    def beside(cls, fails: Collection[str], gate: str, run: Run) -> Cost:
        """That of a mutant that declares `fails`. What stands behind a gate that fails as
        declared is declared with it."""
        worth = points.tally(run.verdicts).possible
        outcomes = {verdict.clause.number: verdict.outcome for verdict in run.verdicts}
        if gate in fails and outcomes.get(gate) is Outcome.FAILED:
            return cls(0, 0, worth, ())
        others = [verdict for verdict in run.verdicts if verdict.clause.number not in fails]
        beside = points.tally(others)
        where = tuple(each.clause.number for each in others if points.tally([each]).lost)
        return cls(beside.lost, beside.open, worth, where)

    @property
    def share(self) -> float:
        return self.lost / self.worth if self.worth else 0.0

    @property
    def is_dear(self) -> bool:
        """It loses so much that it needs a reason."""
        return self.lost > DEAR * self.worth

    @property
    def is_cheap(self) -> bool:
        """It loses so little, for certain, that it needs none."""
        return self.lost + self.open <= CHEAP * self.worth

    def __str__(self) -> str:
        where = f": {', '.join(self.clauses)}" if self.clauses else ""
        return f"{self.lost} of {self.worth} points ({self.share:.0%}{where})"


def may_be_dear(mutants: int) -> int:
    """How many of so many mutants of one lab may be dear; one of a few may always."""
    return max(1, int(EXCEPT * mutants))
