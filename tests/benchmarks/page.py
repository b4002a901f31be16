"""How long the page of a large class takes to open in Chromium, from disk, and how large it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from playwright.sync_api import Browser, Page

from conformance.classes.results.grades import grades
from conformance.reports.pages.class_page import class_page

from .tables import Sizes, Table, met, say

STUDENTS, CLAUSES = 500, 30
ROUNDS = 5
"""The middle one counts."""
SECONDS = 2.0
"""Until the page is laid out and its script has ended."""
MEGABYTES = 3.0

_PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    # As pytest finds it.
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from kit.large_class import large_class

    students = sizes.of(STUDENTS)
    graded, results = large_class(students, CLAUSES)
    began = time.process_time()
    text = class_page(graded, results, grades(graded, results), {})
    made = time.process_time() - began
    file = folder / "index.html"
    file.write_text(text, encoding="utf-8")
    with browser_started() as browser:
        found = []
        for number in range(ROUNDS):
            say(f"page: {students} students, round {number + 1} of {ROUNDS}")
            found.append(opened(browser, file))
    seconds, size = sorted(found)[ROUNDS // 2], len(text.encode("utf-8")) / 1e6
    yield Table(
        "The page of a class, opened in Chromium",
        ["students × clauses", "opened in", f"of {SECONDS:.0f} s", "size", f"of {MEGABYTES:.0f} MB",
         "made in (CPU)"],
        [[
            f"{students} × {CLAUSES}", f"{seconds:.2f} s", met(seconds / SECONDS, under=1.0),
            f"{size:.2f} MB", met(size / MEGABYTES, under=1.0), f"{made:.2f} s",
        ]],
    )  # fmt: skip


def browser_started() -> AbstractContextManager[Browser]:
    """A browser that ends with the block. Only when asked for, because it brings a driver."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from kit.browser import started

    return started()


def opened(browser: Browser, file: Path) -> float:
    """Seconds from the address to the first picture of the whole page."""
    page: Page = browser.new_page()
    try:
        began = time.perf_counter()
        page.goto(file.as_uri(), wait_until="load")
        page.evaluate(_PAINTED)
        return time.perf_counter() - began
    finally:
        page.close()
