"""Finds where a server tells the time, whatever its line ends are and whatever comes between.

A telling is a text in braces, or else a line (ended by LF, CR or both), or else, if no line has an
end, what one read brought. Only those count that have the contract's form or contain a time. Two on
one line are found only in braces. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from conformance import as_text

from .dates import clock_in

Span = tuple[int, int]

_END = re.compile(rb"[ \t]*\r?\n")
_NAMED = re.compile(r"""['"]?[A-Za-z_]{1,100}['"]?\s*[:=]\s*(.*)""", re.DOTALL)
"""A date behind its name, as in `time: 10:15:01`."""
SHORT = 1000
"""Characters of a piece of which is kept in mind whether it tells the time. What is longer is
mostly a flood without an end of line, each time another one."""
_PADDING = " \t\0\r\n"
"""What may surround a telling (NUL bytes may also be in it): only 2.2 pays for it."""


def tellings(data: bytes, reads: Sequence[int], form: str) -> list[Span]:
    """Where the tellings are, or, if there are none, the lines. `reads`: the end offset of each
    read."""
    # No pattern: this is done at each read, of all that has come, and that may be megabytes.
    if told := _those_that_tell(data, _in_braces(data), form):
        return told
    lines = _lines(data)
    whole = lines if b"\n" in data or b"\r" in data else [*pairwise(sorted({0, *reads}))]
    return _those_that_tell(data, whole, form) or lines


def _those_that_tell(data: bytes, pieces: Sequence[Span], form: str) -> list[Span]:
    return [span for span in pieces if tells(as_text(data[slice(*span)]), form)]


def _in_braces(data: bytes) -> list[Span]:
    """Each text in braces that holds no other, with the end of line behind it."""
    found, since = list[Span](), 0
    while (closes := data.find(b"}", since)) >= 0:
        opens = data.rfind(b"{", since, closes)
        since = closes + 1
        if opens >= 0:
            ends = _END.match(data, since)
            since = ends.end() if ends else since
            found.append((opens, since))
    return found


def _lines(data: bytes) -> list[Span]:
    """Each line that is not empty, with its end: LF, CR, or both."""
    found, begins = list[Span](), 0
    for line in data.splitlines(keepends=True):
        if line.strip(b"\r\n"):
            found.append((begins, begins + len(line)))
        begins += len(line)
    return found


def tells(text: str, form: str) -> bool:
    """Whether the text has the contract's form, or contains a time."""
    return _tells_known(text, form) if len(text) <= SHORT else _tells(text, form)


def _tells(text: str, form: str) -> bool:
    if form != "<date>" and date_in_form(_plain(text), form) is not None:
        return True
    return clock_in(date_in(text, form)) is not None


_tells_known = lru_cache(1 << 14)(_tells)
"""As a stream grows, each of its pieces is asked for again and again."""


def _plain(text: str) -> str:
    return text.replace("\0", "").strip(_PADDING)


def date_in_form(line: str, form: str) -> str | None:
    """The text of the date in a line of just this form; None if it has another. The date is on one
    line, and cannot hold the beginning or end of another one."""
    before, after = form.split("<date>", 1)
    date = line[len(before) : len(line) - len(after)]
    if not date or "\n" in date or not (line.startswith(before) and line.endswith(after)):
        return None
    others = [line.find(part, len(before)) for part in (before, after) if part]
    return None if any(0 <= at < len(before) + len(date) for at in others) else date


def date_in(telling: str, form: str) -> str:
    """The text of the date in a telling of any form."""
    plain = _plain(telling)
    if (date := date_in_form(plain, form)) is not None:
        return date
    text = plain.strip(" \t{}")
    found = _NAMED.fullmatch(text)
    return (found[1] if found else text).strip(" \t\r\n'\",")
