"""What a scenario may expect of a line: the line itself, a pattern, or a wording."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from conformance.verdict.violation import Hint, Violation


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
                pattern += re.escape(parts[piece]) if piece in parts else ".*"
            else:
                words += piece
                known = re.escape(piece)
                pattern += re.sub(r"\d+", r"\\d+", known) if exactly else known.replace(r"\*", ".*")
        compiled = re.compile(pattern)
        found = compiled.fullmatch if whole else compiled.search
        return cls(words, lambda line: found(line) is not None)


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
