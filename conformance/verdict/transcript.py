"""Who said what, when, and in what rhythm: the conversation of one scenario. Pure.

Times are seconds since the conversation began, as the kernel stamped the segment that carried the
bytes (or by the clock that `Transcript.clock` names).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from conformance.verdict.symptoms import Moment

REMARK = "suite"
"""The `who` of an entry that is an event or a remark, not bytes."""


OVERHEARD = " > "
"""Between who sends and where to, in the `who` of a datagram that was no client's and not for us:
`piano > 239.255.22.5:9907`."""


def overheard(who: str) -> str:
    """The program whose datagram was overheard; "" where it is what our clients heard or said."""
    return who.partition(OVERHEARD)[0] if OVERHEARD in who else ""


@dataclass(frozen=True)
class Entry:
    """One line, one piece of data, or one event."""

    at: float
    who: str
    """"client", "client 2", …: bytes from it; "server": bytes to "client";
    "server to client 2"; "suite": a remark ("client 2 connected")."""
    what: str
    """The text, with its line end. Bytes that are not UTF-8 are surrogate-escaped
    (PEP 383), so that nothing is lost."""

    @property
    def is_remark(self) -> bool:
        return self.who == REMARK


@dataclass(frozen=True)
class Series:
    """Arrivals of one kind, and the rhythm that they should have. Recorded beside the entries, so
    that every report can show the times that a verdict rests on."""

    what: str
    """What came, in the singular: "line", "beacon"."""
    period: float
    """Seconds from one to the next."""
    tolerance: float
    """Seconds by which a gap may be shorter or longer, our clock's error included."""
    times: tuple[float, ...]
    """When each arrived, in seconds since the conversation began."""
    count: int = 0
    """How many should have come while we listened; 0 if unknown."""

    @property
    def gaps(self) -> list[float]:
        """Seconds between neighbours, in order."""
        return [after - before for before, after in pairwise(self.times)]

    def is_off(self, gap: float) -> bool:
        """Whether a gap of so many seconds is too long or too short."""
        return abs(gap - self.period) > self.tolerance

    @property
    def missing(self) -> int:
        """How many did not come."""
        return max(0, self.count - len(self.times))


@dataclass(frozen=True)
class Transcript:
    """The entries of one conversation, in the order of their times."""

    entries: tuple[Entry, ...] = ()
    clock: str = "clock"
    """The least exact clock that was used. "capture": the kernel's time of each segment; "kernel":
    its time of the last byte of each read; "clock": when the suite saw it."""
    clock_error: float = 0.0
    """Seconds by which that clock may have been off, at most."""
    series: tuple[Series, ...] = ()
    """What came in a rhythm."""

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


MAX_ENTRIES = 400
"""Entries kept; beyond this, the middle is left out, so that a flood does not fill the disk."""

AROUND = 60
"""Entries kept before and after each that proves a fault: where twenty clients talk at the same
time, a few of each."""

MAX_PROOF = 8
"""Entries that prove a fault, around which others are kept."""

MAX_TEXT = 2_000
"""Characters kept of one entry: enough for any line that a person would read."""

MAX_TOGETHER = 200_000
"""Characters of all entries together above which less is kept of each: a flood must not swamp the
reader."""
MAX_TEXT_OF_MANY = 400
"""Characters kept of each entry then."""


def shorten(text: str, most: int = MAX_TEXT) -> str:
    """`text`; if it is too long, its beginning and end with the number of characters between
    them."""
    if len(text) <= most:
        return text
    head, tail = most * 3 // 4, most // 4
    return f"{text[:head]} …({len(text) - head - tail} characters)… {text[-tail:]}"


def assemble(
    entries: Iterable[Entry],
    clock: str,
    *,
    clock_error: float = 0.0,
    series: Iterable[Series] = (),
    proof: Iterable[Moment] = (),
) -> Transcript:
    """A transcript in the order of time (stable), shortened if it is too long. What is around the
    `proof` of a fault is kept."""
    ordered = sorted(entries, key=lambda entry: entry.at)
    if len(ordered) > MAX_ENTRIES:
        ordered = list(_without_most(ordered, proof))
    together = sum(min(len(entry.what), MAX_TEXT) for entry in ordered)
    most = MAX_TEXT if together <= MAX_TOGETHER else MAX_TEXT_OF_MANY
    kept = tuple(Entry(entry.at, entry.who, shorten(entry.what, most)) for entry in ordered)
    return Transcript(kept, clock, clock_error, tuple(series))


def _without_most(ordered: Sequence[Entry], proof: Iterable[Moment]) -> Iterator[Entry]:
    """The first and the last entries, and those around the proof; a remark where some are left
    out."""
    half, count = MAX_ENTRIES // 2, len(ordered)
    times = [entry.at for entry in ordered]
    kept = {*range(half), *range(count - half, count)}
    for moment in islice(proof, MAX_PROOF):
        begin = bisect_left(times, moment.at) - AROUND
        end = bisect_right(times, moment.at + moment.silence) + AROUND
        near = range(max(0, begin), min(count, end))
        kept.update([*near[: 2 * AROUND], *near[-2 * AROUND :]])
    after = 0
    for at in sorted(kept):
        if left_out := at - after:
            yield Entry(times[after], REMARK, f"… {left_out} more entries left out here …")
        yield ordered[at]
        after = at + 1


def as_text(data: bytes) -> str:
    """Bytes from the wire as text that loses nothing (PEP 383)."""
    return data.decode("utf-8", "surrogateescape")


def as_bytes(text: str) -> bytes:
    """The bytes that `as_text` was made from."""
    return text.encode("utf-8", "surrogateescape")
