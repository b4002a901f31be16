"""A class of two students and two labs, with invented runs."""

from __future__ import annotations

from pathlib import Path

from conformance.classes.grading.outdated import Due, Terms, what_is_due, what_is_wanted
from conformance.classes.model import Class, HandIn, LabPlan, Student
from conformance.classes.results.ledger import Ledger
from conformance.contract.catalog import load
from conformance.sandbox import Tier
from conformance.verdict.events import judged, run_began, run_ended
from conformance.verdict.model import Attempt, Clause, Level, Outcome, Run, Verdict
from conformance.verdict.points import Counting, mark

CATALOG = load()
CLAUSE = Clause("3.1", Level.MUST, 3, "echoes", "It echoes.", "", "Replies")
TERMS = Terms(seed=7)


class SmallClass:
    """A class of ann and bob, graded for echo and echo-node."""

    def __init__(self, folder: Path) -> None:
        self.entries = folder / "class"
        self.entries.mkdir()
        self.ledger = Ledger(folder / "out")
        for student in ("ann", "bob"):
            (self.entries / f"{student}.py").write_text(student)
        labs = ("echo", "echo-node")
        self.graded = Class(
            "class",
            (Student("ann"), Student("bob")),
            tuple(map(LabPlan, labs)),
            tuple(
                HandIn(who, lab, self.entries / f"{who}.py")
                for lab in labs
                for who in ("ann", "bob")
            ),
        )

    def due(
        self, *, again: set[str] | None = None, labs: tuple[str, ...] = (), terms: Terms = TERMS,
        tier: Tier = Tier.FULL,
    ) -> list[Due]:  # fmt: skip
        wanted, self.troubles = what_is_wanted(self.graded, CATALOG, terms, tier)
        self.ledger.begin(self.graded, terms.seed, wanted)
        return what_is_due(self.graded, self.ledger, wanted, again=again or set(), labs=labs)

    def hold(self, outcome: Outcome = Outcome.PASSED) -> None:
        """Records a run with this outcome for everything that is due."""
        for due in self.due():
            record = self.ledger.record(due.hand_in, due.fingerprint)
            record.write(run_began(Run("echo", "ann", {}, 7, "full", "0", False)))
            record.write(judged(mark(Verdict(CLAUSE, CLAUSE.level, Attempt(outcome)), Counting())))
            record.write(run_ended(1.0))
            record.keep()
