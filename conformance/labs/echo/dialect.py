"""How a server really answers a line, if not quite as the contract says. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace


def _turkish(text: str) -> str:
    """Upper case as Java's toUpperCase() has it under a Turkish locale."""
    return text.replace("i", "İ").upper()


CASES: Mapping[str, Callable[[str], str]] = {
    "in upper case": str.upper,
    "as it was sent": lambda text: text,
    "in lower case": str.lower,
    "from its end to its beginning": lambda text: text[::-1],
    "with a capital first": str.capitalize,
    "with capitals first": str.title,
    "with its case swapped": str.swapcase,
    "in the upper case of another locale": _turkish,
    "in upper case without its last character": lambda text: text[:-1].upper(),
    "in upper case without its first character": lambda text: text[1:].upper(),
    "as it was sent, without its last character": lambda text: text[:-1],
}
"""What students' servers make of a line, by the words that describe it."""


@dataclass(frozen=True)
class Dialect:
    """A form of reply: something before the line, the line, something after it."""

    prefix: str
    case: str = "in upper case"
    suffix: str = ""
    numbered: bool = False  # the numbers around the line differ from reply to reply

    def reply(self, text: str) -> str:
        """The reply that a server of this dialect gives to a line."""
        return self.prefix + CASES[self.case](text) + self.suffix

    def answers(self, text: str, line: str) -> bool:
        """Whether the line is a reply of this dialect to the text."""
        if not self.numbered:
            return line == self.reply(text)
        parts = (_any_number(self.prefix), re.escape(CASES[self.case](text)))
        return bool(re.fullmatch("".join((*parts, _any_number(self.suffix))), line))


def every_reading(sent: str, line: str, *, usual: Dialect) -> Iterator[Dialect]:
    """Every dialect in which `line` may answer `sent`: the usual one first, then those that explain
    most of the line."""
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


def _any_number(text: str) -> str:
    """A pattern that matches the text with any other numbers in it."""
    return re.sub(r"\d+", r"\\d+", re.escape(text))


def fits(dialect: Dialect, sent: Sequence[str], replies: Sequence[str]) -> bool:
    """Whether the dialect explains all the replies."""
    return len(sent) == len(replies) and all(map(dialect.answers, sent, replies))


@dataclass(frozen=True)
class Rule:
    """How a server answers each line: the form of its reply, and the lines around it."""

    form: Dialect
    before: int = 0  # lines that come before each reply
    after: int = 0  # lines that come behind it


def rule_of(
    sent: Sequence[str],
    groups: Sequence[Sequence[str]],
    usual: Dialect,
    *,
    first: tuple[str, Sequence[str]] = ("", ()),
) -> Rule | None:
    """The rule by which the server answers, or None. `groups`: the lines that came for each line
    sent. `first`: a line that was sent before, and what came for it, after a greeting or a prompt;
    it decides what the others leave open."""
    sizes = {len(group) for group in groups}
    if len(sent) < 2 or len(sizes) != 1:
        return None
    [size] = sizes
    found = [
        Rule(form, place, size - 1 - place)
        for place in range(size)
        for form in _forms(sent, [group[place] for group in groups], usual)
    ]
    return min(found, key=lambda rule: _strangeness(rule, usual, *first), default=None)


def _forms(sent: Sequence[str], lines: Sequence[str], usual: Dialect) -> Iterator[Dialect]:
    """The forms that explain all these lines."""
    for reading in every_reading(sent[0], lines[0], usual=usual):
        for form in (reading, replace(reading, numbered=True)):
            if fits(form, sent, lines):
                yield form


def _strangeness(
    rule: Rule, usual: Dialect, sent: str, came: Sequence[str]
) -> tuple[bool, bool, bool, bool, int]:
    """Sort key for several rules that fit: the one nearest to the contract comes first."""
    form = rule.form
    wanted = CASES[form.case](sent) + form.suffix
    explains_the_first = any(line.endswith(wanted) for line in came)
    odd = form.case != usual.case
    return form != usual, form.numbered, not explains_the_first, odd, rule.before
