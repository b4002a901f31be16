"""Which of the exceptions that a program printed is told with a failure, and in what words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.verdict.symptoms import Thrown
from conformance.verdict.thrown.own_files import OwnPaths
from conformance.verdict.thrown.trace import PrintedError, Trace
from conformance.verdict.thrown.traces import traces
from conformance.verdict.transcript import shorten
from conformance.verdict.violation import Kind

MAX_NAME = 80
MAX_FILE = 160
MAX_MESSAGE = 400
"""Characters kept of what the program itself has worded."""

LAST_LINES = 12
"""Lines kept of an output without an exception."""

LINES_BEFORE = 2
"""Lines kept above an exception: what the program was about."""

LOST = (
    "connection reset", "broken pipe", "econnreset", "epipe", "connection aborted",
    "socket closed", "socket is closed", "socket has been ended", "stream closed",
    "connection closed", "bad file descriptor",
)  # fmt: skip
"""What is printed, in lower case, of a connection that the other side has ended."""
LOST_NAMES = frozenset(
    {"ConnectionResetError", "BrokenPipeError", "ConnectionAbortedError", "IncompleteReadError",
     "EOFException", "ClosedChannelException", "AsynchronousCloseException"}
)  # fmt: skip

MAY_EXPLAIN = frozenset({Kind.SILENCE, Kind.CLOSED, Kind.ENDED, Kind.REFUSED, Kind.OPEN})
"""The kinds of failure that may come of an exception that ended a client's thread, or all."""

PRINTS_LATER = frozenset({Kind.CLOSED, Kind.ENDED, Kind.REFUSED})
"""The kinds of failure in which the program has closed a connection, and may print why since."""

BY_STATUS: Mapping[int, str] = {
    128 + 11: "a segmentation fault",
    128 + 8: "an arithmetic error",
    128 + 7: "a bus error",
}
"""Signals that end a program without a word of its own."""

_NOUNS: Mapping[str, tuple[str, str]] = {
    "panic": ("a panic", ""),
    "fatal error": ("a fatal error", ""),
    "failed assertion": ("a failed assertion", ""),
    "AddressSanitizer": ("an error of AddressSanitizer", ""),
    "undefined behaviour": ("a runtime error", ""),
    "uncaught value": ("an uncaught value", ""),
    "C library": ("an error of the C library", ""),
}
"""By name: what it is called in a sentence, with its message instead of a name."""

VAGUE = frozenset({"Error", "Exception", "RuntimeException", "RuntimeError", "OSError"})
"""Names that say nothing without the message."""

MAX_QUOTED = 100
"""Characters of a message that a sentence quotes."""


@dataclass(frozen=True)
class Printed:
    """What a program wrote to stdout and stderr, by the time of a conversation."""

    before: str = ""
    """Before it began."""
    during: str = ""
    """Until it failed."""
    after: str = ""
    """Since it failed, while its clients left."""

    @property
    def text(self) -> str:
        return self.before + self.during + self.after


@dataclass(frozen=True)
class OwnOutput:
    """What a report says of a program's own output."""

    thrown: Thrown | None
    output: str
    """The part of the output that is worth showing; paths of own files are relative to what was
    handed in."""


def told(
    printed: Printed,
    own: OwnPaths,
    *,
    kind: Kind | None,
    status: int | None = None,
    used: bool = False,
) -> OwnOutput:
    """What is told of the output with a failure of that kind. `status`: the exit status of a
    program that has ended; `used`: other conversations were held with it before, so that what
    stands before this one need not concern it."""
    ended = status is not None
    may_explain = ended or kind in MAY_EXPLAIN
    # The clients leave because of the failure: what that provokes explains nothing. But who has
    # closed a connection may print why a little later.
    whole = ended or kind in PRINTS_LATER
    during = printed.during + (printed.after if whole else "")
    chosen = _chosen(traces(during), own, lost=may_explain, last=ended)
    text, before = during + ("" if whole else printed.after), False
    if chosen is None and may_explain and not used:
        chosen = _chosen(traces(printed.before), own, lost=False, last=True)
        text, before = printed.text, chosen is not None
    after = False
    if chosen is None and not whole:
        chosen = _chosen(traces(printed.after), own, lost=False, last=False)
        text, before, after = printed.after, False, chosen is not None
    if chosen is None:
        named = BY_STATUS.get(status or 0)
        output = own.relative(_last(printed.text, LAST_LINES))
        return OwnOutput(Thrown(named) if named else None, output)
    raised, frame, file = chosen.told(own)
    thrown = Thrown(
        raised.name[:MAX_NAME],
        shorten(own.relative(raised.message), MAX_MESSAGE),
        shorten(file, MAX_FILE),
        frame.number if frame else 0,
        before,
        after,
    )
    lines = text.split("\n")[max(0, chosen.first - LINES_BEFORE) :]
    return OwnOutput(thrown, own.relative("\n".join(lines).rstrip("\n")))


def _chosen(found: Sequence[Trace], own: OwnPaths, *, lost: bool, last: bool) -> Trace | None:
    """The trace to tell: the last one of a program that it has ended, else the first; one with a
    place in an own file rather than one without; one of a lost connection, if at all (`lost`), only
    where there is no other."""
    ordered = list(reversed(found)) if last else list(found)
    if last and lost:
        return next(iter(ordered), None)
    others = [trace for trace in ordered if not is_lost(trace.raised[0])]
    candidates = others or (ordered if lost else [])
    placed = (trace for trace in candidates if trace.told(own)[2])
    return next(placed, candidates[0] if candidates else None)


def is_lost(raised: PrintedError) -> bool:
    """Whether it says that the other side had ended the connection."""
    said = raised.message.lower()
    return raised.name in LOST_NAMES or any(words in said for words in LOST)


def _last(text: str, lines: int) -> str:
    return "\n".join(text.rstrip("\n").split("\n")[-lines:])


def sentence(thrown: Thrown) -> str:
    """The exception in one sentence, as a hint."""
    if thrown.name in BY_STATUS.values():
        return f"The program ended with {thrown.name} while this was tried."
    noun, said = _NOUNS.get(thrown.name, ("an exception", thrown.name))
    said = said or shorten(thrown.message, MAX_QUOTED)
    if thrown.name in VAGUE and thrown.message:
        said = f"{thrown.name}: {shorten(thrown.message, MAX_QUOTED)}"
    place = f" at {thrown.file}:{thrown.line}" if thrown.file else ""
    what = f"{said}{place} (see its own output)."
    if thrown.after:
        later = "Later, when the client had ended the connection, your program printed"
        return f"{later} {noun}: {what}"
    if thrown.before:
        return f"Before this was tried, your program had printed {noun}: {what}"
    return f"Your program printed {noun} while this was tried: {what}"
