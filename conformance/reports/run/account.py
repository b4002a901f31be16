"""The account of a verdict: what a student reads about one clause, as lines of text.

The console prints it in colours, JUnit and others without: a student reads the same words
in each report. Every line is finished: it fits the page, holds no control character, and is
no command to a CI runner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from rich.text import Text

from conformance.reports.run.cadence import clock, pictures
from conformance.reports.run.conversation import conversed
from conformance.reports.run.own_output import own_output
from conformance.reports.run.where_it_stood import where_it_stood
from conformance.reports.text import palette
from conformance.reports.text.comparison import expected_and_actual
from conformance.reports.text.page import MOST_THRIFT, Page
from conformance.reports.text.visible import visible
from conformance.verdict.model import Attempt, Verdict
from conformance.verdict.symptoms import Sign
from conformance.verdict.violation import Fault
from conformance.words import _, said

MAX_EXAMPLES = 3
"""Lines of a list of examples that is shown whatever has failed."""

TEXT = (100, 8, 7, 6, 5, 4)
"""Rows of a clause's text, by `Page.thrift`."""

_COMMENT = "   # "
"""What stands between a command and its comment."""

_IN_A_TERMINAL = re.compile(r"terminals? [\d, and]+: ")

WITHOUT_OUTPUT = 3
"""`Page.thrift` from which a program's own output is left out if the cause is hardly in it."""


def account(verdict: Verdict, page: Page, *, conversation: bool = True) -> list[Text]:
    """The account of a clause that did not pass, without a heading."""
    held = verdict.attempt
    text = verdict.clause.text
    if not page.whole and not _may_be_a_matter_of_form(held):
        text = without_examples(text)
    asked = page.prose(sentence(text), style=palette.REQUIREMENT, ours=False)
    parts = [_in_rows(asked, TEXT[page.thrift], page.width)]
    if held.expected or held.actual:
        parts.append(expected_and_actual(held, page))
    if held.reason:
        parts.append(page.prose(held.reason))
    parts += [page.prose(note, style=palette.QUIET) for note in verdict.notes]
    parts.append(times(held, page))
    evidence = []
    if conversation and len(held.transcript):
        evidence += [page.heading("conversation"), *conversed(held, page)]
    if held.output.strip() and (_tells_why(held) or page.thrift < WITHOUT_OUTPUT):
        evidence += [page.heading("the program's own last output"), *own_output(held, page)]
    parts.append([*evidence, *where_it_stood(held, page)])
    advice = []
    if held.hint:
        label = _("hint")
        first, *others = page.prose(held.hint, indent=" " * (2 + len(label) + 2))
        first = Text.assemble("  ", (label, palette.LABEL), "  ", first[2 + len(label) + 2 :])
        advice += [first, *others]
    parts.append([*advice, *_commands(verdict, page)])
    return _joined(parts, apart=page.thrift < MOST_THRIFT)


def in_short(verdict: Verdict, page: Page) -> list[Text]:
    """Of the account, what was expected, what came or why it was not judged, and what to call."""
    held = verdict.attempt
    rows = expected_and_actual(held, page) if held.expected or held.actual else []
    rows = [*rows, *(page.prose(held.reason) if held.reason else [])]
    return [*rows, *_commands(verdict, page)]


def account_within(rows: int, verdict: Verdict, page: Page, *, conversation: bool) -> list[Text]:
    """The same in so many rows, if it can be told in them; else as short as can be."""
    told = account(verdict, page, conversation=conversation)
    for thrift in range(1, MOST_THRIFT + 1):
        if len(told) <= rows or page.whole:
            break
        told = account(verdict, replace(page, thrift=thrift), conversation=conversation)
    return told


def times(judged: Attempt, page: Page) -> list[Text]:
    """Pictures of what came in a rhythm, and a sentence about the clock. Nothing where the verdict
    does not depend on the rhythm and nothing is missing."""
    rows = pictures(judged.transcript, page) if may_be_a_matter_of_rhythm(judged) else []
    if rests_on_the_clock(judged) or rows:
        rows += page.prose(clock(judged.transcript), style=palette.QUIET)
    return rows


def may_be_a_matter_of_rhythm(judged: Attempt) -> bool:
    """Whether a picture of what came in a rhythm shows why it failed: where it rests on times, or
    something is missing."""
    told_otherwise = judged.symptom is not None and judged.symptom.sign is Sign.WRONG_TIME
    return not told_otherwise and (judged.timed or judged.fault is Fault.ABSENT)


def rests_on_the_clock(judged: Attempt) -> bool:
    """Whether a report says how exact its times are."""
    return judged.timed and may_be_a_matter_of_rhythm(judged)


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


def without_examples(text: str) -> str:
    """A clause's text without its longer lists of examples, which are indented."""
    kept: list[str] = []
    for block in text.split("\n\n"):
        lines = block.split("\n")
        examples = len(lines) > MAX_EXAMPLES and all(line.startswith("    ") for line in lines)
        left_out = said(f"(… {len(lines)} lines of examples: see the contract.)")
        kept.append(left_out if examples else block)
    return "\n\n".join(kept)


def _in_rows(rows: list[Text], most: int, width: int) -> list[Text]:
    """The rows; of too many the first, and a sign that there are more."""
    if len(rows) <= most:
        return rows
    last = rows[most - 1]
    if len(last) > width - len(" …"):
        last = last[: max(last.plain.rfind(" ", 0, width - 1), 0)]
    return [*rows[: most - 1], last + Text(" …")]


def _may_be_a_matter_of_form(held: Attempt) -> bool:
    """Whether the examples of a form may help. They do not where something was late or absent, or
    another time was told in a form that was understood."""
    if held.symptom is not None:
        return held.symptom.sign is Sign.FORM
    return not (held.timed or held.fault is Fault.ABSENT)


def _tells_why(held: Attempt) -> bool:
    """Whether the program's own output may hold the cause."""
    ended = held.symptom is not None and held.symptom.sign is Sign.ENDED
    return ended or held.thrown is not None


def _joined(parts: list[list[Text]], *, apart: bool) -> list[Text]:
    rows: list[Text] = []
    for part in filter(None, parts):
        rows += [Text(), *part] if rows and apart else part
    return rows


def _commands(verdict: Verdict, page: Page) -> Iterator[Text]:
    """What to call: each command on a line of its own, uncut, to be copied."""
    commands = {_("see it yourself"): verdict.reproduce, _("run it again"): verdict.again}
    for words, command in commands.items():
        for line in filter(None, command.split("\n")):
            shown = visible(told_beside(line))
            yield page.line("  ", (f"{words:<17}", palette.LABEL), (shown, palette.COMMAND))
            words = ""
    yield from captures(verdict, page)


def told_beside(command: str) -> str:
    """A command as it is, and what is said beside it in the language that is spoken: its comment,
    or what somebody does in a terminal."""
    if _IN_A_TERMINAL.match(command):
        where, what = command.split(": ", 1)
        return said(where) + _(": ") + ", ".join(map(said, what.split(", ")))
    line, mark, comment = command.partition(_COMMENT)
    return line + mark + said(comment)


def captures(verdict: Verdict, page: Page) -> Iterator[Text]:
    """The capture files of all attempts, that of the one that counts first."""
    kept = dict.fromkeys(held.capture for held in (verdict.attempt, *verdict.earlier))
    label = _("see it in Wireshark")
    for file in filter(None, kept):
        yield page.line("  ", (f"{label}  ", palette.LABEL), (visible(file), palette.COMMAND))
        label = " " * len(label)
