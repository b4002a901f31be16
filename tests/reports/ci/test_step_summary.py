"""The summary as a Markdown reader of others sees it: what a program said is text in code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from conformance.reports.ci import step_summary
from conformance.reports.ci.step_summary import MAX_BYTES, OF_THE_STEP, markdown
from conformance.verdict.model import Run
from kit.runs import ALICE, BYE_IN_LOWER_CASE
from reports.ci.samples import RUNS

OURS = {"<details><summary>", "</summary>", "</details>"}


def tokens(text: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        yield token
        yield from token.children or ()


class Tags(HTMLParser):
    """Collects the names of all tags, and the text outside of code."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.plain = ""
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._code += tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag == "code"

    def handle_data(self, data: str) -> None:
        self.plain += "" if self._code else data


def rendered(text: str) -> Tags:
    page = Tags()
    page.feed(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))
    return page


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_nothing_is_markup_that_is_not_ours(run: Run) -> None:
    text = markdown(run)
    page = rendered(text)
    assert page.tags <= {
        "h2", "p", "strong", "code", "pre", "details", "summary",
        "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    assert not re.search(r"(^|\W)[@#!~]\w", page.plain), "nobody is mentioned"
    assert sum(token.type == "heading_open" for token in tokens(text)) == 1
    assert sum(token.type == "fence" for token in tokens(text)) == text.count("<details>")
    rows = sum(token.type == "tr_open" for token in tokens(text))
    assert rows == (len(run.verdicts) + 1 if run.verdicts else 0)


def test_the_summary_of_a_failure_can_be_read() -> None:
    text = markdown(ALICE)
    page = rendered(text)
    assert "echo: " in page.plain
    assert "5 of 10 points, provisional" in page.plain or "points, provisional" in page.plain
    assert "failed: 4.1 hangs up after bye" in page.plain
    (account,) = [t.content for t in tokens(text) if t.type == "fence" and "bye⏎" in t.content]
    assert "client  BYE⏎" in account
    assert "hint  Is the line sent back" in account


def test_it_is_never_too_long_for_the_runner() -> None:
    flood = BYE_IN_LOWER_CASE.with_attempt(actual="y" * 5_000, output="z\n" * 20)
    text = markdown(replace(ALICE, verdicts=(flood,) * 500))
    assert len(text.encode()) <= MAX_BYTES
    assert re.search(r"\d+ clauses more would not fit", text)


def test_the_runners_own_file_is_added_to_and_any_other_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    step_summary.write_run(ALICE, path)
    assert path.read_text(encoding="utf-8") == markdown(ALICE)
    monkeypatch.setenv(OF_THE_STEP, str(path))
    step_summary.write_run(ALICE, path)
    assert path.read_text(encoding="utf-8").count("## ") == 2
