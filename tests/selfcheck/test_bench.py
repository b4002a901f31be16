"""What is held again alone, and how often. No program runs here."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.contract.catalog import load
from conformance.run.scheduler import Wants
from conformance.sandbox import Isolation, Tier
from conformance.selfcheck import Account, CheckedMutant, CheckedReference, bench, untried
from conformance.selfcheck.bench import Bench
from conformance.selfcheck.references.library import Mutant, Reference
from conformance.verdict.events import Event, judged, run_began, run_ended
from conformance.verdict.model import Attempt, Outcome, Run, Verdict
from conformance.verdict.points import Counting, Status, mark
from conformance.verdict.violation import Fault

CATALOG = load()
CLAUSES = CATALOG["echo"].contract.clauses
REFERENCE = CheckedReference(Reference("python/good", "echo", Path("good.py"), "echo", {}, {}))
PASSED, OPEN = Outcome.PASSED, Outcome.INCONCLUSIVE


def run(outcome: Outcome, fault: Fault | None = None, *, stumbled: bool = False) -> Run:
    """All clauses are passed but 3.1, of which this is said."""
    said = {"3.1": (outcome, fault)}
    verdicts = []
    for clause in CLAUSES:
        came, why = said.get(clause.number, (PASSED, None))
        attempt = Attempt(came, expected="this", actual="that", fault=why)
        attempt = replace(attempt, stumbled=stumbled and came is OPEN)
        verdicts.append(Verdict(clause, clause.level, attempt))
    marked = tuple(mark(verdict, Counting(strict=True)) for verdict in verdicts)
    return Run("echo", "x", {}, 1, "full", "0", True, verdicts=marked)


class Checked:
    """A check that has that run at once; with none, it never ends."""

    wants, under_way, trouble = Wants.NOTHING, (), None

    def __init__(self, run: Run | None) -> None:
        self._run = run
        self.ended = False
        self._reading, self._writing = os.pipe()
        if run is not None:
            os.write(self._writing, b"!")

    def fileno(self) -> int:
        return self._reading

    def step(self) -> list[Event]:
        if self._run is None:
            return []
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
    assert (heard, account.errors) == ([False, True], [])


def test_what_can_never_be_judged_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    account, heard = checked(monkeypatch, *[run(OPEN)] * (1 + bench.TIMES_ALONE))
    assert heard == [False, True], "it is told once, after the last time"
    assert [verdict.clause.number for _, verdict in account.errors] == ["3.1"]


def test_what_is_late_even_alone_has_no_third_try(monkeypatch: pytest.MonkeyPatch) -> None:
    late = run(Outcome.FAILED, Fault.LATE)
    account, heard = checked(monkeypatch, late, late)
    assert heard == [False, True]
    assert [verdict.clause.number for _, verdict in account.errors] == ["3.1"]


def mutant(lab: str = "echo") -> CheckedMutant:
    reference = Reference("python/good", lab, Path("good.py"), lab, {}, {})
    return CheckedMutant(Mutant("bad", reference, Path(), "a", "b", ("3.1",), "Why not?"), "1.1")


def test_where_the_lab_stumbles_nothing_is_held_again(monkeypatch: pytest.MonkeyPatch) -> None:
    account, heard = checked(monkeypatch, run(OPEN, stumbled=True))
    assert heard == [False]
    assert [verdict.clause.number for verdict in account.stumbles] == ["3.1"]
    assert account.status is Status.FAILED


def test_where_a_reference_stumbles_the_programs_of_that_lab_are_not_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither those under way, which would not end, nor those to come: their runs would be
    missing."""
    monkeypatch.setattr(Mutant, "plant", lambda _, folder: folder)
    coming = iter([None, run(OPEN, stumbled=True), run(Outcome.FAILED, Fault.WRONG)])
    monkeypatch.setattr(bench, "Check", lambda *_: Checked(next(coming)))
    elsewhere = mutant("presence")
    subjects = [mutant(), REFERENCE, mutant(), mutant(), elsewhere]
    heard: list[int] = []
    accounts = Bench(CATALOG, Isolation(Tier.FULL), 1, jobs=2).check(
        subjects, lambda account, place, *, again: heard.append(place)
    )
    assert [account.subject for account in accounts] == [REFERENCE, elsewhere]
    assert heard == [1, 4]
    assert untried(subjects, accounts) == {"echo": 3}


def test_what_was_found_is_told_also_when_it_is_interrupted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Interrupted(Checked):
        def step(self) -> list[Event]:
            raise KeyboardInterrupt

    coming = iter([Checked(None), Checked(run(PASSED)), Interrupted(run(PASSED))])
    monkeypatch.setattr(bench, "Check", lambda *_: next(coming))
    heard: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        Bench(CATALOG, Isolation(Tier.FULL), 1, jobs=2).check(
            [REFERENCE] * 3, lambda account, place, *, again: heard.append(place)
        )
    assert heard == [1], "the first has not ended, and the third never will"
