"""Points that a mutant loses on clauses which it does not declare. One fault should cost one
clause: if much more is lost, mutants.toml must give a reason."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from conformance.verdict import points
from conformance.verdict.model import Outcome, Run

DEAR = 0.10
"""The share of a lab's points that a mutant may lose undeclared without a reason."""

CHEAP = 0.08
"""The share up to which a reason must not be given. It is less than DEAR, since what rests on
lateness is not lost in each run."""

EXCEPT = 0.05
"""The share of a lab's mutants that may lose more than DEAR, with a reason."""


@dataclass(frozen=True)
class Cost:
    """The points that a mutant lost undeclared."""

    lost: int
    open: int
    """Points of clauses that could not be judged: they may be lost, too."""
    worth: int
    """Points of the whole lab."""
    clauses: tuple[str, ...]
    """The clauses where they were lost."""

    @classmethod
    def beside(cls, fails: Collection[str], gate: str, run: Run) -> Cost:
        """The cost of a mutant that declares `fails`: nothing if its gate fails as declared."""
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
        """The lost share of the lab's points, from 0 to 1."""
        return self.lost / self.worth if self.worth else 0.0

    @property
    def is_dear(self) -> bool:
        """Whether it loses so much that it needs a reason."""
        return self.lost > DEAR * self.worth

    @property
    def is_cheap(self) -> bool:
        """Whether it certainly loses so little that it must not give a reason."""
        return self.lost + self.open <= CHEAP * self.worth

    def __str__(self) -> str:
        where = f": {', '.join(self.clauses)}" if self.clauses else ""
        return f"{self.lost} of {self.worth} points ({self.share:.0%}{where})"


def may_be_dear(mutants: int) -> int:
    """How many of a lab's mutants may be dear: one at least."""
    return max(1, int(EXCEPT * mutants))
