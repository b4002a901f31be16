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

_BRACES = re.compile(rb"\{[^{}]*\}(?:[ \t]*\r?\n)?")
_LINES = re.compile(rb"[^\r\n]+\r?\n?")
_ENDS = re.compile(rb"[\r\n]")
SHORT = 1000
"""Characters of a piece of which is kept in mind whether it tells the time. What is longer is
mostly a flood without an end of line, each time another one."""
_PADDING = " \t\0\r\n"
"""What may surround a telling (NUL bytes may also be in it): only 2.2 pays for it."""


def tellings(data: bytes, reads: Sequence[int], form: str) -> list[Span]:
    """Where the tellings are, or, if there are none, the lines. `reads`: the end offset of each
    read."""
    lines = [match.span() for match in _LINES.finditer(data)]
    braces = [match.span() for match in _BRACES.finditer(data)]
    whole = lines if _ENDS.search(data) else [*pairwise(sorted({0, *reads}))]
    for pieces in (braces, whole):
        if told := [span for span in pieces if tells(as_text(data[slice(*span)]), form)]:
            return told
    return lines


def tells(text: str, form: str) -> bool:
    """Whether the text has the contract's form, or contains a time."""
    return _tells_known(text, form) if len(text) <= SHORT else _tells(text, form)


def _tells(text: str, form: str) -> bool:
    if form != "<date>" and form_of(form).fullmatch(_plain(text)):
        return True
    return clock_in(date_in(text, form)) is not None


_tells_known = lru_cache(1 << 14)(_tells)
"""As a stream grows, each of its pieces is asked for again and again."""


def _plain(text: str) -> str:
    return text.replace("\0", "").strip(_PADDING)


@lru_cache
def form_of(form: str) -> re.Pattern[str]:
    """The pattern of a line. The date in it cannot hold the beginning or end of another."""
    before, after = (re.escape(part) for part in form.split("<date>", 1))
    other = "|".join(part for part in (before, after) if part)
    text = f"(?:(?!{other}).)+" if other else ".+"
    return re.compile(f"{before}({text}){after}")


def date_in(telling: str, form: str) -> str:
    """The text of the date in a telling of any form."""
    plain = _plain(telling)
    if match := form_of(form).fullmatch(plain):
        return match[1]
    text = plain.strip(" \t{}")
    found = re.fullmatch(r"""['"]?[A-Za-z_]+['"]?\s*[:=]\s*(.*)""", text, re.DOTALL)
    return (found[1] if found else text).strip(" \t\r\n'\",")
