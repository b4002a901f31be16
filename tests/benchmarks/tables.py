"""What a benchmark is asked for, and the tables that it prints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import click


@dataclass(frozen=True)
class Sizes:
    """How large a benchmark shall be; None: as large as usual."""

    size: int | None = None
    """Submissions of a class."""
    lines: int = 15
    """Of each stream, one a second."""
    seconds: float = 15.0
    """For which each row of `timing` is measured."""
    loops: int | None = None
    """Busy loops beside."""
    starts: int | None = None
    """Programs of `loaded` that start at a time."""

    def of(self, usual: int) -> int:
        return usual if self.size is None else self.size

    def busy(self, usual: int) -> int:
        return usual if self.loops is None else self.loops

    def target(
        self, usual: int, ratio: float, *, under: float = math.inf, over: float = 0.0
    ) -> str:
        """Whether a target is met, and which it was; "" for a class smaller than usual, whose
        fixed costs are too large a part of the whole."""
        whole = self.of(usual) >= usual and self.lines == 15
        return met(ratio, under=under, over=over) if whole else ""


@dataclass(frozen=True)
class Table:
    """A table in Markdown, with sentences below it."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def markdown(self) -> str:
        columns = zip(self.header, *self.rows, strict=True)
        widths = [max(map(len, column)) for column in columns]
        lines = [_row(row, widths) for row in (self.header, *self.rows)]
        lines.insert(1, _row(["-" * width for width in widths], widths))
        return "\n".join([f"### {self.title}", "", *lines, *(f"\n{note}" for note in self.notes)])


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"


def say(text: str) -> None:
    """How the benchmark goes on: on stderr, so that stdout is tables only."""
    click.echo(text, err=True)


def times(ratio: float) -> str:
    """A ratio, in two or three digits that mean something."""
    return f"{ratio:.2f} ×" if ratio < 10 else f"{ratio:.0f} ×"


def met(ratio: float, *, under: float = math.inf, over: float = 0.0) -> str:
    """Whether a target is met, and which it was."""
    wanted = f"< {under:g}" if under < math.inf else f"> {over:g}"
    return f"{wanted}: {'yes' if over < ratio < under else 'NO'}"


def share(values: Sequence[float], part: float) -> float:
    """The value below which that part of all lies, by the nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]
