"""Ids as spreadsheets leave them. Pure.

Certain cases are corrected: `="00123"`, `'00123`, `12345678.0` and Brightspace's `#123`. What a
spreadsheet has lost is not guessed: 1.23457E+07 has only some of the digits, and 123 may have
been 00123. Then the result is all who may be meant.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

MAX_DIGITS = 40
"""Digits of an id at most."""

_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_AS_TEXT = re.compile(r"'(?=\d)")
_WHOLE = re.compile(r"(\d+)[.,]0+")
_ROUNDED = re.compile(r"(\d)(?:[.,](\d{1,15}))?[eE]\+?(\d{1,2})")
_GROUPED = re.compile(r"\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+")
_DIGITS = re.compile(r"[0-9]+")


class Rounded(NamedTuple):
    """A long number that a spreadsheet has rounded: the least and most that it may have been."""

    least: int
    most: int

    def fits(self, number: str) -> bool:
        """Whether it may have been this number (digits). Leading zeros do not matter."""
        return bool(number) and self.least <= int(number) <= self.most


def cleaned(cell: str, *, hashed: bool = False) -> str:
    """The id in a cell, without a spreadsheet's marks for text. `hashed`: nor Brightspace's `#`."""
    if hashed:
        cell = cell.removeprefix("#")
    if found := _FORMULA.fullmatch(cell):
        cell = found[1].strip()
    cell = _AS_TEXT.sub("", cell, count=1) if _AS_TEXT.match(cell) else cell
    if found := _WHOLE.fullmatch(cell):
        return found[1]
    return cell


def rounded(text: str) -> Rounded | None:
    """What a number like `1.23457E+07` may have been; None for any other text."""
    found = _ROUNDED.fullmatch(text)
    if not found or int(found[3]) < len(found[2] or ""):
        return None
    known = Decimal(f"{found[1]}.{found[2] or '0'}").scaleb(int(found[3]))
    half = Decimal(5).scaleb(int(found[3]) - len(found[2] or "") - 1)
    return Rounded(int(known - half), int(known + half))


def bare(text: str) -> str:
    """A number's digits without leading zeros and thousands separators; "" for any other text. Two
    ids may be one person's if this is equal."""
    if _GROUPED.fullmatch(text):
        text = "".join(letter for letter in text if letter.isdecimal())
    if len(text) > MAX_DIGITS or not _DIGITS.fullmatch(text):
        return ""
    return text.lstrip("0") or "0"
