from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.reports.run.listing import numbers
from conformance.verdict.model import Attempt, Outcome, Verdict
from conformance.verdict.remarks import AFTER_IT
from conformance.verdict.symptoms import Moment, Stood
from kit.runs import ALICE, BYE_IN_LOWER_CASE, clause, not_shown, passed, printed, said

LINES = [clause(f"3.{n}", f"scenario_{n}", "…", section="Echo") for n in range(1, 12)]


def listed(*verdicts: Verdict, verbose: bool = False) -> list[str]:
    """The head of a report, below its title."""
    run = replace(ALICE, verdicts=verdicts, notes=())
    return printed(run, verbose=verbose).split("\n\n")[1].splitlines()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["3.1"], "3.1"),
        (["3.2", "3.1"], "3.1, 3.2"),
        (["3.9", "3.10", "3.11"], "3.9 to 3.11"),
        (["3.1", "3.3", "3.4", "3.5", "3.7"], "3.1, 3.3 to 3.5, 3.7"),
        (["5.5", "5S.1", "5S.2", "5S.3"], "5.5, 5S.1 to 5S.3"),
        (["1", "2", "3"], "1 to 3"),
        (["x", "3.1"], "x, 3.1"),
    ],
)
def test_numbers_that_follow_one_another_are_told_by_the_ends(given: list[str], told: str) -> None:
    assert numbers(given) == told


def test_clauses_of_a_section_that_fared_alike_share_a_row() -> None:
    first, second, third, *_ = LINES
    assert listed(passed(first, 0.25), passed(second, 0.5), passed(third)) == [
        "  ✓ 3     Echo: 3.1 to 3.3                                         3/3    0.80 s"
    ]
    assert listed(passed(first), not_shown(second, "1.1"), not_shown(third, "1.1")) == [
        "  ✓ 3.1   scenario 1                                      MUST     1/1    0.05 s",
        "  – 3     Echo: 3.2, 3.3 · behind 1.1                              0/2    0.00 s",
    ]


def test_one_that_failed_has_a_row_of_its_own() -> None:
    wrong = Attempt(Outcome.FAILED, expected="a", actual="b")
    failed = [replace(passed(each), attempt=wrong, points=0) for each in LINES[:2]]
    rows = listed(*failed, *map(passed, LINES[2:]))
    assert [row.split()[:3] for row in rows] == [
        ["✗", "3.1", "scenario"],
        ["✗", "3.2", "scenario"],
        ["✓", "3", "Echo:"],
    ]


def test_what_is_open_makes_the_points_of_the_row_open() -> None:
    doubt = Attempt(Outcome.INCONCLUSIVE, reason="busy")
    both = [replace(passed(each), attempt=doubt, points=None) for each in LINES[:2]]
    assert listed(*both)[0].split()[-3:] == ["?/2", "0.10", "s"]


def test_each_has_its_row_where_all_is_asked_for() -> None:
    rows = listed(*map(passed, LINES), verbose=True)
    assert sum(" scenario " in row for row in rows) == len(LINES)
    assert rows[0] == "3 Echo"


def test_what_was_observed_stands_below_in_a_sentence() -> None:
    found = passed(LINES[0], notes=("It took 0.5 s. That is long.", f"{AFTER_IT}: 4.1 pays."))
    assert listed(found, passed(LINES[1]))[1:] == ["    3.1: It took 0.5 s."]


def failing(of: int) -> Verdict:
    """A failure of which there is much to tell."""
    number = LINES[of]
    talk = [(n / 10, "client" if n % 2 else "server", f"line {n}\n") for n in range(100)]
    return replace(
        BYE_IN_LOWER_CASE.with_attempt(
            transcript=said(*talk),
            proof=(Moment(5.0, "server", "line 50"),),
            output="\n".join(f"{n} of its own lines" for n in range(50)),
            stood=tuple(
                Stood("waits in recv", f"client {n}", f"worker {n}", "a.py", n, "data = recv()")
                for n in range(1, 9)
            ),
        ),
        clause=replace(number, text="what it has to do. " * 6),
    )


@pytest.mark.parametrize(("failures", "rows"), [(1, 40), (2, 60), (10, 200)])
def test_it_fits(failures: int, rows: int) -> None:
    """Whatever there is to tell; and what proves the failures is there."""
    others = [passed(each) for each in LINES[failures:]]
    told = printed(replace(ALICE, verdicts=(*map(failing, range(failures)), *others), notes=()))
    assert len(told.splitlines()) <= rows
    assert sum(row.startswith("  ▶") and "line 50⏎" in row for row in told.splitlines()) == failures
    assert told.count("see it yourself") == told.count("  hint") == failures


def test_one_failure_among_few_is_shown_with_more_around_it() -> None:
    told = printed(replace(ALICE, verdicts=(failing(0),), notes=()))
    assert len([row for row in told.splitlines() if "line " in row and "s  " in row]) == 5
