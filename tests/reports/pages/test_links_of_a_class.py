"""Every link of a class page leads to a file that is there, and to a place in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner, Result
from lxml import html  # type: ignore[import-untyped]  # it has no stubs
from playwright.sync_api import Browser

from conformance.cli import main
from golden.rendering import copied_results
from kit.browser import browser, opened

__all__ = ["browser"]

NOTE = "Read section 3 of the handout."


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stored class, rendered, with a note on a symptom."""
    folder = copied_results(tmp_path_factory.mktemp("class"))
    done = CliRunner().invoke(main, ["note", str(folder), "3.1 another text", NOTE])
    assert done.exit_code == 0, done.output
    return folder


def report(*words: object) -> Result:
    return CliRunner().invoke(main, ["report", *map(str, words)])


def links(page: Path) -> Iterator[tuple[str, str]]:
    """The paths and places of all links of a page."""
    for address in html.parse(page).xpath("//a/@href"):
        path, _, place = str(address).partition("#")
        yield unquote(path), place


def require_links(results: Path) -> set[str]:
    """Each link of the class's page leads somewhere. Returns the paths."""
    index = results / "index.html"
    found = list(links(index))
    for path, place in found:
        there = results / path if path else index
        assert there.is_file(), path
        if place:
            assert html.parse(there).xpath("//*[@id=$place]", place=place), (path, place)
    return {path for path, _ in found}


def test_each_link_leads_somewhere(results: Path) -> None:
    assert require_links(results) >= {"students/bob.html", "grades.csv", "class.xml"}


def test_another_folder_may_have_the_pages_too(results: Path, tmp_path: Path) -> None:
    pages = tmp_path / "new" / "pages"
    for _ in range(2):
        done = report(results, "--html", pages)
        assert done.exit_code == 3, done.output
    assert require_links(pages) >= {"students/bob.html"}
    written = {file.relative_to(pages) for file in pages.rglob("*") if file.is_file()}
    wanted = {file.relative_to(results) for file in results.rglob("*.html")}
    assert written == wanted, "pages, and nothing else of the class"


def test_the_pages_need_a_folder(results: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    done = report(results, "--html", file)
    assert done.exit_code == 2
    assert f"cannot write into {file}" in done.output


def test_where_there_is_no_display_it_says_where_the_page_is(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(variable, raising=False)
    done = report(results, "--open")
    assert f"The page is {results / 'index.html'}" in done.output


def test_no_student_s_page_names_another(results: Path) -> None:
    """Nor does one lead to the class's page."""
    names = {"ann": "Arber", "bob": "Bölling", "cleo": "Cortez", "dan": "Dupont", "eve": "Émery"}
    for who in names:
        page = results / "students" / f"{who}.html"
        told = page.read_text(encoding="utf-8")
        assert names[who] in told
        assert [each for other, each in names.items() if other != who and each in told] == []
        assert all("index.html" not in path for path, _ in links(page))


def test_the_note_is_read_by_who_shares_the_symptom(results: Path) -> None:
    readers = {p.stem for p in results.glob("students/*.html") if NOTE in p.read_text("utf-8")}
    assert readers == {"bob"}


def test_a_sign_is_followed_to_the_conversation(browser: Browser, results: Path) -> None:
    with opened(browser, results / "index.html") as shown:
        page = shown.page
        page.locator("section[aria-labelledby=heat-1] tr:has-text('Bölling') td.f a").click()
        page.wait_for_url("**/students/bob.html#c-echo-3.1")
        assert page.locator(":target").is_visible()
        assert "3.1" in page.locator(":target").inner_text()
        assert shown.complaints == []
