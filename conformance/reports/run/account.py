"""The account of a verdict: what a student reads about one clause, as lines of text.

The console prints it in colours, JUnit and others carry it plain: one account, so that
a student reads the same words wherever the report is shown. Every line is final: it
fits the page, holds no control character, and is no command to a CI runner.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text

from conformance.reports.run.cadence import clock, pictures
from conformance.reports.text import palette
from conformance.reports.text.page import Page
from conformance.reports.text.visible import (
    LONGEST,
    Comparison,
    compare,
    lines_of,
    shorten_middle,
    visible,
    visible_line,
    without_colours,
    wrapped,
)
from conformance.verdict.model import Attempt, Fault, Verdict
from conformance.verdict.transcript import Entry, Transcript

MOST_ROWS = 24
"""Rows of a conversation that are shown unasked: about a screen, most stay below."""

MOST_LINES_AT_ONCE = 8
"""Lines of one piece of data that are shown unasked; the first and last tell enough."""

MOST_LINES_IN_FULL = 40
"""Lines of it that are shown in full reports: a flood of newlines must not fill a disk."""

MOST_OUTPUT = 12
"""Last lines of the program's own output: an exception and where it came from."""

_LABEL = 10
"""Columns of `expected` and `actual` with what separates them from the text."""


def account(verdict: Verdict, page: Page, *, conversation: bool = True) -> list[Text]:
    """What there is to say about a verdict that did not pass, without a heading."""
    parts = [page.prose(sentence(verdict.clause.text), style=palette.REQUIREMENT)]
    held = verdict.attempt
    if held.expected or held.actual:
        parts.append(expected_and_actual(held, page))
    if held.reason:
        parts.append(page.prose(held.reason))
    parts += [page.prose(note, style=palette.QUIET) for note in verdict.notes]
    parts.append(times(held, page))
    if conversation and len(held.transcript):
        parts.append([_heading("conversation", page), *conversed(held.transcript, page)])
    if held.output.strip():
        parts.append([_heading("the program's own last output", page), *output(held, page)])
    if held.hint:
        first, *others = page.prose(held.hint, indent=" " * (2 + len("hint  ")))
        first = Text.assemble("  ", ("hint", palette.LABEL), "  ", first[2 + len("hint  ") :])
        parts.append([first, *others])
    parts.append(list(_commands(verdict, page)))
    return _joined(parts)


def times(judged: Attempt, page: Page) -> list[Text]:
    """What came in a rhythm, drawn, and the clock, where what was judged rests on when
    something came, or on that it did not."""
    missing = judged.fault is Fault.ABSENT
    rows = pictures(judged.transcript, page) if judged.timed or missing else []
    if judged.timed or rows:
        rows += page.prose(clock(judged.transcript), style=palette.QUIET)
    return rows


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
    yield from captures(verdict, page)


def captures(verdict: Verdict, page: Page) -> Iterator[Text]:
    """Where the packets are: of the attempt that it rests on, and of those before."""
    kept = dict.fromkeys(held.capture for held in (verdict.attempt, *verdict.earlier))
    label = "see it in Wireshark"
    for file in filter(None, kept):
        yield page.line("  ", (f"{label}  ", palette.LABEL), (visible(file), palette.COMMAND))
        label = " " * len(label)


def expected_and_actual(held: Attempt, page: Page) -> list[Text]:
    """Both under each other, with a caret under the first difference of two lines.

    Lines that are compared are shown around their difference; all else is wrapped: of a
    sentence, each word may be the one that is needed.
    """
    expected, actual = held.expected, held.actual
    if len(lines_of(expected)) > 1 or len(lines_of(actual)) > 1:
        return _blocks(expected, actual, page)
    cells = page.width - 2 - _LABEL
    shown = compare(expected, actual, cells=cells, encoding=page.encoding, lines=held.lines)
    on_the_wire = expected.endswith("\n") and actual.endswith("\n")
    if shown.caret is not None and (on_the_wire or max(map(len, (expected, actual))) > LONGEST):
        wanted, got = [shown.expected], [shown.actual]
    else:
        shown = _in_whole(held, page, shown)
        wanted, got = wrapped(shown.expected, cells), wrapped(shown.actual, cells)
    rows = _labelled("expected", wanted, "green", page)
    if shown.caret is None:
        return rows + _labelled("actual", got, "red", page)
    place, number = shown.caret, 0
    while number < len(got) - 1 and place >= cell_len(got[number]):
        place -= cell_len(got[number])
        number += 1
    told = _labelled("actual", got, "red", page)
    caret = Text.assemble(" " * (2 + _LABEL + place), ("^", "bold red"))
    return [*rows, *told[: number + 1], caret, *told[number + 1 :]]


def _in_whole(held: Attempt, page: Page, short: Comparison) -> Comparison:
    """The comparison in as many columns as it takes; a line from the wire that is too long
    to be read stays `short`."""
    room = 20 * LONGEST if short.caret is not None else LONGEST  # \\u{10FFFF} for a character
    texts = held.expected, held.actual
    whole = compare(*texts, cells=room, encoding=page.encoding, lines=held.lines)
    too_long = [text.endswith("\n") and len(text) > LONGEST for text in texts]
    return Comparison(
        short.expected if too_long[0] else whole.expected,
        short.actual if too_long[1] else whole.actual,
        whole.caret,
    )


def _labelled(label: str, lines: list[str], style: str, page: Page) -> list[Text]:
    """The label, and the lines under each other behind it."""
    labels = [label, *("" for _ in lines[1:])]
    return [
        page.line("  ", (f"{name:<{_LABEL}}", palette.LABEL), (line.rstrip(" "), style))
        for name, line in zip(labels, lines, strict=True)
    ]


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
            rows += _quoted(f"… {skipped} lines, as they should be …", page, palette.QUIET)
        shown = lines[skipped : skipped + MOST_LINES_AT_ONCE]
        rows += [row for line in shown for row in _quoted(visible_line(line), page, style)]
        if more := len(lines) - skipped - len(shown):
            rows += _quoted(f"… {more} more lines …", page, palette.QUIET)
        if not lines:
            rows += _quoted("(nothing)", page, palette.QUIET)
    return rows


def _quoted(text: str, page: Page, style: str = "") -> list[Text]:
    """A line of somebody else's, behind a bar; wrapped, as long as it can be read."""
    room = page.width - len("    │ ")
    shown = [shorten_middle(text, room)] if len(text) > LONGEST else wrapped(text, room)
    return [page.line("    ", ("│ ", palette.QUIET), (line.rstrip(" "), style)) for line in shown]


def output(held: Attempt, page: Page) -> list[Text]:
    """The last lines that the program itself wrote, quoted."""
    lines = lines_of(held.output)[-MOST_OUTPUT:]
    shown = [visible(without_colours(line.rstrip("\r\n"))) for line in lines]
    return [row for line in shown for row in _quoted(line, page)]


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
        sentence = entry.is_remark and len(shown) <= LONGEST
        for row in wrapped(shown, max(room, 1)) if sentence else [shorten_middle(shown, room)]:
            parts = ("    ", (when, palette.QUIET), "  ", (who, style), "  ")
            yield page.line(*parts, (row.rstrip(" "), style if entry.is_remark else ""))
            when, who = " " * len(when), " " * len(who)
