"""The page of a class, in a real browser: what a teacher reads, sorts, filters and follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page

from conformance.classes.file_names import safe_name
from conformance.classes.hand_ins.collect import EMPTY
from conformance.classes.model import (
    Class,
    Feedback,
    HandIn,
    LatePolicy,
    Result,
    Student,
    SymptomNote,
)
from conformance.classes.results.grades import grades
from conformance.reports.pages.class_page import MAX_MISSED, class_page
from conformance.reports.pages.heat_map import SORTS
from conformance.reports.pages.links import anchor_of
from conformance.verdict.model import Attempt, Outcome
from kit.browser import NARROW, browser, opened
from kit.large_class import NO_FLUSH, NOTE, large_class
from kit.runs import BEHIND_A_DOUBT
from kit.sample_class import CLASS, FOLDER, RESULTS, WORST_CLASS, WORST_RESULTS, alone

__all__ = ["browser"]

MEGABYTE = 1_000_000
A4 = 720
"""Pixels between the margins of an upright sheet."""
NOTES = {(NOTE.lab, NOTE.symptom): NOTE}
LAB = "section[aria-labelledby=heat-{}]"
FIRST = LAB.format(1)
IMAGE = "<img src=x onerror=alert(1)>"


def page_of(
    graded: Class,
    results: Iterable[Result],
    notes: Mapping[tuple[str, str], SymptomNote] | None = None,
) -> str:
    results = list(results)
    return class_page(graded, results, grades(graded, results), notes or {})


def written(folder: Path, text: str) -> Path:
    file = folder / "index.html"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def large() -> tuple[Class, Sequence[Result]]:
    return large_class(24, 12, ("echo", "presence"))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory, large: tuple[Class, Sequence[Result]]) -> Path:
    return written(tmp_path_factory.mktemp("class"), page_of(*large, NOTES))


def rows(page: Page, lab: int = 1) -> list[list[str]]:
    """The rows of a lab's table that are shown, by the texts of their cells."""
    found: list[list[str]] = page.eval_on_selector_all(
        f"{LAB.format(lab)} .heat tbody tr",
        "rows => rows.filter(row => !row.hidden)"
        ".map(row => [...row.cells].map(cell => cell.textContent))",
    )
    return found


def head(page: Page, name: str) -> None:
    """Presses the heading of a column of the first lab's table."""
    page.locator(f"{FIRST} .heat thead button:text-is('{name}')").click()


def choose(page: Page, by: str, value: str) -> None:
    chosen = page.locator(f"{FIRST} [data-by={by}]")
    chosen.fill(value) if by == "student" else chosen.select_option(label=value)


def words(kind: str) -> str:
    sort = next(sort for sort in SORTS if sort.kind == kind)
    return f"{sort.sign} {sort.words}"


# -- what it shows ------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "colours"), [(NARROW, "dark"), (1100, "light")])
def test_it_is_quiet_accessible_and_fits(
    browser: Browser, file: Path, width: int, colours: Literal["light", "dark"]
) -> None:
    with opened(browser, file, width=width, colours=colours) as shown:
        shown.require_no_scrolling_sideways()
        shown.page.eval_on_selector_all("details", "all => all.forEach(each => each.open = true)")
        shown.require_no_scrolling_sideways()
        shown.require_accessible()
        shown.require_quiet()


def test_it_says_what_a_teacher_asks_of_a_class(browser: Browser, file: Path) -> None:
    with opened(browser, file) as shown:
        told = shown.page.locator("body").inner_text()
        for part in (
            "For the teacher only", "24 students", "Distribution", "could not be started", NO_FLUSH,
            "such an archive cannot be opened here", NOTE.text, "Who is missing",
            "starts a thread for each client", "conformance 0.1.0",
        ):  # fmt: skip
            assert part in told, part
        broken = shown.page.evaluate(
            "() => [...document.querySelectorAll('a[href^=\"#\"]')]"
            ".filter(a => !document.getElementById(a.hash.slice(1))).map(a => a.hash)"
        )
        assert broken == []


def test_a_picture_has_its_numbers_as_a_table_beside_it(browser: Browser, file: Path) -> None:
    with opened(browser, file) as shown:
        label = shown.page.locator("svg.histogram").get_attribute("aria-label") or ""
        told = shown.page.evaluate(
            "() => [...document.querySelectorAll('svg.histogram ~ details tbody tr')]"
            ".map(row => [...row.cells].map(cell => cell.textContent).join(': '))"
        )
        assert told
        assert label.endswith(", ".join(told))


def test_a_bar_is_as_long_as_its_number(browser: Browser, file: Path) -> None:
    """No rule of the style sheet has another say."""
    with opened(browser, file) as shown:
        drawn = shown.page.eval_on_selector_all(
            ".histogram rect",
            "bars => bars.map(bar => [+bar.getAttribute('width'), bar.getBBox().width])",
        )
    assert drawn
    assert all(abs(asked - shows) < 0.5 for asked, shows in drawn)


def test_it_prints_on_a_sheet_without_what_only_a_screen_needs(
    browser: Browser, tmp_path: Path
) -> None:
    file = written(tmp_path, page_of(*large_class(12, 24)))
    with opened(browser, file, width=A4) as shown:
        shown.page.emulate_media(media="print")
        shown.require_no_scrolling_sideways()
        assert not shown.page.locator(".filters").first.is_visible()
        assert shown.page.locator(".heat").first.evaluate("e => getComputedStyle(e).overflowY") == (
            "visible"
        )


@pytest.mark.parametrize("width", [NARROW, 1000])
def test_why_there_is_no_run_is_read_without_scrolling(
    width: int, browser: Browser, file: Path
) -> None:
    """However many clauses the table has, and the table of each lab fits as far as it goes."""
    with opened(browser, file, width=width) as shown:
        found = shown.page.eval_on_selector_all(
            f"{FIRST} td.w p",
            "all => all.map(each => [each.getBoundingClientRect().right,"
            " each.closest('.heat').getBoundingClientRect().right])",
        )
        assert found
        if width > NARROW:
            assert all(right <= edge for right, edge in found)
        cut = shown.page.eval_on_selector_all(
            ".beside .scroll", "all => all.filter(e => e.scrollWidth > e.clientWidth).length"
        )
        assert cut == 0


def test_the_table_says_whose_points_were_late(browser: Browser, tmp_path: Path) -> None:
    late = replace(CLASS, late=LatePolicy(per_day=10))
    with opened(browser, written(tmp_path, page_of(late, RESULTS))) as shown:
        points = {row[0].split()[0]: row[1] for row in rows(shown.page)}
        assert points["Zoë"].endswith(" late, 20 % off")
        assert "late" not in points["Bob"]


def test_what_is_missed_most_stands_beside_the_points(browser: Browser, file: Path) -> None:
    with opened(browser, file) as shown:
        told = shown.page.locator(".missed li").all_inner_texts()
        assert 1 < len(told) <= MAX_MISSED
        shares = [Fraction(*map(int, each.rsplit("· ")[1].split(" of "))) for each in told]
        assert shares == sorted(shares, reverse=True)


def test_who_is_missing_says_whose_folder_was_empty(browser: Browser, tmp_path: Path) -> None:
    none = HandIn("bob", "echo", None, remarks=(EMPTY,))
    graded = replace(large_class(2, 1)[0], students=(Student("bob", "Bob"), Student("eve", "Eve")))
    graded = replace(graded, hand_ins=(none,), labs=graded.labs[:1])
    with opened(browser, written(tmp_path, page_of(graded, []))) as shown:
        told = shown.page.locator("section[aria-labelledby=missing] .people").inner_text()
        assert told == "Bob (an empty folder), Eve"


# -- sorting ------------------------------------------------------------------------------


def test_rows_are_sorted_by_student_points_and_clause(browser: Browser, file: Path) -> None:
    with opened(browser, file) as shown:
        page = shown.page
        before = rows(page)
        head(page, "student")
        names = [row[0] for row in rows(page)]
        assert names != [row[0] for row in before]
        assert names == sorted(names, key=str.casefold)
        page.locator(f"{FIRST} .heat thead button").nth(1).click()
        points = [points_of(row) for row in rows(page)]
        assert points == sorted(points)
        page.locator(f"{FIRST} .heat thead button").nth(1).click()
        assert [points_of(row) for row in rows(page)] == sorted(points, reverse=True)
        assert page.locator(f"{FIRST} [aria-sort]").count() == 1
        head(page, "1.2")
        signs = [row[4] for row in rows(page) if len(row) > 4]
        assert "✗" in signs
        assert signs[: signs.count("✗")] == ["✗"] * signs.count("✗"), "what failed comes first"
        assert sorted(map(tuple, rows(page))) == sorted(map(tuple, before)), "nobody is lost"
        shown.require_quiet()


def test_a_symptom_leads_to_the_rows_of_those_who_share_it(browser: Browser, file: Path) -> None:
    with opened(browser, file) as shown:
        page = shown.page
        card = page.locator(f".symptoms li:has(h3:has-text('{NO_FLUSH}'):has-text('in echo'))")
        wanted = card.locator(".people a").all_inner_texts()
        choose(page, "student", "left from before")
        card.locator("a[data-symptom]").click()
        assert [row[0].rsplit(" ", 1)[0] for row in rows(page)] == wanted
        assert page.url.endswith("#heat-1")


def test_of_a_lab_with_one_clause_those_without_a_run_come_last(
    browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, written(tmp_path, page_of(*large_class(30, 1)))) as shown:
        page = shown.page
        head(page, "1.1")
        cells = [row[3] for row in rows(page)]
        assert {cells[0], cells[-1]} == {"✗", "nothing handed in"}
        choose(page, "clause", "1.1")
        assert all(len(row[3]) == 1 for row in rows(page)), "a reason is no outcome"


def points_of(row: Sequence[str]) -> int:
    told = row[1].split(" ")[0].rstrip("?")
    return int(told) if told else -1


# -- filtering ----------------------------------------------------------------------------


def test_rows_are_filtered_by_outcome_clause_student_and_symptom(
    browser: Browser, file: Path, large: tuple[Class, Sequence[Result]]
) -> None:
    with opened(browser, file) as shown:
        page = shown.page
        everybody = rows(page)
        choose(page, "outcome", words("i"))
        assert rows(page) == [row for row in everybody if "?" in row[3:]]
        choose(page, "clause", "1.2")
        choose(page, "outcome", words("f"))
        failing = rows(page)
        assert failing == [row for row in everybody if len(row) > 4 and row[4] == "✗"]
        said = page.locator(f"{FIRST} output").inner_text()
        assert said == f"{len(failing)} of {len(everybody)} shown"
        choose(page, "student", failing[0][0].split()[0].upper())
        assert rows(page)[0] == failing[0]
        choose(page, "student", "nobody of this name")
        assert rows(page) == []
        for by in ("clause", "outcome"):
            choose(page, by, "any")
        choose(page, "student", "")
        assert rows(page) == everybody
        choose(page, "symptom", NO_FLUSH)
        shares = [r for r in large[1] if r.hand_in.lab == "echo" and r.run and r.run.common]
        assert len(rows(page)) == len(shares) > 1
        assert len(rows(page, lab=2)) == len(everybody), "each lab has filters of its own"


def test_a_name_is_found_with_and_without_its_accents(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, written(tmp_path, page_of(CLASS, RESULTS))) as shown:
        for asked in ("müll", "MULL", "zoe"):
            choose(shown.page, "student", asked)
            assert [row[0].split(" alice")[0] for row in rows(shown.page)] == ["Zoë Müller"], asked


# -- links and keys -----------------------------------------------------------------------


def test_each_sign_leads_to_its_clause_on_its_student_s_page(
    browser: Browser, file: Path, large: tuple[Class, Sequence[Result]]
) -> None:
    graded, results = large
    wanted = {
        f"students/{safe_name(r.hand_in.author)}.html#{anchor_of('echo', v.clause.number)}"
        for r in results
        if r.run and r.hand_in.lab == "echo"
        for v in r.run.verdicts
        if v.outcome is not Outcome.PASSED
    }
    with opened(browser, file) as shown:
        selected = f"{FIRST} .heat td a"
        links = shown.page.eval_on_selector_all(
            selected, "links => links.map(a => a.getAttribute('href'))"
        )
        assert len(links) == len(set(links))
        assert set(links) == wanted
        names = shown.page.eval_on_selector_all(
            f"{FIRST} .heat tbody th a",
            "links => links.map(a => a.getAttribute('href'))",
        )
        assert names == [f"students/{safe_name(each.id)}.html" for each in graded.students]


def test_the_table_is_walked_by_arrow_keys(browser: Browser, file: Path) -> None:
    with opened(browser, file) as shown:
        page = shown.page
        first = page.locator(f"{FIRST} .heat tbody tr:has(td.f)").first
        first.locator("th a").focus()
        page.keyboard.press("ArrowRight")
        signs = first.locator("td a")
        assert signs.first.evaluate("link => link === document.activeElement")
        page.keyboard.press("ArrowLeft")
        assert first.locator("th a").evaluate("link => link === document.activeElement")
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.closest('th') !== null"), (
            "one stop for each student"
        )


def test_without_a_script_it_is_read_as_it_is(browser: Browser, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    try:
        page = context.new_page()
        page.goto(file.as_uri())
        assert not page.locator(".filters").first.is_visible()
        assert page.locator(".heat thead button").count() == 0
        assert page.locator(".heat td a").first.get_attribute("tabindex") is None
    finally:
        context.close()


# -- hostile, empty, open -----------------------------------------------------------------


def test_no_name_is_markup(browser: Browser, tmp_path: Path) -> None:
    student = Student(IMAGE, f"{IMAGE}</script><script>alert(2)</script>", "")
    graded, results = alone(student, BEHIND_A_DOUBT)
    graded = replace(graded, title=IMAGE, warnings=(IMAGE,))
    note = SymptomNote("echo", IMAGE, IMAGE, "2026-11-30")
    with opened(
        browser, written(tmp_path, page_of(graded, results, {("echo", IMAGE): note}))
    ) as at:
        assert IMAGE in at.page.locator("h1").inner_text()
        assert at.page.locator("img").count() == 0
        assert at.page.locator("script").count() == 1
        link = at.page.locator(".heat tbody th a").get_attribute("href") or ""
        assert unquote(link) == f"students/{safe_name(IMAGE)}.html"
        at.require_accessible()
        at.require_quiet()


def test_a_class_of_hostile_texts_is_shown_as_it_is(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, written(tmp_path, page_of(WORST_CLASS, WORST_RESULTS))) as shown:
        assert shown.page.locator("script").count() == 1
        assert "\u202e" not in shown.page.content()
        shown.require_no_scrolling_sideways()
        shown.require_quiet()


@pytest.mark.parametrize("which", ["empty", "open", "interrupted", "not graded", "sample"])
def test_whatever_became_of_a_class_it_is_rendered(
    which: str, browser: Browser, tmp_path: Path
) -> None:
    graded, results = large_class(5, 6)
    if which == "empty":
        graded, results = Class("", (), (), ()), []
    elif which == "open":
        doubt = Attempt(Outcome.INCONCLUSIVE, reason="The machine stood still.")
        results = [
            replace(r, run=replace(r.run, common=(), verdicts=tuple(
                replace(v, attempt=doubt, points=None if v.possible else 0, corrected="")
                for v in r.run.verdicts
            ))) if r.run else r
            for r in results
        ]  # fmt: skip
    elif which == "interrupted":
        results = [
            replace(r, run=replace(r.run, interrupted=True, verdicts=r.run.verdicts[:n]))
            if r.run
            else r
            for n, r in enumerate(results)
        ]
    elif which == "not graded":
        results = []
    else:
        graded, results = CLASS, RESULTS
    text = page_of(graded, results)
    assert str(FOLDER) not in text or which == "sample"
    with opened(browser, written(tmp_path, text), width=NARROW) as shown:
        shown.require_no_scrolling_sideways()
        if which in ("empty", "sample"):
            shown.require_accessible()
        shown.require_quiet()
        told = shown.page.locator("body").inner_text()
        assert "Nobody has a final grade yet." in told or which == "sample"


def test_five_hundred_students_and_thirty_clauses_stay_below_three_megabytes(
    browser: Browser, tmp_path: Path
) -> None:
    """How long it takes to open is measured by `python tests/kit/open_class.py`."""
    graded, results = large_class(500, 30)
    # The worst: nothing passes, so that each cell is a link.
    failing = replace(BEHIND_A_DOUBT.verdicts[0].attempt, outcome=Outcome.FAILED)
    worst = [
        replace(r, run=replace(r.run, common=(), verdicts=tuple(
            replace(v, attempt=failing, points=0, corrected="") for v in r.run.verdicts
        ))) if r.run else r
        for r in results
    ]  # fmt: skip
    for of_class in (results, worst):
        text = page_of(graded, of_class)
        assert len(text.encode("utf-8")) < 3 * MEGABYTE
    with opened(browser, written(tmp_path, text)) as shown:
        assert len(rows(shown.page)) == 500
        shown.require_quiet()


def test_a_teacher_reads_where_hidden_clauses_are_seen() -> None:
    hides = replace(CLASS, feedback=Feedback(hidden=("4.1",)))
    command = "conformance report runs/ID/echo.jsonl --html page.html"
    assert [command in page_of(graded, RESULTS) for graded in (CLASS, hides)] == [False, True]
