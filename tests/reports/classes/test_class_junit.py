from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from junitparser import JUnitXml
from lxml import etree  # type: ignore[import-untyped]  # it has no stubs

from conformance.classes.model import Class, HandIn, Override, Result, Reveal, Student
from conformance.reports.classes import class_junit
from conformance.reports.classes.class_junit import CORRECTED, HANDED_IN
from conformance.reports.run.junit import Sums
from conformance.verdict.model import WrongCall
from kit.runs import ALICE, BEHIND_A_FAULT, HOSTILE
from kit.sample_class import (
    ALICE_STUDENT,
    BOB,
    CLASS,
    EVE,
    FOLDER,
    GIVEN,
    RESULTS,
    SENTENCE,
    TOTAL_GIVEN,
    TOTAL_SENTENCE,
    WORST,
    WORST_CLASS,
    WORST_RESULTS,
    alone,
    many,
)


def suites(graded: Class, results: Iterable[Result]) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(class_junit.to_xml(graded, results).encode())
    return {str(suite.get("name")): suite for suite in root}


def corrected(*overrides: Override) -> dict[str, ElementTree.Element]:
    """The cases of a student whose points were corrected."""
    [suite] = suites(*alone(ALICE_STUDENT, ALICE, *overrides)).values()
    return {str(case.get("name")).split()[0]: case for case in suite.iter("testcase")}


def kinds(element: ElementTree.Element) -> set[str]:
    return {child.tag for child in element} - {"properties"}


def facts(element: ElementTree.Element) -> dict[str | None, str | None]:
    return {item.get("name"): item.get("value") for item in element.findall("properties/property")}


def test_junitparser_counts_what_we_counted(tmp_path: Path) -> None:
    path = tmp_path / "class.xml"
    class_junit.write(CLASS, RESULTS, path)
    report = JUnitXml.fromfile(str(path))
    told = [(s.name, s.tests, s.failures, s.errors, s.skipped) for s in report]
    assert told == [
        ("echo.alice", 7, 1, 1, 2), ("streaming-time.alice", 1, 0, 1, 0),
        ("echo.bob", 2, 0, 0, 0), ("streaming-time.bob", 2, 0, 0, 0),
        ("echo.chloe", 2, 0, 0, 0), ("streaming-time.chloe", 2, 0, 0, 0),
        ("echo.dan", 1, 1, 0, 0), ("streaming-time.dan", 1, 1, 0, 0),
        ("echo.eve", 1, 0, 1, 0), ("streaming-time.eve", 1, 1, 0, 0),
    ]  # fmt: skip
    before = (report.tests, report.failures, report.errors, report.skipped)
    assert before == (20, 4, 3, 2)
    report.update_statistics()  # type: ignore[no-untyped-call]  # it has no types
    assert (report.tests, report.failures, report.errors, report.skipped) == before


def test_lxml_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "class.xml"
    class_junit.write(CLASS, RESULTS, path)
    root = etree.parse(str(path)).getroot()
    for tag, number in (("failure", 4), ("error", 3), ("skipped", 2)):
        assert len(root.findall(f".//testcase/{tag}")) == number
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(names)) == len(names) == 20


def test_nothing_handed_in_fails_and_what_is_open_is_an_error() -> None:
    found = suites(CLASS, RESULTS)
    absent, open_ = found["echo.dan"], found["streaming-time.alice"]
    failure, error = absent.find("testcase/failure"), open_.find("testcase/error")
    assert failure is not None
    assert failure.text == failure.get("message") == "nothing handed in"
    assert error is not None
    assert error.text == "open: not graded yet"
    assert absent.find("testcase").get("name") == HANDED_IN  # type: ignore[union-attr]
    assert (facts(absent)["points"], facts(absent)["provisional"]) == ("0", "false")
    assert (facts(open_)["points"], facts(open_)["provisional"]) == ("", "true")
    eve = found["echo.eve"].find("testcase/error")
    assert eve is not None
    assert "two entries" in str(eve.text)


def test_blame_decides_whether_there_is_a_failure() -> None:
    graded, [result] = alone(ALICE_STUDENT, None)
    for blame, tag in (("student", "failure"), ("suite", "error"), ("", "error")):
        told = replace(result, trouble="no such archive", blame=blame)
        case = suites(graded, [told])["echo.alice"].find("testcase")
        assert case is not None
        assert kinds(case) == {tag}


def test_what_could_not_be_started_is_an_error_and_says_so() -> None:
    graded, [result] = alone(ALICE_STUDENT, None)
    told = replace(result, trouble="alice.rar: no", blame="suite", refused=True)
    error = suites(graded, [told])["echo.alice"].find("testcase/error")
    assert error is not None
    assert error.text == "open: could not be started: alice.rar: no"


def test_an_empty_folder_is_a_failure_that_says_so() -> None:
    graded, [result] = alone(ALICE_STUDENT, None)
    absent = HandIn("alice", "echo", None, remarks=("the folder is empty",))
    graded = replace(graded, hand_ins=(absent,))
    told = replace(result, hand_in=absent, trouble="nothing handed in", blame="student")
    failure = suites(graded, [told])["echo.alice"].find("testcase/failure")
    assert failure is not None
    assert failure.text == "nothing handed in; the folder is empty"


def test_who_may_have_handed_in_nothing_is_open() -> None:
    graded, _ = alone(ALICE_STUDENT, None)
    missing = HandIn("alice", "echo", None, problem="an entry has no owner", missing=True)
    graded = replace(graded, hand_ins=(missing,))
    error = suites(graded, [])["echo.alice"].find("testcase/error")
    assert error is not None
    assert error.text == "open: an entry has no owner"


def test_the_suite_says_whose_it_is() -> None:
    told = facts(suites(CLASS, RESULTS)["echo.bob"])
    assert (told["student"], told["name"], told["group"]) == ("bob", "Bob Ross", "red")


def test_a_run_in_which_nothing_counted_is_open_and_not_green(tmp_path: Path) -> None:
    graded, results = alone(ALICE_STUDENT, replace(ALICE, verdicts=ALICE.verdicts[-1:]))
    class_junit.write(graded, results, tmp_path / "class.xml")
    report = JUnitXml.fromfile(str(tmp_path / "class.xml"))
    assert (report.tests, report.errors) == (2, 1)
    assert facts(suites(graded, results)["echo.alice"])["provisional"] == "true"


def test_points_that_were_corrected_decide() -> None:
    cases = corrected(
        GIVEN,
        replace(GIVEN, clause="3.1", points=2),
        replace(GIVEN, clause="3.2", points=2),
        replace(GIVEN, clause="1.1", points=1),
    )
    assert kinds(cases["4.1"]) == {"failure"}
    assert kinds(cases["3.1"]) == {"failure"}  # passed, but lost a point
    assert kinds(cases["3.2"]) == set()  # was in doubt
    assert kinds(cases["1.1"]) == set()
    assert (facts(cases["4.1"])["points"], facts(cases["4.1"])["override"]) == ("2", SENTENCE)
    assert str(facts(cases["3.2"])["override"]).startswith("The teacher gave 2 of 2 points")
    assert facts(cases["4.1"])["outcome"] == "failed"
    assert "override" not in facts(cases["5.2"])
    failure = cases["4.1"].find("failure")
    assert failure is not None
    assert failure.get("type") == "overridden"
    assert str(failure.get("message")).startswith(SENTENCE)
    assert "actual    > bye⏎" in str(failure.text)


def test_a_failure_that_was_given_all_points_is_none() -> None:
    assert kinds(corrected(replace(GIVEN, points=3))["4.1"]) == set()
    assert kinds(corrected()["4.1"]) == {"failure"}


@pytest.mark.parametrize(
    ("points", "failures", "skipped"),
    [(7, 2, 3), (9, 0, 4)],
)
def test_a_corrected_total_decides(
    tmp_path: Path, points: int, failures: int, skipped: int
) -> None:
    """ALICE has one failure, one doubt and two that are skipped."""
    graded, results = alone(ALICE_STUDENT, ALICE, replace(TOTAL_GIVEN, points=points))
    class_junit.write(graded, results, tmp_path / "class.xml")
    [suite] = JUnitXml.fromfile(str(tmp_path / "class.xml"))
    assert (suite.tests, suite.errors) == (len(ALICE.verdicts) + 1, 0)
    assert (suite.failures, suite.skipped) == (failures, skipped)
    [element] = suites(graded, results).values()
    told = facts(element)
    assert (told["points"], told["max_points"]) == (str(points), "9")
    assert told["provisional"] == "false"
    assert told["override"] == TOTAL_SENTENCE.replace("7", str(points))
    case = next(each for each in element.iter("testcase") if each.get("name") == CORRECTED)
    assert kinds(case) == ({"failure"} if points < 9 else set())
    doubt = next(c for c in element.iter("testcase") if str(c.get("name")).startswith("3.2"))
    assert str(doubt.find("skipped").get("message")).startswith("inconclusive: ")  # type: ignore[union-attr]


@pytest.mark.parametrize(("points", "tags"), [(7, {"failure"}), (9, set())])
def test_a_total_without_a_run_decides(tmp_path: Path, points: int, tags: set[str]) -> None:
    graded, results = alone(ALICE_STUDENT, None, replace(TOTAL_GIVEN, points=points))
    class_junit.write(graded, results, tmp_path / "class.xml")
    [element] = suites(graded, results).values()
    [case] = element.iter("testcase")
    assert (case.get("name"), kinds(case)) == (HANDED_IN, tags)
    told = facts(element)
    assert (told["points"], told["max_points"], told["provisional"]) == (str(points), "9", "false")
    assert told["override"] == TOTAL_SENTENCE.replace("7", str(points))


def test_a_correction_that_does_not_fit_changes_nothing() -> None:
    graded, [result] = alone(ALICE_STUDENT, ALICE)
    unfit = replace(result, overrides=(replace(GIVEN, points=3),))
    [suite] = suites(graded, [unfit]).values()
    assert "override" not in {item.get("name") for item in suite.iter("property")}
    assert suite.get("failures") == "1"


def test_a_student_s_file_holds_the_student_only(tmp_path: Path) -> None:
    path = tmp_path / "bob.xml"
    class_junit.write_student(CLASS, BOB, RESULTS, path)
    assert [suite.name for suite in JUnitXml.fromfile(str(path))] == [
        "echo.bob", "streaming-time.bob",
    ]  # fmt: skip
    for other in ("alice", "chloe", ".eve"):
        assert other not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("reveal", list(Reveal))
def test_a_student_s_file_holds_what_is_revealed(reveal: Reveal) -> None:
    text = class_junit.student_xml(replace(CLASS, reveal=reveal), ALICE_STUDENT, RESULTS)
    etree.fromstring(text.encode())
    assert SENTENCE in text
    for part in ("&gt; bye⏎", "Traceback"):
        assert (part in text) == (reveal is not Reveal.POINTS), part
    for part in ("Is the line sent back", "nc localhost", "YOUR_SERVER"):
        assert (part in text) == (reveal is Reveal.HINTS), part
    assert str(FOLDER) not in text
    assert str(ALICE.seed) not in text
    assert 'name="seed"' not in text


@pytest.mark.parametrize("reveal", list(Reveal))
def test_behind_which_something_stands_is_told_at_every_level(reveal: Reveal) -> None:
    graded, results = alone(ALICE_STUDENT, BEHIND_A_FAULT, reveal=reveal)
    text = class_junit.student_xml(graded, ALICE_STUDENT, results)
    root = ElementTree.fromstring(text.encode())
    case = next(c for c in root.iter("testcase") if str(c.get("name")).startswith("5.2"))
    told = facts(case)
    assert (told["blame"], told["behind"]) == ("program", "3.1")
    assert told["kind"] == ("" if reveal is Reveal.POINTS else "form")


def test_the_teacher_s_file_holds_everything() -> None:
    text = class_junit.to_xml(replace(CLASS, reveal=Reveal.POINTS), RESULTS)
    for part in ("&gt; bye⏎", "Is the line sent back", 'name="seed"', f"check {FOLDER}/alice.py"):
        assert part in text


def test_students_who_look_alike_have_suites_of_their_own(tmp_path: Path) -> None:
    students = tuple(Student(id) for id in ("a", "a\u200b", "a\\u{200B}", "b", "b (2)", "b"))
    hand_ins = tuple(HandIn(student.id, "echo", None) for student in students)
    graded = replace(CLASS, students=students, labs=CLASS.labs[:1], hand_ins=hand_ins)
    class_junit.write(graded, [], tmp_path / "class.xml")
    names = [suite.name for suite in JUnitXml.fromfile(str(tmp_path / "class.xml"))]
    assert len(set(names)) == len(names) == len(students)


def test_a_hostile_class_is_text_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "class.xml"
    class_junit.write(WORST_CLASS, WORST_RESULTS, path)
    own = tmp_path / "own.xml"
    class_junit.write_student(WORST_CLASS, WORST, WORST_RESULTS, own)
    for file in (path, own):
        root = etree.parse(str(file)).getroot()
        assert {element.tag for element in root.iter()} <= {
            "testsuites", "testsuite", "testcase", "properties", "property",
            "failure", "error", "skipped",
        }  # fmt: skip
        assert "\\u{202E}gnp.exe" in root.find("testsuite").get("name")
        assert "<script>alert(1)</script>" in root.find("testsuite").get("name")
        text = file.read_text(encoding="utf-8")
        assert HOSTILE not in text
        assert all(char.isprintable() or char == "\n" for char in text)
        assert JUnitXml.fromfile(str(file)).errors == 2


def test_trouble_without_end_is_cut() -> None:
    graded, [result] = alone(EVE, None)
    text = class_junit.to_xml(graded, [replace(result, trouble="z" * 1_000_000, blame="suite")])
    assert len(text) < 10_000


def seconds_for(students: int, path: Path) -> float:
    """The least of three: what a machine's host takes from us counts as ours."""
    graded, results = many(students, absent=students - 10)
    taken = []
    for _ in range(3):
        began = time.process_time()
        class_junit.write(graded, results, path)
        taken.append(time.process_time() - began)
    return min(taken)


def test_a_class_of_absent_students_is_quick(tmp_path: Path) -> None:
    path = tmp_path / "class.xml"
    large, small = seconds_for(2_000, path), seconds_for(500, path)
    assert large < 12 * small, "four times as many, less than sixteen times the work"
    assert JUnitXml.fromfile(str(tmp_path / "class.xml")).failures == 2 * 490


def test_what_was_there_stays_until_the_report_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "class.xml"
    class_junit.write(CLASS, RESULTS, path)
    before = path.read_text(encoding="utf-8")
    monkeypatch.setattr(Sums, "part", lambda sums, suite: "<testsuite tests='1'/>")
    with pytest.raises(AssertionError, match="does not hold what it says"):
        class_junit.write(CLASS, RESULTS, path)
    assert path.read_text(encoding="utf-8") == before


def test_a_place_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match="cannot write the report"):
        class_junit.write(CLASS, RESULTS, tmp_path / "nowhere" / "class.xml")
