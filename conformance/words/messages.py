"""The catalogue: messages, and stored sentences, in the language that is spoken."""

from __future__ import annotations

import contextlib
import gettext
import re
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from conformance.words.language import ENGLISH, spoken
from conformance.words.template import FEWEST_LETTERS, LEAST_LETTERS, WORD, Template, templates_of

MOST_SENTENCES = 24
"""Sentences of one text that are translated together; of a longer text, each by itself."""

MOST_TRIES = 400
"""Messages that are tried for one text at most, in all its parts: ten times what the longest of the
suite's sentences asks for. Who imitates them cannot keep a report from being written."""

MOST_LINES = 8
"""Lines of a text that asks for more than that, such as of a build, that are looked at."""

MOST_LETTERS = 20_000
"""Characters of a text that is looked at as a whole: a longer one quotes a program."""

DEEPEST = 4
"""How far values that are messages themselves may hold others."""

MOST_OF_A_NAME = 3
"""Words of a name at most: what has more, and no translation, is no word of the suite's."""

_MISSED: ContextVar[list[str] | None] = ContextVar("missed", default=None)

_MARK = re.compile(r"[§#](?=\{)")
"""What marks a field of a translation."""

_QUOTED = re.compile(r"`[^`]*`")
"""What a program has sent, or what it is called, inside of a sentence."""

_BOUNDARY = re.compile(r"(?<=[.?!:;…]) |\n+\s*")


def _(message: str) -> str:
    """The message in the language that is spoken."""
    language = spoken()
    if language == ENGLISH or not message:
        return message
    return _without_marks(_catalogue(language).gettext(message))


def ngettext(one: str, many: str, number: int) -> str:
    """The message for so many, in the language that is spoken."""
    language = spoken()
    if language == ENGLISH:
        return one if number == 1 else many
    return _without_marks(_catalogue(language).ngettext(one, many, number))


def _without_marks(translation: str) -> str:
    """The translation without the marks of its fields, which are for `said` (see `template`)."""
    return _MARK.sub("", translation)


def said(stored: str) -> str:
    """A sentence of the suite, as a run holds it, in the language that is spoken. Whatever was not
    made from the suite's messages is returned as it is."""
    language = spoken()
    if language == ENGLISH or not stored:
        return stored
    told = _whole(stored, language)
    missed = _MISSED.get()
    if not told.known and missed is not None:
        missed.append(stored)
    return told.text


@contextlib.contextmanager
def missing() -> Iterator[list[str]]:
    """The texts, of what is rendered meanwhile, that are not made of messages: names, what programs
    have sent, and sentences that nobody has translated."""
    missed: list[str] = []
    former = _MISSED.set(missed)
    try:
        yield missed
    finally:
        _MISSED.reset(former)


@dataclass(frozen=True)
class _Told:
    """A text in another language."""

    text: str
    known: bool
    """Whether all of it was made from messages."""
    sure: bool
    """Whether that is so of the suite's own words in it, too: a name may be anybody's."""


@lru_cache(maxsize=1024)
def _whole(text: str, language: str) -> _Told:
    """The text; of one that asks for too much, the first lines, each by itself."""
    if len(text) <= MOST_LETTERS:
        with contextlib.suppress(_TooFar):
            return _Search(language).translated(text, DEEPEST)
    first, *others = text.split("\n", MOST_LINES)
    lines = [first, *others[: MOST_LINES - 1]]
    told = [_line(line, language) for line in lines] if others else lines
    return _Told("\n".join([*told, *others[MOST_LINES - 1 :]]), known=False, sure=False)


def _line(text: str, language: str) -> str:
    if len(text) <= MOST_LETTERS:
        with contextlib.suppress(_TooFar):
            return _Search(language).translated(text, DEEPEST).text
    return text


class _TooFar(Exception):  # noqa: N818 - no failure: such a text is not the suite's
    """More was tried than any text of the suite asks for."""


class _Search:
    """The search for what one text was made from."""

    def __init__(self, language: str) -> None:
        self._index = _index(language)
        self._left = MOST_TRIES
        self._known: dict[tuple[str, int], _Told] = {}

    def translated(self, text: str, depth: int) -> _Told:
        """The text; the longest rows of its sentences that are one message are translated as one.
        Raises _TooFar."""
        found = self._known.get((text, depth))
        if found is None:
            found = self._known[text, depth] = self._translated(text, depth)
        return found

    def _translated(self, text: str, depth: int) -> _Told:
        if not any(map(str.isalpha, text)):
            return _Told(text, known=True, sure=True)
        if (whole := self._as_one(text, depth)) is not None:
            return whole
        pieces, gaps = _sentences(text)
        told, at, known, sure = "", 0, True, True
        while at < len(pieces):
            last = min(len(pieces), at + MOST_SENTENCES)
            if len(pieces) > MOST_SENTENCES:
                last = at + 1
            for end in range(last, at, -1):
                joined = _joined(pieces[at:end], gaps[at : end - 1])
                found = self._as_one(joined, depth)
                if found is not None or end == at + 1:
                    told += (joined if found is None else found.text) + gaps[end - 1]
                    known = known and found is not None
                    sure = sure and found is not None and found.sure
                    at = end
                    break
        return _Told(told, known, sure)

    def _as_one(self, text: str, depth: int) -> _Told | None:
        """The translation of a text that was made from one message, perhaps with a stop behind
        it."""
        for end in ("", *(mark for mark in ".,:;" if text.endswith(mark))):
            bare = text.removesuffix(end)
            for template in self._index.candidates(bare):
                values = template.values_in(bare)
                filled = None if values is None else self._filled(template, values, depth)
                if filled is not None:
                    return replace(filled, text=filled.text + end)
        return None

    def _filled(self, template: Template, values: Mapping[str, str], depth: int) -> _Told | None:
        """The message in the language, with these values; None where one that should be the
        suite's own is not: then it was not made from this message."""
        self._left -= 1
        if self._left < 0:
            raise _TooFar
        letters, sure = template.letters, True
        told = template.translation[0]
        for name, text in zip(template.order, template.translation[1:], strict=True):
            value = values[name]
            if name in template.sentences:
                if depth == 0:
                    return None
                found = self.translated(value, depth - 1)
                known = found.known or _may_be_a_name(value)
                if not found.sure and (letters < LEAST_LETTERS or not known):
                    return None
                value, sure = found.text, sure and found.sure
            elif letters < FEWEST_LETTERS and name not in template.numbers and " " in value:
                return None
            told += value + text
        return _Told(told, known=True, sure=sure)


def _sentences(text: str) -> tuple[Sequence[str], Sequence[str]]:
    """The pieces of a text, and what stands behind each."""
    pieces, gaps, at = [], [], 0
    for boundary in _BOUNDARY.finditer(text):
        pieces.append(text[at : boundary.start()])
        gaps.append(boundary[0])
        at = boundary.end()
    return [*pieces, text[at:]], [*gaps, ""]


def _joined(pieces: Sequence[str], gaps: Sequence[str]) -> str:
    return "".join(piece + gap for piece, gap in zip(pieces, [*gaps, ""], strict=True))


def _may_be_a_name(value: str) -> bool:
    """Whether it may be a name, or numbers."""
    words = [word for word in _QUOTED.sub("", value).split() if any(map(str.isalpha, word))]
    return len(words) <= MOST_OF_A_NAME


def _likeliest_first(template: Template) -> tuple[bool, int]:
    """Sorts by letters. What introduces a sentence of the suite by a colon comes first, because a
    value at the beginning of another message may be anything, that introduction too."""
    introduces = bool(template.sentences) and template.parts[0].endswith(": ")
    return not introduces, -template.letters


class _Index:
    """The messages of a language, by a word that a text made from them has."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        self._exact: dict[str, Template] = {}
        self._by_word: dict[str, list[Template]] = {}
        """Under "", those that ask for no word."""
        for msgid, translation in messages.items():
            for template in templates_of(msgid, translation):
                if not template.names:
                    self._exact[template.parts[0]] = template
                elif template.letters >= LEAST_LETTERS or template.is_strict:
                    self._by_word.setdefault(template.word, []).append(template)

    def candidates(self, text: str) -> Sequence[Template]:
        """What the text may have been made from, the likeliest first."""
        words = {"", *WORD.findall(text)}
        found = [template for word in words for template in self._by_word.get(word, ())]
        exact = self._exact.get(text)
        return [*([exact] if exact else ()), *sorted(found, key=_likeliest_first)]


class _Catalogue(gettext.GNUTranslations):
    def messages(self) -> Mapping[str, str]:
        """All that is translated, but for what depends on a number."""
        held: Mapping[Any, str] = vars(self)["_catalog"]
        return {key: told for key, told in held.items() if key and isinstance(key, str)}


@cache
def _catalogue(language: str) -> _Catalogue:
    place = files("conformance.words") / "locale" / language / "LC_MESSAGES" / "conformance.mo"
    with place.open("rb") as file:
        return _Catalogue(file)


@cache
def _index(language: str) -> _Index:
    return _Index(_catalogue(language).messages())
