"""What a connection keeps of a conversation: the lines that came, what was said, the end."""

from __future__ import annotations

from dataclasses import dataclass


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
    seen: int
    """When we had read it, in ns: the kernel's stamp of the read that brought it."""


@dataclass
class Said:
    """Something that the client did: bytes sent, or an event."""

    at: int
    who: str
    what: str


@dataclass
class Ending:
    """How a connection ended."""

    seen: int
    how: str
    """"FIN" or "RST"."""
