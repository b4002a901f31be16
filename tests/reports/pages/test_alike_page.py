"""The page of similar hand-ins, and its JSON: what was handed in is shown, and does nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from classes.alike.variants import PROGRAMS, renamed, works_of
from conformance.classes.alike.compare import LabComparison, compare
from conformance.reports.classes.alike import to_json
from conformance.reports.pages.alike import to_html
from kit.browser import NARROW, browser, opened

__all__ = ["browser"]

WORST = "<img src=x onerror=alert(1)>\x1b[31m\u202e"
EVIL = f'\nprint("</pre><script>alert(2)</script>{WORST}")\n'


@pytest.fixture
def found(tmp_path: Path) -> LabComparison:
    text = PROGRAMS["python"].read_text(encoding="utf-8").replace("import threading", EVIL)
    programs: dict[str, str | bytes] = {"ann.py": text, "broken.zip": b"no zip"}
    programs["bob.py"] = renamed(text, "python")
    return compare(f"echo {WORST}", works_of(tmp_path, programs))


def test_what_students_wrote_becomes_no_markup(found: LabComparison) -> None:
    page = to_html(WORST, "1.0", [found])
    assert "<img src=x" not in page
    assert page.count("<script") == 0
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "&lt;/pre&gt;&lt;script&gt;" in page
    assert "broken" in page
    assert "copied" not in page


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_browser_shows_it_on_a_small_screen(
    browser: Browser, found: LabComparison, colours: Literal["light", "dark"], tmp_path: Path
) -> None:
    file = tmp_path / "alike.html"
    file.write_text(to_html(WORST, "1.0", [found]), encoding="utf-8")
    with opened(browser, file, width=NARROW, colours=colours) as shown:
        shown.require_quiet()
        shown.require_no_scrolling_sideways()
        shown.require_accessible()
        link = shown.page.get_by_role("link", name="ann and bob")
        link.click()
        assert shown.page.url.endswith("#p-1-1")


@pytest.mark.parametrize("works", ["none", "one"])
def test_a_class_without_pairs_is_rendered(works: str, tmp_path: Path) -> None:
    programs = {"ann.py": "print(1)\n"} if works == "one" else {}
    found = compare("echo", works_of(tmp_path, programs))
    assert "None are similar." in to_html("A class", "1.0", [found])
    told = json.loads(to_json("A class", "1.0", [found]))
    assert told["labs"][0]["pairs"] == []


def test_json_says_where_each_passage_stands(found: LabComparison) -> None:
    [lab] = json.loads(to_json(WORST, "1.0", [found]))["labs"]
    [pair] = lab["pairs"]
    assert (pair["one"], pair["other"], pair["similar"]) == ("ann", "bob", 1.0)
    for passage in pair["passages"]:
        assert 1 <= passage["one"]["first"] <= passage["one"]["last"]
        assert passage["one"]["file"] == "ann.py"
    assert [each["name"] for each in lab["not_compared"]] == ["broken"]
