"""A teacher's correction counts, is shown as one, and outlives a regrading."""

from __future__ import annotations

import pytest
from classroom import ANSWERS_WRONG, Classroom


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


@pytest.mark.parametrize(
    ("words", "about"),
    [
        (["ann", "echo", "3.1", "--points", "4", "--because", "x"], "3"),
        (["ann", "echo", "9.9", "--points", "1", "--because", "x"], "9.9"),
        (["zoe", "echo", "3.1", "--points", "1", "--because", "x"], "zoe"),
        (["ann", "presence", "3.1", "--points", "1", "--because", "x"], "presence"),
        (["ann", "echo", "3.1", "--points", "1", "--because", " "], "--because"),
    ],
)
def test_a_correction_that_cannot_be_is_a_wrong_call(
    graded: Classroom, words: list[str], about: str
) -> None:
    before = graded.gradebook()
    called = graded.desk.call("override", *words, "--out", graded.out)
    assert called.status == 2
    assert about in called.stderr
    graded.desk.call("report", graded.out)
    assert graded.gradebook() == before
