"""Every link of the documents within the project leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.pages import PAGES, anchors, without_code

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def internal_links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        for link in LINK.findall(without_code(page.read_text(encoding="utf-8"))):
            if "://" not in link:
                yield page, link


@pytest.mark.parametrize(
    ("page", "link"), [pytest.param(p, li, id=f"{p.name}-{li}") for p, li in internal_links()]
)
def test_an_internal_link_leads_somewhere(page: Path, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    assert target.exists()
    if anchor:
        assert anchor in anchors(target.read_text(encoding="utf-8"))


def test_there_are_links() -> None:
    assert len(list(internal_links())) > 10
