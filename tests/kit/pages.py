"""The project's documents, read as a reader's tools would."""

from __future__ import annotations

import re
from pathlib import Path

import click

TOP = Path(__file__).parents[2]
PAGES = (
    *(TOP / f"{name}.md" for name in ("README", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG")),
    TOP / "SECURITY.md",
    *sorted((TOP / "docs").rglob("*.md")),
)
OPTION = re.compile(r"--[a-z][a-z0-9-]*")


def text_of(name: str) -> str:
    return (TOP / name).read_text(encoding="utf-8")


def file_in(page: str, name: str) -> str:
    """The block of code that follows the mention of the file `name` in a page."""
    mention = page.index(f"`{name}`")
    block = re.compile(r"^(`{3,})\w*\n(.*?)^\1$", re.DOTALL | re.MULTILINE).search(page, mention)
    assert block, f"no block of code behind `{name}`"
    return block[2]


def section(page: str, heading: str) -> str:
    """The text under a heading, up to the next one of its level or above."""
    bare = without_code(page)
    start = re.search(rf"^(#+) {re.escape(heading)}$", bare, re.MULTILINE)
    assert start, f"there is no heading {heading!r}"
    end = re.compile(rf"^#{{1,{len(start[1])}}} ", re.MULTILINE).search(bare, start.end())
    return page[start.end() : end.start() if end else None]


def without_code(page: str) -> str:
    """The page with its blocks of code blanked: every other character keeps its place."""
    return _CODE.sub(lambda block: re.sub(r"[^\n]", " ", block[0]), page)


_CODE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1$", re.DOTALL | re.MULTILINE)


def anchors(page: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", without_code(page), re.MULTILINE)
    plain = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in plain}


def options_of(command: click.Command) -> set[str]:
    """The long options of a command, as a user types them."""
    return {
        word
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for word in parameter.opts
        if word.startswith("--")
    }
