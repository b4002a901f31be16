"""Errors of Node.js."""

from __future__ import annotations

import re

from conformance.verdict.thrown.trace import PrintedError, Rows, Trace, TraceFrame

_NAME = re.compile(r"(?:Uncaught )?([A-Za-z_$][\w$.]*)(?: \[\w+\])?(?:: (.*))?")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_CARET = re.compile(r"\s*\^+\s*")
_REASON = "with the reason "
_NO_FAULT = ("Trace",)
MAX_MESSAGE = 8
"""Lines of a message that may stand between an error's name and its first frame."""
MAX_FRAMES = 300
MAX_PROPERTIES = 40
"""Lines of an error's own properties, in braces behind its frames."""


def read(rows: Rows, row: int) -> Trace | None:
    """The trace that begins in that row; None if none does."""
    thrown_at = _thrown_at(rows, row)
    head = row
    if thrown_at is not None:
        head = next((at for at in rows.after(row + 2, 2) if rows[at].strip()), row + 3)
    elif _place(rows[row], row) is not None:
        return None
    first = _first_frame(rows, head)
    said = _said(rows, head, named=thrown_at is not None, framed=first == head + 1)
    if said is None or (first is None and thrown_at is None):
        return None
    name, message = said
    if first is None and not _is_error(name):
        name, message = "uncaught value", rows[head].strip()
    if name.endswith("Warning") or name in _NO_FAULT:
        return None
    frames, last = _frames(rows, first) if first is not None else ([], head)
    others, last = _nested(rows, last) if rows[last].rstrip().endswith("{") else ([], last)
    if thrown_at is not None:
        frames.insert(0 if name == "SyntaxError" else len(frames), thrown_at)
        ends = (at for at in rows.after(last, MAX_PROPERTIES) if rows[at].startswith("Node.js v"))
        last = next(ends, last)
    outer = PrintedError(name, message, head, tuple(frames))
    causes = [one for one, is_cause in reversed(others) if is_cause]
    parts = [one for one, is_cause in others if not is_cause]
    return Trace(row, last, (*causes, outer, *parts))


def _thrown_at(rows: Rows, row: int) -> TraceFrame | None:
    """The place that stands above an uncaught error: file:line, the source line, a caret."""
    path, _, number = rows[row].rpartition(":")
    if not _CARET.fullmatch(rows[row + 2]):
        return None
    if not number.isdecimal() or not path or len(number) > 9:
        return None
    return TraceFrame(row, path, int(number), library=path.startswith("node:"))


def _first_frame(rows: Rows, head: int) -> int | None:
    """The row of the first frame below the line that names the error."""
    for at in rows.after(head, MAX_MESSAGE):
        if _frame(rows[at], at) is not None:
            return at
        framed = _frame(rows[at + 1], at + 1) is not None
        if rows[at].startswith(("Node.js v", "Emitted ")) or (framed and _names(rows[at])):
            return None
    return None


def _names(line: str) -> bool:
    """Whether the line names an error, so that the frames below it are that one's."""
    found = _NAME.fullmatch(line)
    return found is not None and _is_error(found[1])


def _said(rows: Rows, head: int, *, named: bool, framed: bool) -> tuple[str, str] | None:
    """Name and message of the error. `named`: what stands there is known to be one; `framed`: a
    frame is in the next line."""
    line = rows[head].strip()
    line = line.removesuffix("{").strip() if line.endswith("] {") else line
    if line.startswith("[") and line.endswith("]"):
        line = line[1:-1]
    found = _NAME.fullmatch(line)
    if found and (named or _is_error(found[1]) or (framed and found[2] and found[1][:1].isupper())):
        message = found[2] or ""
        if found[1] == "UnhandledPromiseRejection" and _REASON in message:
            message = "rejected " + message[message.rindex(_REASON) :].rstrip(".")
        return found[1], message
    if named:
        return "uncaught value", line
    for word in _WORD.finditer(line) if framed else ():
        if _is_error(word[0]) and (rest := _NAME.fullmatch(line[word.start() :])):
            return rest[1], rest[2] or ""
    return None


def _is_error(name: str) -> bool:
    return name.endswith(("Error", "Exception"))


def _frames(rows: Rows, first: int) -> tuple[list[TraceFrame], int]:
    """The frames from that row on, and the row of the last."""
    found, last = [], first
    for at in rows.after(first - 1, MAX_FRAMES):
        frame = _frame(rows[at], at)
        if frame is None and not rows[at].lstrip().startswith("... "):
            break
        last = at
        if frame is not None:
            found.append(frame)
    return found, last


def _nested(rows: Rows, last: int) -> tuple[list[tuple[PrintedError, bool]], int]:
    """The errors among an error's properties, each with whether it is its cause; and the row of the
    closing brace."""
    found: list[tuple[PrintedError, bool]] = []
    until = -1
    for at in rows.after(last, MAX_FRAMES):
        line = rows[at]
        if line.startswith("}"):
            return found, at
        if not line.startswith("  "):
            break
        cause = line.strip().startswith("[cause]: ")
        name = _NAME.fullmatch(line.strip().removeprefix("[cause]: "))
        if at > until and name and (cause or _is_error(name[1])):
            first = _first_frame(rows, at)
            frames, until = _frames(rows, first) if first is not None else ([], at)
            found.append((PrintedError(name[1], name[2] or "", at, tuple(frames)), cause))
    return found, max(last, until)


def _frame(line: str, row: int) -> TraceFrame | None:
    """The frame of `    at serve (/home/student/server.js:2:30)`."""
    line = line.strip().removesuffix("{").rstrip().removesuffix(",")
    if not line.startswith("at "):
        return None
    place = line[3:].removeprefix("async ")
    if place.endswith(")"):
        call, _, place = place[:-1].rpartition(" (")
        if not call:
            return None
        if place in ("<anonymous>", "native"):
            return TraceFrame(row, place, 0, library=True)
    return _place(place, row)


def _place(place: str, row: int) -> TraceFrame | None:
    """`file:line:column`."""
    rest, _, column = place.rpartition(":")
    path, _, number = rest.rpartition(":")
    if not path or not number.isdecimal() or not column.isdecimal() or len(number) > 9:
        return None
    return TraceFrame(row, path, int(number), library=path.startswith("node:"))
