"""What was seen of a fault, as data. Pure.

A symptom comes from the evidence, never from the clause: hints, the sentence that several failures
have in common, and what a report shows of a conversation follow from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Sign(StrEnum):
    """One thing that can be seen of a faulty program."""

    NOTHING = "nothing came"
    """The connection stood, and nothing of what was awaited came. Facts, among them: `came to`, the
    client that got it instead; `mixed with`, another whose text came in the midst of it; `served`
    and `unserved`, how many had all their answers, and how many none."""
    LATE = "late by itself"
    """It came, without anything more from us, after its deadline."""
    AT_END = "only at the end"
    """It came when we had ended our direction of the connection, or left. Fact: `answered`, where
    other lines of this client had been answered before."""
    UNENDED = "no end of line"
    """The right text came, and no end of line behind it."""
    CUT = "cut short"
    """The beginning of the right text came. Facts: `after`, `unit` (bytes, characters, lines);
    `pointer`, where it was as many bytes as a pointer has."""
    OTHERS = "another client's text"
    """The text that another client should have got. Fact: `client`, whose it is."""
    MISNAMED = "under a wrong name"
    """The right text came, said to be from somebody else. Facts: `name`, `right`."""
    DOUBLED = "twice"
    """It came more often than once. Fact: `times`."""
    LOST = "left out"
    """What belongs behind it came, and not itself."""
    OVERTAKEN = "out of order"
    """It came behind something that belongs behind it."""
    EXTRA = "more than asked for"
    """Right as far as it goes, and more came."""
    FORM = "another text"
    """Something else came, of which nothing better can be said. Fact: `missing`, the characters
    that were left out, where nothing else was changed."""
    UNCHANGED = "as it was sent"
    """The text came back, and was not transformed."""
    CR = "taken with the CR"
    """The carriage return was taken for a part of the text. Fact: `where`."""
    ENCODING = "another encoding"
    """What is not ASCII became something else. Facts: `encoding`, `sent`, `came` (a character)."""
    EXCEPTION = "an exception"
    """The program printed one while this was tried: see `Thrown`."""
    ENDED = "the program ended"
    """Fact: `how`, the exit status or the signal."""
    CLOSED = "closed too early"
    """The server closed the connection. Facts: `after` (seconds), `lines`; `timed out`, where the
    program printed that something did."""
    OPEN = "never closed"
    """The server kept a connection that it should have ended."""
    REFUSED = "connection refused"
    NOT_ACCEPTED = "never accepted"
    """The connection stood in the accept queue. Fact: `waiting`, how many."""
    ONE_ADDRESS = "bound to one address"
    """Fact: `address`. Clients of other hosts cannot reach it."""
    OTHER_PORT = "another port"
    """Facts: `port`, `asked`."""
    SWAPPED_PORT = "the port's bytes swapped"
    """Facts: `port`, `asked`: the number was not put into network byte order."""
    OTHER_PROTOCOL = "another protocol"
    """UDP instead of TCP, or the other way round. Fact: `protocol`."""
    NO_PORT = "no port opened"
    RHYTHM = "another rhythm"
    """Times between neighbours that are too long or too short. Fact: `gap` (seconds)."""
    WRONG_TIME = "another time"
    """A moment that is not now. Fact: `off` (seconds)."""
    NO_VISIT = "never connected"
    """A client made no connection."""
    ELSEWHERE = "connected elsewhere"
    """A client connected to something else. Facts: `where`, `asked`."""
    UNSAID = "sent nothing"
    """A client connected, and no byte came."""
    UNFINISHED = "no blank line"
    """What a client sent does not end in a blank line."""
    UNPRINTED = "printed nothing"
    """Nothing of what was sent stands in the program's output. Fact: `read`, where it was read."""
    PRINTED_IN_PART = "printed in part"
    """The beginning of what was sent. Facts: `lines`, `of`."""
    MISPRINTED = "printed otherwise"
    """What was sent stands in the output in another form. Fact: `line`."""
    STAYS = "never ended"
    """The program did not end by itself."""


@dataclass(frozen=True)
class Symptom:
    """What was seen of one fault."""

    sign: Sign
    client: str = ""
    """The client that it was seen at, as the transcript calls it; "" where it is none's."""
    facts: Mapping[str, str | int | float] = field(default_factory=dict)
    """Beside it what is known of it, by the names that the sign's description has."""


TELLING = 40
"""Characters of an entry that tell it from others of its time."""


@dataclass(frozen=True)
class Moment:
    """An entry of the transcript that proves a fault, or a silence that does."""

    at: float
    """Seconds since the conversation began."""
    who: str = ""
    """As in the entry, "suite" of a remark; of a silence, the client that heard nothing. "" where
    only the time is known."""
    what: str = ""
    """How the entry's text begins, which tells it from others of that time; "" where unknown."""
    silence: float = 0.0
    """Seconds of silence that began then; 0 where it is an entry. What was said last before the
    silence belongs to the proof."""


@dataclass(frozen=True)
class Thrown:
    """An exception that the program printed itself."""

    name: str
    """Its type, as the language calls it: `NullPointerException`."""
    message: str = ""
    file: str = ""
    """The student's own file in which it arose, relative to what was handed in; "" where no frame
    is in one."""
    line: int = 0
    before: bool = False
    """Printed before the conversation began."""
    after: bool = False
    """Printed only when the conversation had failed, and its clients left: no cause of that."""


@dataclass(frozen=True)
class Stood:
    """What one thread of the program did while it was waited for."""

    does: str
    """`waits in recv`, `runs`, `sleeps`: the system call or the state, in words."""
    on: str = ""
    """The client of the transcript, the file or the lock that it waits for; "" where unknown."""
    name: str = ""
    """The thread's name, where it has one of its own."""
    file: str = ""
    """The innermost of the student's own files on its stack."""
    line: int = 0
    source: str = ""
    """The text of that line."""
    alike: int = 1
    """So many threads do the same."""
