"""Makes visible what a reader could not see, and harmless what a reader must not receive. Pure.

What a submission sends may hold anything: line ends that decide about points, bytes that
are no text, escape sequences that repaint a terminal, marks that turn a line round,
commands to the runner of a CI job. Whatever is not ours passes through here first.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from rich.cells import cell_len

LONGEST = 400
"""Characters of a sentence, or of a line that nothing is compared with: shorter ones are
wrapped, of longer ones the middle is left out. The suite's own sentences stay below."""

SPACE = "␣"
_SIGNS = {"\n": "⏎", "\r": "␍", "\t": "␉", "\0": "␀", " ": " "}

_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp", "Mn", "Mc", "Me"))
"""Categories of characters that show nothing, steer the display, or change the character
before them: é and e + U+0301 look the same, and are different bytes."""

_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols to Unicode, white paper to a reader."""

_UNDECODABLE = range(0xDC80, 0xDD00)
"""The bytes 80 to FF as PEP 383 (surrogateescape) keeps them in text."""

_PLAINER = {
    "⏎": "\\n", "␍": "\\r", "␉": "\\t", "␀": "\\0", SPACE: "\\x20",
    "✓": "+", "✗": "x", "…": "...", "→": "->", "←": "<-", "–": "-", "—": "-", "─": "-",
    "│": "|", "·": "-", "•": "*", "×": "x", "≤": "<=", "≥": ">=", "±": "+/-",
    "‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " ",
}  # fmt: skip
"""What stands for a sign of ours where the output's encoding does not have it."""


@lru_cache(maxsize=4096)  # the characters of a run are few; those of Unicode are a million
def _shown(char: str) -> str:
    if char in _SIGNS:
        return _SIGNS[char]
    code = ord(char)
    if code in _UNDECODABLE:
        return f"\\x{code - 0xDC00:02x}"
    if unicodedata.category(char) in _UNSEEN or char in _BLANK:
        return f"\\u{{{code:X}}}"
    return char


def visible(text: str) -> str:
    """`text` on one line, with each invisible character shown: ⏎ ␍ ␉ ␀, else \\u{202E}.

    Bytes that are not UTF-8 (surrogate-escaped) are shown as \\xNN. Nothing in the
    result can move a cursor, end a line, or be refused by XML.
    """
    return "".join(map(_shown, text))


def visible_line(text: str) -> str:
    """A line from the wire: as `visible`, with ␣ for spaces at its beginning and end."""
    body = text.rstrip("\r\n")
    inner = body.strip(" ")
    if not inner:
        return SPACE * len(body) + visible(text[len(body) :])
    before = len(body) - len(body.lstrip(" "))
    after = len(body) - before - len(inner)
    return SPACE * before + visible(inner) + SPACE * after + visible(text[len(body) :])


def lines_of(text: str) -> list[str]:
    """The lines of `text`, each with its LF: only LF ends a line on the wire."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def shorten_middle(text: str, cells: int) -> str:
    """`text` in at most about `cells` columns: beginning and end, and how much is left out."""
    if len(text) <= cells and cell_len(text) <= cells:
        return text
    room = max(cells - len("…(1,000,000 characters)…"), 12)  # less would show nothing
    head, tail = _fitting(text, room * 2 // 3), _fitting(text[::-1], room // 3)[::-1]
    return f"{head}…({len(text) - len(head) - len(tail):,} characters)…{tail}"


def _fitting(text: str, cells: int) -> str:
    """The longest beginning of `text` that is at most `cells` columns wide."""
    text = text[:cells]
    while cell_len(text) > cells:
        text = text[:-1]
    return text


def cut(text: str, columns: int) -> str:
    """The beginning of `text`, of which no character is wide, in so many columns."""
    return text if len(text) <= columns else f"{text[: columns - 1].rstrip()}…"


def wrapped(text: str, cells: int) -> list[str]:
    """`text` in rows of at most `cells` columns, parted between words where these are no
    longer than a row: joined, the rows are the text again."""
    rows = []
    while cell_len(text) > cells:
        row = _fitting(text, cells) or text[0]
        words = row[: row.rfind(" ") + 1]
        first = text[len(words) :].partition(" ")[0]
        rows.append(words if words.strip() and cell_len(first) <= cells else row)
        text = text[len(rows[-1]) :]
    return [*rows, text]


_COLOURS = re.compile(r"\x1b\[[0-9;]*[mK]")


def without_colours(text: str) -> str:
    """What a program wrote for a terminal, without its colours (SGR, ECMA-48 8.3.117) and
    the erasing that goes with them: all that would be left of them is `\\u{1B}[0m`."""
    return _COLOURS.sub("", text)


def can_print(text: str, encoding: str) -> bool:
    """Whether `encoding` has every character of `text`; false for an unknown encoding."""
    try:
        text.encode(encoding)
    except (UnicodeError, LookupError):
        return False
    return True


def fit(text: str, encoding: str) -> str:
    """`text` in the characters that `encoding` has: ⏎ becomes \\n, é becomes \\u{E9}."""
    if can_print(text, encoding):
        return text
    return "".join(
        char if can_print(char, encoding) else _PLAINER.get(char, f"\\u{{{ord(char):X}}}")
        for char in text
    )


_COMMAND = re.compile(r"^(\s*):(?=:)")
_LEGACY_COMMAND = re.compile(r"##(?=\w*\[)")


def disarm(line: str) -> str:
    """One line of output that no CI runner takes for a command.

    GitHub's runner obeys `::name::` after any white space, so indenting is not enough,
    and `##[name]` anywhere in a line; Azure's obeys `##vso[…]`, TeamCity `##teamcity[…]`.
    """
    return _LEGACY_COMMAND.sub(r"#\\u{23}", _COMMAND.sub(r"\1\\u{3A}", line))


@dataclass(frozen=True)
class Comparison:
    """Two texts made visible, to be printed under each other."""

    expected: str
    actual: str
    caret: int | None
    """Columns before the first difference; None where pointing at it would not help."""


PROSE = re.compile(r"(the|it|no|nothing|a client) [a-z]+ ")
"""How the suite's own sentences begin: in two of them a first difference means nothing."""

ALIKE = 0.6
"""Ratio of difflib (0 to 1, letter case aside) from which two texts read as one with a
difference in it: `> HELLO` and `HELLO` have a place to point at, "the close" and
"nothing" have none."""

ALIKE_FROM_THE_START = 0.3
"""The same where they begin alike, as lines behind one prefix do: `> QWZ` and `> RTP`."""


def compare(
    expected: str, actual: str, *, cells: int, encoding: str = "utf-8", lines: bool = False
) -> Comparison:
    """Two single-line texts in at most `cells` columns, with the place where they part.

    Lines that end with LF are always compared; other texts only where they are much alike, and
    known to be `lines` as they are sent, or no sentences of ours.
    """
    at = first_difference(expected, actual)
    if at is None or not _comparable(expected, actual, lines=lines):
        one, other = (fit(shorten_middle(visible_line(text), cells), encoding)
                      for text in (expected, actual))  # fmt: skip
        return Comparison(one, other, None)
    spaced = " " in (expected[at : at + 1], actual[at : at + 1])
    before = _shown_before(expected[:at], cells // 2, encoding, spaced=spaced)
    room = cells - cell_len(before)
    return Comparison(
        before + _shown_from(expected, at, room, encoding),
        before + _shown_from(actual, at, room, encoding),
        cell_len(before),
    )


def first_difference(expected: str, actual: str) -> int | None:
    """Index of the first character in which the texts differ; None where they are equal."""
    if expected == actual:
        return None
    for index, (one, other) in enumerate(zip(expected, actual, strict=False)):
        if one != other:
            return index
    return min(len(expected), len(actual))


def _comparable(expected: str, actual: str, *, lines: bool) -> bool:
    if expected.endswith("\n") and actual.endswith("\n"):
        return True
    if not lines and PROSE.match(expected) and PROSE.match(actual):
        return False
    enough = ALIKE_FROM_THE_START if expected[:1] == actual[:1] else ALIKE
    some = 200  # characters: enough to tell, and difflib is quadratic
    one, other = expected[:some].casefold(), actual[:some].casefold()
    return SequenceMatcher(None, one, other).ratio() >= enough


def _shown_before(shared: str, cells: int, encoding: str, *, spaced: bool) -> str:
    """What stands before the difference, its last `cells` columns or so.

    `spaced`: the difference is one of spaces, so those that it touches are shown.
    """
    near = shared[-cells:]
    touching = len(near) - len(near.rstrip(" ")) if spaced else 0
    body = near[: len(near) - touching]
    leading = len(body) - len(body.lstrip(" ")) if near == shared else 0
    shown = fit(SPACE * leading + visible(body[leading:]) + SPACE * touching, encoding)
    if near == shared and cell_len(shown) <= cells:
        return shown
    return fit("…", encoding) + _fitting(shown[::-1], cells - 3)[::-1]


def _shown_from(text: str, at: int, cells: int, encoding: str) -> str:
    """What stands from the difference on, in at most about `cells` columns."""
    rest = text[at:]
    touching = len(rest) - len(rest.lstrip(" "))
    shown = SPACE * touching + visible_line(rest[touching:])
    return fit(shorten_middle(shown, cells), encoding)
