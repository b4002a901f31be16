"""How much of a submission or archive may be taken in, and what is refused as a bomb."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from conformance.submissions.recipe import TooMuch
from conformance.verdict.model import WrongCall

MAX_BYTES = 500 * 1024 * 1024
"""Bytes. A lab's program is a few KiB, its libraries a few MiB; more is a disk image or a bomb."""
MAX_ENTRIES = 20_000
"""Files and folders. Enough for a node_modules folder of a web framework."""
TAKING_IN_WITHIN = 60.0
"""Seconds for copying and unpacking 500 MiB; even a slow disk needs only a few."""

BOMB = 500
"""Ratio beyond which an archive that is too big is a bomb: programs pack ten to one, a log a
hundred to one, zeros a thousand to one."""


def too_big(what: str, size: int, packed: int) -> WrongCall:
    """The error for an archive that unpacks from `packed` to `size` bytes: WrongCall if it can
    only be a bomb, else TooMuch."""
    told = f"{what} holds more than {MAX_BYTES // 1024**2} MiB"
    if size > BOMB * packed:
        return WrongCall(f"{told}, packed into {packed:,} bytes: it is a bomb")
    return TooMuch(told)


@dataclass
class Intake:
    """What has been taken in so far, counted against the limits."""

    what: str
    """Name of what was handed in, for messages."""
    size: int = 0
    entries: int = 0
    notes: list[str] = field(default_factory=list)
    until: float = field(default_factory=lambda: time.monotonic() + TAKING_IN_WITHIN)
    """The deadline for taking it in (monotonic clock)."""

    def count(self, *, entries: int = 0, size: int = 0) -> None:
        """Counts these in. Raises TooMuch beyond a limit, that of time included."""
        self.entries += entries
        self.size += size
        self.expect()

    def expect(self, *, entries: int = 0, size: int = 0) -> None:
        """Raises TooMuch if so much more would be beyond a limit, or no time is left."""
        if self.entries + entries > MAX_ENTRIES:
            raise TooMuch(f"{self.what} holds more than {MAX_ENTRIES:,} files and folders")
        if self.size + size > MAX_BYTES:
            raise TooMuch(f"{self.what} holds more than {MAX_BYTES // 1024**2} MiB")
        if time.monotonic() > self.until:
            raise TooMuch(f"{self.what} was not taken in after {TAKING_IN_WITHIN:g} s")
