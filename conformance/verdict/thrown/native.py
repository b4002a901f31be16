"""What programs in C, C++, Go and Rust print when they give up."""

from __future__ import annotations

import re

from conformance.verdict.thrown.trace import PrintedError, Rows, Trace, TraceFrame

_SANITIZER = re.compile(r"==\d{1,9}==ERROR: (AddressSanitizer): (.+)")
_SANITIZER_FRAME = re.compile(r"\s*#\d{1,4} 0x[0-9a-f]+ in .+ (\S+)")
_UNDEFINED = re.compile(r"(\S+):(\d{1,9}):\d{1,9}: runtime error: (.+)")
_SMASHED = re.compile(r"\*\*\* (.+ detected) \*\*\*: terminated")
_HEAP = (
    "free(): ", "malloc(): ", "malloc_consolidate(): ", "munmap_chunk(): ", "realloc(): ",
    "double free or corruption", "corrupted size vs. prev_size", "corrupted double-linked list",
)  # fmt: skip
"""How the C library's own last words begin when its heap is damaged."""
_TERMINATED = "terminate called after throwing an instance of '"
_GO_PLACE = re.compile(r"\t(\S.*):(\d{1,9})(?: \+0x[0-9a-f]+)?")
_RUST = re.compile(r"thread '[^']*'(?: \(\d{1,9}\))? panicked at (.+)")
_RUST_PLACE = re.compile(r"(.+):(\d{1,9}):\d{1,9}:?")

MAX_FRAMES = 200


def read(rows: Rows, row: int) -> Trace | None:
    """What begins in that row; None if nothing does."""
    line = rows[row]
    if " Assertion `" in line and line.endswith("' failed."):
        return _assertion(line, row)
    if line.startswith("=="):
        return _sanitizer(rows, row)
    if ": runtime error: " in line and (undefined := _UNDEFINED.fullmatch(line)):
        frame = TraceFrame(row, undefined[1], int(undefined[2]))
        return _alone(row, "undefined behaviour", undefined[3], frame)
    if line.startswith("terminate called "):
        return _terminated(rows, row)
    if line.startswith(("panic: ", "fatal error: ")) or "http: panic serving " in line:
        return _go(rows, row)
    if line.startswith("thread '"):
        return _rust(rows, row)
    if line.startswith("*** ") and (smashed := _SMASHED.fullmatch(line)):
        return _alone(row, "C library", smashed[1])
    if line.startswith(_HEAP):
        return _alone(row, "C library", line)
    return None


def _alone(row: int, name: str, message: str, *frames: TraceFrame) -> Trace:
    return Trace(row, row, (PrintedError(name, message, row, frames),))


def _assertion(line: str, row: int) -> Trace | None:
    """`server: server.c:9: main: Assertion `n > 0' failed.`"""
    before, _, claim = line.partition(" Assertion `")
    for part in before.split(": "):
        path, _, number = part.rpartition(":")
        if path and number.isdecimal() and len(number) < 10:
            said = claim.removesuffix("' failed.")
            return _alone(row, "failed assertion", said, TraceFrame(row, path, int(number)))
    return None


def _sanitizer(rows: Rows, row: int) -> Trace | None:
    found = _SANITIZER.fullmatch(rows[row])
    if found is None:
        return None
    kind = found[2].partition(" on ")[0].partition(" (")[0]
    frames: list[TraceFrame] = []
    last, first_stack = row, True
    for at in rows.after(row, MAX_FRAMES):
        if named := _SANITIZER_FRAME.fullmatch(rows[at]):
            path, number = _numbered(named[1])
            if first_stack and path:
                frames.append(TraceFrame(at, path, number))
        elif frames:
            first_stack = False
        if rows[at].startswith("SUMMARY: "):
            last = at
            break
    return Trace(row, last, (PrintedError("AddressSanitizer", kind, row, tuple(frames)),))


def _numbered(place: str) -> tuple[str, int]:
    """File and line of `server.c:9` or `server.c:9:3`."""
    parts = place.split(":")
    numbers = [int(part) for part in parts[1:3] if part.isdecimal() and len(part) < 10]
    return (parts[0], numbers[0]) if numbers else ("", 0)


def _terminated(rows: Rows, row: int) -> Trace | None:
    line = rows[row]
    if line.startswith(_TERMINATED):
        what = rows[row + 1].strip()
        said = what.removeprefix("what():").strip() if what.startswith("what():") else ""
        name = line[len(_TERMINATED) :].rstrip("'")
        return Trace(row, row + (1 if said else 0), (PrintedError(name, said, row),))
    if line == "terminate called without an active exception":
        return _alone(row, "std::terminate", "called without an active exception")
    return None


def _go(rows: Rows, row: int) -> Trace | None:
    head, _, message = rows[row].partition(": ")
    if "http: panic serving " in rows[row]:
        head, message = "panic", rows[row].partition("http: panic serving ")[2].partition(": ")[2]
    running = next((at for at in rows.after(row, 8) if _is_goroutine(rows[at])), None)
    if running is None:
        return None
    frames: list[TraceFrame] = []
    last = running
    for at in rows.after(running, MAX_FRAMES):
        if not rows[at] or _is_goroutine(rows[at]):
            break
        last = at
        if place := _GO_PLACE.fullmatch(rows[at]):
            frames.append(TraceFrame(at, place[1], int(place[2])))
    return Trace(row, last, (PrintedError(head, message, row, tuple(frames)),))


def _is_goroutine(line: str) -> bool:
    return line.startswith("goroutine ") and line.endswith("]:")


def _rust(rows: Rows, row: int) -> Trace | None:
    found = _RUST.fullmatch(rows[row])
    if found is None:
        return None
    where, message = found[1], rows[row + 1]
    last = next(iter(rows.after(row, 1)), row)
    if where.startswith("'") and "', " in where:  # before Rust 1.73
        message, _, where = where[1:].rpartition("', ")
        last = row
    place = _RUST_PLACE.fullmatch(where)
    if place is None:
        return None
    frames = [TraceFrame(row, place[1], int(place[2]))]
    if rows[last + 1] == "stack backtrace:":
        last += 1
        for at in rows.after(last, MAX_FRAMES):
            line = rows[at].strip()
            if not line[:1].isdigit() and not line.startswith("at "):
                break
            last = at
            if line.startswith("at ") and (further := _RUST_PLACE.fullmatch(line[3:])):
                frames.append(TraceFrame(at, further[1], int(further[2])))
    return Trace(row, last, (PrintedError("panic", message, row, tuple(frames)),))
