"""Where a lab stumbled: the line of the author's code from which an exception came."""

from __future__ import annotations

import linecache
import traceback
from pathlib import Path

from conformance.verdict.model import WrongCall


def stumbled(error: BaseException, folder: Path) -> str:
    """What went wrong, and in which line: the innermost one in a file of the lab's `folder`. Empty
    if no line of the lab was involved, or if memory ran out, which can hit any line: then it is the
    suite's own fault."""
    error = _first(error)
    if isinstance(error, MemoryError):
        return ""
    # For a timeout, the context says what was running at that moment.
    for through in map(_lines, (error, error.__context__)):
        own = [place for place in through if Path(place[0]).resolve().parent == folder.resolve()]
        if own:
            told = f"the lab stumbled at {_place(*own[-1])}: {_in_words(error)}"
            line = linecache.getline(*own[-1]).strip()
            raised = "" if own[-1] == through[-1] else f" (raised at {_place(*through[-1])})"
            return told + (f", in: {line}" if line else "") + raised
    return ""


def would_again(error: BaseException) -> bool:
    """Whether the lab would stumble again: the operating system's errors and timeouts may be the
    machine's doing, all others are faults of its code."""
    return not isinstance(_first(error), OSError)


def keep_lines(file: str | None) -> None:
    """Caches the lines of a lab's module for `stumbled`: a forked process may run as a user who
    cannot read the file."""
    if file:
        linecache.getlines(file)


def _first(error: BaseException) -> BaseException:
    """The error; of a group, its first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _lines(error: BaseException | None) -> list[tuple[str, int]]:
    """The files and lines that the exception passed through, the innermost last."""
    if error is None:
        return []
    frames = traceback.walk_tb(error.__traceback__)
    through = [(frame.f_code.co_filename, number) for frame, number in frames]
    if isinstance(error, SyntaxError) and error.filename:
        through.append((error.filename, error.lineno or 0))
    return through


def _place(file: str, number: int) -> str:
    return f"{Path(file).name}:{number}"


def _in_words(error: BaseException) -> str:
    """`KeyError: 'port'`; for an error whose message is a sentence for users, only the sentence."""
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    if isinstance(error, WrongCall):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
