"""What the search for a conversation that breaks the contract has found. It never costs points."""

from __future__ import annotations

from rich.text import Text

from conformance.reports.run.account import account_within
from conformance.reports.text import palette
from conformance.reports.text.page import Page
from conformance.reports.text.visible import visible
from conformance.verdict.model import Search
from conformance.verdict.points import counted
from conformance.words import _

ROWS = 17
"""Rows for what the shortest conversation shows."""


def in_one_sentence(search: Search) -> str:
    """What came of it, in one sentence."""
    held = f"in {counted(search.conversations, 'conversation')} that nobody wrote"
    if search.verdict is not None:
        broken = f"{held}, clause {search.verdict.clause.number} was broken"
        return f"Searched: {broken}, which costs no points. The shortest: {search.sentence}"
    if search.reason and not search.conversations:
        return f"Not searched: {search.reason}."
    if search.reason:
        return f"Searched: {held}, nothing is proven: {search.reason}."
    return f"Searched: {held}, no clause was broken."


def searched(search: Search | None, page: Page) -> list[Text]:
    """The sentence; and where a conversation breaks a clause, what it shows."""
    if search is None:
        return []
    rows = [Text(), *page.prose(visible(in_one_sentence(search)), indent="")]
    if search.verdict is not None:
        told = account_within(ROWS, search.verdict, page, conversation=True)
        return [*rows, Text(), *told]
    if search.conversations and search.again:
        label = (f"{_('search again'):<17}", palette.LABEL)
        rows.append(page.line("  ", label, (visible(search.again), palette.COMMAND)))
    return rows
