"""The conversation of each client, taken out of a transcript: what it sent and got, and when it
came, said its last, and was hung up on. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from conformance.verdict.transcript import REMARK, Entry, Transcript, overheard

_TO = re.compile(r"server(?: to (.+))?")
_ENDED = re.compile(r"(.+?) (?:closed its sending side|left|closed its connection)")
_CONNECTS = re.compile(r"(.+?) connects")
_CLOSED = re.compile(r"the server (?:closed|reset|lost) the connection(?: \(RST\))?(?: of (.+))?")
FIRST = "client"
"""The first client's name where it has no other: what is sent to it comes from "server"."""

_ENOUGH = 5
"""Letters of a line by which it can be known again in another."""


@dataclass
class Exchange:
    """What one client said and heard: (seconds, text without its end)."""

    name: str
    connected_at: float = 0.0
    over_tcp: bool = False
    sent: list[tuple[float, str]] = field(default_factory=list)
    got: list[tuple[float, str]] = field(default_factory=list)
    ended_at: float | None = None
    """When it ended its direction, or left; None while it did not."""
    closed_at: float | None = None
    """When the server ended the connection."""
    unfinished: str = ""
    """What it has sent of a line that is not whole yet."""

    @property
    def replies(self) -> list[str]:
        """The lines that came after its first word."""
        began = self.sent[0][0] if self.sent else self.connected_at
        return [text for at, text in self.got if at >= began]

    def spoke_before(self, moment: float) -> float:
        """When it last sent something, or came, before that moment."""
        return max([self.connected_at, *(at for at, _ in self.sent if at <= moment)])

    def is_apart_from(self, other: Exchange) -> bool:
        """Whether the two were not connected at the same time."""
        one, two = sorted((self, other), key=lambda talk: talk.connected_at)
        return one.ended_at is not None and one.ended_at <= two.connected_at

    def times(self, text: str) -> int:
        """How often that text came."""
        return sum(came == text for _, came in self.got)

    def came_at_the_end(self, text: str, others: Sequence[Exchange] = ()) -> bool:
        """Whether the text came only after the client had ended its direction, and no other client
        was there, for whose end it may have waited."""
        came = [at for at, got in self.got if got == text]
        if not came or self.ended_at is None or min(came) < self.ended_at:
            return False
        return all(one.is_apart_from(self) for one in others)

    def was_answered_before(self, moment: float) -> bool:
        """Whether a line came that holds one of its own."""
        return any(at < moment and self.line_in(text) is not None for at, text in self.got)

    def was_served_before(self, moment: float) -> bool:
        """Whether each of its lines was answered."""
        answered = {self.line_in(text) for at, text in self.got if at < moment}
        said = [place for place, (at, _) in enumerate(self.sent) if at < moment]
        return answered.issuperset(said)

    def by_itself(self, text: str) -> bool:
        """Whether the text came without anything more from the client than the line that it
        answers."""
        came = [at for at, got in self.got if got == text]
        due = self.line_in(text)
        if not came or due is None or (self.ended_at is not None and self.ended_at <= came[0]):
            return False
        return self.sent[due][0] == self.spoke_before(came[0])

    def answered_before(self, text: str) -> int | None:
        """The place of the line that is answered behind this text, which belongs before it; None
        where there is none."""
        due = self.line_in(text)
        texts = [came for _, came in self.got]
        if due is None or text not in texts:
            return None
        behind = [self.line_in(came) for came in texts[texts.index(text) + 1 :]]
        early = [place for place in behind if place is not None and place < due]
        return early[0] + 1 if early else None

    def line_in(self, text: str) -> int | None:
        """The place of the one line of this client that the text holds, whatever its case; None
        where it holds none, or several."""
        folded = text.casefold()
        found = [
            place
            for place, (_, line) in enumerate(self.sent)
            if len(line.strip()) >= _ENOUGH and line.strip().casefold() in folded
        ]
        return found[0] if len(found) == 1 else None

    def says(self, entry: Entry) -> None:
        if not self.over_tcp:  # a datagram is whole
            self.sent.append((entry.at, entry.what.removesuffix("\n")))
            return
        *whole, self.unfinished = (self.unfinished + entry.what).split("\n")
        self.sent += [(entry.at, line.removesuffix("\r")) for line in whole]


def is_whole(transcript: Transcript) -> bool:
    """Whether no entries were left out, so that what is not in it did not come."""
    return not any(entry.is_remark and "entries left out" in entry.what for entry in transcript)


def exchanges(transcript: Transcript) -> list[Exchange]:
    """The conversation of each client, in the order in which they came."""
    found: dict[str, Exchange] = {}

    def of(name: str) -> Exchange:
        return found.setdefault(name, Exchange(name))

    first = _first(transcript)
    for entry in transcript:
        if overheard(entry.who):
            continue
        if not entry.is_remark:
            if to := _TO.fullmatch(entry.who):
                text = entry.what.removesuffix("\n").removesuffix("\r")
                of(to[1] or first).got.append((entry.at, text))
            else:
                of(entry.who).says(entry)
        elif match := _CONNECTS.fullmatch(entry.what):
            talk = of(match[1])
            talk.connected_at, talk.over_tcp = entry.at, True
        elif match := _ENDED.fullmatch(entry.what):
            talk = of(match[1])
            talk.ended_at = entry.at if talk.ended_at is None else talk.ended_at
        elif match := _CLOSED.fullmatch(entry.what):
            of(match[1] or first).closed_at = entry.at
    for talk in found.values():
        if talk.unfinished:  # the last line has no end
            talk.sent.append((talk.ended_at or 0.0, talk.unfinished))
    return list(found.values())


def _first(transcript: Transcript) -> str:
    """What the first client is called: a UDP client may have a name of its own."""
    for entry in transcript:
        if entry.who != REMARK and not (_TO.fullmatch(entry.who) or overheard(entry.who)):
            return FIRST if entry.who.startswith(FIRST) else entry.who
    return FIRST
