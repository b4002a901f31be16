"""A message with places for values, and what was put into them in a given sentence. Pure.

A translation says what a value is, by a sign before its place:

    {name}      anything: what a program has sent, a name, a path. It stays as it is
    #{count}    a number; nothing else is taken for this message
    §{what}     a sentence or a word of the suite's own, which is translated, too

Finding a message's parts in a sentence takes time in proportion to its length, whatever stands in
it: the parts are looked for one after another, and never again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from string import Formatter

SENTENCE, NUMBER = "§", "#"

_NUMBER = re.compile(r"[-+]?\d[\d.,_]{0,40}")

WORD = re.compile(r"\w+")

LEAST_LETTERS = 4
"""Letters that a message must have besides its values: fewer could be anything, unless some values
are known to be the suite's, or numbers."""

FEWEST_LETTERS = 3
"""Of a message with fewer, no other value may have a space."""

_ASIDE = re.compile(r" \((Python|Java|Node|C): (?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
"""Of a hint, what is meant for one language only: see `verdict/hints`."""


@dataclass(frozen=True)
class Template:
    parts: tuple[str, ...]
    """The texts around the values: one more than there are values."""
    names: tuple[str, ...]
    translation: tuple[str, ...]
    """The texts around the values in the other language."""
    order: tuple[str, ...]
    """The names of the values there."""
    numbers: frozenset[str]
    """The values that are numbers."""
    sentences: frozenset[str]
    """The values that are the suite's own sentences."""

    @property
    def letters(self) -> int:
        return sum(map(str.isalpha, "".join(self.parts)))

    @cached_property
    def word(self) -> str:
        """The longest word that a text made from it has for certain; "" where there is none."""
        last = len(self.parts) - 1
        found = [
            word[0]
            for place, part in enumerate(self.parts)
            for word in WORD.finditer(part)
            if (word.start() or not place) and (word.end() < len(part) or place == last)
        ]
        return max(found, key=len, default="")

    @property
    def is_strict(self) -> bool:
        """Whether some of its values cannot be anything."""
        return bool(self.numbers or self.sentences)

    def values_in(self, text: str) -> Mapping[str, str] | None:
        """What was put into this message to make the text; None if it is not made from it."""
        first, *others = self.parts
        if not others:
            return {} if text == first else None
        *between, last = others
        end = len(text) - len(last)
        if not (text.startswith(first) and text.endswith(last) and len(first) <= end):
            return None
        at, values = len(first), []
        for part in between:
            found = text.find(part, at, end)
            if found < 0:
                return None
            values.append(text[at:found])
            at = found + len(part)
        values.append(text[at:end])
        named = dict(zip(self.names, values, strict=True))
        whole = self.letters >= LEAST_LETTERS or all(values)
        fits = whole and all(_NUMBER.fullmatch(named[name]) for name in self.numbers)
        return named if fits else None


APPENDED = (", ", "; ")
"""How a message begins that stands behind another."""


def templates_of(msgid: str, translation: str) -> Iterator[Template]:
    """The message, with all its asides, without, and with those for one language."""
    known = dict.fromkeys(each[1] for each in _ASIDE.finditer(msgid))
    yield _parsed(msgid, translation)
    if msgid.startswith(APPENDED) and translation.startswith(APPENDED):
        yield _parsed(msgid[2:], translation[2:])
    for language in ("", *known) if known else ():
        kept = frozenset({language})
        yield _parsed(_with_asides(msgid, kept), _with_asides(translation, kept))


def names_in(message: str) -> set[str]:
    """The names of the values of a message."""
    return {name for _, name, _, _ in Formatter().parse(message) if name is not None}


def _parsed(msgid: str, translation: str) -> Template:
    parts, names = _parts(msgid)
    texts, order = _parts(translation)
    signs = {
        sign: frozenset(
            name for text, name in zip(texts[:-1], order, strict=True) if text.endswith(sign)
        )
        for sign in (NUMBER, SENTENCE)
    }
    signed = signs[NUMBER] | signs[SENTENCE]
    bare = [
        text[:-1] if name in signed else text for text, name in zip(texts[:-1], order, strict=True)
    ]
    return Template(
        tuple(parts), tuple(names), (*bare, texts[-1]), tuple(order),
        signs[NUMBER], signs[SENTENCE],
    )  # fmt: skip


def _parts(message: str) -> tuple[list[str], list[str]]:
    """The texts around the values, and the names of these."""
    parts, names = [""], []
    for text, name, _, _ in Formatter().parse(message):
        parts[-1] += text
        if name is not None:
            names.append(name)
            parts.append("")
    return parts, names


def _with_asides(text: str, languages: Iterable[str]) -> str:
    return _ASIDE.sub(lambda aside: aside[0] if aside[1] in languages else "", text)
