"""What comes again and again: arrivals that a clause wants a period apart. Pure.

Recorded by the conversation beside its transcript, so that every report can show the
times that a verdict rests on.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Series:
    """Arrivals of one kind, and the rhythm that was asked of them."""

    what: str
    """What came, in the singular: "line", "beacon"."""
    period: float
    """Seconds from one to the next."""
    tolerance: float
    """Seconds by which a gap may be shorter or longer, our clock's own error included."""
    times: tuple[float, ...]
    """When each arrived, in seconds since the conversation began."""
    count: int = 0
    """How many should have come while somebody listened; 0 where nobody knows."""

    @property
    def gaps(self) -> list[float]:
        """Seconds between neighbours: the first is that between the first two."""
        return [after - before for before, after in pairwise(self.times)]

    def is_off(self, gap: float) -> bool:
        """Whether a gap of so many seconds is longer or shorter than it may be."""
        return abs(gap - self.period) > self.tolerance

    @property
    def missing(self) -> int:
        """How many did not come."""
        return max(0, self.count - len(self.times))
