"""Which entries of a conversation prove a failure, and which silences do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.symptoms import Moment
from conformance.verdict.transcript import OVERHEARD, Entry, overheard
from conformance.verdict.violation import Fault

NEAR = 0.05
"""Seconds by which a moment may differ from its entry: of bytes that the capture had not seen yet,
a better time may have become known."""

ROUNDING = 0.0002
"""Seconds by which stored times may differ."""

MAX_ALIKE = 6
"""Entries marked that came together and cannot be told apart: the first and the last ones."""

FIRST = "client"
"""What the transcript calls the client that came first, unless it has a name."""

_ADDRESS = r"\d+\.\d+\.\d+\.\d+"
_TO = re.compile(rf"(?:server|{_ADDRESS}) to (.+)", re.DOTALL)
_ELSEWHERE = re.compile(rf" to {_ADDRESS}\Z")
"""Behind a client's name: it has sent to another address than the server's."""

_PARTING = re.compile(r"(.+ left|.+ (closed|reset) its connection|the server (closed|re|lost).+)\Z")

_SPOKEN_OF = re.compile(
    r"(client(?: \d+)?) |the server .*\bof (client \d+)|(the server) (?=closed|r)"
)


@dataclass(frozen=True)
class Silence:
    """A time in which nothing came."""

    client: str
    """Who heard nothing; "" where it is not known."""
    seconds: float
    until: float
    before: int
    """Index of the entry before which it ends."""
    broken: bool = False
    """Whether clients said something meanwhile."""


@dataclass(frozen=True)
class Proof:
    entries: frozenset[int]
    """Their indices in the transcript."""
    silences: tuple[Silence, ...] = ()
    """In the order of time."""


def whose(entry: Entry) -> str:
    """The client whose conversation with the server the entry belongs to; "" where it is none's."""
    if entry.is_remark:
        found = _SPOKEN_OF.match(entry.what)
        if found is None:
            return ""
        return found[1] or found[2] or FIRST
    if entry.who == "server":
        return FIRST
    if other := overheard(entry.who):
        return other
    if from_server := _TO.match(entry.who):
        return from_server[1]
    return _ELSEWHERE.sub("", entry.who)


def ends_of(entry: Entry) -> tuple[str, str]:
    """Who said it, and to whom, as a diagram calls them. Not for a remark."""
    if entry.who == "server":
        return "server", FIRST
    if other := overheard(entry.who):
        return other, entry.who.removeprefix(other + OVERHEARD)
    if from_server := _TO.match(entry.who):
        return entry.who[: from_server.start(1)].removesuffix(" to "), from_server[1]
    elsewhere = _ELSEWHERE.search(entry.who)
    if elsewhere is None:
        return entry.who, "server"
    return entry.who[: elsewhere.start()], elsewhere[0].removeprefix(" to ")


def is_sent(entry: Entry) -> bool:
    """Whether a client has sent it."""
    from_server = entry.who == "server" or _TO.match(entry.who)
    return not (entry.is_remark or from_server or overheard(entry.who))


def is_parting(entry: Entry) -> bool:
    """Whether it is a remark that a client leaves, or that the server closes a connection."""
    return entry.is_remark and bool(_PARTING.match(entry.what))


def _is_its_own_leaving(entry: Entry) -> bool:
    return is_parting(entry) and not entry.what.startswith("the server ")


def marked(held: Attempt) -> Proof:
    """What the attempt says it rests on; what an older suite has not said, its `actual` may."""
    if held.outcome is not Outcome.FAILED:
        return Proof(frozenset())
    entries = held.transcript.entries
    if not held.proof:
        return Proof(frozenset(_that_came_instead(held, entries)))
    indices: set[int] = set()
    silences: list[Silence] = []
    for moment in held.proof:
        if not moment.silence:
            indices.update(_found(moment, entries))
        else:
            last = _last_before(moment, entries)
            indices.update(last)
            if last and not moment.who and moment.at - entries[last[0]].at <= ROUNDING:
                moment = replace(moment, who=whose(entries[last[0]]))
            elif len(held.proof) == 1:
                indices.update(_what_should_be_heard(moment, entries, last))
            silences += _silence(moment, entries, last)
    found = {(each.client, each.before): each for each in silences}  # once each
    ordered = sorted(found.values(), key=lambda silence: silence.before)
    return Proof(frozenset(indices), tuple(ordered))


def _found(moment: Moment, entries: Sequence[Entry]) -> list[int]:
    """The entries of that moment: one, or several that came together and cannot be told apart."""
    may_be = [
        index
        for index, entry in enumerate(entries)
        if (not moment.who or entry.who == moment.who) and entry.what.startswith(moment.what)
    ]
    off = {index: abs(entries[index].at - moment.at) for index in may_be}
    nearest = min(off.values(), default=NEAR)
    if nearest >= NEAR:
        return []
    found = [index for index in may_be if off[index] <= nearest + ROUNDING]
    lines = [index for index in found if not entries[index].is_remark] or found
    half = MAX_ALIKE // 2
    return lines if len(lines) <= MAX_ALIKE else [*lines[:half], *lines[-half:]]


def _last_before(moment: Moment, entries: Sequence[Entry]) -> list[int]:
    """The last entry before a silence of the client that it is about."""
    theirs = [
        index
        for index, entry in enumerate(entries)
        if entry.at <= moment.at + ROUNDING and moment.who in ("", entry.who, whose(entry))
    ]
    return theirs[-1:]


def _what_should_be_heard(
    moment: Moment, entries: Sequence[Entry], last: Sequence[int]
) -> list[int]:
    """What clients did last before the silence ended, of which this one waits to hear; none where
    its own words are what it last saw."""
    if not moment.who or not last or entries[last[0]].who == moment.who:
        return []
    until = moment.at + moment.silence - ROUNDING
    done = [
        index
        for index, entry in enumerate(entries)
        if entry.at < until and (is_sent(entry) or _is_its_own_leaving(entry))
    ]
    return done[-1:]


def _silence(moment: Moment, entries: Sequence[Entry], last: Sequence[int]) -> list[Silence]:
    """The silence; none if the server said something meanwhile, perhaps to this client."""
    until = moment.at + moment.silence
    begin = last[0] + 1 if last else 0
    before = begin
    while before < len(entries) and entries[before].at < until - ROUNDING:
        before += 1
    between = [entry for entry in entries[begin:before] if not entry.is_remark]
    theirs = [entry for entry in between if moment.who in ("", whose(entry))]
    if any(not is_sent(entry) for entry in theirs):
        return []
    return [Silence(moment.who, moment.silence, until, before, broken=bool(theirs))]


LEAST = 3
"""Characters of a line from which it is told by its text."""

_NUMBERED = re.compile(r"as line \d+: ")


def _that_came_instead(held: Attempt, entries: Sequence[Entry]) -> list[int]:
    """The last entry of the server that `actual` quotes at its end, or before the words that say
    that it had no end of line. What is absent is quoted by others only."""
    actual = _NUMBERED.sub("", held.actual, count=1).rstrip("\r\n")
    unended, *more = re.split(r",? (?:without an end of line|ended with CR alone)", actual)
    is_unended = bool(more) and len(unended) >= LEAST
    absent = held.fault is Fault.ABSENT and not is_unended
    if absent or " / " in held.actual:  # nothing, or a list of lines
        return []
    best: tuple[int, list[int]] = (LEAST, [])
    for index, entry in enumerate(entries):
        text = entry.what.rstrip("\r\n")
        quoted = actual.endswith(text) or (is_unended and text.endswith(unended))
        if quoted and entry.who.startswith("server") and len(text) >= best[0]:
            best = len(text), [index]
    return best[1]
