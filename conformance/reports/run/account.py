"""The account of a verdict: what a student reads about one clause, as lines of text.

The console prints it in colours, JUnit and others without: a student reads the same words
in each report. Every line is finished: it fits the page, holds no control character, and is
no command to a CI runner.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from conformance.reports.run.cadence import clock, pictures
from conformance.reports.text import palette
from conformance.reports.text.comparison import MAX_LINES_AT_ONCE, expected_and_actual
from conformance.reports.text.page import Page
from conformance.reports.text.visible import (
    MAX_WRAPPED,
    lines_of,
    shorten_middle,
    visible,
    visible_line,
    without_colours,
    wrapped,
)
from conformance.verdict.model import Attempt, Verdict
from conformance.verdict.transcript import Entry, Transcript
from conformance.verdict.violation import Fault

MAX_ROWS = 24
"""Rows shown of a conversation, unless all are asked for: about a screen. Most have fewer."""

MAX_LINES_IN_FULL = 40
"""Lines shown of it if all are asked for: a flood of newlines must not fill a disk."""

MAX_OUTPUT = 12
"""Last lines shown of the program's own output: enough for an exception and its origin."""


def account(verdict: Verdict, page: Page, *, conversation: bool = True) -> list[Text]:
    """The account of a clause that did not pass, without a heading."""
    parts = [page.prose(sentence(verdict.clause.text), style=palette.REQUIREMENT)]
    held = verdict.attempt
    if held.expected or held.actual:
        parts.append(expected_and_actual(held, page))
    if held.reason:
        parts.append(page.prose(held.reason))
    parts += [page.prose(note, style=palette.QUIET) for note in verdict.notes]
    parts.append(times(held, page))
    if conversation and len(held.transcript):
        parts.append([page.heading("conversation"), *conversed(held.transcript, page)])
    if held.output.strip():
        parts.append([page.heading("the program's own last output"), *output(held, page)])
    if held.hint:
        first, *others = page.prose(held.hint, indent=" " * (2 + len("hint  ")))
        first = Text.assemble("  ", ("hint", palette.LABEL), "  ", first[2 + len("hint  ") :])
        parts.append([first, *others])
    parts.append(list(_commands(verdict, page)))
    return _joined(parts)


def times(judged: Attempt, page: Page) -> list[Text]:
    """Pictures of what came in a rhythm, and a sentence about the clock. Nothing where the verdict
    does not depend on time and nothing is missing."""
    missing = judged.fault is Fault.ABSENT
    rows = pictures(judged.transcript, page) if judged.timed or missing else []
    if judged.timed or rows:
        rows += page.prose(clock(judged.transcript), style=palette.QUIET)
    return rows


def sentence(text: str) -> str:
    """A clause's text as a sentence: capitalised, and each paragraph on one line.

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


def _commands(verdict: Verdict, page: Page) -> Iterator[Text]:
    commands = {"see it yourself": verdict.reproduce, "run it again": verdict.again}
    for words, command in commands.items():
        if command:
            shown = " ".join(visible(command).split("⏎"))
            yield page.line("  ", (f"{words:<17}", palette.LABEL), (shown, palette.COMMAND))
    yield from captures(verdict, page)


def captures(verdict: Verdict, page: Page) -> Iterator[Text]:
    """The capture files of all attempts, that of the one that counts first."""
    kept = dict.fromkeys(held.capture for held in (verdict.attempt, *verdict.earlier))
    label = "see it in Wireshark"
    for file in filter(None, kept):
        yield page.line("  ", (f"{label}  ", palette.LABEL), (visible(file), palette.COMMAND))
        label = " " * len(label)


def output(held: Attempt, page: Page) -> list[Text]:
    """The last lines that the program itself wrote, quoted."""
    lines = lines_of(held.output)[-MAX_OUTPUT:]
    shown = [visible(without_colours(line.rstrip("\r\n"))) for line in lines]
    return [row for line in shown for row in page.quoted(line)]


def conversed(transcript: Transcript, page: Page) -> list[Text]:
    """The conversation, a row for each line: when, who, what."""
    speakers = max((len(visible(entry.who)) for entry in transcript), default=0)
    rows = [row for entry in transcript for row in _entry(entry, speakers, page)]
    if page.whole or len(rows) <= MAX_ROWS:
        return rows
    head, tail = MAX_ROWS * 2 // 3, MAX_ROWS // 3
    left_out = len(rows) - head - tail
    gap = page.line("    ", (f"… {left_out} lines left out …", palette.QUIET))
    return [*rows[:head], gap, *rows[-tail:]]


def _entry(entry: Entry, speakers: int, page: Page) -> Iterator[Text]:
    """The rows of one entry. Only the first shows the time, since its lines came at once."""
    lines = [entry.what] if entry.is_remark else lines_of(entry.what) or [""]
    most = MAX_LINES_IN_FULL if page.whole else MAX_LINES_AT_ONCE
    left_out = len(lines) - most
    if left_out > 1:
        half = most // 2
        lines = [*lines[:half], f"… {left_out} lines …", *lines[-half:]]
    when, who = f"{entry.at:7.3f} s", f"{visible(entry.who):<{speakers}}"
    room = page.width - len(f"    {when}  {who}  ")
    style = palette.voice(entry.who)
    for line in lines:
        shown = visible(line) if entry.is_remark else visible_line(line)
        sentence = entry.is_remark and len(shown) <= MAX_WRAPPED
        for row in wrapped(shown, max(room, 1)) if sentence else [shorten_middle(shown, room)]:
            parts = ("    ", (when, palette.QUIET), "  ", (who, style), "  ")
            yield page.line(*parts, (row.rstrip(" "), style if entry.is_remark else ""))
            when, who = " " * len(when), " " * len(who)
