"""A source as tokens that stay the same under another name, layout or comment.

Pygments' lexers do the reading: it is there already, as rich needs it, and knows every language of
a class. copydetect (0.5, MIT) does the same, but brings numpy and matplotlib, compares files
instead of hand-ins, and bounds nothing.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, String, Text

LANGUAGES: Mapping[str, str] = {
    ".py": "python",
    ".java": "java",
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".ts": "javascript",
    ".c": "c",
    ".h": "c",
}
"""The languages that are compared, by the ending of a file's name."""

_NAME, _NUMBER, _STRING = "n", "0", "s"
"""What stands for every name, number and string."""

_LEFT_OUT: Mapping[str, frozenset[str]] = {
    "java": frozenset({"final", "public", "private", "protected", ";"}),
    "javascript": frozenset({";"}),
    "c": frozenset({"const", "static", ";"}),
}
"""Words that may be there or not, and change next to nothing."""
_SAME: Mapping[str, str] = {"let": "const", "var": "const"}


@dataclass(frozen=True)
class Tokens:
    """The tokens of one source."""

    kinds: array[int]
    """What each is: equal tokens have equal numbers, which are below 2**32."""
    lines: array[int]
    """The line of each, from 1."""


def language_of(name: str) -> str:
    """The language of a file of this name; "" if it is not compared."""
    return LANGUAGES.get(PurePath(name).suffix.lower(), "")


def tokens_of(text: str, language: str, most: int) -> Tokens:
    """The tokens of a source, at most so many."""
    kinds, lines = array("I"), array("I")
    for word, line in _words(text, language):
        if len(kinds) >= most:
            break
        if kinds and word == _STRING and kinds[-1] == _number(_STRING):
            continue  # a string of several parts
        kinds.append(_number(word))
        lines.append(line)
    return Tokens(kinds, lines)


@lru_cache(maxsize=4096)
def _number(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def _words(text: str, language: str) -> Iterator[tuple[str, int]]:
    line = 1
    left_out = _LEFT_OUT.get(language, frozenset())
    for kind, value in _lexer(language).get_tokens(text):
        for word in _word(kind, value):
            if word not in left_out:
                yield _SAME.get(word, word), line
        line += value.count("\n")


def _word(kind: Any, value: str) -> Iterator[str]:
    """What stands for a token of Pygments: nothing for what is laid out or explained."""
    if kind in Comment or kind in Text or kind in String.Doc or not value.strip():
        return
    if kind in String:
        yield _STRING
    elif kind in Number:
        yield _NUMBER
    elif kind in Keyword or (kind in Name.Builtin and kind not in Name.Builtin.Pseudo):
        yield value.strip()
    elif kind in Name:
        yield _NAME
    else:
        yield from (sign for sign in value if not sign.isspace())  # `);` is two


@lru_cache(maxsize=8)
def _lexer(language: str) -> Lexer:
    make: Callable[..., Lexer] = get_lexer_by_name
    return make(language, stripnl=False, ensurenl=False)
