"""A browser for pages: Debian's Chromium, driven by Playwright, one for each module of tests.

A module that looks at pages has the fixture `browser` by `from kit.browser import browser`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "chromium"

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip
"""Nothing of its own goes to the network; and root has no sandbox."""

WITHIN = 60_000.0
"""Milliseconds for anything that is asked of the browser: a bound."""

NARROW, WIDE = 360, 1100
"""Pixels across: a small telephone, and a window on a desk."""

SERIOUS = ("serious", "critical")


@contextmanager
def started() -> Iterator[Browser]:
    """The browser. Raises FileNotFoundError where there is none."""
    found = shutil.which(CHROMIUM)
    if found is None:
        raise FileNotFoundError(f"{CHROMIUM} is not installed: ci/provision.sh --tests brings it")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=ARGUMENTS, timeout=WITHIN)
        try:
            yield running
        finally:
            running.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a module. Where there is none they are skipped; in CI they
    fail."""
    if shutil.which(CHROMIUM) is None and not os.environ.get("CI"):
        pytest.skip(f"{CHROMIUM} is not installed")
    with started() as running:
        yield running


@dataclass
class Opened:
    """A page in the browser, and what it did that it should not."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    """What the browser wrote to its console, and errors of scripts."""
    requests: list[str] = field(default_factory=list)
    """The addresses that were asked for, but for the file itself."""

    def require_quiet(self) -> None:
        """The page asked for nothing, and nothing went wrong in it."""
        assert not self.complaints, self.complaints
        assert not self.requests, self.requests

    def require_no_scrolling_sideways(self) -> None:
        widths = self.page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert widths[0] <= widths[1], widths

    def require_accessible(self) -> None:
        """axe-core finds nothing serious."""
        found = Axe().run(self.page).response["violations"]
        serious = [_told(each) for each in found if each["impact"] in SERIOUS]
        assert not serious, serious


def _told(violation: dict[str, Any]) -> str:
    nodes: Sequence[dict[str, Any]] = violation["nodes"]
    return f"{violation['id']}: {[node['html'] for node in nodes[:3]]}"


@contextmanager
def opened(
    browser: Browser, file: Path, *, width: int = WIDE, colours: Literal["light", "dark"] = "light"
) -> Iterator[Opened]:
    """The file as the browser shows it, from disk and without a network."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=colours, offline=True
    )
    context.set_default_timeout(WITHIN)
    try:
        page = context.new_page()
        shown = Opened(page)
        address = file.resolve().as_uri()
        page.on("console", lambda message: shown.complaints.append(message.text))
        page.on("pageerror", lambda error: shown.complaints.append(str(error)))
        page.on("dialog", lambda dialog: shown.complaints.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: _note(shown, request.url, address))
        page.goto(address)
        yield shown
    finally:
        context.close()


def _note(shown: Opened, url: str, address: str) -> None:
    if url.partition("#")[0] != address and not url.startswith("data:"):
        shown.requests.append(url)
