"""One direction of a TCP connection as the capture saw it: which byte arrived when."""

from __future__ import annotations

import bisect
from array import array

MAX_SEGMENTS = 400_000
"""Segments of one direction whose times are kept, in 16 bytes each: many times what the longest
conversation has. In a flood of tiny segments the rest is timed by our reads."""

_UNKNOWN = -1
"""The time of bytes that were not captured because the kernel had no room."""


class StreamTimes:
    """The arrival times of one direction's bytes; grows with each segment."""

    def __init__(self, first: int, opened: int = 0) -> None:
        """`first`: sequence number of its first byte (RFC 9293); its SYN came at `opened`."""
        self.first = first
        self.opened = opened
        self.closed: int | None = None
        """Time of its FIN or RST (ns); None while there is none."""
        self._ends = array("q")
        """Offset after each segment that brought something new, ascending."""
        self._times = array("q")
        self._known = 0
        """Offset after the last byte that is known."""

    def segment(self, sequence: int, length: int, at: int) -> bool:
        """Adds a segment; returns whether all that came before it has been captured."""
        # Sequence numbers wrap: of the possible offsets, take the one nearest to what we know.
        ahead = (sequence - self.first - self._known + 2**31) % 2**32 - 2**31
        end = self._known + ahead + length
        if length and ahead > 0:
            self._add(self._known + ahead, _UNKNOWN)
        if length and end > self._known:
            self._add(end, at)
        return ahead <= 0

    def _add(self, end: int, at: int) -> None:
        self._known = end
        if len(self._ends) < MAX_SEGMENTS:
            self._ends.append(end)
            self._times.append(at)

    def arrival(self, offset: int) -> int | None:
        """When the byte at `offset` crossed the wire, in ns; None if unknown."""
        index = bisect.bisect_right(self._ends, offset)
        if index == len(self._ends) or self._times[index] == _UNKNOWN:
            return None
        return self._times[index]
