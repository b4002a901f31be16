"""What has come from the server on a TCP connection, and when: its lines and its end.

The kernel knows when something *arrived*: the capture has the time of each byte, the socket's stamp
that of each read. Our own clock is used only where there is neither. Each time can be asked how
much too late it may be. All times are seconds since the conversation began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from conformance.verdict.transcript import as_bytes, as_text
from conformance.wire.capture import Capture
from conformance.wire.lines import Ending, Line, Reads
from conformance.wire.recorder import Recorder, rounded_up
from conformance.wire.segment import Flow

Span = tuple[int, int]
"""Offsets of the start and the end of a piece in all that came."""

Cut = Callable[[bytes, Sequence[int]], Iterable[Span]]
"""Where the pieces of the data are; also given the end offset of each read."""


class Arrivals:
    def __init__(self, flow: Flow, recorder: Recorder, capture: Capture | None) -> None:
        self.flow = flow
        """The direction from the server to us, as the capture names it."""
        self._recorder = recorder
        self._capture = capture
        self._pending = bytearray()
        self._pending_seen = 0.0
        self._received = 0
        self._reads = Reads()
        self._stamped = False
        """Whether the kernel has stamped what was read."""
        self.lines: list[Line] = []
        """Every whole line that has come."""
        self._joined = bytearray()
        """The bytes of the first lines, as far as they were taken apart before."""
        self._joined_lines = 0
        self._gaps: list[Span] = []
        """Where the bytes were that were read and not kept: see `_drop`."""
        self._apart: tuple[int, Cut, tuple[Line, ...]] | None = None
        """How many bytes were taken apart last, how, and into which pieces."""
        self.ending: Ending | None = None
        """How the server ended the connection; None while it has not."""
        self.connected_at = recorder.now()
        """When we learnt that the connection is established."""

    def take(self, data: bytes, seen: float) -> None:
        """Takes in the data of one read; `seen` is its time."""
        self._pending += data
        self._pending_seen = seen
        begins = self._received + len(data) - len(self._pending)
        self._received += len(data)
        self._reads.add(self._received, seen)
        if b"\n" in data:
            *whole, rest = self._pending.split(b"\n")
            for raw in whole:
                ends = begins + len(raw) + 1
                crlf = raw.endswith(b"\r")
                text = as_text(bytes(raw[:-1] if crlf else raw))
                self.lines.append(Line(text, "\r\n" if crlf else "\n", begins, ends, seen))
                begins = ends
            self._pending = rest

    @property
    def unfinished(self) -> str:
        """What has come since the last line end."""
        return as_text(bytes(self._pending))

    @property
    def pending(self) -> int:
        """How many bytes have come since the last line end."""
        return len(self._pending)

    def cut(self, length: int) -> Line:
        """Takes the first `length` bytes of the unfinished text as a line without a line end."""
        text = as_text(bytes(self._pending[:length]))
        begins = self._received - len(self._pending)
        seen = self._reads.seen(begins + length)
        line = Line(text, "", begins, begins + length, seen)
        self.lines.append(line)
        del self._pending[:length]
        return line

    def take_apart(self, cut: Cut) -> list[Line]:
        """Cuts all that has come into pieces, whatever its line ends. `cut` is given the data and
        the end offset of each read, and returns where the pieces begin and end. Each piece becomes
        a Line with the line end that it has, so that its `arrival` can be asked.

        Asked again by the same `cut` before anything else has come, it answers at once."""
        if self._apart is not None and self._apart[:2] == (self._received, cut):
            return list(self._apart[2])
        self._join()
        told = bytes(self._joined + self._pending)
        pieces = []
        for begins, ends in cut(told, self._reads.ends):
            text = as_text(told[begins:ends])
            bare = text.rstrip("\r\n")
            pieces.append(Line(bare, text[len(bare) :], begins, ends, self._reads.seen(ends)))
        self._apart = (self._received, cut, tuple(pieces))
        return pieces

    def _join(self) -> None:
        """Joins the bytes of the lines that have come. A flood is asked for at each read: what was
        joined once is not joined again."""
        for line in self.lines[self._joined_lines :]:
            self._joined += as_bytes(line.text + line.ending)
        self._joined_lines = len(self.lines)

    # -- bytes ------------------------------------------------------------------

    @property
    def taken(self) -> int:
        """How many bytes have come, those that were not kept among them."""
        return self._received

    def bytes_from(self, offset: int) -> bytes:
        """All that has come from that byte on; of what was not kept, nothing."""
        self._join()
        first = self._kept_before(offset)
        if first >= len(self._joined):
            return bytes(self._pending[first - len(self._joined) :])
        return bytes(self._joined[first:] + self._pending)

    def piece(self, begins: int, ends: int) -> Line:
        """The bytes between these offsets as a Line, whose `arrival` can be asked, and which
        `shows` can point at."""
        kept = self._kept_before(ends) - self._kept_before(begins)
        text = as_text(self.bytes_from(begins)[:kept])
        bare = text.rstrip("\r\n")
        return Line(bare, text[len(bare) :], begins, ends, self._reads.seen(ends))

    def _drop(self, count: int, seen: float) -> None:
        """Counts bytes that have come and are not kept; what came before has ended."""
        begins = self._received
        if self._gaps and self._gaps[-1][1] == begins:
            begins = self._gaps.pop()[0]
        self._received += count
        self._gaps.append((begins, self._received))
        self._reads.add(self._received, seen)

    def _kept_before(self, offset: int) -> int:
        """How many of the bytes before that offset were kept."""
        gaps = (max(0, min(offset, ends) - begins) for begins, ends in self._gaps)
        return max(0, offset) - sum(gaps)

    # -- times ------------------------------------------------------------------

    def arrival(self, line: Line) -> float:
        """When the last byte of the line reached the host."""
        self._drain()
        return self._arrived(line)

    @property
    def opened_at(self) -> float:
        """When the server's host accepted the connection, however late we learnt of it."""
        self._drain()
        opened = self._capture.opened(self.flow) if self._capture is not None else 0
        return self._recorder.seconds(opened) if opened else self.connected_at

    @property
    def closed_at(self) -> float | None:
        """When the server's FIN or RST reached the host; None while it has not."""
        if self.ending is None:
            return None
        self._drain()
        closed = self._capture.closed(self.flow) if self._capture is not None else None
        return self._recorder.seconds(closed) if closed else self.ending.seen

    def _drain(self) -> None:
        """Lets the capture read what is waiting, before it is asked for a time."""
        if self._capture is not None:
            self._capture.drain()

    def _arrived(self, line: Line) -> float:
        captured = self._captured(line)
        return self._recorder.seconds(captured) if captured else line.seen

    def _captured(self, line: Line) -> int | None:
        """When the capture saw the last byte of the line (wall clock, ns), or None."""
        return self._capture.arrival(self.flow, line.ends - 1) if self._capture else None

    @property
    def stamped_by(self) -> str:
        if self._capture is not None:
            return "capture"
        return "kernel" if self._stamped else "clock"

    def uncertainty(self, line: Line) -> float:
        """Seconds by which the line may have come before its `arrival`, since we may have read it
        late."""
        self._drain()
        return self._uncertainty(line)

    def _uncertainty(self, line: Line) -> float:
        if self._captured(line) is not None:
            return 0.0
        late = self._recorder.delay()
        if self._stamped:
            earliest = self._reads.earliest(line.ends, self.connected_at)
            late = min(late, max(0.0, line.seen - earliest))
        return rounded_up(late)

    @property
    def clock_error(self) -> float:
        self._drain()
        return max((self._uncertainty(line) for line in self.lines), default=0.0)

    @property
    def close_error(self) -> float:
        """Seconds by which the server may have hung up before `closed_at`: sockets do not stamp a
        close."""
        if self._capture is not None and self._capture.closed(self.flow) is not None:
            return 0.0
        return rounded_up(self._recorder.delay()) if self.ending is not None else 0.0
