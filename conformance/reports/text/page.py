"""The page that a report is written on: its width, its characters and its colours."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from conformance.reports.text import palette
from conformance.reports.text.visible import (
    MAX_WRAPPED,
    disarm,
    fit,
    shorten_middle,
    visible,
    without_colours,
    wrapped,
)
from conformance.verdict.transcript import shorten
from conformance.words import _, said

MAX_WIDTH = 100
"""Columns of a line at most: longer ones are hard to read on the widest terminal."""

MIN_WIDTH = 60
"""Below this the table of clauses cannot be printed; a narrower terminal wraps it."""

MAX_PARAGRAPHS = 40
"""Paragraphs printed of one text. Only a text that quotes a babbling program has more."""

MOST_THRIFT = 5

_RULER = Console(file=io.StringIO())
"""rich wants a console to wrap text; nothing is ever printed on this one."""

_HARD_SPACE = "\ue000"
"""A space at which no line is wrapped, so that `> BYE⏎` stays whole. `visible` never returns this
character, since it is for private use."""


@dataclass(frozen=True)
class Page:
    width: int = 100
    """Columns of a line; commands to be copied may be longer."""
    encoding: str = "utf-8"
    coloured: bool = False
    """Whether styles show. Code then has a colour; otherwise it stands in backticks."""
    whole: bool = False
    """Whether long conversations are shown in full."""
    thrift: int = 0
    """How little evidence is shown, from 0 to `MOST_THRIFT`: of a conversation, of the program's
    own output, of its threads. What proves a failure is shown at each."""
    columns: int = 100
    """Columns of the terminal, which may be fewer than `width`. Drawings have to fit into them,
    since a wrapped drawing shows nothing."""

    @classmethod
    def on(cls, console: Console, *, whole: bool = False) -> Page:
        """The page that a console shows."""
        return cls(
            width=max(MIN_WIDTH, min(console.width, MAX_WIDTH)),
            encoding=console.encoding,
            coloured=console.is_terminal and not console.no_color,
            whole=whole,
            columns=console.width,
        )

    def line(self, *parts: str | tuple[str, str]) -> Text:
        """One finished line, made of texts and (text, style) pairs. It is never wrapped."""
        whole = Text.assemble(*parts)
        safe = disarm(fit(whole.plain, self.encoding))
        if safe == whole.plain:
            return whole
        fitted = Text()
        for part in parts:
            text, style = (part, "") if isinstance(part, str) else part
            fitted.append(fit(text, self.encoding), style)
        return fitted if disarm(fitted.plain) == fitted.plain else Text(safe)

    def lines(self, *parts: str | tuple[str, str]) -> list[Text]:
        """As `line`, wrapped."""
        rows = self.line(*parts).wrap(_RULER, self.width)
        for row in rows:
            row.rstrip()
        return list(rows)

    def prose(
        self, markdown: str, indent: str = "  ", style: str = "", *, ours: bool = True
    ) -> list[Text]:
        """The paragraphs of `markdown`, wrapped. Of its markup, only `code` is rendered. Sentences
        of the suite are in the language that is spoken; `ours`: whether there may be some."""
        rows: list[Text] = []
        for paragraph in without_colours(said(markdown) if ours else markdown).split("\n")[
            :MAX_PARAGRAPHS
        ]:
            text = self._inline(shorten(paragraph.strip()), style)
            begin = indent + " " * (len(paragraph) - len(paragraph.lstrip(" ")))
            for row in text.wrap(_RULER, self.width - len(begin)) if text.plain else [text]:
                row.plain = row.plain.replace(_HARD_SPACE, " ")
                row.rstrip()
                line = Text(begin) + row
                safe = disarm(line.plain)
                rows.append(line if safe == line.plain else Text(safe))
        return rows

    def heading(self, words: str) -> Text:
        return self.line("  ", (_(words), palette.LABEL))

    def quoted(self, text: str, style: str = "") -> list[Text]:
        """A line that the suite did not write, behind a bar: wrapped, or shortened if it is too
        long."""
        room = self.width - len("    │ ")
        shown = [shorten_middle(text, room)] if len(text) > MAX_WRAPPED else wrapped(text, room)
        bar = "    ", ("│ ", palette.QUIET)
        return [self.line(*bar, (line.rstrip(" "), style)) for line in shown]

    def _inline(self, paragraph: str, style: str) -> Text:
        text = Text(style=style)
        for number, piece in enumerate(re.split(r"`([^`]*)`", paragraph)):
            shown = disarm(fit(visible(piece), self.encoding))
            if number % 2 == 0:
                text.append(shown)
                continue
            quoted = shown if self.coloured else f"`{shown}`"
            text.append(quoted.replace(" ", _HARD_SPACE), palette.CODE)
        return text


def show(console: Console, *rows: Text) -> None:
    """Prints finished lines, without wrapping them at the console's width."""
    for row in rows:
        console.print(row, soft_wrap=True)
