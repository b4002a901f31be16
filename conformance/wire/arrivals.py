"""What has come from the server on a TCP connection, and when: its lines, and its end.

When something *arrived* is known to the kernel: the capture tells it of each byte, the
socket's stamp of each read. Only where there is neither does our own clock tell it. By how
much a time may be too late is told with it. All times are seconds since the conversation began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from conformance.verdict.transcript import as_bytes, as_text
from conformance.wire.capture import Capture, Flow
from conformance.wire.lines import Ending, Line, Reads
from conformance.wire.recorder import Recorder, rounded_up

Span = tuple[int, int]
"""Where something begins in all that came, and where it ends."""


class Arrivals:
    """All that has come on one connection."""

    def __init__(self, flow: Flow, recorder: Recorder, capture: Capture | None) -> None:
        self.flow = flow
        """From the server to us: whose times the capture is asked for."""
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
        self.ending: Ending | None = None
        """How the server ended the connection; None while it has not."""
        self.connected_at = recorder.now()
        """When we knew that the connection stands."""

    def take(self, data: bytes, seen: float) -> None:
        """Takes in what a read has brought, which was `seen` then."""
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
        """Takes so many bytes of what is unfinished for a line, though no line end came."""
        text = as_text(bytes(self._pending[:length]))
        begins = self._received - len(self._pending)
        seen = self._reads.seen(begins + length)
        line = Line(text, "", begins, begins + length, seen)
        self.lines.append(line)
        del self._pending[:length]
        return line

    def take_apart(self, cut: Callable[[bytes, Sequence[int]], Iterable[Span]]) -> list[Line]:
        """All that has come in pieces of one's own, wherever its lines end: `cut` is given
        it, and the offsets behind each read, and says where the pieces begin and end. Each
        is a line, whose `arrival` can be asked, with the line end that it has."""
        told = b"".join(as_bytes(line.text + line.ending) for line in self.lines) + self._pending
        pieces = []
        for begins, ends in cut(told, self._reads.ends):
            text = as_text(told[begins:ends])
            bare = text.rstrip("\r\n")
            pieces.append(Line(bare, text[len(bare) :], begins, ends, self._reads.seen(ends)))
        return pieces

    # -- times ------------------------------------------------------------------

    def arrival(self, line: Line) -> float:
        """When the last byte of the line reached the host."""
        self._drain()
        return self._arrived(line)

    @property
    def opened_at(self) -> float:
        """When the server's host took the connection, however late we learnt it."""
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
        """Has the capture read what there is, before a time is asked of it."""
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
        """Seconds by which the line may have come before its `arrival`: we read it late."""
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
        """Seconds by which the server may have hung up before `closed_at`: no socket tells that."""
        if self._capture is not None and self._capture.closed(self.flow) is not None:
            return 0.0
        return rounded_up(self._recorder.delay()) if self.ending is not None else 0.0
