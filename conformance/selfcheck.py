"""The suite put to the test: every reference must be spared, every mutant caught.

References and mutants are checked several at a time. What rests on lateness or absence
may then be the doing of the others: where it is not what was declared, it is held again
at the end, alone, and only that counts. Wrong bytes are proof in any company.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from conformance.catalog import Catalog
from conformance.forked import terminable
from conformance.marks import Status
from conformance.model import Clause, Level, Outcome, Run, Verdict, WrongCall
from conformance.preparation import Request
from conformance.references import Library, Mutant, Reference
from conformance.sandbox import Isolation, Tier
from conformance.scratch import scratch_folder
from conformance.trial import Held, Trial, hold_all

SESSIONS = 2
"""Sessions at a time of each check, while others run beside it; alone it has twice as many."""


class Mark(StrEnum):
    """What a cell of the matrix says."""

    PASSED = "."
    CAUGHT = "✗"
    """Declared, and failed."""
    ADVICE = "!"
    """A SHOULD that was not declared failed, or one that a reference leaves."""
    NOT_RUN = "-"
    MISSED = "o"
    """Declared, and not failed."""
    ACCUSED = "#"
    """Failed where it should not: an undeclared MUST, or a reference's clause."""
    UNJUDGED = "?"

    @property
    def is_error(self) -> bool:
        return self in (Mark.MISSED, Mark.ACCUSED, Mark.UNJUDGED)


@dataclass(frozen=True)
class Subject:
    """A reference, or a mutant of it."""

    reference: Reference
    mutant: Mutant | None = None

    @property
    def name(self) -> str:
        return self.mutant.name if self.mutant else self.reference.name

    @property
    def fails(self) -> tuple[str, ...]:
        return self.mutant.fails if self.mutant else ()

    def mark(self, verdict: Verdict) -> Mark:
        """What the verdict on one clause says of the suite."""
        number, binds = verdict.clause.number, verdict.level is not Level.INFO
        if verdict.outcome is Outcome.INCONCLUSIVE:
            return Mark.UNJUDGED if binds else Mark.NOT_RUN
        if number in self.fails:
            return Mark.CAUGHT if verdict.outcome is Outcome.FAILED else Mark.MISSED
        if verdict.outcome is Outcome.NOT_RUN:
            return Mark.NOT_RUN
        if verdict.outcome is Outcome.PASSED:
            return Mark.PASSED
        if self.mutant:
            return Mark.ACCUSED if verdict.level is Level.MUST else Mark.ADVICE
        return Mark.ACCUSED if binds and number not in self.reference.leaves else Mark.ADVICE


@dataclass(frozen=True)
class Account:
    """What became of one subject."""

    subject: Subject
    run: Run | None
    trouble: str = ""
    """Why it could not be checked at all."""

    @property
    def marks(self) -> dict[str, Mark]:
        """Clause number -> mark."""
        verdicts = self.run.verdicts if self.run else ()
        return {verdict.clause.number: self.subject.mark(verdict) for verdict in verdicts}

    @property
    def errors(self) -> list[tuple[Mark, Verdict]]:
        """The verdicts that are not as they should be."""
        found = [(self.subject.mark(v), v) for v in (self.run.verdicts if self.run else ())]
        wrong = [(mark, verdict) for mark, verdict in found if mark.is_error]
        if self.subject.mutant is None:  # a reference: all must really have been judged
            wrong += [(m, v) for m, v in found if m is Mark.NOT_RUN and v.level is not Level.INFO]
        return wrong

    def disputed(self) -> list[Verdict]:
        """The verdicts that company may have caused; none where one is wrong for certain."""
        verdicts = self.run.verdicts if self.run else ()
        marked = [(self.subject.mark(verdict), verdict) for verdict in verdicts]
        if any(m is Mark.ACCUSED and v.fault and v.fault.stands_at_once for m, v in marked):
            return []
        left = self.subject.reference.leaves  # what is left may fail in any way
        return [v for m, v in marked if v.clause.number not in left and _is_doubtful(m, v)]

    @property
    def status(self) -> Status:
        marks = [mark for mark, _ in self.errors]
        if self.run is None or Mark.UNJUDGED in marks or Mark.NOT_RUN in marks:
            return Status.NOT_JUDGED
        return Status.FAILED if marks else Status.PASSED


def _is_doubtful(mark: Mark, verdict: Verdict) -> bool:
    """Whether nothing is proven yet: not judged, or a failure that should not be and that
    rests on lateness or absence."""
    if mark is Mark.ACCUSED and verdict.fault is not None:
        return not verdict.fault.stands_at_once
    return mark is Mark.UNJUDGED


@dataclass(frozen=True)
class Part:
    """One of several parts of the mutants, by which a long check is divided."""

    number: int = 1
    of: int = 1

    @classmethod
    def read(cls, text: str) -> Part:
        """`1/4`. Raises WrongCall."""
        number, _, of = text.partition("/")
        if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
            raise WrongCall(f"--part wants K/N, such as 1/4, not {text!r}")
        return cls(int(number), int(of))

    def take(self, mutants: Sequence[Mutant]) -> list[Mutant]:
        """Every N-th mutant of each lab and language, at least one of each."""
        groups: dict[tuple[str, str], list[Mutant]] = {}
        for mutant in mutants:
            alike = (mutant.reference.group, mutant.reference.language)
            groups.setdefault(alike, []).append(mutant)
        taken: list[Mutant] = []
        for group in groups.values():
            start = (self.number - 1) % min(self.of, len(group))
            taken += group[start :: self.of]
        return [mutant for mutant in mutants if mutant in taken]


def subjects(library: Library, mutants: Sequence[str], part: Part) -> list[Subject]:
    """Whom to check: all references, and of the mutants this part; or the mutants named
    alone. Raises WrongCall for a name that there is not."""
    if mutants:
        known = {mutant.name for mutant in library.mutants}
        for name in mutants:
            if name not in known:
                raise WrongCall(
                    f"there is no mutant {name!r}; there are {', '.join(sorted(known))}"
                )
        return [Subject(m.reference, m) for m in library.mutants if m.name in mutants]
    return [
        *map(Subject, library.references),
        *(Subject(m.reference, m) for m in part.take(library.mutants)),
    ]


class Told(Protocol):
    """Hears of each account; `again`: of one more time, for it was held again."""

    def __call__(self, account: Account, *, again: bool) -> None: ...


@dataclass(frozen=True)
class Bench:
    """How subjects are checked."""

    catalog: Catalog
    isolation: Isolation
    seed: int
    jobs: int
    """Subjects at a time."""
    labs: tuple[Path, ...] = ()
    stretch: float = 1.0
    """By how much deadlines are stretched, since this machine is slow."""

    def check(self, subjects: Sequence[Subject], told: Told) -> list[Account]:
        """The accounts of all subjects, in their order; `told` hears of each, in that
        order too, as soon as it and those before it are there."""
        # In tier none they would want the same ports of the same machine.
        jobs = 1 if self.isolation.tier is Tier.NONE else self.jobs
        accounts: dict[int, Account] = {}
        with terminable(), scratch_folder() as scratch:
            starts = (self._start(subject, scratch, "", jobs) for subject in subjects)
            spoken = 0
            with contextlib.closing(hold_all(starts, jobs)) as ending:
                for number, held in ending:
                    accounts[number] = self._account(subjects[number], held)
                    while spoken in accounts:
                        told(accounts[spoken], again=False)
                        spoken += 1
            for number, account in sorted(accounts.items()):
                if jobs > 1 and account.disputed():
                    accounts[number] = self._again(account, scratch)
                    told(accounts[number], again=True)
        return [accounts[number] for number in sorted(accounts)]

    def _account(self, subject: Subject, held: Held) -> Account:
        """The account, with the verdicts in the contract's order, not in that of their end."""
        if held.run is None:
            return Account(subject, None, held.trouble)
        clauses = self.catalog[subject.reference.variant].contract.clauses
        order = [clause.number for clause in clauses]
        verdicts = sorted(held.run.verdicts, key=lambda verdict: order.index(verdict.clause.number))
        return Account(subject, replace(held.run, verdicts=tuple(verdicts)))

    def _start(self, subject: Subject, scratch: Path, only: str, jobs: int) -> Callable[[], Trial]:
        def start() -> Trial:
            path = subject.reference.path
            if subject.mutant:
                again = "-again" if only else ""
                folder = scratch / f"{subject.reference.group}-{subject.name}{again}"
                folder.mkdir()
                path = subject.mutant.plant(folder)
            request = Request(
                path=path,
                lab=subject.reference.variant,
                settings=subject.reference.settings,
                only=only,
                seed=self.seed,
                stretch=self.stretch,
                strict=True,
                jobs=SESSIONS if jobs > 1 else 2 * (os.cpu_count() or 1),
                labs=self.labs,
                name=subject.name,
            )
            return Trial(request, self.catalog, self.isolation)

        return start

    def _again(self, account: Account, scratch: Path) -> Account:
        """What is disputed, and what was not run because of it, held alone."""
        assert account.run is not None, "there are verdicts to dispute"
        asked = account.disputed()
        asked += [v for v in account.run.verdicts if v.outcome is Outcome.NOT_RUN]
        only = ",".join(verdict.clause.number for verdict in asked)
        starts: Iterator[Callable[[], Trial]] = iter(
            [self._start(account.subject, scratch, only, 1)]
        )
        [(_, held)] = list(hold_all(starts, 1))
        return _corrected(account, held)


def _corrected(account: Account, held: Held) -> Account:
    if held.run is None or account.run is None:
        return replace(account, run=None, trouble=held.trouble)
    again = {verdict.clause.number: verdict for verdict in held.run.verdicts}
    verdicts = tuple(again.get(v.clause.number, v) for v in account.run.verdicts)
    return replace(account, run=replace(account.run, verdicts=verdicts))


def uncaught(accounts: Sequence[Account], catalog: Catalog) -> dict[str, list[Clause]]:
    """The clauses of each lab that were put to the test and that no mutant failed."""
    judged: dict[str, set[str]] = {}
    for account in accounts:
        judged.setdefault(account.subject.reference.group, set()).update(account.marks)
    caught = {
        (account.subject.reference.group, number)
        for account in accounts
        for number, mark in account.marks.items()
        if mark is Mark.CAUGHT
    }
    return {
        group: [
            clause
            for clause in catalog[group].contract.clauses
            if clause.number in numbers
            and clause.level is not Level.INFO
            and (group, clause.number) not in caught
        ]
        for group, numbers in judged.items()
    }


def status(accounts: Sequence[Account], missing: Mapping[str, Sequence[Clause]]) -> Status:
    """The exit status: what could not be judged weighs most. A MUST that no mutant fails
    is an error, too: nobody knows whether its scenario sees anything."""
    statuses = [account.status for account in accounts]
    for clauses in missing.values():
        if any(clause.level is Level.MUST for clause in clauses):
            statuses.append(Status.FAILED)
    return max(statuses, default=Status.PASSED)
