from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.verdict.model import Attempt, Blame, Clause, Level, Outcome, Run, Verdict
from conformance.verdict.points import (
    Counting,
    Status,
    counts,
    is_open,
    mark,
    status,
    tally,
    tally_of,
    told_left_out,
    told_not_shown,
)

RUN = Run("echo", "alice", {}, seed=1, tier="full", suite="0")


def verdict(outcome: Outcome, level: Level = Level.MUST, weight: int = 3) -> Verdict:
    return Verdict(Clause("4.1", level, weight, "x", "…"), level, Attempt(outcome))


def not_run(blame: Blame | None, *behind: str, number: str = "4.2", weight: int = 3) -> Verdict:
    clause = Clause(number, Level.MUST, weight, "x", "…")
    return Verdict(clause, Level.MUST, Attempt(Outcome.NOT_RUN, blame=blame, behind=behind))


NOT_SHOWN = not_run(Blame.PROGRAM, "4.1")
LEFT_OUT = not_run(Blame.CALL)
OPEN = not_run(Blame.SUITE)


def of(*verdicts: Verdict, strict: bool = False) -> Run:
    return replace(RUN, strict=strict, verdicts=tuple(mark(v, Counting(strict)) for v in verdicts))


@pytest.mark.parametrize(
    ("level", "strict", "points"),
    [
        (Level.MUST, False, 3), (Level.MUST, True, 3),
        (Level.SHOULD, False, 0), (Level.SHOULD, True, 3),
        (Level.INFO, False, 0), (Level.INFO, True, 0),
    ],
)  # fmt: skip
def test_what_a_clause_is_worth(level: Level, strict: bool, points: int) -> None:
    clause = Clause("4.1", level, 3, "x", "…")
    assert Counting(strict).worth(clause, level) == points
    assert Counting(strict, among={"4.2"}).worth(clause, level) == 0


@pytest.mark.parametrize(("counts", "points"), [((), 3), (("1.2",), 5), (("all",), 7)])
def test_what_clauses_are_worth_together(counts: tuple[str, ...], points: int) -> None:
    levels = {"1.1": (Level.MUST, 3), "1.2": (Level.SHOULD, 2), "1.3": (Level.SHOULD, 2)}
    clauses = [(Clause(n, level, w, "x", "…"), level) for n, (level, w) in levels.items()]
    assert Counting(counts=counts).worth_together(clauses) == points


@pytest.mark.parametrize(
    ("judged", "points", "possible"),
    [
        (verdict(Outcome.PASSED), 3, 3),
        (verdict(Outcome.FAILED), 0, 3),
        (verdict(Outcome.INCONCLUSIVE), None, 3),
        (NOT_SHOWN, 0, 3),
        (OPEN, None, 3),
        (LEFT_OUT, 0, 0),
    ],
)
def test_what_an_outcome_earns(judged: Verdict, points: int | None, possible: int) -> None:
    marked = mark(judged, Counting())
    assert (marked.points, marked.possible) == (points, possible)


@pytest.mark.parametrize("outcome", Outcome)
def test_a_should_that_does_not_count_earns_and_costs_nothing(outcome: Outcome) -> None:
    marked = mark(verdict(outcome, Level.SHOULD), Counting())
    assert (marked.points, marked.possible) == (0, 0)
    assert not marked.counts


def test_a_tally_is_provisional_while_something_that_counts_is_open() -> None:
    run = of(verdict(Outcome.PASSED), verdict(Outcome.INCONCLUSIVE, weight=2))
    total = tally(run.verdicts)
    assert (total.points, total.possible, total.provisional) == (3, 5, True)
    assert not tally(of(verdict(Outcome.INCONCLUSIVE, Level.SHOULD)).verdicts).provisional


@pytest.mark.parametrize(
    "others",
    [
        [verdict(Outcome.PASSED)],
        [verdict(Outcome.FAILED)],
        [verdict(Outcome.INCONCLUSIVE)],
        [NOT_SHOWN],
        [OPEN],
    ],
)
def test_a_lab_is_worth_the_same_whatever_a_submission_does(others: list[Verdict]) -> None:
    assert tally(of(verdict(Outcome.PASSED), *others).verdicts).possible == 6


def test_what_was_not_shown_is_lost_and_told_apart() -> None:
    total = tally(of(verdict(Outcome.PASSED), NOT_SHOWN).verdicts)
    assert (total.points, total.possible, total.provisional) == (3, 6, False)
    assert total.not_shown == 3


def test_what_the_call_rules_out_is_no_part_of_the_worth() -> None:
    total = tally(of(verdict(Outcome.PASSED), LEFT_OUT).verdicts)
    assert (total.points, total.possible, total.not_shown) == (3, 3, 0)


@pytest.mark.parametrize(
    ("judged", "told"),
    [
        (verdict(Outcome.PASSED), False),
        (verdict(Outcome.FAILED), False),
        (verdict(Outcome.INCONCLUSIVE), True),
        (NOT_SHOWN, False),
        (LEFT_OUT, False),
        (OPEN, True),
    ],
)
def test_only_what_the_machine_or_the_suite_kept_from_us_is_open(
    judged: Verdict, told: bool
) -> None:
    assert is_open(judged) is told
    assert tally(of(judged).verdicts).provisional is told


@pytest.mark.parametrize(
    ("interrupted", "planned", "most"),
    [(False, 21, 6), (True, 21, 18), (True, None, 6), (True, 3, 6)],
)
def test_an_interrupted_run_is_worth_what_it_would_have_been(
    interrupted: bool, planned: int | None, most: int
) -> None:
    """But for what the call had left out; an older suite did not say what was planned."""
    run = of(verdict(Outcome.PASSED), verdict(Outcome.FAILED), LEFT_OUT)
    total = tally_of(replace(run, interrupted=interrupted, worth=planned))
    assert (total.points, total.possible) == (3, most)
    assert total.provisional is (interrupted and planned is not None)


# -- in one line ------------------------------------------------------------------------


def test_what_was_not_shown_is_told_in_one_line() -> None:
    behind_the_gate = [not_run(Blame.PROGRAM, "1.1", number=f"3.{n}", weight=10) for n in (1, 2)]
    told = told_not_shown(of(*behind_the_gate).verdicts)
    assert told == "20 points not shown, all behind 1.1: mend that first"


def test_one_line_names_every_clause_that_pays_the_dearest_first() -> None:
    verdicts = of(
        not_run(Blame.PROGRAM, "3.3", weight=1),
        not_run(Blame.PROGRAM, "4.1", weight=2),
        not_run(Blame.PROGRAM, "3.1", "3.2", weight=1),
        not_run(Blame.PROGRAM, "4.1", weight=2),
    ).verdicts
    assert told_not_shown(verdicts) == (
        "6 points not shown: 4 behind 4.1, 1 behind 3.3, 1 behind 3.1 and 3.2; mend those first"
    )
    two = of(not_run(Blame.PROGRAM, "3.1", "3.2", weight=1)).verdicts
    assert told_not_shown(two) == "1 point not shown, all behind 3.1 and 3.2: mend those first"


def test_nobody_is_told_to_mend_what_a_teacher_has_given_in_full() -> None:
    paid = replace(verdict(Outcome.FAILED), possible=3, corrected="seen")
    behind = not_run(Blame.PROGRAM, "4.1", number="4.2", weight=2)
    for points, advice in ((3, ""), (2, ": mend that first")):
        verdicts = (*of(behind).verdicts, replace(paid, points=points))
        assert told_not_shown(verdicts) == f"2 points not shown, all behind 4.1{advice}"


def test_what_was_never_tried_says_why() -> None:
    untried = not_run(Blame.PROGRAM, weight=9)
    late = untried.with_attempt(reason="after 600 s no more is judged\n…")
    assert told_not_shown(of(late).verdicts) == (
        "9 points not shown: 9 never tried (after 600 s no more is judged)"
    )
    assert told_not_shown(of(NOT_SHOWN, late).verdicts) == (
        "12 points not shown: 3 behind 4.1, 9 never tried (after 600 s no more is judged);"
        " mend that first"
    )


def test_nothing_is_told_where_no_point_was_lost_by_it() -> None:
    should = replace(NOT_SHOWN, level=Level.SHOULD)
    given = replace(mark(NOT_SHOWN, Counting()), points=3)
    for verdicts in (of(verdict(Outcome.FAILED), OPEN, LEFT_OUT, should).verdicts, [given]):
        assert told_not_shown(verdicts) == ""


def test_what_the_call_left_out_is_told_in_one_line() -> None:
    should = replace(LEFT_OUT, level=Level.SHOULD, clause=replace(LEFT_OUT.clause, number="4.9"))
    run = of(not_run(Blame.CALL, number="1.2", weight=2), should, LEFT_OUT, NOT_SHOWN)
    assert told_left_out(run) == (
        "5 points left out, for the call or the tier rules them out: 1.2, 4.2"
    )
    assert told_left_out(replace(run, strict=True)).startswith("8 points left out")
    assert told_left_out(of(NOT_SHOWN, OPEN)) == ""


def test_what_an_older_version_did_not_count_is_told() -> None:
    older = replace(not_run(None), points=0, possible=0)
    run = replace(RUN, verdicts=(mark(verdict(Outcome.FAILED), Counting()), older))
    assert told_left_out(run) == "3 points left out, as an older version did: 4.2"
    gated = replace(older, possible=3)
    assert told_left_out(replace(run, verdicts=(gated,))) == ""


# -- the exit status --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([verdict(Outcome.PASSED)], Status.PASSED),
        ([verdict(Outcome.PASSED), verdict(Outcome.FAILED)], Status.FAILED),
        ([verdict(Outcome.PASSED), NOT_SHOWN], Status.FAILED),
        ([verdict(Outcome.PASSED), not_run(Blame.PROGRAM, weight=0)], Status.FAILED),
        ([verdict(Outcome.PASSED), OPEN], Status.NOT_JUDGED),
        ([verdict(Outcome.PASSED), not_run(Blame.SUITE, weight=0)], Status.NOT_JUDGED),
        ([verdict(Outcome.PASSED), LEFT_OUT], Status.PASSED),
        ([verdict(Outcome.FAILED), verdict(Outcome.INCONCLUSIVE)], Status.NOT_JUDGED),
        ([NOT_SHOWN, OPEN], Status.NOT_JUDGED),
        ([verdict(Outcome.INCONCLUSIVE)], Status.NOT_JUDGED),
    ],
)
def test_the_exit_status(verdicts: list[Verdict], expected: Status) -> None:
    assert status(of(*verdicts)) is expected


def test_what_a_teacher_has_settled_is_open_no_longer() -> None:
    settled = replace(mark(OPEN, Counting()), points=0)
    assert status(replace(RUN, verdicts=(settled,))) is Status.FAILED
    assert status(replace(RUN, verdicts=(replace(settled, points=3),))) is Status.PASSED


@pytest.mark.parametrize(
    ("points", "possible", "expected"),
    [(0, 3, Status.FAILED), (None, 3, Status.NOT_JUDGED), (0, 0, Status.PASSED)],
)
def test_an_older_run_has_the_status_that_it_had(
    points: int | None, possible: int, expected: Status
) -> None:
    """It does not say by whose doing something was not run: behind its gate, behind a gate in
    doubt, or for another fault, when it was worth nothing."""
    older = replace(not_run(None), points=points, possible=possible)
    assert status(replace(RUN, verdicts=(older,))) is expected


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
