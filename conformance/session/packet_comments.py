"""Comments on the packets of a capture: which step of which scenario each belongs to, and which
packets prove a failure. Wireshark shows them, and can look for them (`frame.comment`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter

from conformance.verdict.model import Attempt, Clause
from conformance.verdict.proof import marked
from conformance.verdict.transcript import Entry, shorten
from conformance.wire.packets import Packet
from conformance.wire.recorder import NANOSECONDS

PROOF = "PROOF"
"""How the comment on a packet that proves a failure begins, and no other."""

MAX_QUOTED = 200
"""Characters quoted of a text: the packet has all of it."""

NEAR = 50_000_000
"""Nanoseconds by which a step may be before or behind its packet. What a server sends has the time
of its packet; what a client does has that of the call."""

MAX_LOOKED_AT = 500
"""Packets that are looked at for one step: in a flood, tens of thousands are near it."""

_KEY = 48
"""Bytes by which a text is found in a packet."""

_PAYLOAD = 42
"""Bytes of the shortest headers: Ethernet, IPv4 and UDP."""

_SYN, _ENDS = 0x02, 0x05
"""Flags of a TCP segment that begins a connection, and of one that ends it (FIN, RST)."""


def comments_on(
    packets: Sequence[Packet], clause: Clause, attempt: Attempt, began: int
) -> Mapping[int, Sequence[str]]:
    """Comments by the index of the packet. `packets` are in the order of time; `began` is when the
    conversation began (ns). A step whose packet is not known has none."""
    entries = attempt.transcript.entries
    proof = _proof(attempt)
    name = f"{clause.number} {clause.scenario.replace('_', ' ')}"
    comments: dict[int, list[str]] = {}
    for index, entry in enumerate(entries):
        place = _place(entry, packets, began)
        if place is None:
            continue
        step = f"{name}, step {index + 1} of {len(entries)}"
        told = f"{step}: {_said(entry)}"
        if index in proof:
            told = f"{PROOF} of {told}{proof[index]}"
        comments.setdefault(place, []).append(told)
    return comments


def _said(entry: Entry) -> str:
    return f"{printable(entry.who)}: {printable(shorten(entry.what, MAX_QUOTED))}"


def _proof(attempt: Attempt) -> Mapping[int, str]:
    """What is to be said of each entry that the failure rests on, by its index; of a silence, of
    the last entry before it."""
    proof = marked(attempt)
    sides = {"expected": attempt.expected, "actual": attempt.actual}
    told = "; ".join(
        f"{side} {printable(shorten(text, MAX_QUOTED))}" for side, text in sides.items()
    )
    found = {index: f" ({told})" for index in proof.entries}
    for silence in proof.silences:
        if silence.before > 0:
            found[silence.before - 1] = f"; then nothing for {silence.seconds:.3f} s ({told})"
    return found


def _place(entry: Entry, packets: Sequence[Packet], began: int) -> int | None:
    """The index of the packet that is nearest to it in time, of those that hold its text or, of a
    remark, begin or end a connection."""
    nearest = list(_nearest(began + round(entry.at * NANOSECONDS), packets))
    if entry.is_remark:
        flags = _SYN if "connects" in entry.what else _ENDS
        return next((index for index in nearest if _flags(packets[index].data) & flags), None)
    whole = entry.what.encode("utf-8", "surrogateescape")
    for key in dict.fromkeys((whole[-_KEY:], whole[:_KEY])):  # its time is that of its end
        for index in nearest:
            if packets[index].data.find(key, _PAYLOAD) >= 0:
                return index
    return None


def _nearest(at: int, packets: Sequence[Packet]) -> Iterator[int]:
    """The indices of the packets near that time, the nearest first."""
    after = bisect_left(packets, at, key=attrgetter("at"))
    before = after - 1
    for _ in range(MAX_LOOKED_AT):
        sooner = at - packets[before].at if before >= 0 else NEAR + 1
        later = packets[after].at - at if after < len(packets) else NEAR + 1
        if min(sooner, later) > NEAR:
            return
        if later <= sooner:
            yield after
            after += 1
        else:
            yield before
            before -= 1


def _flags(frame: bytes) -> int:
    """The flags of a TCP segment in an Ethernet frame; 0 of anything else."""
    if frame[12:14] == b"\x08\x00" and frame[23:24] == b"\x06":
        at = 14 + 4 * (frame[14] & 0x0F) + 13
    elif frame[12:14] == b"\x86\xdd" and frame[20:21] == b"\x06":
        at = 14 + 40 + 13
    else:
        return 0
    return frame[at] if len(frame) > at else 0


def printable(text: str) -> str:
    """`text` on one line, as Wireshark writes it: \\r\\n for line ends, \\xNN for bytes that are no
    text. Safe to print: it contains no control characters."""
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if 0xDC80 <= ord(char) <= 0xDCFF:  # a byte, as PEP 383 keeps it
        return f"\\x{ord(char) - 0xDC00:02x}"
    if char.isprintable() and char != "\\":
        return char
    return char.encode("unicode_escape").decode("ascii")
