"""Ids as spreadsheets leave them. Pure.

What can be told for certain is put right: `="00123"`, `'00123`, `12345678.0` and Brightspace's
`#123`. What a spreadsheet has lost is not guessed: of 1.23457E+07 only some digits are left,
and 123 may have been 00123. Who could be meant is all that can be said then.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

LONGEST = 40
"""Digits of a number that could be somebody's."""

_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_AS_TEXT = re.compile(r"'(?=\d)")
_WHOLE = re.compile(r"(\d+)[.,]0+")
_ROUNDED = re.compile(r"(\d)(?:[.,](\d{1,15}))?[eE]\+?(\d{1,2})")
_GROUPED = re.compile(r"\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+")
_DIGITS = re.compile(r"[0-9]+")


class Rounded(NamedTuple):
    """What is left of a long number: the least and the most that it may have been."""

    least: int
    most: int

    def fits(self, number: str) -> bool:
        """Whether a number, as digits, may be the one. Its zeros in front count for nothing."""
        return bool(number) and self.least <= int(number) <= self.most


def cleaned(cell: str, *, hashed: bool = False) -> str:
    """The id in a cell, without what marks it as text for a spreadsheet; `hashed`: as
    Brightspace does, by `#`."""
    if hashed:
        cell = cell.removeprefix("#")
    if found := _FORMULA.fullmatch(cell):
        cell = found[1].strip()
    cell = _AS_TEXT.sub("", cell, count=1) if _AS_TEXT.match(cell) else cell
    if found := _WHOLE.fullmatch(cell):
        return found[1]
    return cell


def rounded(text: str) -> Rounded | None:
    """What `1.23457E+07` may have been; None where it is no such number."""
    found = _ROUNDED.fullmatch(text)
    if not found or int(found[3]) < len(found[2] or ""):
        return None
    known = Decimal(f"{found[1]}.{found[2] or '0'}").scaleb(int(found[3]))
    half = Decimal(5).scaleb(int(found[3]) - len(found[2] or "") - 1)
    return Rounded(int(known - half), int(known + half))


def bare(text: str) -> str:
    """The digits of a number, without zeros in front and marks between its thousands; "" where
    it is none. Two ids that agree in this may be one person's."""
    if _GROUPED.fullmatch(text):
        text = "".join(letter for letter in text if letter.isdecimal())
    if len(text) > LONGEST or not _DIGITS.fullmatch(text):
        return ""
    return text.lstrip("0") or "0"
