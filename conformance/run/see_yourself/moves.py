"""What our clients did in a conversation, as far as it led to the fault. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise

from conformance.verdict.model import Attempt
from conformance.verdict.transcript import Entry, Transcript, as_bytes, overheard
from conformance.verdict.violation import Kind


class Does(Enum):
    """What a client can do. The values are the remarks of the transcript."""

    CONNECT = "connects"
    SEND = "sends"
    END = "closed its sending side"
    LEAVE = "left"
    CLOSE = "closed its connection"
    RESET = "reset its connection"


@dataclass(frozen=True)
class Move:
    """One thing that a client did."""

    at: float
    client: str
    does: Does
    data: bytes = b""
    """What it sent; of a long text the beginning, and as many letters."""
    long: bool = False
    """Whether `data` is only as long as what was sent."""
    lines: int = 0
    """So many lines were sent, where `long`."""


@dataclass(frozen=True)
class Script:
    """What all clients did, in the order of time, until the fault was seen."""

    moves: tuple[Move, ...]
    ends: float
    """When the fault was seen, or the clean-up began."""
    closed: Mapping[str, float] = field(default_factory=dict)
    """The clients whose connection the server closed, and when."""
    seen: float | None = None
    """When the fault was seen, where that is known."""

    @property
    def clients(self) -> list[str]:
        """The clients, in the order in which they came."""
        return list(dict.fromkeys(move.client for move in self.moves))

    def of(self, client: str) -> Script:
        return replace(self, moves=tuple(move for move in self.moves if move.client == client))

    @property
    def lasts(self) -> float:
        """Seconds from the first move to its end: of one client, until it left."""
        last = self.moves[-1]
        gone = (Does.LEAVE, Does.CLOSE, Does.RESET)
        return (last.at if last.does in gone else self.ends) - self.moves[0].at

    def sent(self) -> list[Move]:
        return [move for move in self.moves if move.does is Does.SEND]

    def does(self, *what: Does) -> bool:
        return any(move.does in what for move in self.moves)


_CLIENT = r"client(?: \d+)?"
_DID = re.compile(rf"({_CLIENT}) ({'|'.join(d.value for d in Does if d is not Does.SEND)})")
_HARMLESS = re.compile(
    rf"the server .*|the host's time zone .*|{_CLIENT} could not send: .*|more came than .*"
    rf"|a datagram of .* is lost: .*"
)
"""Remarks on what the server or the network did: they are no move of a client."""

_AGAIN = "the program was stopped, and started again"

_CLOSED = re.compile(rf"the server \w+ the connection\S*(?: \(RST\))?(?: of ({_CLIENT}))?")

_OF_A_SERVER = re.compile(r"server(?: to |$)|[\d.:]+ to ")
"""Who sends what is no client's: the server, or a host that has to do with it."""

_CUT = re.compile(r" …\((\d+) characters\)… ")
"""Where a long text was cut for the transcript (`transcript.shorten`)."""

_AWAITED = re.compile(r"(?:within|for|after) (\d+(?:\.\d+)?) s\b")


MAX_COMMAND = 20
"""Characters at the beginning of a long text in which a command may stand."""

A_WHILE = 1.9
"""Seconds without a move, after which something was waited for in vain."""


def script_of(attempt: Attempt) -> Script | None:
    """What the clients did until the fault was seen; None where a shell cannot do it as well."""
    moves: list[Move] = []
    closed: dict[str, float] = {}
    for entry in attempt.transcript:
        if entry.is_remark:
            if ended := _CLOSED.match(entry.what):
                closed[ended[1] or "client"] = entry.at
            elif did := _DID.fullmatch(entry.what):
                moves.append(Move(entry.at, did[1], Does(did[2])))
            elif entry.what == _AGAIN:
                if _somebody_comes(attempt.transcript, entry.at) and moves:
                    break  # what follows is held beside it, to compare
                if moves:
                    return None
            elif not _HARMLESS.fullmatch(entry.what):
                return None  # a deaf client, a program started anew, entries left out
        elif not (_OF_A_SERVER.match(entry.who) or overheard(entry.who)):
            if " to " in entry.who:
                return None  # sent to another address, such as to everybody
            moves.append(_sent(entry))
    if not moves:
        return None
    kept = _without_clean_up(moves)
    ends = moves[len(kept)].at if len(kept) < len(moves) else entry.at
    before = {client: at for client, at in closed.items() if at <= ends}
    return _until_the_fault(Script(tuple(kept), ends, before), attempt)


def _somebody_comes(transcript: Transcript, since: float) -> bool:
    return any(entry.at > since and entry.what.endswith(" connects") for entry in transcript)


def _sent(entry: Entry) -> Move:
    data = as_bytes(entry.what)
    cut = _CUT.search(entry.what)
    if cut is None:
        return Move(entry.at, entry.who, Does.SEND, data)
    length = len(entry.what) - len(cut[0]) + int(cut[1])
    head, tail = entry.what[: cut.start()], entry.what[cut.end() :]
    # A line that is cut in the middle shows no line end there: count by the lines that are whole.
    whole = head.count("\n")
    lines = max(1, round(length * whole / (head.rfind("\n") + 1))) if whole else 1
    lines = lines if tail.endswith("\n") else 0
    data = as_bytes(head[:MAX_COMMAND]).ljust(length, b"a")
    return Move(entry.at, entry.who, Does.SEND, data, long=True, lines=lines)


def _without_clean_up(moves: Sequence[Move]) -> list[Move]:
    """Without those who left when the conversation was over."""
    kept = list(moves)
    while kept and kept[-1].does is Does.LEAVE:
        kept.pop()
    return kept


def _until_the_fault(script: Script, attempt: Attempt) -> Script:
    """Without what was tried afterwards, to learn more of the fault."""
    if (seen := _when_seen(script, attempt)) is None:
        return script
    kept = tuple(move for move in script.moves if move.at <= seen)
    return replace(script, moves=kept, ends=min(seen, script.ends), seen=seen)


def _when_seen(script: Script, attempt: Attempt) -> float | None:
    if attempt.kind in (Kind.SILENCE, Kind.LATE, Kind.OPEN):
        # It was waited for, and nobody did anything meanwhile.
        told = attempt.expected if attempt.kind is Kind.LATE else attempt.actual
        awaited = min((float(number) for number in _AWAITED.findall(told)), default=A_WHILE)
        for move, following in pairwise(script.moves):
            waiting = move.does in (Does.SEND, Does.CONNECT, Does.END)
            if waiting and awaited <= following.at - move.at:
                return move.at + awaited
        return None
    if attempt.proof:
        return max(moment.at for moment in attempt.proof)
    seen = _line_in(attempt.transcript, attempt.actual)
    return _line_in(attempt.transcript, attempt.expected) if seen is None else seen


def _line_in(transcript: Transcript, words: str) -> float | None:
    """When the last line came that `words` quote: "as line 2: > hello", "> hi, without …"."""
    said = [entry for entry in transcript if entry.who.startswith("server")]
    for quotes in (_is_quoted, _ends):
        if times := [entry.at for entry in said if quotes(entry.what.rstrip("\r\n"), words)]:
            return times[-1]
    return None


def _is_quoted(text: str, words: str) -> bool:
    return bool(text) and (
        words == text or words.endswith(f": {text}") or words.startswith(f"{text}, ")
    )


def _ends(text: str, words: str) -> bool:
    return bool(text) and words.endswith(text)
