"""What a mutant loses beside the clauses that it declares, and the exit statuses of runs.
No program runs here."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from conformance.contract.catalog import load
from conformance.reports.suite import selfcheck as report
from conformance.selfcheck import Account, CheckedMutant, CheckedReference, crowded, status
from conformance.selfcheck.references.library import Mutant, Reference
from conformance.verdict.model import Attempt, Blame, Clause, Level, Outcome, Run, Verdict
from conformance.verdict.points import Counting, Status, mark
from conformance.verdict.violation import Fault

CLAUSES = [c for c in load()["echo"].contract.clauses if "S" not in c.number]
WORTH = sum(clause.weight for clause in CLAUSES)
REFERENCE = Reference("python/good", "echo", Path("good.py"), "echo", {}, {})


def caught(*fails: str, costs: str = "", name: str = "bad") -> CheckedMutant:
    mutant = Mutant(name, REFERENCE, Path(), "a", "b", fails, "Why not?", costs)
    return CheckedMutant(mutant, "1.1")


def verdict(clause: Clause, outcome: Outcome) -> Verdict:
    fault = Fault.WRONG if outcome is Outcome.FAILED else None
    blame = Blame.PROGRAM if outcome is Outcome.NOT_RUN else None
    attempt = Attempt(outcome, fault=fault, blame=blame)
    return mark(Verdict(clause, clause.level, attempt), Counting(strict=True))


def run(outcomes: dict[str, Outcome], rest: Outcome = Outcome.PASSED) -> Run:
    """By every clause of echo; those that are not named have the outcome of the rest."""
    verdicts = tuple(verdict(clause, outcomes.get(clause.number, rest)) for clause in CLAUSES)
    return Run("echo", "x", {}, 1, "full", "0", True, verdicts=verdicts)


def account(subject: CheckedMutant, outcomes: dict[str, Outcome] | None = None) -> Account:
    """Fails what it declares."""
    declared = dict.fromkeys(subject.source.fails, Outcome.FAILED)
    return Account(subject, run({**declared, **(outcomes or {})}))


NOT_SHOWN = {"5.1": Outcome.NOT_RUN, "5.2": Outcome.NOT_RUN}
"""Six points of MUST clauses."""

SHOULDS = {c.number: Outcome.FAILED for c in CLAUSES if c.level is Level.SHOULD}


def test_what_is_declared_is_not_lost_beside() -> None:
    subject = caught("3.1", "4.1")
    found = account(subject)
    assert found.run is not None
    cost = subject.cost(found.run)
    assert (cost.lost, cost.worth, cost.clauses) == (0, WORTH, ())
    assert found.status is Status.PASSED


def test_points_that_were_not_shown_are_lost() -> None:
    subject = caught("3.1")
    found = account(subject, NOT_SHOWN)
    assert found.run is not None
    cost = subject.cost(found.run)
    assert (cost.lost, cost.clauses) == (6, ("5.1", "5.2"))
    assert cost.share == pytest.approx(6 / WORTH)


def test_much_that_is_lost_needs_a_reason() -> None:
    bare = account(caught("3.1"), {**NOT_SHOWN, **SHOULDS})
    assert bare.status is Status.FAILED
    [told] = bare.complaints
    assert "beside what it declares: `costs` must give a reason." in told
    reasoned = account(caught("3.1", costs="It is all one."), {**NOT_SHOWN, **SHOULDS})
    assert reasoned.complaints == []


def test_a_reason_that_is_not_needed_is_an_error() -> None:
    found = account(caught("3.1", costs="It was once."))
    assert found.complaints == [
        f"It loses 0 of {WORTH} points (0%) beside what it declares: `costs` is not needed."
    ]


def test_a_reason_stays_while_it_may_be_needed() -> None:
    """What could not be judged may be lost as well; and so it is near the limit."""
    open_ = {clause.number: Outcome.INCONCLUSIVE for clause in CLAUSES[-7:]}
    assert account(caught("3.1", costs="Why."), {**NOT_SHOWN, **open_}).complaints == []
    near = caught("3.1", costs="Why.").cost(run({}))
    assert not replace(near, lost=9, worth=100).is_cheap
    assert not replace(near, lost=9, worth=100).is_dear
    assert replace(near, lost=8, worth=100).is_cheap
    assert replace(near, lost=11, worth=100).is_dear


def test_what_stands_behind_a_gate_is_declared_with_it() -> None:
    subject = caught("1.1")
    behind = run({"1.1": Outcome.FAILED}, Outcome.NOT_RUN)
    assert subject.cost(behind).lost == 0
    assert Account(subject, behind).status is Status.PASSED
    # A gate that did not fail explains nothing.
    assert subject.cost(run({"1.1": Outcome.PASSED}, Outcome.NOT_RUN)).lost == WORTH - 1


def many(count: int, dear: int) -> list[Account]:
    """So many mutants, some of which lose much for a reason."""
    costly = {**NOT_SHOWN, **SHOULDS}
    return [account(caught("3.1", costs="Why.", name=f"dear-{n}"), costly) for n in range(dear)] + [
        account(caught("3.1", name=f"fair-{n}")) for n in range(count - dear)
    ]


@pytest.mark.parametrize(("count", "dear", "at_most"), [(40, 2, 2), (40, 3, 2), (3, 1, 1)])
def test_one_mutant_in_twenty_may_lose_much(count: int, dear: int, at_most: int) -> None:
    accounts = many(count, dear)
    found = crowded(accounts)
    assert found == ({"echo": (dear, at_most)} if dear > at_most else {})
    assert status(accounts, {}, found) == (1 if dear > at_most else 0)


def test_the_matrix_shows_what_is_lost_and_why() -> None:
    subject = caught("3.1", costs="It is all one.", name="dear")
    accounts = [account(subject, {**NOT_SHOWN, **SHOULDS}), account(caught("3.1"), NOT_SHOWN)]
    console = Console(file=io.StringIO(), width=100)
    report.show(accounts, load(), console, {}, {"echo": (3, 2)})
    told = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    row = next(line for line in told.splitlines() if line.startswith("bad"))
    assert row.split()[:4] == ["bad", "python", "6", f"{6 / WORTH:.0%}"]
    assert "points lost beside what is declared" in told
    assert f"of {WORTH} points" in told
    assert ": It is all one." in told
    assert "echo: 3 mutants lose much beside what they declare, at most 2 may" in told


def test_json_has_what_is_lost() -> None:
    accounts = [account(caught("3.1"), NOT_SHOWN)]
    said = json.loads(report.to_json(accounts, load(), {}, {}))
    [row] = said["labs"]["echo"]["mutants"]
    lost = 6 + 3  # and 3.1 itself
    assert (row["points"], row["worth"]) == (WORTH - lost, WORTH)
    assert row["beside"] == {
        "points": 6,
        "share": round(6 / WORTH, 4),
        "clauses": ["5.1", "5.2"],
        "reason": "",
    }
    assert said["labs"]["echo"]["dear"]["too_many"] is False


# -- exit statuses --------------------------------------------------------------------


def unmarked(found: Account) -> Account:
    """With verdicts that say one thing and points that say another: a slip in the rule."""
    assert found.run is not None
    lenient = tuple(replace(v, level=Level.INFO, possible=0) for v in found.run.verdicts)
    return replace(found, run=replace(found.run, verdicts=lenient))


def test_a_mutant_that_ends_with_status_0_is_an_error() -> None:
    found = unmarked(account(caught("3.1")))
    assert found.errors == []
    assert found.complaints == ["Its exit status is 0 with --strict, not 1."]
    assert found.status is Status.FAILED


def test_a_mutant_of_a_should_passes_without_strict() -> None:
    assert account(caught("6.2")).complaints == []
    # A MUST that was not shown, for it lies in the program, costs even without --strict.
    found = account(caught("6.2"), {"5.1": Outcome.NOT_RUN})
    assert found.errors == []
    assert found.complaints == ["Its exit status is 1 without --strict, not 0."]


def test_a_reference_has_status_0() -> None:
    assert Account(CheckedReference(REFERENCE), run({})).status is Status.PASSED
    interrupted = Account(CheckedReference(REFERENCE), replace(run({}), interrupted=True))
    assert interrupted.complaints == [
        "Its exit status is 3 with --strict, not 0.",
        "Its exit status is 3 without --strict, not 0.",
    ]
    leaving = CheckedReference(replace(REFERENCE, leaves={"6.2": "not taught"}))
    assert Account(leaving, run({"6.2": Outcome.FAILED})).complaints == []
