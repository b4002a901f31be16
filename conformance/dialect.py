"""How a server really answers a line, where it is not quite how it should. Pure.

One fault costs one clause: a server whose replies lack the space after `>` loses the
clause about the form of a reply; elsewhere it is judged by the replies that it gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any


def _turkish(text: str) -> str:
    """Upper case as Java's toUpperCase() has it under a Turkish locale."""
    return text.replace("i", "İ").upper()


CASES: Mapping[str, Callable[[str], str]] = {
    "in upper case": str.upper,
    "as it was sent": lambda text: text,
    "in lower case": str.lower,
    "with a capital first": str.capitalize,
    "with capitals first": str.title,
    "with its case swapped": str.swapcase,
    "in the upper case of another locale": _turkish,
    "in upper case without its last character": lambda text: text[:-1].upper(),
    "in upper case without its first character": lambda text: text[1:].upper(),
    "as it was sent, without its last character": lambda text: text[:-1],
}
"""What students' servers make of a line."""


@dataclass(frozen=True)
class Dialect:
    """A form of reply: something before the line, the line, something behind it."""

    prefix: str
    case: str = "in upper case"
    suffix: str = ""

    def reply(self, text: str) -> str:
        """The reply that a server of this dialect gives to a line."""
        return self.prefix + CASES[self.case](text) + self.suffix

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def every_reading(sent: str, line: str, *, usual: Dialect) -> Iterator[Dialect]:
    """Every dialect in which `line` may answer `sent`: the usual one first, then the one
    that explains most of the line."""
    if line == usual.reply(sent):
        yield usual
    changed = {case: change(sent) for case, change in CASES.items()}
    for case in sorted(changed, key=lambda case: -len(changed[case])):
        if changed[case] and changed[case] in line:
            before, after = line.split(changed[case], 1)
            if (reading := Dialect(before, case, after)) != usual:
                yield reading


def recognise(sent: str, line: str, *, usual: Dialect) -> Dialect | None:
    """The dialect in which `line` most likely answers `sent`; None where it is no answer."""
    return next(every_reading(sent, line, usual=usual), None)


def fits(dialect: Dialect, sent: list[str], replies: list[str]) -> bool:
    """Whether the dialect explains all the replies."""
    return [dialect.reply(text) for text in sent] == replies
