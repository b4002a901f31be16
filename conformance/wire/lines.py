"""What a connection keeps of a conversation: its lines and its end.

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
    """Offset after its line end."""
    seen: float
    """When we read it, by the kernel's stamp of that read."""


@dataclass
class Reads:
    """What each read has brought, and when."""

    ends: list[int] = field(default_factory=list)
    """Offset after the last byte of each read."""
    times: list[float] = field(default_factory=list)
    """The time of each read, by the clock that stamped it."""

    def add(self, end: int, at: float) -> None:
        self.ends.append(end)
        self.times.append(at)

    def seen(self, end: int) -> float:
        """When the byte before the offset `end` had come."""
        return self.times[bisect.bisect_left(self.ends, end)]

    def earliest(self, end: int, opened: float) -> float:
        """The earliest time at which that byte can have come, on a connection `opened` at that
        time. A stamp is that of the last byte of a read; the others came at some time since the
        read before."""
        read = bisect.bisect_left(self.ends, end)
        if self.ends[read] == end:
            return self.times[read]
        return self.times[read - 1] if read else opened


@dataclass
class Ending:
    seen: float
    how: str
    """"FIN" or "RST"."""
