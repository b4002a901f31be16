"""What a program writes to stdout and stderr; a bounded part of it is kept."""

from __future__ import annotations

import errno
import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

KEPT_BYTES = 64 * 1024
"""Bytes kept of the beginning, and as many of the end: enough to quote."""

_AT_ONCE = 1024 * 1024
"""The most bytes that one call reads: a flood must not keep the caller from other work."""

_CHUNK = 64 * 1024

MAX_TIMES = 4_096
"""Readings of which the time is kept; of older output it is known only that it is older."""
MAX_ASIDE = 4 * 1024 * 1024
"""Bytes that are kept `aside`: the thread dump of a thousand threads."""


class Output:
    """The reading end of the pipe, or of the terminal, that is a program's stdout and stderr.
    Unless it is drained, by `loop.add_reader(output.fileno(), output.drain)` or now and then, a
    talkative program stops."""

    def __init__(self, fd: int, kept: int = KEPT_BYTES) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self.kept = kept
        """Bytes kept of the beginning, and of the end."""
        self._head = bytearray()
        self._tail = bytearray()
        self.total = 0
        """Bytes that the program has written and we have read."""
        self._times: deque[tuple[int, int]] = deque(maxlen=MAX_TIMES)
        """(time in ns, `total` after it) of the latest readings."""
        self.ended = False
        """Whether no process holds the writing end any more: the program and its children are
        gone."""
        self._aside: bytearray | None = None

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
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                data = b""  # of a terminal: nobody holds the program's side any more
            self.ended = not data
            taken += len(data)
            self._keep(data)
        if taken:
            self._times.append((time.time_ns(), self.total))
        return not self.ended

    def take(self, data: bytes) -> None:
        """Takes in what somebody else has read of the same descriptor."""
        self._keep(data)
        self._times.append((time.time_ns(), self.total))

    @contextmanager
    def aside(self) -> Iterator[bytearray]:
        """In this block, what the program writes is drained into the bytes that this returns, up to
        a bound, and is no part of its output: it is what we have asked it for."""
        self.drain()
        self._aside = bytearray()
        try:
            yield self._aside
        finally:
            self._aside = None

    def _keep(self, data: bytes) -> None:
        if self._aside is not None:
            self._aside += data[: max(0, MAX_ASIDE - len(self._aside))]
            return
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

    def whole(self) -> bytes:
        """Everything, as it was written; of too much, the beginning and the end, joined by a
        line end."""
        left_out = self.total - len(self._head) - len(self._tail)
        if left_out > 0:
            return bytes(self._head) + b"\n" + bytes(self._tail)
        return bytes(self._head) + bytes(
            self._tail[len(self._tail) - (self.total - len(self._head)) :]
        )

    def text(self) -> str:
        """Everything, or beginning and end with the number of bytes left out between."""
        if self.total <= len(self._head):
            return self.head()
        left_out = self.total - len(self._head) - len(self._tail)
        if left_out <= 0:
            return _text(bytes(self._head) + bytes(self._tail[-left_out - len(self._tail) :]))
        return f"{self.head()}\n… {left_out} bytes left out …\n{_text(bytes(self._tail))}"

    def unended(self, since: int = 0, most: int = 200) -> str:
        """What was written since the last line end, behind the first `since` bytes; "" where that
        is more than `most` bytes."""
        new = min(most + 1, self.total - since)
        last = bytes(self._tail[len(self._tail) - new :]).rpartition(b"\n")[2]
        return _text(last) if len(last) <= most else ""

    def written_by(self, moment: int) -> int:
        """Bytes that had been written at that moment (ns since 1970), as far as they were read."""
        earlier = 0
        for at, total in self._times:
            if at > moment:
                break
            earlier = total
        return earlier

    def between(self, first: int, last: int) -> str:
        """What was written behind the first `first` bytes, and not behind `last`, as far as it is
        kept, with the number of bytes left out."""
        kept_from = self.total - len(self._tail)
        beginning = self._head[first : min(last, kept_from)]
        end = self._tail[max(first - kept_from, 0) : max(last - kept_from, 0)]
        left_out = max(last - first, 0) - len(beginning) - len(end)
        gap = f"\n… {left_out} bytes left out …\n".encode() if left_out > 0 else b""
        return _text(bytes(beginning) + gap + bytes(end))

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
