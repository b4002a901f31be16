"""What is held again alone, and how often. No program runs here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.contract.catalog import load
from conformance.run.scheduler import Wants
from conformance.sandbox import Isolation, Tier
from conformance.selfcheck import Account, Bench, CheckedReference, bench
from conformance.selfcheck.references import Reference
from conformance.verdict.events import Event, judged, run_began, run_ended
from conformance.verdict.model import Attempt, Outcome, Run, Verdict
from conformance.verdict.points import Counting, mark
from conformance.verdict.violation import Fault

CATALOG = load()
CLAUSES = CATALOG["echo"].contract.clauses
REFERENCE = CheckedReference(Reference("python/good", "echo", Path("good.py"), "echo", {}, {}))
PASSED, OPEN = Outcome.PASSED, Outcome.INCONCLUSIVE


def run(outcome: Outcome, fault: Fault | None = None) -> Run:
    """All clauses are passed but 3.1, of which this is said."""
    said = {"3.1": (outcome, fault)}
    verdicts = []
    for clause in CLAUSES:
        came, why = said.get(clause.number, (PASSED, None))
        attempt = Attempt(came, expected="this", actual="that", fault=why)
        verdicts.append(Verdict(clause, clause.level, attempt))
    marked = tuple(mark(verdict, Counting(strict=True)) for verdict in verdicts)
    return Run("echo", "x", {}, 1, "full", "0", True, verdicts=marked)


class Checked:
    """A check that has that run at once."""

    wants, under_way, trouble = Wants.NOTHING, (), None

    def __init__(self, run: Run) -> None:
        self._run = run
        self.ended = False
        self._reading, self._writing = os.pipe()
        os.write(self._writing, b"!")

    def fileno(self) -> int:
        return self._reading

    def step(self) -> list[Event]:
        self.ended = True
        return [run_began(self._run), *map(judged, self._run.verdicts), run_ended(1.0)]

    def close(self) -> None:
        os.close(self._reading)
        os.close(self._writing)


def checked(monkeypatch: pytest.MonkeyPatch, *runs: Run) -> tuple[Account, list[bool]]:
    """What comes of a reference that has these runs one after another; each time that it is
    told of, whether it was held again. All runs are had."""
    coming = iter(runs)
    heard = []

    def told(account: Account, place: int, *, again: bool) -> None:
        heard.append(again)

    monkeypatch.setattr(bench, "Check", lambda *_: Checked(next(coming)))
    here = Bench(CATALOG, Isolation(Tier.FULL), 1, jobs=2)
    [account] = here.check([REFERENCE], told)
    assert list(coming) == []
    return account, heard


def test_what_is_judged_is_not_held_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checked(monkeypatch, run(PASSED))[1] == [False]
    assert checked(monkeypatch, run(Outcome.FAILED, Fault.WRONG))[1] == [False]


def test_what_cannot_be_judged_is_held_until_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    account, heard = checked(monkeypatch, run(OPEN), run(OPEN), run(PASSED))
    assert (heard, account.errors) == ([False, True, True], [])


def test_what_can_never_be_judged_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    account, heard = checked(monkeypatch, *[run(OPEN)] * (1 + bench.TIMES_ALONE))
    assert len(heard) == 1 + bench.TIMES_ALONE
    assert [verdict.clause.number for _, verdict in account.errors] == ["3.1"]


def test_what_is_late_even_alone_has_no_third_try(monkeypatch: pytest.MonkeyPatch) -> None:
    late = run(Outcome.FAILED, Fault.LATE)
    account, heard = checked(monkeypatch, late, late)
    assert heard == [False, True]
    assert [verdict.clause.number for _, verdict in account.errors] == ["3.1"]
