"""What is checked, and what the suite must find: a reference passes, and a mutant fails the clauses
that it declares. Pairs and impostors are in modules of their own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum

from conformance.selfcheck.costs import Cost
from conformance.selfcheck.diagnosis import misdiagnosed
from conformance.selfcheck.references.library import Example, Mutant, Pair, Reference
from conformance.selfcheck.standing import misplaced
from conformance.verdict import points
from conformance.verdict.model import Level, Outcome, Run, Verdict
from conformance.verdict.points import Status


class Mark(StrEnum):
    """A cell of the matrix of clauses and mutants."""

    PASSED = "."
    CAUGHT = "✗"
    """Declared, and failed."""
    ADVICE = "!"
    """An undeclared SHOULD failed, or one that a reference leaves to the student."""
    NOT_RUN = "-"
    MISSED = "o"
    """Declared, and not failed."""
    ACCUSED = "#"
    """Failed, but should not: an undeclared MUST, or a reference's clause."""
    UNJUDGED = "?"

    @property
    def is_error(self) -> bool:
        return self in (Mark.MISSED, Mark.ACCUSED, Mark.UNJUDGED)


@dataclass(frozen=True)
class Subject(ABC):
    """A program that is checked, and what the suite must find."""

    source: Example | Mutant | Pair

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def played(self) -> Example:
        """The program (of mutants, their reference), with its lab and parameters."""
        return self.source if isinstance(self.source, Example) else self.source.reference

    @property
    @abstractmethod
    def kind(self) -> str:
        """What it is, in words: `mutant of python/fork`."""

    def mark(self, verdict: Verdict) -> Mark:
        """The cell of the matrix for one verdict. This one fits where no clause must fail."""
        judged = Mark.PASSED if verdict.outcome is Outcome.PASSED else Mark.CAUGHT
        return _unless_judged(verdict) or judged

    def complaints(self, run: Run) -> list[str]:
        """Errors of the run as a whole, besides marks and exit statuses."""
        return []

    @abstractmethod
    def statuses(self, run: Run) -> tuple[Set[Status], Set[Status]]:
        """The exit statuses that are right with `--strict`, and without."""

    def errors(self, run: Run) -> list[tuple[Mark, Verdict]]:
        """The verdicts that are wrong, with their marks."""
        marked = [(self.mark(verdict), verdict) for verdict in run.verdicts]
        return [(mark, verdict) for mark, verdict in marked if mark.is_error]

    def is_open(self, verdict: Verdict) -> bool:
        """Whether the verdict must be repeated, since it could not be judged. Where the lab's own
        code failed, it would fail again."""
        return self.mark(verdict) is Mark.UNJUDGED and not verdict.attempt.stumbled

    def disputed(self, run: Run) -> list[Verdict]:
        """The wrong verdicts that other programs running at the same time may have caused."""
        return [v for v in run.verdicts if self.is_open(v)]


@dataclass(frozen=True)
class CheckedReference(Subject):
    """A reference: it passes all clauses but those that it leaves to the student."""

    source: Reference
    kind = "reference"

    def mark(self, verdict: Verdict) -> Mark:
        if (early := _unless_judged(verdict)) is not None:
            return early
        if verdict.outcome is Outcome.PASSED:
            return Mark.PASSED
        left = verdict.level is Level.INFO or verdict.clause.number in self.source.leaves
        return Mark.ADVICE if left else Mark.ACCUSED

    def errors(self, run: Run) -> list[tuple[Mark, Verdict]]:
        """Clauses that were not run are errors, too."""
        binding = [v for v in run.verdicts if v.level is not Level.INFO]
        unproven = [(Mark.NOT_RUN, v) for v in binding if self.mark(v) is Mark.NOT_RUN]
        return super().errors(run) + unproven

    def statuses(self, run: Run) -> tuple[Set[Status], Set[Status]]:
        strict = {Status.PASSED, Status.FAILED} if self.source.leaves else {Status.PASSED}
        return strict, {Status.PASSED}

    def disputed(self, run: Run) -> list[Verdict]:
        left = self.source.leaves  # these may fail in any way, but must be judged
        disputed = _disputed(self, run)
        return [v for v in disputed if v.clause.number not in left or self.is_open(v)]


@dataclass(frozen=True)
class CheckedMutant(Subject):
    """A mutant: it fails the clauses that it declares, and loses few other points."""

    source: Mutant
    gate: str
    """The lab's gate: the clause without which nothing else can be judged."""

    @property
    def kind(self) -> str:
        return f"mutant of {self.source.reference.name}"

    def mark(self, verdict: Verdict) -> Mark:
        if points.is_open(verdict):
            return _unless_judged(verdict) or Mark.UNJUDGED
        if verdict.clause.number in self.source.fails:
            return Mark.CAUGHT if verdict.outcome is Outcome.FAILED else Mark.MISSED
        if (early := _unless_judged(verdict)) is not None:
            return early
        if verdict.outcome is Outcome.PASSED:
            return Mark.PASSED
        return Mark.ACCUSED if verdict.level is Level.MUST else Mark.ADVICE

    def cost(self, run: Run) -> Cost:
        """Points lost on clauses neither declared nor left to the student by its reference."""
        spared = {*self.source.fails, *self.source.reference.leaves}
        return Cost.beside(spared, self.gate, run)

    def complaints(self, run: Run) -> list[str]:
        cost, why = self.cost(run), self.source.costs
        told = [*misplaced(self.source, run), *misdiagnosed(self.source, run)]
        if cost.is_dear and not why:
            told.append(f"It loses {cost} beside what it declares: `costs` must give a reason.")
        if why and cost.is_cheap:
            told.append(f"It loses {cost} beside what it declares: `costs` is not needed.")
        return told

    def statuses(self, run: Run) -> tuple[Set[Status], Set[Status]]:
        binds = any(
            v.level is Level.MUST for v in run.verdicts if v.clause.number in self.source.fails
        )
        return {Status.FAILED}, {Status.FAILED if binds else Status.PASSED}

    def disputed(self, run: Run) -> list[Verdict]:
        """If it seems dear, points lost by lateness are in doubt, too."""
        seems_dear = self.cost(run).is_dear and not self.source.costs
        return _disputed(self, run, {Mark.ACCUSED, Mark.ADVICE} if seems_dear else {Mark.ACCUSED})


def _unless_judged(verdict: Verdict) -> Mark | None:
    """The mark of a clause that was neither passed nor failed; else None."""
    if points.is_open(verdict) and verdict.level is not Level.INFO:
        return Mark.UNJUDGED
    if verdict.outcome in (Outcome.INCONCLUSIVE, Outcome.NOT_RUN):
        return Mark.NOT_RUN
    return None


def _disputed(
    subject: Subject, run: Run, against: Set[Mark] = frozenset({Mark.ACCUSED})
) -> list[Verdict]:
    """Verdicts that could not be judged, or failed by lateness or absence with a mark in `against`.
    Empty if another accusation is proven, since then repeating would not help."""
    marked = [(subject.mark(verdict), verdict) for verdict in run.verdicts]
    accused = [v.attempt.fault for mark, v in marked if mark is Mark.ACCUSED]
    if any(fault is not None and fault.stands_at_once for fault in accused):
        return []
    return [
        v
        for mark, v in marked
        if subject.is_open(v)
        or (mark in against and v.attempt.fault is not None and not v.attempt.fault.stands_at_once)
    ]


def without_strict(run: Run) -> Run:
    """The run reduced to its MUST clauses, as without `--strict`."""
    musts = tuple(verdict for verdict in run.verdicts if verdict.level is Level.MUST)
    return replace(run, strict=False, verdicts=musts)


@dataclass(frozen=True)
class Account:
    """The result of checking one subject."""

    subject: Subject
    run: Run | None
    trouble: str = ""
    """Why it could not be checked."""

    @property
    def verdicts(self) -> Sequence[Verdict]:
        return self.run.verdicts if self.run else ()

    @property
    def marks(self) -> Mapping[str, Mark]:
        """Clause number -> mark."""
        return {verdict.clause.number: self.subject.mark(verdict) for verdict in self.verdicts}

    @property
    def errors(self) -> list[tuple[Mark, Verdict]]:
        return self.subject.errors(self.run) if self.run else []

    @property
    def complaints(self) -> list[str]:
        if self.run is None:
            return []
        told = self.subject.complaints(self.run)
        if self.errors:
            return told  # they explain a wrong exit status
        strict, lenient = self.subject.statuses(self.run)
        without = ("without --strict", without_strict(self.run), lenient)
        for call, each, expected in (("with --strict", self.run, strict), without):
            if (status := points.status(each)) not in expected:
                either = " or ".join(str(int(one)) for one in sorted(expected))
                told.append(f"Its exit status is {int(status)} {call}, not {either}.")
        return told

    @property
    def stumbles(self) -> list[Verdict]:
        """The verdicts that are open because the lab's own code failed."""
        ours = [v for mark, v in self.errors if mark is Mark.UNJUDGED and v.attempt.stumbled]
        return [verdict for verdict in ours if verdict.outcome is Outcome.INCONCLUSIVE]

    def disputed(self) -> list[Verdict]:
        return self.subject.disputed(self.run) if self.run else []

    @property
    def status(self) -> Status:
        """FAILED also where the lab's own code failed: that is to be mended, not to be repeated."""
        unjudged = (Mark.UNJUDGED, Mark.NOT_RUN)
        if self.run is None or any(
            mark in unjudged and not verdict.attempt.stumbled for mark, verdict in self.errors
        ):
            return Status.NOT_JUDGED
        return Status.FAILED if self.errors or self.complaints else Status.PASSED
