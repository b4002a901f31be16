"""What a grading changes of what counted before is noticed once, and kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.classes.grading.outdated import Terms
from conformance.classes.model import LatePolicy, Override
from conformance.classes.results.changes import Factor
from conformance.classes.results.regrading import CHANGES, Regrading, kept, kept_grades
from conformance.cli import main
from conformance.reports.class_folder import render
from conformance.verdict.events import judged, run_began, run_ended
from conformance.verdict.model import Attempt, Outcome, Run, Verdict, WrongCall
from conformance.verdict.points import Counting, mark
from kit.small_class import CLAUSE, SmallClass

AT = "2026-11-22T10:00:00+00:00"
ANN, BOB = ("ann", "echo"), ("bob", "echo")


@pytest.fixture
def small(tmp_path: Path) -> SmallClass:
    return SmallClass(tmp_path)


def regrade(
    small: SmallClass, outcome: Outcome, *, refused: str = "", terms: Terms | None = None
) -> Regrading:
    """What is due gets a run with this outcome; whoever is `refused` cannot be started."""
    regrading = Regrading(small.ledger, AT)
    for due in small.due(terms=terms) if terms else small.due():
        if due.hand_in.author == refused:
            small.ledger.trouble(due.hand_in, "it is broken", refused=True)
        else:
            record = small.ledger.record(due.hand_in, due.fingerprint)
            record.write(run_began(Run(due.hand_in.lab, "ann", {}, 7, "full", "0", False)))
            record.write(judged(mark(Verdict(CLAUSE, CLAUSE.level, Attempt(outcome)), Counting())))
            record.write(run_ended(1.0))
            regrading.before(due.hand_in)
            small.ledger.keep(record)
        regrading.after(due.hand_in)
    regrading.settle(small.graded.hand_ins)
    return regrading


def told(regrading: Regrading) -> list[tuple[str, str, str, str]]:
    return [(each.author, each.lab, each.before, each.after) for each in regrading.changes]


def test_a_first_grading_changes_nothing(small: SmallClass) -> None:
    assert told(regrade(small, Outcome.PASSED)) == []
    assert kept(small.ledger.folder) == {}


def test_only_what_is_other_than_before_is_told_and_kept(small: SmallClass) -> None:
    regrade(small, Outcome.PASSED)
    (small.entries / "ann.py").write_text("another")
    regrading = regrade(small, Outcome.FAILED)
    assert told(regrading) == [
        ("ann", "echo", "3 of 3 points", "0 of 3 points"),
        ("ann", "echo-node", "3 of 3 points", "0 of 3 points"),
    ]
    assert regrading.changes[0].why[0].factor is Factor.WORK
    assert kept(small.ledger.folder) == {AT: regrading.changes}
    assert told(regrade(small, Outcome.FAILED)) == [], "nothing was due"


def test_work_that_cannot_be_started_is_told_once(small: SmallClass) -> None:
    regrade(small, Outcome.PASSED)
    (small.entries / "ann.py").write_text("broken")
    broken = ("3 of 3 points", "could not be started: it is broken")
    found = told(regrade(small, Outcome.PASSED, refused="ann"))
    assert found == [("ann", "echo", *broken), ("ann", "echo-node", *broken)]
    assert told(regrade(small, Outcome.PASSED, refused="ann")) == []
    (small.entries / "ann.py").write_text("mended")
    mended = told(regrade(small, Outcome.PASSED))
    assert mended == [("ann", lab, *reversed(broken)) for lab in ("echo", "echo-node")]


def test_who_hands_in_later_is_graded_for_the_first_time(small: SmallClass) -> None:
    whole = small.graded
    absent = tuple(replace(h, path=None) if h.author == "bob" else h for h in whole.hand_ins)
    small.graded = replace(whole, hand_ins=absent)
    regrade(small, Outcome.PASSED)
    small.graded = whole
    assert told(regrade(small, Outcome.FAILED)) == []
    small.graded = replace(whole, hand_ins=absent)
    gone = told(regrade(small, Outcome.FAILED))
    assert gone[0] == ("bob", "echo", "0 of 3 points", "nothing handed in")


def test_after_an_interruption_the_former_run_is_what_counted(small: SmallClass) -> None:
    """The class is recorded anew before anything is run: until then, the result is open."""
    regrade(small, Outcome.PASSED)
    small.due(terms=Terms(seed=8))  # and then it was killed
    found = told(regrade(small, Outcome.FAILED, terms=Terms(seed=8)))
    assert ("bob", "echo", "3 of 3 points", "0 of 3 points") in found
    assert len(found) == 4


def test_a_correction_that_was_given_to_other_work_is_told_as_that(small: SmallClass) -> None:
    regrade(small, Outcome.FAILED)
    anns = small.graded.hand_ins[0]
    work = small.ledger.work(anns)
    small.ledger.correct(Override("ann", "echo", "3.1", 2, "fine", AT, work))
    (small.entries / "ann.py").write_text("another")
    (change,) = regrade(small, Outcome.FAILED).changes
    by_hand = change.why[0]
    assert by_hand.told == "clause 3.1, the correction: it was given to other work"


def test_what_no_longer_counts_and_is_not_run_again_is_told(small: SmallClass) -> None:
    regrade(small, Outcome.PASSED)
    (small.entries / "ann.py").write_text("another")
    regrading = Regrading(small.ledger, AT)
    small.due(labs=("echo-node",))  # of echo, nothing is graded now
    regrading.settle(small.graded.hand_ins)
    assert told(regrading)[0] == ("ann", "echo", "3 of 3 points", "not graded yet")


def test_grades_that_the_class_file_changes_are_kept(small: SmallClass) -> None:
    """Nothing is run again, and no result changes."""
    regrade(small, Outcome.PASSED)
    deadline = datetime(2026, 11, 20, tzinfo=UTC)
    at = deadline + timedelta(hours=1)
    small.graded = replace(
        small.graded,
        labs=tuple(replace(plan, deadline=deadline) for plan in small.graded.labs),
        hand_ins=tuple(replace(each, submitted=at) for each in small.graded.hand_ins),
        late=LatePolicy(per_day=25.0),
    )
    regrading = Regrading(small.ledger, AT)
    assert small.due() == []
    rendered = render(small.ledger)
    regrading.settle_grades(rendered.graded, rendered.results, rendered.grades)
    told = [(each.student, each.before, each.after) for each in regrading.grade_changes]
    assert told == [("ann", "100.0", "75.0"), ("bob", "100.0", "75.0")]
    assert kept_grades(small.ledger.folder) == {AT: list(regrading.grade_changes)}
    assert kept(small.ledger.folder) == {}
    done = CliRunner().invoke(main, ["diff", str(small.ledger.folder)], env={"COLUMNS": "100"})
    assert done.exit_code == 1
    assert "ann: 100.0 → 75.0, echo: lateness costs 0 % → 25 % (class.toml)" in done.stdout


def test_a_damaged_file_of_changes_is_a_sentence(small: SmallClass) -> None:
    small.ledger.folder.mkdir()
    (small.ledger.folder / CHANGES).write_text('{"event":"change"}\n')
    with pytest.raises(WrongCall, match=r"changes\.jsonl is damaged"):
        kept(small.ledger.folder)
