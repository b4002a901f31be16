"""Stack traces of Java, and of other languages of its machine."""

from __future__ import annotations

import re

from conformance.verdict.thrown.trace import PrintedError, Rows, Trace, TraceFrame

_WORD = re.compile(r"[\w.$]+")
_NAME = re.compile(r"(?:[A-Za-z_$][\w$]*\.)*[A-Z][\w$]*")
_THREAD = re.compile(r'Exception in thread "[^"]*" ')
_PLAIN = re.compile(r"javax?\.[\w.$]+(?:Exception|Error)(?:: .*)?")
"""An exception that is printed by println, in a line of its own."""
_ENDINGS = ("Exception", "Error", "Throwable")
_MORE = re.compile(r"\.\.\. \d{1,6} (?:more|common frames omitted)")
_RUNTIME = ("java.", "javax.", "jdk.", "sun.", "com.sun.", "kotlin.", "kotlinx.", "scala.")
_PLACE = re.compile(r"([^:/\s]+):(\d{1,9})")

MAX_FRAMES = 1_100
"""A machine prints 1,024 of one exception."""

MAX_MESSAGE = 10
"""Lines of a message that are looked back over for the exception's name."""


def read(rows: Rows, row: int) -> Trace | None:
    """The trace that begins in that row; None if none does."""
    head = _head(rows, row)
    if head is None:
        return None
    chain: list[PrintedError] = []
    frames: list[TraceFrame] = []
    name, message, at = head
    last = _last_of_message(rows, row)
    if last is None:
        return (
            Trace(row, row, (PrintedError(name, message, row),)) if _is_plain(rows[row]) else None
        )
    suppressed = False
    for now in rows.after(last, MAX_FRAMES):
        line = rows[now].strip()
        if (frame := _frame(line, now)) is not None:
            if not suppressed:
                frames.append(frame)
        elif line.startswith(("Caused by: ", "Suppressed: ")):
            suppressed = line.startswith("Suppressed: ") or (
                suppressed and rows[now].startswith(("\t\t", "        "))
            )
            if not suppressed:
                chain.append(PrintedError(name, message, at, tuple(frames)))
                frames = []
                (name, message), at = _said(line.removeprefix("Caused by: ")), now
        elif not _MORE.fullmatch(line) and not _continued(rows, now):
            break
        last = now
    chain.append(PrintedError(name, message, at, tuple(frames)))
    if chain[0].message == "Stack trace" and chain[0].name == "Exception":
        return None  # Thread.dumpStack()
    return Trace(row, last, tuple(reversed(chain)))


def _head(rows: Rows, row: int) -> tuple[str, str, int] | None:
    """Name, message and row of the exception that the line names."""
    line = rows[row]
    if line[:1] in ("", " ", "\t"):
        return None
    if thread := _THREAD.match(line):
        return (*_said(line[thread.end() :]), row)
    if line.startswith("Error: ") and _names(line[7:]):
        return (*_said(line[7:]), row)
    if _names(line):
        return (*_said(line), row)
    framed = _frame(rows[row + 1].strip(), row + 1) is not None
    for word in _WORD.finditer(line) if framed else ():
        if word[0].endswith(_ENDINGS) and _NAME.fullmatch(word[0]):
            return (*_said(line[word.start() :]), row)
    return None


def _names(line: str) -> bool:
    """Whether the line begins with the name of an exception: `Fault` alone may be any word."""
    name = line.partition(": ")[0]
    return _NAME.fullmatch(name) is not None and ("." in name or name.endswith(_ENDINGS))


def _is_plain(line: str) -> bool:
    return _PLAIN.fullmatch(line) is not None


def _said(text: str) -> tuple[str, str]:
    """Name and message of `java.io.IOException: cannot read`."""
    name, _, message = text.partition(": ")
    return name.strip().rpartition(".")[2], message


def _last_of_message(rows: Rows, row: int) -> int | None:
    """The last line of the message that begins in that row; None where no frame follows."""
    for at in rows.after(row, MAX_MESSAGE):
        if _frame(rows[at].strip(), at) is not None:
            return at - 1
        if rows[at].startswith(("Exception in thread ", "Caused by: ")) or _names(rows[at]):
            return None
    return None


def _continued(rows: Rows, row: int) -> bool:
    """Whether the line is one more of a cause's message."""
    head = next((n for n in range(row - 1, max(row - MAX_MESSAGE, -1), -1) if _opens(rows[n])), -1)
    return (
        head >= 0
        and all(_frame(rows[n].strip(), n) is None for n in range(head + 1, row))
        and any(_frame(rows[n].strip(), n) is not None for n in rows.after(row, MAX_MESSAGE))
    )


def _opens(line: str) -> bool:
    return line.lstrip().startswith(("Caused by: ", "Suppressed: "))


def _frame(line: str, row: int) -> TraceFrame | None:
    """The frame of `at java.base/java.lang.Thread.run(Thread.java:840)`."""
    if not line.startswith("at "):
        return None
    call, bracket, rest = line[3:].partition("(")
    place, end, behind = rest.partition(")")
    if not bracket or not end or " " in call or behind.strip()[:1] not in ("", "~", "["):
        return None
    name = call.rpartition("/")[2]  # without the module
    if "." not in name:
        return None
    found = _PLACE.fullmatch(place)
    path, number = (found[1], int(found[2])) if found else (place, 0)
    package = "/".join(name.split(".")[:-2])
    return TraceFrame(row, path, number, package, library=number == 0 or name.startswith(_RUNTIME))
