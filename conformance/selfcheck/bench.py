"""How subjects are checked: several at a time.

What rests on lateness or absence may then be the doing of the others: where it is not what
was to be seen, it is held again at the end, alone, and only that counts. Wrong bytes are
proof in any company.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from conformance.contract.catalog import Catalog
from conformance.run.prepare import Request
from conformance.run.scratch import scratch_folder
from conformance.run.trial import Held, Trial, hold_all
from conformance.sandbox import Isolation, Tier
from conformance.selfcheck.subjects import Account, Subject
from conformance.session.forked import terminable
from conformance.verdict.model import Outcome, Verdict

SESSIONS = 2
"""Sessions at a time of each check, while others run beside it; alone it has twice as many."""

TIMES_ALONE = 3
"""Times that a verdict is held alone as long as it cannot be judged: somebody else may keep this
machine busy. One that is judged then counts, whatever it says."""


class Told(Protocol):
    """Hears of each account, and of its place among them, counted from 0; `again`: of one
    more time, for it was held again."""

    def __call__(self, account: Account, place: int, *, again: bool) -> None: ...


@dataclass(frozen=True)
class Bench:
    """Where subjects are checked."""

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
            starts = (
                self._start(subject, scratch / str(place), "", jobs)
                for place, subject in enumerate(subjects)
            )
            spoken = 0
            with contextlib.closing(hold_all(starts, jobs)) as ending:
                for place, held in ending:
                    accounts[place] = self._account(subjects[place], held)
                    while spoken in accounts:
                        told(accounts[spoken], spoken, again=False)
                        spoken += 1
            for place, account in sorted(accounts.items()):
                asked = account.disputed() if jobs > 1 else []
                for times in range(TIMES_ALONE):
                    if not asked:
                        break
                    account = self._again(account, asked, scratch / f"{place}-{times}")
                    accounts[place] = account
                    told(account, place, again=True)
                    asked = [v for v in account.disputed() if account.subject.is_open(v)]
        return [accounts[place] for place in sorted(accounts)]

    def _account(self, subject: Subject, held: Held) -> Account:
        """The account, with the verdicts in the contract's order, not in that of their end."""
        if held.run is None:
            return Account(subject, None, held.trouble)
        clauses = self.catalog[subject.played.variant].contract.clauses
        order = [clause.number for clause in clauses]
        verdicts = sorted(held.run.verdicts, key=lambda verdict: order.index(verdict.clause.number))
        return Account(subject, replace(held.run, verdicts=tuple(verdicts)))

    def _start(self, subject: Subject, folder: Path, only: str, jobs: int) -> Callable[[], Trial]:
        def start() -> Trial:
            folder.mkdir()
            request = Request(
                path=subject.plant(folder),
                lab=subject.played.variant,
                settings=subject.played.settings,
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

    def _again(self, account: Account, asked: Sequence[Verdict], folder: Path) -> Account:
        """What is `asked`, and what was not run because of it, held alone."""
        assert account.run is not None, "there are verdicts to dispute"
        disputed = {verdict.clause.number for verdict in asked}
        verdicts = account.run.verdicts
        behind = [v for v in verdicts if v.not_shown and disputed & {*v.attempt.behind}]
        asked = [*asked, *behind]
        # What is not shown is explained by what has failed: without that it would be judged.
        grounds = [v for v in account.run.verdicts if v.outcome is Outcome.FAILED]
        only = ",".join(dict.fromkeys(verdict.clause.number for verdict in [*asked, *grounds]))
        starts: Iterator[Callable[[], Trial]] = iter(
            [self._start(account.subject, folder, only, 1)]
        )
        [(_, held)] = list(hold_all(starts, 1))
        return _corrected(account, asked, held)


def _corrected(account: Account, asked: Sequence[Verdict], held: Held) -> Account:
    if held.run is None or account.run is None:
        return replace(account, run=None, trouble=held.trouble)
    numbers = {verdict.clause.number for verdict in asked}
    again = {v.clause.number: v for v in held.run.verdicts if v.clause.number in numbers}
    verdicts = tuple(again.get(v.clause.number, v) for v in account.run.verdicts)
    return replace(account, run=replace(account.run, verdicts=verdicts))
