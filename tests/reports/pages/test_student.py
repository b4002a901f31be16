"""The page of a student of a class: what the text of the same name says, and no more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html  # type: ignore[import-untyped]
from playwright.sync_api import Browser

from conformance.classes.model import Override, Result, Reveal, Student, SymptomNote
from conformance.classes.results.grades import grades
from conformance.reports.classes.student_page import page as text_page
from conformance.reports.pages.student import student_page
from conformance.verdict.model import Attempt, Blame, Common, Outcome, Run, Search
from kit.browser import NARROW, browser, opened  # noqa: F401 - a fixture
from kit.runs import (
    ALICE,
    AT_ONCE,
    BYE_IN_LOWER_CASE,
    HANGS_UP,
    HOSTILE,
    UPPER_CASE,
    not_shown,
    passed,
)
from kit.sample_class import (
    ALICE_STUDENT,
    ALICES_RUN,
    BOB,
    CHLOE,
    CLASS,
    DAN,
    EVE,
    FOLDER,
    GIVEN,
    GRADES,
    RESULTS,
    SENTENCE,
    STUDENTS,
    TOTAL_GIVEN,
    TOTAL_SENTENCE,
    WORST,
    WORST_CLASS,
    WORST_RESULTS,
    alone,
)


def page_of(student: Student) -> html.HtmlElement:
    grade = next(grade for grade in GRADES if grade.student == student)
    return html.document_fromstring(student_page(CLASS, student, grade, RESULTS))


def page_alone(
    run: Run | None, *overrides: Override, reveal: Reveal = Reveal.HINTS,
    notes: Sequence[SymptomNote] = (),
) -> html.HtmlElement:  # fmt: skip
    graded, [result] = alone(ALICE_STUDENT, run, *overrides, reveal=reveal)
    results = [replace(result, notes=tuple(notes))]
    told = student_page(graded, ALICE_STUDENT, grades(graded, results)[0], results)
    return html.document_fromstring(told)


def text_alone(run: Run, *overrides: Override) -> str:
    graded, results = alone(ALICE_STUDENT, run, *overrides)
    return text_page(graded, ALICE_STUDENT, grades(graded, results)[0], results)


def words(element: html.HtmlElement, path: str) -> Sequence[str]:
    return [" ".join(each.text_content().split()) for each in element.xpath(path)]


def test_the_grade_and_the_points_of_each_lab_stand_at_the_top() -> None:
    page = page_of(BOB)
    assert words(page, "//h1") == ["Bob Ross · bob · group red"]
    assert words(page, "//header/p[@class='score']") == ["Grade: 6.0 (100.0 %)"]
    rows = words(page, "//table[@class='labs']/tbody/tr/td")
    assert rows == ["6 of 6 points", "6 of 6 points"]
    links = page.xpath("//table[@class='labs']//a/@href")
    assert [len(page.xpath(f"//*[@id='{link[1:]}']")) for link in links] == [1, 1]


def test_a_failure_is_told_as_on_the_page_of_a_run() -> None:
    [told] = page_of(ALICE_STUDENT).xpath("//article[@id='c-echo-4.1']")
    assert words(told, ".//dd[@class='actual']") == ["> bye⏎"]
    assert told.xpath(".//svg[contains(@class, 'sequence')]")
    assert words(told, ".//header/following-sibling::p")[0] == SENTENCE  # the correction
    commands = words(told, ".//pre[@class='command']")
    assert commands[-1] == "conformance check YOUR_SERVER --lab echo --only 4.1"


def test_what_a_teacher_has_given_in_full_is_no_fault_any_more() -> None:
    common = Common("no hanging up", "It does not hang up.", ("4.1",))
    run = replace(
        ALICES_RUN,
        verdicts=(BYE_IN_LOWER_CASE, not_shown(AT_ONCE, "4.1")),
        common=(common,),
    )
    before, after = page_alone(run), page_alone(run, replace(GIVEN, points=3))
    assert words(before, "//tr[@class='section']/following-sibling::tr//span[@class='word']")
    for told, there in ((before, True), (after, False)):
        text = " ".join(told.text_content().split())
        assert ("mend that first" in text) is there
        assert ("It does not hang up" in text) is there
        assert ("Your teacher has corrected the points of 4.1." in text) is not there
        assert bool(told.xpath("//article[@id='c-echo-4.1']//span[contains(., '✗')]")) is there
    assert words(after, "//article[@id='c-echo-4.1']//span[@class='word']") == ["corrected"]
    assert "✎ 4.1" in " ".join(text_alone(run, replace(GIVEN, points=3)).split())


def test_nobody_reads_of_others() -> None:
    for student in (ALICE_STUDENT, DAN, EVE):
        told = page_of(student).xpath("//body")[0].text_content()
        for other in STUDENTS:
            if other != student:
                assert not re.search(rf"\b{re.escape(other.name or other.id)}\b", told)
    assert words(page_of(BOB), "//main") == words(page_of(CHLOE), "//main")


@pytest.mark.parametrize("reveal", list(Reveal))
def test_only_what_is_revealed_is_there(reveal: Reveal) -> None:
    page = page_alone(ALICES_RUN, reveal=reveal)
    told = page.text_content()
    assert ("> bye⏎" in told) is (reveal is not Reveal.POINTS)
    assert bool(page.xpath("//svg[contains(@class, 'sequence')]")) is (reveal is not Reveal.POINTS)
    assert ("Is the line sent back" in told) is (reveal is Reveal.HINTS)
    assert bool(page.xpath("//article//pre[@class='command']")) is (reveal is Reveal.HINTS)
    assert "✗ failed" in told


@pytest.mark.parametrize("reveal", list(Reveal))
def test_the_teacher_s_disk_and_the_seed_are_for_nobody(reveal: Reveal) -> None:
    kept = replace(
        ALICES_RUN,
        verdicts=tuple(v.with_attempt(capture=f"{FOLDER}/x.pcapng") for v in ALICES_RUN.verdicts),
        search=Search(20, 9, again=f"conformance check {FOLDER}/alice.py --seed {ALICE.seed}"),
    )
    told = page_alone(kept, reveal=reveal).text_content()
    assert str(FOLDER) not in told
    assert str(ALICE.seed) not in told


def test_what_is_hidden_is_listed_and_tells_nothing() -> None:
    attempt = Attempt(Outcome.NOT_RUN, reason="hidden until the deadline", blame=Blame.HIDDEN)
    hidden = replace(BYE_IN_LOWER_CASE, attempt=attempt, points=None, reproduce="", again="")
    page = page_alone(replace(ALICE, verdicts=(passed(UPPER_CASE), hidden)))
    [row] = page.xpath("//tr[@id='c-echo-4.1']")
    assert words(row, "./td[1]") == ["– hidden"]
    assert words(row, "./td[3]") == ["?/3"]
    assert "hidden until the deadline" in page.text_content()
    assert page.xpath("//article") == []


def test_a_teacher_s_note_is_there() -> None:
    note = SymptomNote("echo", "no flush", "Look at slide 12.", "2026", (HANGS_UP.number,))
    told = words(page_alone(ALICE, notes=[note]), "//div[@class='hint']")
    assert any("Look at slide 12." in each for each in told)


def test_a_decided_total_is_told_and_has_no_bar() -> None:
    page = page_alone(ALICE, TOTAL_GIVEN)
    assert f"{TOTAL_SENTENCE}. That decides; what was judged is below." in words(page, "//main//p")
    assert page.xpath("//svg[@class='bar']") == []
    assert words(page, "//section/p[@class='score']") == ["7 of 9 points"]


def test_what_was_not_judged_says_why() -> None:
    assert "Nothing handed in: no points." in words(page_of(DAN), "//section/p")
    told = words(page_of(EVE), "//section/p")
    assert "Still open: two entries: eve.py and eve.zip." in told
    graded, [result] = alone(EVE, None)
    refused = Result(result.hand_in, None, trouble="x", blame="suite", refused=True)
    page = student_page(graded, EVE, grades(graded, [refused])[0], [refused])
    assert "Hand in the program itself" in page


def test_an_interrupted_an_empty_and_a_doubtful_run() -> None:
    for run in (replace(ALICE, interrupted=True, worth=20), replace(ALICE, verdicts=(), notes=())):
        page = page_alone(run)
        assert words(page, "//header/p[@class='score']")[0].startswith("No grade yet")
    assert "No clause was judged." in words(page, "//section/p")


def test_a_hostile_class_is_text_and_nothing_else(
    tmp_path: Path, browser: Browser  # noqa: F811
) -> None:  # fmt: skip
    grade = grades(WORST_CLASS, WORST_RESULTS)[0]
    written = student_page(WORST_CLASS, WORST, grade, WORST_RESULTS)
    assert HOSTILE not in written
    file = tmp_path / "page.html"
    file.write_text(written, encoding="utf-8")
    with opened(browser, file, width=NARROW) as shown:
        assert shown.page.locator("img, script, iframe").count() == 0
        shown.require_no_scrolling_sideways()
        shown.require_accessible()
        shown.require_quiet()
