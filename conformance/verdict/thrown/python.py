"""Tracebacks of Python."""

from __future__ import annotations

import re

from conformance.verdict.thrown.trace import PrintedError, Rows, Trace, TraceFrame

HEADER = "Traceback (most recent call last):"
_BEFORE_HEADER = re.compile(r"[ |+]*(?:Exception Group )?")
_FRAME = re.compile(r'\s*File "(.+)", line (\d{1,9})(?:,? in .*)?')
_UNPARSED = re.compile(r'  File "(.+)", line (\d{1,9})')
"""The head of a SyntaxError in the program's first file, which has no header."""
_RAISED = re.compile(r"([A-Za-z_][\w.]*)(?:: (.*))?:?")
_SYNTAX = ("SyntaxError", "IndentationError", "TabError")
_FATAL = "Fatal Python error: "
"""What faulthandler prints of a signal that ends the interpreter."""

_DIRECT = "The above exception was the direct cause of the following exception:"
_DURING = "During handling of the above exception, another exception occurred:"

_INTRODUCTIONS = (
    "Exception in thread ", "Task exception was never retrieved", "future: ",
    "Unhandled exception in ", "transport: ", "Exception in callback ", "handle: ",
    "Exception ignored ", "Exception occurred during processing of request from ",
    "Future exception was never retrieved", "ERROR:",
)  # fmt: skip
"""How the lines begin that say where an exception ended, above its traceback."""

MAX_BLOCK = 4_000
"""Lines of one traceback; Python itself folds a recursion."""


def read(rows: Rows, row: int) -> Trace | None:
    """The trace that begins in that row; None if none does."""
    line = rows[row]
    if line.startswith(_FATAL):
        return _fatal(rows, row)
    unparsed = _UNPARSED.fullmatch(line) is not None
    if not line.endswith(HEADER) and not unparsed:
        return None
    blocks: list[tuple[PrintedError, str]] = []
    at, last = row, row - 1
    while (block := _block(rows, at)) is not None:
        raised, last = block
        joined = _joined(rows, last)
        blocks.append((raised, joined[0] if joined else ""))
        if joined is None:
            break
        at = joined[1]
    if not blocks or (unparsed and blocks[0][0].name not in _SYNTAX):
        return None
    return Trace(_introduced(rows, row), last, _in_order(blocks))


def _block(rows: Rows, row: int) -> tuple[PrintedError, int] | None:
    """One exception with its frames, and the row of its name."""
    before = ""
    frames: list[TraceFrame] = []
    first = row
    if rows[row].endswith(HEADER):
        before = rows[row].removesuffix(HEADER).removesuffix("Exception Group ")
        if _BEFORE_HEADER.fullmatch(before) is None:
            return None
        before = before.replace("+", "|")
        first = row + 1
    for at in rows.after(first - 1, MAX_BLOCK):
        line = rows[at]
        if not line.startswith(before):
            return None
        body = line[len(before) :]
        if (frame := _FRAME.fullmatch(body)) and body.startswith("  "):
            frames.append(TraceFrame(at, frame[1], int(frame[2])))
        elif not body.startswith("  "):
            found = _RAISED.fullmatch(body)
            if found is None or not frames:
                return None
            return PrintedError(_short(found[1]), found[2] or "", at, tuple(reversed(frames))), at
    return None


def _joined(rows: Rows, last: int) -> tuple[str, int] | None:
    """How the block that ends there is joined to another, and the row where that begins."""
    for at in rows.after(last, 12):  # a message may have several lines
        line = rows[at].strip(" |")
        if line in (_DIRECT, _DURING):
            follows = next((n for n in rows.after(at, 3) if rows[n].endswith(HEADER)), None)
            return None if follows is None else (line, follows)
        if line.startswith("+-") and rows[at + 1].endswith(HEADER):
            return _DIRECT_GROUP, at + 1
        if rows[at].endswith(HEADER):
            return None
    return None


_DIRECT_GROUP = "a part of the group"


def _in_order(blocks: list[tuple[PrintedError, str]]) -> tuple[PrintedError, ...]:
    """The exceptions, the one that explains most first: a direct cause comes before what it caused,
    an exception in whose handling another arose comes after that."""
    ordered: list[PrintedError] = []
    groups: list[PrintedError] = []
    for raised, _ in reversed(blocks):
        follows = next(joined for one, joined in blocks if one is raised)
        if follows == _DIRECT:
            ordered.insert(0, raised)
        elif follows == _DIRECT_GROUP:
            groups.append(raised)
        else:
            ordered.append(raised)
    return (*ordered, *groups)


def _introduced(rows: Rows, row: int) -> int:
    """The row of the first line that introduces the traceback in that row."""
    for _ in range(2):
        if rows[row - 1].startswith(_INTRODUCTIONS):
            row -= 1
    return row


def _fatal(rows: Rows, row: int) -> Trace:
    frames, last = [], row
    for at in rows.after(row, 60):
        if frame := _FRAME.fullmatch(rows[at]):
            frames.append(TraceFrame(at, frame[1], int(frame[2])))
            last = at
        elif frames or not (rows[at] == "" or "most recent call first" in rows[at]):
            break
    name = rows[row][len(_FATAL) :]
    return Trace(row, last, (PrintedError("fatal error", name, row, tuple(frames)),))


def _short(name: str) -> str:
    """The name without its module, if it is that of a class: `struct.error` stays."""
    last = name.rpartition(".")[2]
    return last if last[:1].isupper() else name
