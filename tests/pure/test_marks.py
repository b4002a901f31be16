from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.marks import Status, counts, mark, status, tally, worth
from conformance.model import Clause, Level, Outcome, Run, Verdict

RUN = Run("echo", "alice", {}, seed=1, tier="full", suite="0")


def verdict(outcome: Outcome, level: Level = Level.MUST, weight: int = 3) -> Verdict:
    return Verdict(Clause("4.1", level, weight, "x", "…"), level, outcome, 0, 0)


def of(*verdicts: Verdict, strict: bool = False) -> Run:
    return replace(RUN, strict=strict, verdicts=tuple(mark(v, strict=strict) for v in verdicts))


@pytest.mark.parametrize(
    ("level", "strict", "points"),
    [
        (Level.MUST, False, 3), (Level.MUST, True, 3),
        (Level.SHOULD, False, 0), (Level.SHOULD, True, 3),
        (Level.INFO, False, 0), (Level.INFO, True, 0),
    ],
)  # fmt: skip
def test_what_a_clause_is_worth(level: Level, strict: bool, points: int) -> None:
    assert worth(level, 3, strict=strict) == points


@pytest.mark.parametrize(
    ("outcome", "behind_gate", "points", "max_points"),
    [
        (Outcome.PASSED, False, 3, 3),
        (Outcome.FAILED, False, 0, 3),
        (Outcome.INCONCLUSIVE, False, None, 3),
        (Outcome.NOT_RUN, False, 0, 0),
        (Outcome.NOT_RUN, True, 0, 3),
    ],
)
def test_what_an_outcome_earns(
    outcome: Outcome, behind_gate: bool, points: int | None, max_points: int
) -> None:
    marked = mark(verdict(outcome), strict=False, behind_gate=behind_gate)
    assert (marked.points, marked.max_points) == (points, max_points)


@pytest.mark.parametrize("outcome", Outcome)
def test_a_should_that_does_not_count_earns_and_costs_nothing(outcome: Outcome) -> None:
    marked = mark(verdict(outcome, Level.SHOULD), strict=False)
    assert (marked.points, marked.max_points) == (0, 0)
    assert not marked.counts


def test_a_tally_is_provisional_while_something_that_counts_is_open() -> None:
    run = of(verdict(Outcome.PASSED), verdict(Outcome.INCONCLUSIVE, weight=2))
    total = tally(run.verdicts)
    assert (total.points, total.max_points, total.provisional) == (3, 5, True)
    assert not tally(of(verdict(Outcome.INCONCLUSIVE, Level.SHOULD)).verdicts).provisional


def test_what_another_fault_hides_counts_neither_for_nor_against() -> None:
    total = tally(of(verdict(Outcome.PASSED), verdict(Outcome.NOT_RUN)).verdicts)
    assert (total.points, total.max_points, total.provisional) == (3, 3, False)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([Outcome.PASSED], Status.PASSED),
        ([Outcome.PASSED, Outcome.FAILED], Status.FAILED),
        ([Outcome.PASSED, Outcome.NOT_RUN], Status.PASSED),
        ([Outcome.FAILED, Outcome.NOT_RUN], Status.FAILED),
        ([Outcome.FAILED, Outcome.INCONCLUSIVE], Status.NOT_JUDGED),
        ([Outcome.INCONCLUSIVE], Status.NOT_JUDGED),
    ],
)
def test_the_exit_status(outcomes: list[Outcome], expected: Status) -> None:
    assert status(of(*(verdict(outcome) for outcome in outcomes))) is expected


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.INCONCLUSIVE])
def test_a_should_decides_only_where_it_counts(outcome: Outcome) -> None:
    should = verdict(outcome, Level.SHOULD)
    assert status(of(should)) is Status.PASSED
    assert status(of(should, strict=True)) is not Status.PASSED


def test_info_never_decides() -> None:
    info = verdict(Outcome.FAILED, Level.INFO)
    assert status(of(info, strict=True)) is Status.PASSED
    assert not counts(info, strict=True)


def test_a_must_without_weight_decides_all_the_same() -> None:
    assert status(of(verdict(Outcome.FAILED, weight=0))) is Status.FAILED


def test_an_interrupted_run_is_not_judged() -> None:
    assert status(replace(of(verdict(Outcome.FAILED)), interrupted=True)) is Status.NOT_JUDGED
