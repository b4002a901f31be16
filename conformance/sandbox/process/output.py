"""What a program writes to stdout and stderr; a bounded part of it is kept."""

from __future__ import annotations

import os

KEPT_BYTES = 64 * 1024
"""Bytes kept of the beginning, and as many of the end: enough to quote."""

_AT_ONCE = 1024 * 1024
"""The most bytes that one call reads: a flood must not keep the caller from other work."""

_CHUNK = 64 * 1024


class Output:
    """The reading end of the pipe that is a program's stdout and stderr. Unless it is drained, by
    `loop.add_reader(output.fileno(), output.drain)` or now and then, a talkative program stops."""

    def __init__(self, fd: int, kept: int = KEPT_BYTES) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self.kept = kept
        """Bytes kept of the beginning, and of the end."""
        self._head = bytearray()
        self._tail = bytearray()
        self.total = 0
        """Bytes that the program has written and we have read."""
        self.ended = False
        """Whether no process holds the writing end any more: the program and its children are
        gone."""

    def fileno(self) -> int:
        return self._fd

    def drain(self) -> bool:
        """Read what is there, without waiting. False when nothing can come any more.

        After False, `fileno()` is to be removed from the event loop.
        """
        taken = 0
        while not self.ended and taken < _AT_ONCE:
            try:
                data = os.read(self._fd, _CHUNK)
            except BlockingIOError:
                break
            self.ended = not data
            taken += len(data)
            self._keep(data)
        return not self.ended

    def _keep(self, data: bytes) -> None:
        self.total += len(data)
        self._head += data[: self.kept - len(self._head)]
        self._tail += data
        if len(self._tail) > self.kept:
            del self._tail[: -self.kept]

    def head(self) -> str:
        """The beginning of what was written: at most 64 KiB."""
        return _text(bytes(self._head))

    def tail(self, lines: int = 20) -> str:
        """The last lines of what was written. Control characters are kept as they are."""
        return tail_of_text(_text(bytes(self._tail)), lines)

    def text(self) -> str:
        """Everything, or beginning and end with the number of bytes left out between."""
        if self.total <= len(self._head):
            return self.head()
        left_out = self.total - len(self._head) - len(self._tail)
        if left_out <= 0:
            return _text(bytes(self._head) + bytes(self._tail[-left_out - len(self._tail) :]))
        return f"{self.head()}\n… {left_out} bytes left out …\n{_text(bytes(self._tail))}"

    def close(self) -> None:
        self.ended = True
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def tail_of_text(text: str, lines: int = 20) -> str:
    """The last `lines` lines of `text`, without the line end of the last one."""
    return "\n".join(text.rstrip("\n").split("\n")[-lines:])


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
