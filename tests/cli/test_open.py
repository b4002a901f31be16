"""`--open` shows the page that was written."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from golden.rendering import RUNS


def test_the_page_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def show(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr("webbrowser.open", show)
    page = tmp_path / "a page.html"
    words = ["report", str(RUNS / "echo-good.jsonl"), "--html", str(page), "--open"]
    done = CliRunner().invoke(main, words, env={"DISPLAY": ":0"})
    assert done.exit_code == 0
    assert opened == [page.as_uri()]


def test_without_a_display_nothing_is_opened(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    words = ["report", str(RUNS / "echo-good.jsonl"), "--html", str(page), "--open"]
    nowhere = {"DISPLAY": None, "WAYLAND_DISPLAY": None, "BROWSER": None}
    done = CliRunner().invoke(main, words, env=nowhere)
    assert done.exit_code == 0
    assert f"there is no display here, so nothing was opened. The page is {page}" in done.output


def test_only_a_page_can_be_opened() -> None:
    done = CliRunner().invoke(main, ["report", str(RUNS / "echo-good.jsonl"), "--open"])
    assert done.exit_code == 2
    assert "--open opens the page that --html writes: add --html FILE" in done.output
