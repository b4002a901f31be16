"""The account of a verdict: what a student reads about one clause, as lines of text.

The console prints it in colours, JUnit and others carry it plain: one account, so that
a student reads the same words wherever the report is shown. Every line is final: it
fits the page, holds no control character, and is no command to a CI runner.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from conformance.model import Verdict
from conformance.reports import palette
from conformance.reports.visible import (
    compare,
    disarm,
    fit,
    lines_of,
    shorten_middle,
    visible,
    visible_line,
)
from conformance.transcript import Entry, Transcript, shorten

MOST_ROWS = 24
"""Rows of a conversation that are shown unasked: about a screen, most stay below."""

MOST_LINES_AT_ONCE = 8
"""Lines of one piece of data that are shown unasked; the first and last tell enough."""

MOST_LINES_IN_FULL = 40
"""Lines of it that are shown in full reports: a flood of newlines must not fill a disk."""

MOST_OUTPUT = 12
"""Last lines of the program's own output: an exception and where it came from."""

MOST_PARAGRAPHS = 40
"""Of a reason or a clause: none is near it, unless it quotes a program that babbles."""

_LABEL = 10
"""Columns of `expected` and `actual` with what separates them from the text."""

_RULER = Console(file=io.StringIO())
"""rich wants a console to wrap text; nothing is ever printed on this one."""


@dataclass(frozen=True)
class Page:
    """What the account is written on."""

    width: int = 100
    """Columns of a line; commands to be copied may be longer."""
    encoding: str = "utf-8"
    coloured: bool = False
    """Whether styles show: code is then told by its colour, else by its backticks."""
    whole: bool = False
    """Whether long conversations are shown in full."""

    def line(self, *parts: str | tuple[str, str]) -> Text:
        """One final line, of texts and (text, style) pairs. Never wrapped."""
        whole = Text.assemble(*parts)
        safe = disarm(fit(whole.plain, self.encoding))
        if safe == whole.plain:
            return whole
        fitted = Text()
        for part in parts:
            text, style = (part, "") if isinstance(part, str) else part
            fitted.append(fit(text, self.encoding), style)
        return fitted if disarm(fitted.plain) == fitted.plain else Text(safe)

    def prose(self, markdown: str, indent: str = "  ", style: str = "") -> list[Text]:
        """The paragraphs of `markdown`, wrapped; `code` set off, all else as it is."""
        rows: list[Text] = []
        for paragraph in markdown.split("\n")[:MOST_PARAGRAPHS]:
            text = self._inline(shorten(paragraph.strip()), style)
            begin = indent + " " * (len(paragraph) - len(paragraph.lstrip(" ")))
            for row in text.wrap(_RULER, self.width - len(begin)) if text.plain else [text]:
                row.plain = row.plain.replace(_HARD_SPACE, " ")
                row.rstrip()
                rows.append(self._indented(row, begin))
        return rows

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

    def _indented(self, row: Text, indent: str) -> Text:
        line = Text(indent) + row
        return line if disarm(line.plain) == line.plain else Text(disarm(line.plain))


_HARD_SPACE = "\ue000"
"""A space that does not wrap (`> BYE⏎` stays whole). Private, thus never in visible text."""


def account(verdict: Verdict, page: Page, *, conversation: bool = True) -> list[Text]:
    """What there is to say about a verdict that did not pass, without a heading."""
    parts = [page.prose(sentence(verdict.clause.text), style=palette.REQUIREMENT)]
    if verdict.expected or verdict.actual:
        parts.append(expected_and_actual(verdict.expected, verdict.actual, page))
    if verdict.reason:
        parts.append(page.prose(verdict.reason))
    parts += [page.prose(note, style=palette.QUIET) for note in verdict.notes]
    if conversation and len(verdict.transcript):
        parts.append([_heading("conversation", page), *conversed(verdict.transcript, page)])
    if verdict.output.strip():
        parts.append([_heading("the program's own last output", page), *output(verdict, page)])
    if verdict.hint:
        first, *others = page.prose(verdict.hint, indent=" " * (2 + len("hint  ")))
        first = Text.assemble("  ", ("hint", palette.LABEL), "  ", first[2 + len("hint  ") :])
        parts.append([first, *others])
    parts.append(list(_commands(verdict, page)))
    return _joined(parts)


def sentence(text: str) -> str:
    """A clause's text as a sentence of its own: a line a paragraph, capitalised.

    Lists and examples (indented lines) keep their lines.
    """
    blocks = []
    for block in text.split("\n\n"):
        lines = block.split("\n")
        kept = any(line.startswith(("- ", "* ", "  ", "```")) for line in lines)
        blocks.append(block if kept else " ".join(lines))
    return text[:1].upper() + "\n".join(blocks)[1:]


def _joined(parts: list[list[Text]]) -> list[Text]:
    rows: list[Text] = []
    for part in filter(None, parts):
        rows += [Text(), *part] if rows else part
    return rows


def _heading(words: str, page: Page) -> Text:
    return page.line("  ", (words, palette.LABEL))


def _commands(verdict: Verdict, page: Page) -> Iterator[Text]:
    commands = {"see it yourself": verdict.reproduce, "run it again": verdict.again}
    for words, command in commands.items():
        if command:
            shown = " ".join(visible(command).split("⏎"))
            yield page.line("  ", (f"{words:<17}", palette.LABEL), (shown, palette.COMMAND))


def expected_and_actual(expected: str, actual: str, page: Page) -> list[Text]:
    """Both under each other, with a caret under the first difference of two lines."""
    if len(lines_of(expected)) > 1 or len(lines_of(actual)) > 1:
        return _blocks(expected, actual, page)
    cells = page.width - 2 - _LABEL
    shown = compare(expected, actual, cells=cells, encoding=page.encoding)
    rows = [
        page.line("  ", (f"{'expected':<{_LABEL}}", palette.LABEL), (shown.expected, "green")),
        page.line("  ", (f"{'actual':<{_LABEL}}", palette.LABEL), (shown.actual, "red")),
    ]
    if shown.caret is not None:
        rows.append(Text.assemble(" " * (2 + _LABEL + shown.caret), ("^", "bold red")))
    return rows


def _blocks(expected: str, actual: str, page: Page) -> list[Text]:
    """Texts of several lines: each in a block, from just before they part."""
    wanted, got = lines_of(expected), lines_of(actual)
    alike = 0
    while alike < min(len(wanted), len(got)) and wanted[alike] == got[alike]:
        alike += 1
    skipped = max(0, alike - 2)  # two lines that agree show where in the text we are
    rows: list[Text] = []
    for label, lines, style in (("expected", wanted, "green"), ("actual", got, "red")):
        rows.append(_heading(label, page))
        if skipped:
            rows.append(_quoted(f"… {skipped} lines, as they should be …", page, palette.QUIET))
        shown = lines[skipped : skipped + MOST_LINES_AT_ONCE]
        rows += [_quoted(visible_line(line), page, style) for line in shown]
        if more := len(lines) - skipped - len(shown):
            rows.append(_quoted(f"… {more} more lines …", page, palette.QUIET))
        if not lines:
            rows.append(_quoted("(nothing)", page, palette.QUIET))
    return rows


def _quoted(text: str, page: Page, style: str = "") -> Text:
    """A line of somebody else's, behind a bar."""
    room = page.width - len("    │ ")
    return page.line("    ", ("│ ", palette.QUIET), (shorten_middle(text, room), style))


def output(verdict: Verdict, page: Page) -> list[Text]:
    """The last lines that the program itself wrote, quoted."""
    lines = [visible(line.rstrip("\r\n")) for line in lines_of(verdict.output)]
    return [_quoted(line, page) for line in lines[-MOST_OUTPUT:]]


def conversed(transcript: Transcript, page: Page) -> list[Text]:
    """The conversation, a row a line: when, who, what."""
    speakers = max((len(visible(entry.who)) for entry in transcript), default=0)
    rows = [row for entry in transcript for row in _entry(entry, speakers, page)]
    if page.whole or len(rows) <= MOST_ROWS:
        return rows
    head, tail = MOST_ROWS * 2 // 3, MOST_ROWS // 3
    left_out = len(rows) - head - tail
    gap = page.line("    ", (f"… {left_out} lines left out …", palette.QUIET))
    return [*rows[:head], gap, *rows[-tail:]]


def _entry(entry: Entry, speakers: int, page: Page) -> Iterator[Text]:
    """What came at once has its time once: lines sent together are seen to be together."""
    lines = [entry.what] if entry.is_remark else lines_of(entry.what) or [""]
    most = MOST_LINES_IN_FULL if page.whole else MOST_LINES_AT_ONCE
    left_out = len(lines) - most
    if left_out > 1:
        half = most // 2
        lines = [*lines[:half], f"… {left_out} lines …", *lines[-half:]]
    when, who = f"{entry.at:7.3f} s", f"{visible(entry.who):<{speakers}}"
    room = page.width - len(f"    {when}  {who}  ")
    style = palette.voice(entry.who)
    for line in lines:
        shown = visible(line) if entry.is_remark else visible_line(line)
        parts = ("    ", (when, palette.QUIET), "  ", (who, style), "  ")
        yield page.line(*parts, (shorten_middle(shown, room), style if entry.is_remark else ""))
        when, who = " " * len(when), " " * len(who)
