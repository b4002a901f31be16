"""A CSV text as cells that know their place in it, so that one can be changed and all else stays.

Python's csv module tells what the cells hold, and not how they were written: quotes, line ends and
spaces would be lost. The cells' texts are those that it reads. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.verdict.model import WrongCall

DELIMITERS = ",;\t"

_LINE_END = re.compile(r"\r\n|\r|\n")
_FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")  # noqa: RUF001 - full width, on purpose
"""How a cell begins that a spreadsheet takes for a formula."""
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")


@dataclass(frozen=True)
class Cell:
    """One cell, and where it stands."""

    start: int
    """Index of its first character in the text, quotes included."""
    end: int
    """Index behind its last one."""
    text: str
    """What it holds, without the quotes."""
    quoted: bool = False


Row = Sequence[Cell]


@dataclass(frozen=True)
class Sheet:
    """The cells of a text, row by row."""

    text: str
    delimiter: str
    rows: tuple[Row, ...]

    def texts(self, row: int) -> list[str]:
        return [cell.text for cell in self.rows[row]]

    def with_cells(self, changes: Mapping[tuple[int, int], str]) -> str:
        """The text with new cells, by row and column; all else is as it was."""
        parts, at = [], 0
        for place in sorted(changes):
            cell = self.rows[place[0]][place[1]]
            parts += [self.text[at : cell.start], self._written(changes[place], cell)]
            at = cell.end
        return "".join([*parts, self.text[at:]])

    def _written(self, text: str, former: Cell) -> str:
        special = any(sign in text for sign in (self.delimiter, '"', "\r", "\n"))
        if former.quoted or special or text != text.strip():
            return '"' + text.replace('"', '""') + '"'
        return text


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula; a number, also a negative one, stays."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def read_sheet(text: str) -> Sheet:
    """The cells, separated by whichever delimiter divides the first line most. Raises WrongCall,
    with the line, if it is not CSV."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=lambda each: len(_outside_quotes(first).split(each)))
    return Sheet(text, delimiter, tuple(_CellReader(text, delimiter).rows()))


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


class _CellReader:
    def __init__(self, text: str, delimiter: str) -> None:
        self._text = text
        self._delimiter = delimiter
        self._plain = re.compile(rf"[^{re.escape(delimiter)}\r\n]*")

    def rows(self) -> list[Row]:
        rows: list[Row] = []
        at = 0
        while at < len(self._text):
            row, at = self._row(at)
            rows.append(row)
        return rows

    def _row(self, at: int) -> tuple[Row, int]:
        """The row at this index, and where the next one begins."""
        cells: list[Cell] = []
        while True:
            cell = self._quoted(at) if self._text.startswith('"', at) else self._bare(at)
            cells.append(cell)
            at = cell.end
            if not self._text.startswith(self._delimiter, at):
                break
            at += 1
        if cells == [Cell(cell.start, cell.start, "")]:
            cells = []  # an empty line has no cells
        if self._text.startswith("\r\n", at):
            return cells, at + 2
        return cells, min(at + 1, len(self._text))

    def _bare(self, at: int) -> Cell:
        found = self._plain.match(self._text, at)
        assert found is not None  # it matches nothing, too
        return Cell(at, found.end(), found[0])

    def _quoted(self, at: int) -> Cell:
        end = at + 1
        while True:
            end = self._text.find('"', end)
            if end < 0:
                raise self._wrong(at, "a cell begins with a quote that is never closed")
            if not self._text.startswith('""', end):
                break
            end += 2
        behind = self._text[end + 1 : end + 2]
        if behind and behind not in (self._delimiter, "\r", "\n"):
            raise self._wrong(end, "a text goes on behind its closing quote")
        return Cell(at, end + 1, self._text[at + 1 : end].replace('""', '"'), quoted=True)

    def _wrong(self, at: int, what: str) -> WrongCall:
        line = len(_LINE_END.findall(self._text, 0, at)) + 1
        return WrongCall(f"line {line} is not CSV: {what}")
