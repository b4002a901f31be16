"""What a connection keeps of a conversation: the lines that came, and the end.

All times are seconds since the conversation began.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field


@dataclass
class Line:
    """A line that the server sent."""

    text: str
    """Without its line end; surrogate-escaped where it is not UTF-8."""
    ending: str
    """"\\n", "\\r\\n", or "" for what came after the last line end."""
    begins: int
    """Offset of its first byte in the stream."""
    ends: int
    """Offset behind its line end."""
    seen: float
    """When we had read it: the kernel's stamp of the read that brought it."""


@dataclass
class Reads:
    """What each read has brought, and when."""

    ends: list[int] = field(default_factory=list)
    """Offset behind the last byte of each."""
    times: list[float] = field(default_factory=list)
    """By the clock that stamped it."""

    def add(self, end: int, at: float) -> None:
        self.ends.append(end)
        self.times.append(at)

    def seen(self, end: int) -> float:
        """When the byte before the offset `end` had come."""
        return self.times[bisect.bisect_left(self.ends, end)]

    def earliest(self, end: int, opened: float) -> float:
        """When that byte may have come at the earliest, on a connection that was `opened` then: a
        stamp is that of the last byte of its read; the others came since the read before."""
        read = bisect.bisect_left(self.ends, end)
        if self.ends[read] == end:
            return self.times[read]
        return self.times[read - 1] if read else opened


@dataclass
class Ending:
    """How a connection ended."""

    seen: float
    how: str
    """"FIN" or "RST"."""
