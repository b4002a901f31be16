"""Commands that send given bytes, quoted for a shell. Pure.

Each does the same in bash, dash and zsh, on Linux and macOS: no `echo -e`, no `$'…'`.
"""

from __future__ import annotations

import math
import re

from conformance.run.see_yourself.moves import Move

_NAMED = {0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t", 0x5C: "\\\\", 0x25: "%%"}

LONG = 400
"""Bytes above which the length of a text is shown instead of its letters."""


def written(data: bytes) -> str:
    """The command that writes these bytes: `printf 'h\\303\\251llo\\n'`. What is not printable
    ASCII is octal: POSIX has no hexadecimal escapes."""
    text = "".join(
        _NAMED.get(byte) or (chr(byte) if 0x20 <= byte < 0x7F and byte != 0x27 else f"\\{byte:03o}")
        for byte in data
    )
    if text.startswith("-"):  # else taken for an option
        text = f"\\055{text[1:]}"
    return f"printf '{text}'"


def sends(move: Move) -> str:
    """The command that writes what the client sent."""
    if not move.long and len(move.data) <= LONG:
        return written(move.data)
    length, lines = len(move.data), move.lines
    if not move.long:
        lines = move.data.count(b"\n") if move.data.endswith(b"\n") else 0
    if (command := re.match(rb"[A-Z]{2,9} ", move.data)) and lines < 2:
        end = "" if lines else ", end=''"
        rest = length - len(command[0]) - lines
        return f"""python3 -c "print('{command[0].decode()}' + 'a' * {rest}{end})\""""
    if lines > 1:
        return f"""python3 -c "print(*['a' * {length // lines - 1}] * {lines}, sep='\\n')\""""
    if lines == 1:
        return f"""python3 -c "print('a' * {length - 1})\""""
    return f"head -c {length} /dev/zero | tr '\\0' a"


def seconds(time: float) -> str:
    """A time for `sleep`, rounded up to a tenth."""
    return f"{math.ceil(round(time * 10, 6)) / 10:g}"


def group(parts: list[str]) -> str:
    """These commands as one whose output can be piped."""
    return parts[0] if len(parts) == 1 else f"{{ {'; '.join(parts)}; }}"
