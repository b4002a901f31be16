"""What a scenario may expect of a line: the line itself, a pattern, or a wording."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

from conformance.verdict.violation import Hint, Violation

ANYTHING = ".*"
"""What may be any text, in a pattern."""


@dataclass(frozen=True)
class Wording:
    """Any line that meets a condition, which is described in words for the report."""

    words: str
    holds: Callable[[str], bool]

    @classmethod
    def template(
        cls, text: str, /, *, whole: bool = True, exactly: bool = False, **parts: str
    ) -> Self:
        """A line made from a template with parts in braces: `{name} says: {text}`. Parts that are
        not given, and `*`, may be any text. `exactly`: `*` stands for itself, and only numbers may
        differ. `whole` False: the line may be part of a longer text."""
        pieces = re.split(r"\{(\w+)\}", text)  # words, the name of a part, words, …
        words, pattern = "", ""
        for index, piece in enumerate(pieces):
            if index % 2:
                words += parts.get(piece, "…")
                pattern += re.escape(parts[piece]) if piece in parts else ANYTHING
            else:
                words += piece
                known = re.escape(piece)
                pattern += (
                    re.sub(r"\d+", r"\\d+", known) if exactly else known.replace(r"\*", ANYTHING)
                )
        if not whole:
            # As short as it may be, so that what follows is looked for as early as it may come.
            known_pieces = pattern.replace(r"\d+", r"\d+?").split(ANYTHING)
            return cls(words, partial(_contains, [re.compile(each) for each in known_pieces]))
        compiled = re.compile(pattern)
        return cls(words, lambda line: compiled.fullmatch(line) is not None)


def _contains(pieces: Sequence[re.Pattern[str]], text: str) -> bool:
    """Whether a line of the text has these pieces, one after another. One pattern of them all would
    begin anew at each letter, and a server that ends no line says a hundred thousand."""
    return any(_in_order(pieces, line) for line in text.split("\n"))


def _in_order(pieces: Sequence[re.Pattern[str]], line: str) -> bool:
    at = 0
    for piece in pieces:
        if (found := piece.search(line, at)) is None:
            return False
        at = found.end()
    return True


Expected = str | re.Pattern[str] | Wording


def matches(expected: Expected, text: str) -> bool:
    """Whether a whole line is what was expected."""
    if isinstance(expected, str):
        return text == expected
    if isinstance(expected, Wording):
        return expected.holds(text)
    return expected.fullmatch(text) is not None


def describe(expected: Expected) -> str:
    """What was expected, as a report says it."""
    if isinstance(expected, str):
        return expected
    return expected.words if isinstance(expected, Wording) else expected.pattern


def mismatch(expected: Expected, came: str, *, hint: Hint = "") -> Violation:
    """The violation of a line that came instead of the expected one."""
    return Violation(describe(expected), came, hint=hint, lines=isinstance(expected, str))
