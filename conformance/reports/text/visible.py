"""Makes invisible characters visible, and dangerous ones harmless. Pure.

A submission may send anything: line ends that decide about points, bytes that are no text,
escape sequences that repaint a terminal, marks that reverse the direction of a line, commands
to a CI runner. All text that is not the suite's own passes through here first.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rich.cells import cell_len

from conformance.words import _

MAX_WRAPPED = 400
"""Characters of a sentence, or of a line that nothing is compared with: shorter ones are
wrapped, of longer ones the middle is left out. The suite's own sentences stay below."""

LEAST_SHOWN = 12
"""Characters of a text that is too long which are shown beside how much of it is left out."""

SPACE = "␣"
_SIGNS = {"\n": "⏎", "\r": "␍", "\t": "␉", "\0": "␀", " ": " "}

_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp", "Mn", "Mc", "Me"))
"""Categories of characters that show nothing, steer the display, or change the character
before them: é and e + U+0301 look the same, and are different bytes."""

_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols, by their category, that look like a space."""

_UNDECODABLE = range(0xDC80, 0xDD00)
"""The bytes 80 to FF as PEP 383 (surrogateescape) keeps them in text."""

_PLAINER = {
    "⏎": "\\n", "␍": "\\r", "␉": "\\t", "␀": "\\0", SPACE: "\\x20",
    "✓": "+", "✗": "x", "…": "...", "→": "->", "←": "<-", "–": "-", "—": "-", "─": "-",
    "│": "|", "▶": ">", "·": "-", "•": "*", "×": "x", "≤": "<=", "≥": ">=", "±": "+/-",
    "‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " ",
}  # fmt: skip
"""Replacements for the suite's own signs, where the output's encoding lacks them."""


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
    if text.isascii() and text.isprintable():  # as most texts are
        return text
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
    """`text` in `cells` columns at most: its beginning, how much is left out, its end. Where that
    would show next to nothing of it, how much is not said."""
    if len(text) <= cells and cell_len(text) <= cells:
        return text
    room = cells - len("…(1,000,000 characters)…")
    says_how_much = room >= LEAST_SHOWN
    room = room if says_how_much else max(cells - len("…"), 2)
    head, tail = fitting(text, room * 2 // 3), fitting(text[::-1], room // 3)[::-1]
    left_out = ""
    if says_how_much:
        left_out = _("({count} characters)…").format(count=f"{len(text) - len(head) - len(tail):,}")
    return f"{head}…{left_out}{tail}"


def fitting(text: str, cells: int) -> str:
    """The longest beginning of `text` that is at most `cells` columns wide."""
    text = text[:cells]
    while cell_len(text) > cells:
        text = text[:-1]
    return text


def cut(text: str, columns: int) -> str:
    """`text`, cut to so many columns. It must not hold wide characters."""
    return text if len(text) <= columns else f"{text[: columns - 1].rstrip()}…"


def wrapped(text: str, cells: int) -> list[str]:
    """Splits `text` into rows of at most `cells` columns, between words if possible."""
    rows = []
    while cell_len(text) > cells:
        row = fitting(text, cells) or text[0]
        words = row[: row.rfind(" ") + 1]
        first = text[len(words) :].partition(" ")[0]
        rows.append(words if words.strip() and cell_len(first) <= cells else row)
        text = text[len(rows[-1]) :]
    return [*rows, text]


_COLOURS = re.compile(r"\x1b\[[0-9;]*[mK]")


def without_colours(text: str) -> str:
    """`text` without the codes for colours (SGR, ECMA-48 8.3.117) and for erasing a line, which
    would be shown as `\\u{1B}[0m`."""
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
_ATTACHMENT = re.compile(r"\[\[(?=ATTACHMENT\|)")


def disarm(line: str) -> str:
    """One line of output, with any command to a CI runner defused.

    GitHub's runner obeys `::name::` after any white space, so indenting is not enough,
    and `##[name]` anywhere in a line; Azure's obeys `##vso[…]`, TeamCity `##teamcity[…]`. Jenkins
    and GitLab attach the file of `[[ATTACHMENT|file]]`. GitLab's `section_start` needs an escape
    sequence, which `visible` has taken away.
    """
    if "::" not in line and "[" not in line:  # each of the commands has one of them
        return line
    line = _LEGACY_COMMAND.sub(r"#\\u{23}", _COMMAND.sub(r"\1\\u{3A}", line))
    return _ATTACHMENT.sub(r"[\\u{5B}", line)
