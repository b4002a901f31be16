from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.classes.model import LabPlan, Student
from conformance.classes.results.grades import grades
from conformance.reports.classes import grades_csv
from conformance.verdict.model import WrongCall
from kit.runs import ALICE, BEHIND_A_DOUBT, REACHABLE, passed
from kit.sample_class import (
    ALICE_STUDENT,
    CLASS,
    DAN,
    GRADES,
    RESULTS,
    WORST_CLASS,
    WORST_RESULTS,
    alone,
    many,
)


def read(text: str, *, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter))


def rows() -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in read(grades_csv.to_csv(CLASS, GRADES))}


def test_every_student_has_a_line_in_the_order_of_the_class() -> None:
    text = grades_csv.to_csv(CLASS, GRADES)
    assert [row["id"] for row in read(text)] == ["alice", "bob", "chloe", "dan", "eve"]
    assert text.endswith("\r\n")
    assert text.count("\r\n") == text.count("\n") == 6


def test_what_is_final_has_its_numbers() -> None:
    bob = rows()["bob"]
    assert (bob["name"], bob["group"]) == ("Bob Ross", "red")
    assert (bob["echo points"], bob["echo max"], bob["echo late days"]) == ("6", "6", "0")
    assert (bob["percent"], bob["grade"], bob["provisional"]) == ("100.0", "6.0", "")
    assert rows()["chloe"]["grade"] == "6.0"


def test_points_are_counted_as_one_speaks() -> None:
    [verdict] = [verdict for verdict in BEHIND_A_DOUBT.verdicts if verdict.possible == 1]
    open_one = replace(passed(REACHABLE), possible=1, points=1)
    doubt = replace(BEHIND_A_DOUBT, verdicts=(open_one, replace(verdict, possible=0)))
    graded, results = alone(ALICE_STUDENT, replace(doubt, interrupted=True))
    [row] = read(grades_csv.to_csv(graded, grades(graded, results)))
    assert "1 of 1 point so far" in row["remarks"]


def test_what_is_open_has_no_grade_and_says_why() -> None:
    alice = rows()["alice"]
    for column in ("percent", "grade", "echo points", "echo after lateness",
                   "streaming-time points"):  # fmt: skip
        assert alice[column] == ""
    assert alice["provisional"] == "yes"
    assert alice["echo late days"] == "2"
    for remark in ("provisional, at least 35.6 %", "echo: 6 of 9 points so far",
                   "streaming-time: not yet graded", "corrected by hand: 4.1"):  # fmt: skip
        assert remark in alice["remarks"]


def test_who_handed_in_nothing_has_no_points_and_that_is_final() -> None:
    dan = rows()["dan"]
    assert (dan["echo points"], dan["grade"], dan["provisional"]) == ("0", "1.0", "")
    assert "echo: nothing handed in" in dan["remarks"]


def test_lateness_is_subtracted_where_the_result_is_final() -> None:
    whole = replace(ALICE, verdicts=tuple(v for v in ALICE.verdicts if v.points is not None))
    graded, results = alone(ALICE_STUDENT, whole)
    hand_in = replace(CLASS.hand_ins[0], lab="echo")
    graded = replace(CLASS, students=graded.students, labs=CLASS.labs[:1], hand_ins=(hand_in,))
    results = [replace(results[0], hand_in=hand_in)]
    [alice] = read(grades_csv.to_csv(graded, grades(graded, results)))
    assert (alice["echo points"], alice["echo max"]) == ("4", "7")
    assert (alice["echo late days"], alice["echo after lateness"]) == ("2", "3.20")


def test_a_class_without_groups_has_no_column_for_them() -> None:
    graded, results = alone(DAN, None)
    assert "group" not in grades_csv.to_csv(graded, grades(graded, results))


STARTERS = {*"=+-@\t\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"}
"""What a formula begins with; the last four are = + - @ of full width."""

FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "'=1", '"=1', "\uff1d1", "x;=1",
    "x; =1", "x,=1", "x;\"=1", "x|-1", "=cmd|' /C calc'!A0", "\u200b=1", "\ufeff=1",
]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_is_a_formula_however_it_is_divided(formula: str, delimiter: str) -> None:
    student = Student(formula, formula, group=formula)
    graded, results = alone(student, None)
    graded = replace(graded, labs=(LabPlan("echo"), LabPlan(formula)), title=formula)
    results = [replace(results[0], trouble=formula, blame="suite")]
    text = grades_csv.to_csv(graded, grades(graded, results))
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        for cell in row:
            assert cell.lstrip(' \t\r\n"')[:1] not in STARTERS, cell


def test_what_is_no_formula_stays_as_it_is() -> None:
    student = Student("jean-luc@example.org", "Jean-Luc O'Neill, PhD")
    graded, results = alone(student, None)
    [row] = read(grades_csv.to_csv(graded, grades(graded, results)))
    assert (row["id"], row["name"]) == (student.id, student.name)


def test_quotes_and_commas_come_back_as_they_were() -> None:
    student = Student("x", 'Ann "the" Smith, x')
    graded, results = alone(student, None)
    [row] = read(grades_csv.to_csv(graded, grades(graded, results)))
    assert row["name"] == student.name


def test_semicolons_where_the_class_asks_for_them() -> None:
    graded = replace(CLASS, separator=";")
    text = grades_csv.to_csv(graded, GRADES)
    assert text.startswith("id;name;group;echo points;")
    assert read(text, delimiter=";") == read(grades_csv.to_csv(CLASS, GRADES))


def test_a_hostile_class_is_text_on_a_line_each() -> None:
    text = grades_csv.to_csv(WORST_CLASS, grades(WORST_CLASS, WORST_RESULTS))
    lines = text.split("\r\n")
    assert len(lines) == 4
    for line in lines:
        assert not line or line.isprintable()
        assert not line.startswith("::")
        assert "##[" not in line
    assert "\\u{202E}gnp.exe" in text
    text.encode()


def test_a_flood_in_a_name_does_not_fill_the_file() -> None:
    graded, results = alone(Student("x", "y" * 1_000_000), None)
    assert len(grades_csv.to_csv(graded, grades(graded, results))) < 5_000


def test_the_file_begins_with_the_mark_that_spreadsheets_know(tmp_path: Path) -> None:
    path = tmp_path / "grades.csv"
    grades_csv.write(CLASS, GRADES, path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfid,name,")
    assert b"\r\r" not in path.read_bytes()
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert file.read() == grades_csv.to_csv(CLASS, GRADES)


def test_a_place_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match="cannot write the report"):
        grades_csv.write(CLASS, GRADES, tmp_path / "nowhere" / "grades.csv")


def test_the_absent_of_a_large_class_are_all_there() -> None:
    graded, results = many(2_000, absent=1_990)
    found = read(grades_csv.to_csv(graded, grades(graded, results)))
    assert len(found) == 2_000
    assert sum("nothing handed in" in row["remarks"] for row in found) == 1_990


def test_the_sample_has_a_result_that_is_missing() -> None:
    assert len(RESULTS) < len(CLASS.hand_ins)
