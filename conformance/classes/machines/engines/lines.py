"""What comes of a process that is elsewhere: lines, of bytes in pieces; and how it has ended."""

from __future__ import annotations

from conformance.classes.machines.messages import MAX_LINE_BYTES


class WholeLines:
    """Cuts what one shard tells into whole lines."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def of(self, data: bytes) -> list[bytes]:
        """The lines that are whole now. Of one that is longer than any message only the beginning
        is kept: it is no message anyway."""
        *whole, rest = data.split(b"\n")
        lines = []
        for piece in whole:
            self._keep(piece)
            lines.append(b"".join(self._pieces))
            self._pieces, self._size = [], 0
        self._keep(rest)
        return lines

    def _keep(self, piece: bytes) -> None:
        piece = piece[: max(0, MAX_LINE_BYTES + 1 - self._size)]
        if piece:
            self._pieces.append(piece)
            self._size += len(piece)


def how_ended(status: int, complaint: str) -> str:
    """Why a shard is lost, by the status of its process (negative: by which signal) and what it has
    written to its standard error; "" if it has ended well."""
    if status == 0:
        return ""
    how = f"killed by signal {-status}" if status < 0 else f"ended with status {status}"
    return f"{how}: {complaint.splitlines()[-1][:300]}" if complaint else how
