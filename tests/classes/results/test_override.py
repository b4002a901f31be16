"""A teacher's correction counts, is shown as one, and outlives a regrading."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from golden.rendering import copied_results
from kit.classroom import ANSWERS_WRONG, ENDS_AT_ONCE, Classroom


@pytest.fixture
def graded(classroom: Classroom) -> Classroom:
    classroom.hand_in("ann", ANSWERS_WRONG)
    classroom.grade()
    return classroom


def correct(graded: Classroom, *words: object) -> int:
    call = ["override", "ann", "echo", "3.1", "--out", graded.out, *words]
    return graded.desk.call(*call).status


def test_it_counts_and_every_report_says_so(graded: Classroom) -> None:
    before = graded.gradebook()["ann"]
    assert correct(graded, "--points", "2", "--because", "the handout was wrong") == 0
    after = graded.gradebook()["ann"]
    assert float(after["grade"]) > float(before["grade"])
    assert "3.1" in after["remarks"]
    for report in ("students/ann.txt", "students/ann.xml", "class.xml"):
        assert "the handout was wrong" in (graded.out / report).read_text("utf-8"), report


def test_it_survives_a_regrading_and_a_rendering(graded: Classroom) -> None:
    correct(graded, "--points", "2", "--because", "the handout was wrong")
    grade = graded.gradebook()["ann"]["grade"]
    graded.grade("--again", "ann")
    assert graded.outcomes("ann")["3.1"] == ("failed", 0), "what was judged is not rewritten"
    assert graded.gradebook()["ann"]["grade"] == grade
    graded.desk.call("report", graded.out)
    assert graded.gradebook()["ann"]["grade"] == grade


def test_the_last_correction_of_a_clause_is_the_one_that_counts(graded: Classroom) -> None:
    before = graded.gradebook()["ann"]["grade"]
    correct(graded, "--points", "3", "--because", "a mistake")
    correct(graded, "--points", "0", "--because", "which was none")
    assert graded.gradebook()["ann"]["grade"] == before


def points_and_worth(graded: Classroom) -> tuple[str, str]:
    row = graded.gradebook()["ann"]
    return row["echo points"], row["echo max"]


def test_a_clause_that_was_not_shown_may_be_given_its_full_weight(classroom: Classroom) -> None:
    classroom.hand_in("ann", program=ENDS_AT_ONCE)
    classroom.grade()
    assert classroom.outcomes("ann")["3.1"] == ("not_run", 0)
    assert points_and_worth(classroom) == ("0", "4")
    assert "3 points not shown, all behind 1.1" in classroom.gradebook()["ann"]["remarks"]
    assert correct(classroom, "--points", "3", "--because", "it runs on my machine") == 0
    assert points_and_worth(classroom) == ("3", "4")
    assert "not shown" not in classroom.gradebook()["ann"]["remarks"]


def test_a_teacher_is_told_what_stands_behind_a_corrected_clause(tmp_path: Path) -> None:
    out = copied_results(tmp_path)

    def told(clause: str, *words: str) -> str:
        call = ["override", "bob", "echo", clause, "--out", str(out), "--because", "seen", *words]
        done = CliRunner().invoke(main, call)
        assert done.exit_code == 0, done.output
        return " ".join(done.output.split())

    assert "not shown behind it" not in told("3.1", "--points", "3"), "3.8 is corrected, too"
    told("3.8", "--withdraw")
    assert "not shown behind it, and not corrected: 3.8 (2 points)" in told("3.1", "--points", "3")
    page = " ".join((out / "students" / "bob.txt").read_text("utf-8").split())
    assert "2 points not shown, all behind 3.1." in page
    assert "mend that first" not in page


def total(graded: Classroom, *words: object) -> int:
    call = ["override", "ann", "echo", "--total", "--out", graded.out, *words]
    return graded.desk.call(*call).status


def test_a_lab_s_total_is_corrected_everywhere_and_taken_back(graded: Classroom) -> None:
    before = points_and_worth(graded)
    assert total(graded, "--points", "4", "--because", "seen in the lab") == 0
    assert points_and_worth(graded) == ("4", before[1])
    assert "total corrected by hand, 4 of 4 points: seen" in graded.gradebook()["ann"]["remarks"]
    for report in ("students/ann.txt", "students/ann.xml", "class.xml"):
        assert "for the whole lab: seen in the lab" in (graded.out / report).read_text("utf-8")
    assert graded.desk.call("report", graded.out).status == 0
    assert total(graded, "--withdraw", "--because", "a slip") == 0
    assert points_and_worth(graded) == before
    for report in ("students/ann.txt", "class.xml"):
        assert "whole lab" not in (graded.out / report).read_text("utf-8")
    assert graded.desk.call("report", graded.out).status == 1


def test_a_correction_of_a_clause_is_taken_back(graded: Classroom) -> None:
    before = graded.gradebook()
    correct(graded, "--points", "2", "--because", "the handout was wrong")
    total(graded, "--points", "4", "--because", "seen in the lab")
    assert correct(graded, "--withdraw") == 0
    assert points_and_worth(graded)[0] == "4", "the total is still in force"
    assert total(graded, "--withdraw") == 0
    assert graded.gradebook() == before
    assert correct(graded, "--withdraw") == 2, "there is nothing left"


def test_a_total_may_be_given_to_somebody_who_handed_in_nothing(classroom: Classroom) -> None:
    classroom.describe(more='roster = "roster.csv"\n')
    (classroom.folder / "roster.csv").write_text("id,name\nann,Ann\nbob,Bob\n")
    classroom.hand_in("bob")
    classroom.grade()
    assert points_and_worth(classroom) == ("0", "4")
    assert correct(classroom, "--points", "1", "--because", "x") == 2
    assert total(classroom, "--points", "2", "--because", "handed in on paper") == 0
    assert points_and_worth(classroom) == ("2", "4")


WRONG_CALLS = [
    (["ann", "echo", "3.1", "--points", "4", "--because", "x"], "3"),
    (["ann", "echo", "9.9", "--points", "1", "--because", "x"], "9.9"),
    (["zoe", "echo", "3.1", "--points", "1", "--because", "x"], "zoe"),
    (["ann", "presence", "3.1", "--points", "1", "--because", "x"], "presence"),
    (["ann", "echo", "3.1", "--points", "1", "--because", " "], "--because"),
    (["ann", "echo", "3.1", "--points", "1"], "--because"),
    (["ann", "echo", "3.1", "--because", "x"], "--points"),
    (["ann", "echo", "--points", "1", "--because", "x"], "--total"),
    (["ann", "echo", "3.1", "--total", "--points", "1", "--because", "x"], "--total"),
    (["ann", "echo", "--total", "--points", "5", "--because", "x"], "0 to 4"),
    (["ann", "echo", "3.1", "--withdraw"], "nothing"),
    (["ann", "echo", "3.1", "--withdraw", "--points", "1"], "--withdraw"),
]


def test_a_correction_that_cannot_be_is_a_wrong_call(graded: Classroom) -> None:
    before = graded.gradebook()
    for words, about in WRONG_CALLS:
        called = graded.desk.call("override", *words, "--out", graded.out)
        assert called.status == 2, words
        assert about in called.stderr, words
    graded.desk.call("report", graded.out)
    assert graded.gradebook() == before
