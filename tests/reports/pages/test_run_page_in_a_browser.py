"""The page of a run as a browser shows it: from disk, without a network, on a desk and on a small
telephone, light and dark, by keyboard, on paper."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from conformance.reports.pages.run_page import write_run
from conformance.verdict.events import from_lines, replay
from conformance.verdict.model import Outcome, Run
from golden.rendering import RUNS
from kit.browser import NARROW, WIDE, browser, opened  # noqa: F401 - a fixture
from kit.runs import ALICE, BEHIND_A_DOUBT, BYE_IN_LOWER_CASE, NOISY, alone, said

CLASSIC_SCROLLBAR = 15
"""Pixels that it takes of a window, where it does not lie on top of the page."""
NARROWEST = 320
"""Pixels across at which a page must be read without scrolling sideways (WCAG 2.2, 1.4.10)."""

Colours = Literal["light", "dark"]


def stored(name: str) -> Run:
    with (RUNS / f"{name}.jsonl").open(encoding="ascii") as lines:
        return replay(from_lines(lines))


PICTURED = {
    "crashes": lambda: stored("echo-crashes"),
    "rhythm": lambda: stored("streaming-time-bad"),
    "many clients": lambda: stored("presence-udp-bad"),
    "hostile": lambda: NOISY,
    "all in doubt": lambda: BEHIND_A_DOUBT,
    "interrupted": lambda: replace(ALICE, interrupted=True, worth=20),
    "empty": lambda: replace(ALICE, verdicts=()),
}


def written(run: Run, folder: Path) -> Path:
    page = folder / "page.html"
    write_run(run, page)
    return page


@pytest.mark.parametrize("name", PICTURED)
def test_it_fits_asks_for_nothing_and_can_be_read(
    name: str, tmp_path: Path, browser: Browser  # noqa: F811
) -> None:  # fmt: skip
    page = written(PICTURED[name](), tmp_path)
    looks: tuple[tuple[int, Colours], ...] = ((WIDE, "dark"), (NARROW, "light"))
    for width, colours in looks:
        with opened(browser, page, width=width, colours=colours) as shown:
            shown.require_no_scrolling_sideways()
            shown.require_accessible()
            shown.require_quiet()


@pytest.mark.parametrize("width", [NARROW - CLASSIC_SCROLLBAR, NARROWEST - CLASSIC_SCROLLBAR])
def test_no_column_of_the_clauses_is_cut_on_a_small_screen(
    width: int, tmp_path: Path, browser: Browser  # noqa: F811
) -> None:  # fmt: skip
    page = written(stored("echo-bad"), tmp_path)
    with opened(browser, page, width=width) as shown:
        shown.require_no_scrolling_sideways()
        shown.page.locator(".passed-clauses > summary").click()
        cut = shown.page.eval_on_selector_all(
            ".scroll:has(> .clauses)",
            "all => all.filter(each => each.scrollWidth > each.clientWidth).length",
        )
        assert cut == 0
        mark, title = (
            shown.page.locator(f".clauses {cell}").first.bounding_box()
            for cell in ("tbody td", "tbody th[scope=row]")
        )
        assert mark
        assert title
        assert mark["width"] < title["width"] / 3


def test_the_first_failure_is_not_far_below_the_top(tmp_path: Path, browser: Browser) -> None:  # noqa: F811
    clauses = stored("echo-bad").verdicts
    passed = next(each for each in clauses if each.outcome is Outcome.PASSED)
    others = (
        replace(passed, clause=replace(passed.clause, number=f"7.{number}"))
        for number in range(1, 41)
    )
    page = written(replace(ALICE, verdicts=(*others, BYE_IN_LOWER_CASE)), tmp_path)
    with opened(browser, page) as shown:
        first = shown.page.locator(".account").first.bounding_box()
        assert first
        assert first["y"] < shown.page.viewport_size["height"]  # type: ignore[index]


def test_a_name_of_markup_is_a_name(tmp_path: Path, browser: Browser) -> None:  # noqa: F811
    name = '<img src=x onerror="alert(1)">'
    page = written(replace(ALICE, submission=name), tmp_path)
    with opened(browser, page) as shown:
        assert shown.page.locator("h1").inner_text() == name
        assert shown.page.title().startswith(f"echo, {name}")
        assert shown.page.locator("img").count() == 0
        shown.require_quiet()


def test_a_script_that_came_in_would_not_run(tmp_path: Path, browser: Browser) -> None:  # noqa: F811
    """The page's own policy: whatever markup there were, nothing of it would run or be loaded."""
    page = written(ALICE, tmp_path)
    told = page.read_text("utf-8").replace(
        "</main>", '<script>document.title = "run"</script><img src="http://127.0.0.1:9/x"></main>'
    )
    page.write_text(told, "utf-8")
    with opened(browser, page) as shown:
        assert shown.page.title() != "run"
        assert len(shown.complaints) >= 2
        assert all("Content Security Policy" in each for each in shown.complaints)


def test_dark_is_dark_and_paper_is_white(tmp_path: Path, browser: Browser) -> None:  # noqa: F811
    ground = "() => getComputedStyle(document.documentElement).backgroundColor"
    with opened(browser, written(ALICE, tmp_path), colours="dark") as shown:
        red, *_ = map(int, shown.page.evaluate(ground).strip("rgb()").split(","))
        assert red < 60
        shown.page.emulate_media(media="print")
        assert shown.page.evaluate(ground) == "rgb(255, 255, 255)"


def test_on_paper_the_wide_drawing_stands(tmp_path: Path, browser: Browser) -> None:  # noqa: F811
    with opened(browser, written(ALICE, tmp_path), width=NARROW) as shown:
        account = shown.page.locator("[id='c-echo-4.1']")
        assert account.locator(".narrow svg").is_visible()
        assert not account.locator(".wide svg").is_visible()
        shown.page.emulate_media(media="print")
        assert account.locator(".wide svg").is_visible()
        assert not account.locator(".narrow svg").is_visible()


def test_a_drawing_of_many_scrolls_by_itself_and_stays_legible(
    tmp_path: Path, browser: Browser  # noqa: F811
) -> None:  # fmt: skip
    talk = said(*((n / 10, f"client {n}", f"I am client {n}\n") for n in range(1, 12)))
    page = written(alone(BYE_IN_LOWER_CASE.with_attempt(transcript=talk)), tmp_path)
    for width, which in ((WIDE, "wide"), (NARROW, "narrow")):
        with opened(browser, page, width=width) as shown:
            shown.require_no_scrolling_sideways()
            drawing = shown.page.locator(f".{which} svg.sequence")
            size = drawing.bounding_box()
            assert size
            assert size["width"] == float(drawing.get_attribute("width") or 0)
            shown.require_accessible()


def test_it_is_read_by_keyboard(tmp_path: Path, browser: Browser) -> None:  # noqa: F811
    with opened(browser, written(stored("echo-bad"), tmp_path)) as shown:
        page = shown.page
        focused = "() => document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"
        page.keyboard.press("Tab")
        assert page.evaluate(focused) == "To the results"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate(focused) == "5.1"  # what the points that were not shown stand behind
        page.keyboard.press("Tab")
        assert page.evaluate(focused) == "2.1 greets in whole lines"
        page.keyboard.press("Enter")
        page.wait_for_url("**#c-echo-2.1")
        text = page.locator("[id='c-echo-2.1'] details.as-text")
        text.locator("summary").focus()
        page.keyboard.press("Enter")
        assert text.locator("table").is_visible()
        shown.require_quiet()


def test_a_link_opens_what_the_contract_says(tmp_path: Path, browser: Browser) -> None:  # noqa: F811
    with opened(browser, written(stored("echo-bad"), tmp_path)) as shown:
        asked = shown.page.locator("[id='asked-c-echo-1.1']")
        assert not asked.is_visible()
        shown.page.locator(".passed-clauses > summary").click()
        shown.page.get_by_role("link", name="1.1 listens").click()
        asked.wait_for(state="visible")


def test_what_is_compared_is_pointed_at(tmp_path: Path, browser: Browser) -> None:  # noqa: F811
    with opened(browser, written(ALICE, tmp_path)) as shown:
        account = shown.page.locator("[id='c-echo-4.1']")
        above, below = (
            account.locator(f"dd.{side} mark").bounding_box() for side in ("expected", "actual")
        )
        assert above
        assert below
        assert abs(above["x"] - below["x"]) < 1  # pixels: the letters stand under each other
