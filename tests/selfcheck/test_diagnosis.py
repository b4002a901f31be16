"""Whether a mutant's report says what its failures have in common. No program runs here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.contract.catalog import load
from conformance.selfcheck import Account, CheckedMutant
from conformance.selfcheck.diagnosis import Diagnoses, diagnoses, misdiagnosed
from conformance.selfcheck.references.library import Mutant, Reference
from conformance.verdict.causes import Cause, common
from conformance.verdict.model import Attempt, Blame, Outcome, Run, Verdict
from conformance.verdict.points import Counting, Status, mark
from conformance.verdict.symptoms import Thrown
from conformance.verdict.violation import Fault

QUEUES = Cause("one at a time", "It serves one client at a time.", {"4.1": (), "4.2": ()})
CHUNKS = Cause("chunks", "It reads chunks, not lines.", {"3.1": (), "3.2": ()})
CLAUSES = {clause.number: clause for clause in load()["echo"].contract.clauses}
THROWN = Thrown("ValueError", file="server.py", line=3)
REFERENCE = Reference("python/good", "echo", Path("good.py"), "echo", {}, {})
MUTANT = Mutant("queues", REFERENCE, Path(), "a", "b", ("4.1", "4.2"), "Simple.", costs="All wait.")
QUEUING = replace(MUTANT, symptom="one at a time")


def verdict(number: str, outcome: Outcome, thrown: Thrown | None = None) -> Verdict:
    attempt = Attempt(outcome, fault=Fault.ABSENT, thrown=thrown, blame=Blame.CALL)
    return Verdict(CLAUSES[number], CLAUSES[number].level, attempt)


def run(*failed: str, thrown: Thrown | None = None, left_out: str = "") -> Run:
    verdicts = [verdict(number, Outcome.FAILED, thrown) for number in failed]
    verdicts += [verdict(left_out, Outcome.NOT_RUN)] if left_out else []
    judged = tuple(mark(each, Counting(strict=True)) for each in verdicts)
    told = common(judged, [CHUNKS, QUEUES])
    return Run("echo", "x", {}, 1, "full", "0", True, verdicts=judged, common=told)


def test_what_it_declares_is_what_is_told_first() -> None:
    assert misdiagnosed(QUEUING, run("4.1", "4.2")) == []
    assert misdiagnosed(QUEUING, run("3.1", "3.2", "4.1", "4.2")) == [
        "It reads chunks, not lines (3.1, 3.2). That is 'chunks'; its `symptom` is 'one at a time'."
    ]


def test_a_sentence_that_nobody_declared_is_a_complaint() -> None:
    assert misdiagnosed(MUTANT, run("4.1")) == []
    assert misdiagnosed(MUTANT, run("4.1", "4.2")) == [
        "It serves one client at a time (4.1, 4.2). That is 'one at a time'; it declares no"
        " `symptom`."
    ]


def test_none_is_a_complaint_only_if_several_were_lost_and_all_that_shows_it_was_judged() -> None:
    assert misdiagnosed(QUEUING, run("4.1")) == []  # the other may fail on a busy machine only
    assert misdiagnosed(QUEUING, run("4.1", "3.3")) == [
        "It is not said what its failures have in common; its `symptom` is 'one at a time'."
    ]
    assert misdiagnosed(QUEUING, run("4.1", "3.3", left_out="4.2")) == []


def test_an_exception_at_one_place_needs_no_declaration() -> None:
    crashed = run("3.3", "3.4", thrown=THROWN)
    assert [each.name for each in crashed.common] == ["ValueError at server.py:3"]
    assert misdiagnosed(MUTANT, crashed) == []
    assert len(misdiagnosed(QUEUING, crashed)) == 1


@pytest.mark.parametrize(("mutant", "status"), [(QUEUING, Status.PASSED), (MUTANT, Status.FAILED)])
def test_a_wrong_sentence_fails_the_selfcheck(mutant: Mutant, status: Status) -> None:
    account = Account(CheckedMutant(replace(mutant, costs=""), "1.1"), run("4.1", "4.2"))
    assert account.status is status


def test_they_are_counted_where_several_clauses_are_lost() -> None:
    tried = [
        (QUEUING, run("4.1", "4.2")),
        (QUEUING, run("4.1")),  # loses one
        (QUEUING, run("3.1", "3.2")),
        (MUTANT, run("3.3", "3.4")),
        (MUTANT, run("4.1", "4.2")),
        (MUTANT, run("3.3", "3.4", thrown=THROWN)),
    ]
    assert diagnoses(tried) == Diagnoses(right=2, wrong=2, silent=1)
