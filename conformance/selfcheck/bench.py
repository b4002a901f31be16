"""Checks subjects, several at a time.

Something may then be late or missing because of the others. If it should not be, it is repeated
alone at the end, and only that counts. Wrong bytes are proof, whatever else runs.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from conformance.contract.catalog import Catalog
from conformance.run.check import Check, host_to_ourselves
from conformance.run.plan import Request
from conformance.run.scheduler import Scheduler
from conformance.run.scratch import enterable, folder_for_a_part, scratch_folder
from conformance.sandbox import Isolation, Tier
from conformance.sandbox.hosts.conditions import NetworkConditions
from conformance.selfcheck.subjects import Account, CheckedReference, Subject
from conformance.session.forked import terminable
from conformance.verdict.causes import common
from conformance.verdict.events import Event, replay
from conformance.verdict.model import Outcome, Verdict

SESSIONS = 2
"""Sessions at a time of each check beside others; alone, it has two for each core."""

TIMES_ALONE = 3
"""How often a scenario is repeated alone, since others may keep this machine busy."""


class Audience(Protocol):
    """Called with each account and its place, from 0. `again`: it was repeated."""

    def __call__(self, account: Account, place: int, *, again: bool) -> None: ...


@dataclass
class _Tried:
    """A subject under way."""

    place: int
    subject: Subject
    last: contextlib.ExitStack
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True)
class Bench:
    """Checks subjects."""

    catalog: Catalog
    isolation: Isolation
    seed: int
    jobs: int
    """Subjects at a time."""
    labs: tuple[Path, ...] = ()
    stretch: float = 1.0
    """Factor of all deadlines, since this machine is slow."""
    network: NetworkConditions = field(default_factory=NetworkConditions)
    """The conditions of the network between the hosts."""

    def check(self, subjects: Sequence[Subject], told: Audience) -> list[Account]:
        """The accounts of the subjects, in order. `told` is called with each as early as possible;
        of all that have ended also if this is interrupted. Where a reference makes its lab stumble,
        the other programs of that lab are not tried, and have no account."""
        # In tier none they would all need the same ports of this machine.
        jobs = 1 if self.isolation.tier is Tier.NONE else self.jobs
        accounts: dict[int, Account] = {}
        alone = host_to_ourselves(self.isolation, remote=False)
        with terminable(), alone, scratch_folder() as scratch:
            asked_of = [(subject, scratch / str(n), "") for n, subject in enumerate(subjects)]
            untold = list(range(len(subjects)))
            try:
                with contextlib.closing(self._check_all(asked_of, jobs)) as ending:
                    for place, account in ending:
                        accounts[place] = account
                        if _to_be_mended(account):
                            lab = _group(account.subject)
                            untold = [n for n in untold if _group(subjects[n]) != lab]
                            told(account, place, again=False)
                        while untold and untold[0] in accounts:
                            first = untold.pop(0)
                            told(accounts[first], first, again=False)
            finally:
                for place in filter(accounts.__contains__, untold):
                    told(accounts[place], place, again=False)
            hopeless = {_group(a.subject) for a in accounts.values() if _to_be_mended(a)}
            for place, account in sorted(accounts.items()):
                if jobs > 1 and _group(account.subject) not in hopeless:
                    accounts[place] = self._again_alone(account, scratch / str(place))
                    if accounts[place] is not account:
                        told(accounts[place], place, again=True)
        return [accounts[place] for place in sorted(accounts)]

    def _again_alone(self, account: Account, folder: Path) -> Account:
        """The account, after what is in doubt was repeated alone, a few times if need be."""
        asked = account.disputed()
        for times in range(TIMES_ALONE):
            if not asked:
                break
            account = self._again(account, asked, folder.with_name(f"{folder.name}-{times}"))
            asked = [v for v in account.disputed() if account.subject.is_open(v)]
        return account

    def _check_all(
        self, asked: Sequence[tuple[Subject, Path, str]], jobs: int
    ) -> Generator[tuple[int, Account], None, None]:
        """Checks subjects, each in its folder and by its clauses ("": all), at most `jobs` at a
        time. Yields the place and the account of each as it ends. Ends all that is under way when
        it is closed or interrupted."""
        waiting = list(enumerate(asked))[::-1]
        cores = os.cpu_count() or 1
        sessions = SESSIONS if jobs > 1 else 2 * cores
        # Nothing has to wait to be alone: what is disputed is repeated alone later.
        scheduler = Scheduler[Check](starts=cores, sessions=jobs * sessions, exclusive_waits=False)
        running: dict[Check, _Tried] = {}

        def leave(check: Check) -> None:
            scheduler.leave(check)
            running.pop(check).last.close()

        with contextlib.ExitStack() as last:
            last.callback(scheduler.close)
            while waiting or running:
                while waiting and len(running) < jobs:
                    place, (subject, folder, only) = waiting.pop()
                    own = last.enter_context(contextlib.ExitStack())
                    own.enter_context(folder_for_a_part(folder))
                    check = self._begin(subject, folder, only, sessions)
                    own.callback(check.close)
                    scheduler.enter(check)
                    running[check] = _Tried(place, subject, own)
                started = scheduler.start()
                for check in [started] if started else scheduler.ready():
                    if check not in running:
                        continue
                    tried = running[check]
                    tried.events += check.step()
                    if check.ended:
                        leave(check)
                        run = replay(tried.events) if check.trouble is None else None
                        told = check.trouble.text if check.trouble is not None else ""
                        account = Account(tried.subject, run, told)
                        if _to_be_mended(account):
                            lab = _group(account.subject)
                            waiting = [each for each in waiting if _group(each[1][0]) != lab]
                            for each in [c for c in running if _group(running[c].subject) == lab]:
                                leave(each)
                        yield tried.place, account

    def _begin(self, subject: Subject, folder: Path, only: str, sessions: int) -> Check:
        planted = folder / "planted"
        planted.mkdir()
        request = Request(
            path=subject.source.plant(planted),
            lab=subject.played.variant,
            settings=subject.played.settings,
            only=only,
            seed=self.seed,
            stretch=self.stretch,
            strict=True,
            jobs=sessions,
            labs=self.labs,
            network=self.network,
            name=subject.name,
        )
        return Check(request, self.catalog, self.isolation, enterable(folder / "check"))

    def _again(self, account: Account, asked: Sequence[Verdict], folder: Path) -> Account:
        """The account, after the clauses in `asked`, and those that were not run because of them,
        were repeated alone."""
        assert account.run is not None, "there are verdicts to dispute"
        disputed = {verdict.clause.number for verdict in asked}
        verdicts = account.run.verdicts
        behind = [v for v in verdicts if v.not_shown and disputed & {*v.attempt.behind}]
        asked = [*asked, *behind]
        # Failed clauses are repeated, too: they are why others are not shown.
        grounds = [v for v in verdicts if v.outcome is Outcome.FAILED]
        only = ",".join(dict.fromkeys(verdict.clause.number for verdict in [*asked, *grounds]))
        [(_, again)] = list(self._check_all([(account.subject, folder, only)], 1))
        if again.run is None:
            return again
        numbers = {verdict.clause.number for verdict in asked}
        now = {v.clause.number: v for v in again.run.verdicts if v.clause.number in numbers}
        corrected = tuple(now.get(v.clause.number, v) for v in verdicts)
        told = common(corrected, self.catalog[account.subject.played.variant].causes)
        return replace(account, run=replace(account.run, verdicts=corrected, common=told))


def _group(subject: Subject) -> str:
    """The name of its lab, whatever the variant."""
    return subject.played.group


def _to_be_mended(account: Account) -> bool:
    """Whether a reference has made its lab stumble: then the lab is to be mended first."""
    return isinstance(account.subject, CheckedReference) and bool(account.stumbles)
