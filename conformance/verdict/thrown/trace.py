"""An exception as a program printed it: which lines it takes, and which places they name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.verdict.thrown.own_files import OwnPaths

MAX_LINE = 1_000
"""Characters of a line that are read: longer ones are no part of a trace."""


@dataclass(frozen=True)
class TraceFrame:
    """A place that a trace names."""

    row: int
    """The line of the output that names it, from 0."""
    path: str
    """The file, as it is printed."""
    number: int
    """The line in that file; 0 where none is said."""
    package: str = ""
    """Java's package, as a folder: `com/example`."""
    library: bool = False
    """Whether it is known to be the language's own code."""


@dataclass(frozen=True)
class PrintedError:
    """One exception of a trace, which may have others as its causes."""

    name: str
    message: str
    row: int
    """The line of the output that names it."""
    frames: tuple[TraceFrame, ...] = ()
    """The innermost first."""


@dataclass(frozen=True)
class Trace:
    """An exception with its causes, as it is printed."""

    first: int
    last: int
    """Its first and last line, from 0."""
    raised: tuple[PrintedError, ...]
    """Its exceptions: the one that explains most comes first."""

    def told(self, own: OwnPaths) -> tuple[PrintedError, TraceFrame | None, str]:
        """The exception that explains most and arose in a file of the student's, with the innermost
        such place, and that file; without a place, the first."""
        for raised in self.raised:
            for frame in raised.frames:
                if not frame.library and (path := own.find(frame.path, frame.package)):
                    return raised, frame, path
        return self.raised[0], None, ""

    @property
    def identity(self) -> tuple[tuple[object, ...], ...]:
        """What the same exception has, when it comes again from the same places; threads and the
        words of messages may differ."""
        return tuple(
            (raised.name, *((frame.path, frame.number) for frame in raised.frames))
            for raised in self.raised
        )


class Rows:
    """The lines of an output, each cut to what is read of it."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = [line[:MAX_LINE].rstrip("\r") for line in lines]

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, row: int) -> str:
        """The line; "" beyond the last one, and before the first."""
        return self._lines[row] if 0 <= row < len(self._lines) else ""

    def after(self, row: int, most: int) -> Iterator[int]:
        """The next rows behind that one, so many at most."""
        return iter(range(row + 1, min(row + 1 + most, len(self._lines))))
