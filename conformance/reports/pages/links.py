"""Links that a page may hold: to files beside it, and to places in it."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from markupsafe import Markup

from conformance.reports.text.visible import visible


def link_to(path: str) -> Markup:
    """The relative path of a file as an address. A colon is quoted, too, so that none of it is
    taken for a scheme (RFC 3986, 4.2)."""
    return Markup(quote(path, safe="/", errors="surrogateescape"))


@lru_cache(maxsize=1024)  # of a class, the labs and clauses are few
def anchor_of(lab: str, clause: str) -> str:
    """The name of the place where a page tells of a clause: `c-echo-4.1`."""
    return f"c-{quote(visible(lab), safe='')}-{quote(visible(clause), safe='')}"
