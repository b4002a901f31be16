"""Tests the suite itself: references must pass, mutants must fail what they declare, a pair of
mutants must earn no more than each of them, and impostors must earn next to nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from conformance.contract.catalog import Catalog
from conformance.selfcheck.costs import may_be_dear
from conformance.selfcheck.impostors import CheckedImpostor
from conformance.selfcheck.pairs import CheckedPair
from conformance.selfcheck.subjects import Account, CheckedMutant, CheckedReference, Mark, Subject
from conformance.verdict.model import Clause, Level
from conformance.verdict.points import Status

__all__ = [
    "Account",
    "CheckedImpostor",
    "CheckedMutant",
    "CheckedPair",
    "CheckedReference",
    "Mark",
    "crowded",
    "status",
    "uncaught",
    "untried",
]


def untried(subjects: Sequence[Subject], accounts: Sequence[Account]) -> Mapping[str, int]:
    """For each lab of which programs were not checked to the end: how many."""
    asked = Counter(subject.played.group for subject in subjects)
    return asked - Counter(account.subject.played.group for account in accounts)


def uncaught(accounts: Sequence[Account], catalog: Catalog) -> dict[str, list[Clause]]:
    """For each lab, the clauses that were tested, but that no mutant failed."""
    judged: dict[str, set[str]] = {}
    caught: set[tuple[str, str]] = set()
    for account in accounts:
        group, marks = account.subject.played.group, account.marks
        judged.setdefault(group, set()).update(marks)
        if isinstance(account.subject, CheckedMutant):
            caught |= {(group, number) for number, mark in marks.items() if mark is Mark.CAUGHT}
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


def crowded(accounts: Sequence[Account]) -> dict[str, tuple[int, int]]:
    """The labs where too many mutants lose much undeclared: how many, and how many may."""
    losses: dict[str, list[bool]] = {}
    for account in accounts:
        if isinstance(account.subject, CheckedMutant) and account.run:
            dear = account.subject.cost(account.run).is_dear
            losses.setdefault(account.subject.played.group, []).append(dear)
    counts = {group: (sum(dear), may_be_dear(len(dear))) for group, dear in losses.items()}
    return {group: (found, most) for group, (found, most) in counts.items() if found > most}


def status(
    accounts: Sequence[Account],
    missing: Mapping[str, Sequence[Clause]],
    dear: Mapping[str, tuple[int, int]],
) -> Status:
    """The exit status. What could not be judged weighs most. It is an error, too, if no mutant
    fails a MUST (`missing`), since its scenario may be blind, and if one fault costs many clauses
    (`dear`)."""
    statuses = [account.status for account in accounts]
    for clauses in missing.values():
        if any(clause.level is Level.MUST for clause in clauses):
            statuses.append(Status.FAILED)
    statuses += [Status.FAILED] * len(dear)
    return max(statuses, default=Status.PASSED)
