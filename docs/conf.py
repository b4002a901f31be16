"""How Sphinx makes the handbook: `ci/docs`.

The pages are written for GitHub, too: some stand elsewhere in the project, where a reader looks for
them, and links are the paths of files. Here those pages are read in, and links put right.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from conformance import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx

TOP = Path(__file__).resolve().parents[1]

project = "conformance"
author = "the authors of conformance"
copyright = "the authors of conformance"
version = release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
html_theme = "furo"
html_title = "conformance"
html_copy_source = False
html_static_path: list[str] = []
myst_heading_anchors = 4
"""Links may lead to any heading, as on GitHub."""
autodoc_member_order = "bysource"
default_role = "code"
"""Of docstrings, which write `code` as Markdown does."""

_ELSEWHERE = {
    "contributing": "CONTRIBUTING.md",
    "architecture": "ARCHITECTURE.md",
    "security": "SECURITY.md",
    "changelog": "CHANGELOG.md",
    **{
        f"contracts/{path.stem}": f"{path.relative_to(TOP)}"
        for path in TOP.glob("conformance/labs/*/*.md")
        if path.stem.split(".")[0] == path.parent.name
    },
}
"""Pages, and the files of the project that are read for them."""

_PAGES = {(TOP / path).resolve(): name for name, path in _ELSEWHERE.items()}
_LINK = re.compile(r"(\[[^\]\n]*\])\(([^)\s:]+)\)")


def _read(app: Sphinx, page: str, source: list[str]) -> None:
    path = TOP / _ELSEWHERE[page] if page in _ELSEWHERE else TOP / f"docs/{page}.md"
    text = path.read_text(encoding="utf-8") if page in _ELSEWHERE else source[0]

    def put_right(link: re.Match[str]) -> str:
        file, _, anchor = link[2].partition("#")
        if not file:
            return link[0]
        target = (path.parent / file).resolve()
        if not target.exists():
            return link[0]  # which the build then reports
        docs = TOP / "docs"
        if name := _PAGES.get(target) or (
            str(target.relative_to(docs).with_suffix("")) if target.is_relative_to(docs) else ""
        ):
            return f"{link[1]}(/{name}.md{'#' if anchor else ''}{anchor})"
        return link[1][1:-1]  # a file of the project, which the handbook does not hold

    source[0] = _LINK.sub(put_right, text)


def setup(app: Sphinx) -> None:
    app.connect("source-read", _read)
