"""A class with a single student, Ann, and possible results of her work."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conformance.classes.model import Class, HandIn, LabPlan, LatePolicy, Override, Result, Student
from conformance.classes.results.grades import Grade, grades
from conformance.verdict.model import Attempt, Blame, Clause, Level, Outcome, Run, Verdict
from conformance.verdict.points import Counting, mark

ANN = Student("ann", "Ann Smith")
PATH = Path("/class/ann.py")
DEADLINE = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
PASSED, FAILED, OPEN = Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE


def run(*outcomes: Outcome, weight: int = 3, lab: str = "echo") -> Run:
    """Clauses 1.1, 1.2, … with these outcomes, all of them MUST."""
    verdicts = [
        Verdict(Clause(f"1.{place}", Level.MUST, weight, "x", "…"), Level.MUST, Attempt(outcome))
        for place, outcome in enumerate(outcomes, 1)
    ]
    marked = tuple(mark(verdict, Counting()) for verdict in verdicts)
    return Run(lab, "ann", {}, seed=1, tier="full", suite="0", verdicts=marked)


def not_run(number: str, blame: Blame | None, *behind: str) -> Verdict:
    clause = Clause(number, Level.MUST, 3, "x", "…")
    reason = "with --connect there is no server of its own for it" if blame is Blame.CALL else "r"
    attempt = Attempt(Outcome.NOT_RUN, reason=reason, blame=blame, behind=behind)
    return mark(Verdict(clause, Level.MUST, attempt), Counting())


def with_these(a_run: Run, *verdicts: Verdict) -> Run:
    return replace(a_run, verdicts=(*a_run.verdicts, *verdicts))


def of(
    hand_in: HandIn,
    result: Run | None = None,
    *,
    trouble: str = "",
    blame: str = "",
    late: LatePolicy | None = None,
    scale: str = "linear 1..6",
) -> Grade:
    """The grade of Ann, the only student of a class with one lab."""
    plan = LabPlan("echo", deadline=DEADLINE, possible=12)
    a_class = Class("c", (ANN,), (plan,), (hand_in,), late or LatePolicy(), scale)
    results = [Result(hand_in, result, trouble=trouble, blame=blame)] if result or trouble else []
    [grade] = grades(a_class, results)
    return grade


def handed_in(late_by: timedelta | None = None) -> HandIn:
    return HandIn("ann", "echo", PATH, None if late_by is None else DEADLINE + late_by)


def override(clause: str, points: int, because: str = "it works", at: str = "2026") -> Override:
    return Override("ann", "echo", clause, points, because, at)


def behind_a_doubt() -> Run:
    """A run in which the gate could not be judged; two clauses of 3 points depend on it."""
    gated = [not_run(number, Blame.SUITE, "1.1") for number in ("1.2", "1.3")]
    return with_these(run(OPEN), *gated)


def older_doubt() -> Run:
    """The same, by an older suite that did not say on which clause they depend."""
    doubt = behind_a_doubt()
    gated = [verdict.with_attempt(blame=None, behind=()) for verdict in doubt.verdicts[1:]]
    return replace(doubt, verdicts=(doubt.verdicts[0], *gated))


HIDDEN = with_these(
    run(PASSED, FAILED), not_run("1.3", Blame.PROGRAM, "1.2"), not_run("1.4", Blame.PROGRAM, "1.2")
)
"""1.1 holds; 1.2 fails, so that two more were not shown."""
