"""Where the program stood when something was waited for in vain, in words.

Names, files and source lines are the program's own, so all of it is made visible.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.text import Text

from conformance.reports.text import palette
from conformance.reports.text.page import Page
from conformance.reports.text.visible import shorten_middle, visible
from conformance.verdict.model import Attempt
from conformance.verdict.symptoms import Stood
from conformance.words import _, said

MOST = (3, 2, 2, 1, 1, 1)
"""Groups of threads that are shown, by `Page.thrift`."""

MAX_SOURCE = 80
MAX_NAME = 50
"""Columns of a source line, and of the name of a thread or a file."""


def where_it_stood(held: Attempt, page: Page) -> list[Text]:
    """A heading, and a row for each thread; one sentence where there is but one. Nothing where
    nobody looked."""
    parts = list(threads_in_words(held, MOST[page.thrift]))
    if not parts:
        return []
    label = _("where it stood")
    if len(parts) <= 2 and len(held.stood) <= 1:
        first, *others = page.prose(label + _(": ") + "; ".join(parts))
        first.stylize(palette.LABEL, 2, 2 + len(label))
        return [first, *others]
    rows = [row for part in parts for row in page.prose(part, indent="    ")]
    return [page.heading(label), *rows]


def threads_in_words(held: Attempt, most: int) -> Iterator[str]:
    """What each thread did, of at most so many groups of threads alike; then who waited to be
    accepted."""
    threads = sum(one.alike for one in held.stood)
    alone = not held.queued and all(entry.who != "client 2" for entry in held.transcript)
    first_client = "the client" if alone else "the first client"
    for one in held.stood[:most]:
        yield _thread(one, first_client, only=threads == 1)
    if (left := sum(one.alike for one in held.stood[most:])) and most > 1:
        yield said(f"{left} more of its threads {'do' if left > 1 else 'does'} something else")
    if held.queued:
        shown = [said(first_client if name == "client" else _name(name)) for name in held.queued]
        if len(shown) > 3:
            shown = [*shown[:2], said(f"{len(shown) - 2} others")]
        names = _(" and ").join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
        yield said(f"{names} {'is' if len(held.queued) == 1 else 'are'} in the accept queue")


def _thread(one: Stood, first_client: str, *, only: bool) -> str:
    who, does = _who(one, only=only), visible(one.does)
    if one.alike > 1:
        does = re.sub(r"\b(wait|run|sleep)s\b", r"\1", does).replace("is stopped", "are stopped")
    on = shorten_middle(visible(one.on), MAX_SOURCE)
    if " in " in does:  # named as in the transcript, where the first has no number
        on = re.sub(r"\bclient\b(?! \d)", first_client, on)
    link = _("for") if on and " in " in does else ""
    told = " ".join(filter(None, [said(who), said(does), link, said(on)]))
    if not one.file:
        return told
    source = shorten_middle(visible(one.source.rstrip(" ;{")), MAX_SOURCE)
    return f"{told} · {_name(one.file)}:{one.line}{f': {source}' if source else ''}"


def _who(one: Stood, *, only: bool) -> str:
    if one.alike > 1:
        return f"{one.alike} of its {'processes' if one.name == 'a child process' else 'threads'}"
    if only:
        return "its only thread"
    match one.name:
        case "main":
            return "its main thread"
        case "a child process" | "":
            return one.name or "another of its threads"
    return f"its thread {_name(one.name)}"


def _name(name: str) -> str:
    return shorten_middle(visible(name), MAX_NAME)
