"""Whether an answer stands in what a program has printed. Pure.

Each line has to end a line of the output, in order. A line may also be broken where a read ended:
a program that prints each piece by println() adds an end of line there.
"""

import re
from dataclasses import dataclass

ANSI = re.compile(rb"\x1b\[[0-9;?]{0,20}[A-Za-z]")
"""A colour, or another command to the terminal."""

NEAR = 12
"""Lines of the output among which the pieces of a broken line are looked for."""
MOST_MISSING = 20
"""Lines that are missing after which no more are looked for."""
BETWEEN = 3
"""Lines of the output among which the next piece is: a log has a line of its own before each."""
MOST_STEPS = 1_000
"""Lines that are compared with the pieces of one line, at most."""
LONGEST_PIECE = 400
"""Bytes of a line's piece, at most."""


@dataclass(frozen=True)
class Found:
    """How much of an answer was found."""

    lines: int
    """How many of its lines, from the first on, without a gap."""
    of: int
    missing: bytes = b""
    """The first that is not there; b"" if all are."""
    broken: int = 0
    """How many of those that are there have an end of line in their midst."""
    later: int = 0
    """How many lines were found behind the first that is missing."""

    @property
    def whole(self):
        return self.lines == self.of

    @property
    def nothing(self):
        return not self.lines and not self.later


def plain(printed):
    """The output without colours, and without blanks and carriage returns at the ends of lines."""
    lines = ANSI.sub(b"", printed).split(b"\n")
    return b"\n".join(line.rstrip() for line in lines) + b"\n"


def find(lines, printed):
    """How much of an answer, given by its lines, stands in the output of a program."""
    output, at = plain(printed), 0
    first, missing, broken, later = 0, [], 0, 0
    for line in lines:
        end, pieces = _find_line(output, line, at)
        if end is None:
            missing.append(line)
            if len(missing) == MOST_MISSING:
                break
            continue
        at = end
        broken += pieces > 1
        first, later = (first, later + 1) if missing else (first + 1, later)
    return Found(first, len(lines), missing[0] if missing else b"", broken, later)


def _find_line(output, line, at):
    """Where the line ends in the output, behind `at`, and in how many pieces it stands there; None
    if it does not."""
    place = output.find(line + b"\n", at)
    if place >= 0:
        return place + len(line) + 1, 1
    return _find_broken(output, line, at)


def _find_broken(output, line, at):
    """The same for a line that stands there in pieces, each of which ends a line of the output.
    Blanks do not count: those at the end of a piece are lost."""
    shown: list[tuple[bytes, int]] = []  # the lines behind `at`, and where each ends
    while len(shown) < NEAR + len(line) and (end := output.find(b"\n", at)) >= 0:
        shown.append((_without_blanks(output[max(at, end - LONGEST_PIECE) : end]), end + 1))
        at = end + 1
    steps = iter(range(MOST_STEPS))
    for number in range(min(NEAR, len(shown))):
        here, behind = shown[number : number + 1], shown[number + 1 :]
        if found := _pieces(here, behind, _without_blanks(line), steps):
            return found
    return None, 0


def _without_blanks(text):
    return b"".join(text.split())


def _pieces(here, behind, rest, steps):
    """Where what is left of a line ends, and in how many pieces it stands, if it begins at the end
    of one of the lines `here`; else None."""
    for number, (text, end) in enumerate(here):
        if next(steps, None) is None:
            return None
        if text.endswith(rest):
            return end, 1
        if length := _overlap(text, rest):
            following = [*here[number + 1 :], *behind]
            found = _pieces(following[:BETWEEN], following[BETWEEN:], rest[length:], steps)
            if found:
                return found[0], found[1] + 1
    return None


def _overlap(shown, rest):
    """How many bytes at the beginning of `rest`, but not all, end the line that is shown."""
    most = min(len(shown), len(rest) - 1)
    return next((n for n in range(most, 0, -1) if shown.endswith(rest[:n])), 0)


def near(printed, word):
    """The line of the output that holds the word; "" if none does."""
    for line in plain(printed).split(b"\n"):
        if word in line:
            return line.decode("utf-8", "backslashreplace")
    return ""


def as_messages(printed):
    """The lines of the output that say something, with their numbers left out: the same message
    comes at another time."""
    text = plain(printed).decode("utf-8", "replace")
    lines = {re.sub(r"\d+", "#", line).strip() for line in text.split("\n")}
    return {line for line in lines if line}
