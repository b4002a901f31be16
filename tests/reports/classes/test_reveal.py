"""What a class hides can be told from nothing that a student reads."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from conformance.classes.feedback import Rules
from conformance.classes.model import Feedback, Grant, Override, Reveal, ShowHidden
from conformance.classes.results.grades import grades
from conformance.reports.classes import class_junit
from conformance.reports.classes.reveal import seen, seen_run
from conformance.reports.classes.student_page import page
from conformance.reports.pages.student import student_page
from conformance.reports.run import json_report
from conformance.verdict.model import Attempt, Common, Outcome, Run, Search, Verdict
from conformance.verdict.points import Status, status
from golden.rendering import copied_results, render_class
from kit.runs import ALICE, AT_ONCE, HANGS_UP, LISTENS, UPPER_CASE, not_shown, passed
from kit.sample_class import ALICE_STUDENT, DEADLINE, alone

BEFORE, AFTER = DEADLINE - timedelta(days=1), DEADLINE + timedelta(seconds=1)
HIDES = Feedback(hidden=("3.1",))

FAILED = Verdict(
    UPPER_CASE, UPPER_CASE.level,
    Attempt(Outcome.FAILED, expected="> A\n", actual="> zzz\n", notes=("lower case",)), 3, 0,
)  # fmt: skip
OPEN = replace(FAILED, points=None).with_attempt(outcome=Outcome.INCONCLUSIVE, reason="busy")
FATES = {"passed": passed(UPPER_CASE), "failed": FAILED, "open": OPEN}
SECRETS = ("upper case", "lower case", "judged by that", "keeps the case", "3.1 pays", "zzz")


def run_with(hidden: Verdict, beside: Verdict | None = None) -> Run:
    """A run in which 3.1 came out like that, with all that is said elsewhere where it failed."""
    fails = hidden.outcome is Outcome.FAILED
    goodbye = passed(HANGS_UP, notes=("lower case, for which 3.1 pays",) if fails else ())
    goodbye = goodbye.with_attempt(shared=True, output="zzz" if fails else "> A")
    before = Attempt(Outcome.PASSED, relies=("3.1",) if fails else ())
    goodbye = replace(goodbye, earlier=(before,))
    return replace(
        ALICE,
        notes=("Its replies are in lower case: judged by that everywhere.",) if fails else (),
        common=(Common("case", "It keeps the case.", ("3.1", "3.2")),) if fails else (),
        search=Search(20.0, conversations=3 if fails else 9),
        verdicts=(passed(LISTENS), hidden, beside or passed(AT_ONCE), goodbye),
    )


def read(
    run: Run, now: datetime, *given: Override, reveal: Reveal = Reveal.HINTS,
    grants: tuple[Grant, ...] = (), feedback: Feedback = HIDES,
) -> str:  # fmt: skip
    """All that a student reads of this run at that time."""
    graded, results = alone(ALICE_STUDENT, run, *given, reveal=reveal)
    plan = replace(graded.labs[0], deadline=DEADLINE)
    graded = replace(graded, feedback=feedback, labs=(plan,), grants=grants)
    theirs = seen(graded, results, now)
    [grade] = grades(graded, theirs)
    told = page(graded, ALICE_STUDENT, grade, theirs)
    told += student_page(graded, ALICE_STUDENT, grade, theirs)
    return told + class_junit.student_xml(graded, ALICE_STUDENT, theirs)


@pytest.mark.parametrize("reveal", Reveal)
def test_however_a_hidden_clause_came_out_the_student_reads_the_same(reveal: Reveal) -> None:
    told = {read(run_with(fate), BEFORE, reveal=reveal) for fate in FATES.values()}
    assert len(told) == 1
    [only] = told
    assert "hidden until the deadline (2026-11-20 22:00+00:00)" in only
    assert "6 of 9 points; 3 points hidden" in only  # the whole worth is in the contract
    assert "No grade here: clauses are hidden, and their points count." in " ".join(only.split())
    assert "at least 66.7 %" in " ".join(only.split())
    lies = ("so far", "something is open", "still open", "cost you")
    assert not [lie for lie in lies if lie in only]
    assert not [secret for secret in SECRETS if secret in only.replace("in upper case", "")]


def test_the_same_json_too() -> None:
    rules = Rules(feedback=HIDES, hidden=HIDES.hidden, deadline=DEADLINE)
    runs = [seen_run(run_with(fate), rules, BEFORE) for fate in FATES.values()]
    told = {json_report.to_text(run) for run in runs}
    assert len(told) == 1
    [only] = told
    assert (json.loads(only)["points"], json.loads(only)["max_points"]) == (6, 9)
    assert {status(run) for run in runs} == {Status.PASSED}  # of what is seen, all passed


def test_after_the_deadline_all_is_told() -> None:
    run = run_with(FAILED)
    told = read(run, AFTER)
    assert "6 of 9 points" in told
    assert "judged by that" in told
    assert "hidden until" not in told
    rules = Rules(feedback=HIDES, hidden=HIDES.hidden, deadline=DEADLINE)
    assert seen_run(run, rules, AFTER) == run


def test_it_stays_hidden_until_the_last_extension_is_over() -> None:
    longer = Grant("bob", "echo", DEADLINE + timedelta(days=3))
    other = Grant("bob", "presence", DEADLINE + timedelta(days=9))
    run = run_with(FAILED)
    told = read(run, AFTER, grants=(longer, other))
    assert "hidden until the deadline (2026-11-20 22:00+00:00) and all extensions" in told
    assert "2026-11-23" not in told, "the extension is somebody else's"
    assert told == read(run, BEFORE), "nor does it say whether there is one"
    assert "hidden until" not in read(run, DEADLINE + timedelta(days=4), grants=(longer, other))


@pytest.mark.parametrize(
    ("show", "told"),
    [(ShowHidden.NEVER, "hidden by the teacher"), (ShowHidden.PUBLISHED, "grades are published")],
)
def test_what_does_not_depend_on_the_deadline_stays_hidden(show: ShowHidden, told: str) -> None:
    assert told in read(run_with(FAILED), AFTER, feedback=replace(HIDES, show_hidden=show))


def test_what_is_open_beside_it_is_told_as_open() -> None:
    beside = replace(OPEN, clause=AT_ONCE, possible=2)
    told = " ".join(read(run_with(FAILED, beside), BEFORE).split())
    assert "4 of 9 points so far, something is open; 3 points hidden" in told
    assert "something else is still open, which has cost you no point." in told
    assert "It is at least 44.4 %." in told


def test_a_certain_zero_is_not_called_open() -> None:
    failed = replace(FAILED, clause=AT_ONCE, possible=2)
    run = replace(ALICE, verdicts=(FAILED, failed), notes=())
    told = read(run, BEFORE)
    assert "0 of 5 points; 3 points hidden" in told
    assert "still open" not in told


def test_what_is_not_shown_because_of_it_is_hidden_too() -> None:
    told = read(run_with(FAILED, not_shown(AT_ONCE, "3.1")), BEFORE)
    assert "hidden: 3.1, 3.2" in told
    assert "4 of 9 points; 5 points hidden" in told
    assert "not shown" not in told
    assert "behind" not in told.replace('name="behind"', "")


def test_a_correction_of_it_is_hidden_and_one_of_the_total_is_not() -> None:
    clause = Override("alice", "echo", "3.1", 3, "seen", "2026-11-23T08:00:00+00:00")
    run = run_with(FAILED)
    assert read(run, BEFORE, clause) == read(run, BEFORE)
    told = read(run, BEFORE, replace(clause, clause="", points=7))
    assert "The teacher gave 7 of 9 points" in told
    assert "77.8" in told


def test_teachers_read_all_of_it(tmp_path: Path) -> None:
    results = copied_results(tmp_path)
    events = results / "class.jsonl"
    lines = events.read_text(encoding="ascii").splitlines()
    places = [n for n, line in enumerate(lines) if '"event":"class"' in line]
    for place in places:
        event = json.loads(lines[place])
        event["class"]["feedback"] = {"hidden": ["3"], "show_hidden": "never"}
        lines[place] = json.dumps(event)
    events.write_text("\n".join(lines) + "\n", encoding="ascii")
    rendered = render_class(results)
    former = render_class(copied_results(tmp_path / "former"))
    for name in ("grades.csv", "class.xml"):
        assert rendered[name] == former[name]
    theirs = [data for name, data in rendered.items() if name.startswith("students/")]
    assert sum(b"hidden by the teacher" in data for data in theirs) >= 2
