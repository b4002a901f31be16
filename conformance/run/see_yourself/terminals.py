"""What to type in several terminals, where several clients have to be there at once. Pure."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from conformance.run.see_yourself.moves import Does, Move, Script

MAX_TERMINALS = 4
"""More than anybody opens."""

MAX_TYPED = 8
"""Lines that anybody types."""

MAX_LINE = 200
"""Characters that anybody types at once."""

A_LOOK = 3.0
"""Seconds for which anybody looks at a screen without being asked to."""

PAUSE = 1.0
"""Seconds between two moves from which a reader is asked to wait."""


@dataclass(frozen=True)
class Door:
    """How the server is reached."""

    host: str
    port: int
    udp: bool = False
    program: str = ""
    """The word of its command by which the program is told from others; "" where it is not ours."""
    remembers: bool = False
    """Whether what it answers depends on all that was said before."""

    def nc(self, options: str = "") -> str:
        # For UDP not by name: `localhost` may be ::1, and nothing would say that nobody listens.
        host = "127.0.0.1" if self.udp and self.host == "localhost" else self.host
        words = ["nc", *(["-u"] if self.udp else []), *filter(None, [options]), shlex.quote(host)]
        return " ".join([*words, str(self.port)])


def in_terminals(script: Script, door: Door, *, to_its_end: bool = False) -> str:
    """A line for each turn, "terminal 2: nc localhost 2323, type hello"; "" where nobody could type
    it. `to_its_end`: and how long to wait for what is wrong, where that is long."""
    numbers = {client: number for number, client in enumerate(script.clients, 1)}
    if len(numbers) > MAX_TERMINALS or len(script.sent()) > MAX_TYPED:
        return ""
    rows: list[tuple[list[int], list[str]]] = []
    before = script.moves[0].at
    there: set[str] = set()
    for move in script.moves:
        words = []
        if move.at - before >= PAUSE:
            words.append(f"wait {round(move.at - before):g} s")
        before = move.at
        if move.client not in there:
            there.add(move.client)
            ends = script.of(move.client).does(Does.END)
            words.append(door.nc("-N" if ends else ""))
        if (what := _by_hand(move)) is None:
            return ""
        _add(rows, numbers[move.client], [*words, *what])
    waits = script.ends - before
    if to_its_end and waits >= A_LOOK:
        rows[-1][1].append(f"wait {round(waits):g} s")
    return "\n".join(f"{_named(who)}: {', '.join(words)}" for who, words in rows)


def _add(rows: list[tuple[list[int], list[str]]], number: int, words: list[str]) -> None:
    """Adds what is done in a terminal: to the last row, where that is of the same one, or where the
    same is done in both."""
    if not words:
        return
    if rows and rows[-1][0] == [number]:
        rows[-1][1].extend(words)
    elif rows and rows[-1][1] == words and number not in rows[-1][0]:
        rows[-1][0].append(number)
    else:
        rows.append(([number], words))


def _named(numbers: list[int]) -> str:
    *others, last = map(str, numbers)
    return f"terminals {', '.join(others)} and {last}" if others else f"terminal {last}"


def _by_hand(move: Move) -> list[str] | None:
    """What somebody has to do at the keyboard; None where nobody can."""
    if move.does is Does.CONNECT:
        return []
    if move.does is Does.END:
        return ["press Ctrl-D"]
    if move.does is Does.RESET:
        return None  # nc closes its connection, and never resets it
    return _typed(move) if move.does is Does.SEND else ["press Ctrl-C"]


def _typed(move: Move) -> list[str] | None:
    """The lines of a text, if it can be typed: each ends with a newline, and shows where it begins
    and ends."""
    try:
        text = move.data.decode()
    except UnicodeDecodeError:
        return None
    lines = text.removesuffix("\n").split("\n")
    plain = all(line.isprintable() and line == line.strip() for line in lines)
    if move.long or len(text) > MAX_LINE or not plain:
        return None
    return [f"type {line}" if line else "press Enter" for line in lines]
