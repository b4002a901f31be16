"""The handbook is built without a complaint, and its examples can be run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from kit.pages import PAGES, TOP, text_of

WITHIN = 180.0
"""Seconds for the whole handbook: a bound, many times what it takes."""

QUICK = re.compile(r"`conformance ((?:explain|labs)(?: [a-z0-9.-]+)*)`")
"""Calls in the text that print something, and start nothing."""


def test_it_is_built_without_a_complaint(tmp_path: Path) -> None:
    """A link that leads nowhere is one, and so is a page that no other leads to."""
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--quiet"]
    done = subprocess.run(
        [*command, "--doctree-dir", tmp_path / "doctrees", TOP / "docs", tmp_path / "html"],
        timeout=WITHIN, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    made = {path.stem for path in (tmp_path / "html").rglob("*.html")}
    assert {page.stem for page in (TOP / "docs").rglob("*.md")} <= made
    contract = (tmp_path / "html/contracts/echo.html").read_text(encoding="utf-8")
    assert "hangs_up_after_bye" in contract
    vocabulary = (tmp_path / "html/vocabulary.html").read_text(encoding="utf-8")
    assert "conformance.cadence" in vocabulary


def test_the_readme_leads_and_is_short() -> None:
    readme = text_of("README.md")
    assert len(readme.splitlines()) < 250
    named = set(re.findall(r"\(docs/([\w-]+)\.md", readme))
    elsewhere = {"index", "vocabulary", "contributing", "architecture", "security", "changelog"}
    assert named == {page.stem for page in (TOP / "docs").glob("*.md")} - elsewhere


def examples() -> list[str]:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    return sorted(set(QUICK.findall(text)))


@pytest.mark.parametrize("call", examples())
def test_an_example_prints_something(call: str) -> None:
    done = CliRunner().invoke(main, call.split())
    assert done.exit_code == 0, done.output
    assert len(done.output.splitlines()) > 2


def test_there_are_examples() -> None:
    assert len(examples()) > 3
