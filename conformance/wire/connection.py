"""A TCP connection of ours: what is sent, what has come, how it ended, and when.

Everything that arrives is recorded as it comes; when it *arrived* is known to the
kernel (see `capture`). What a scenario expects of it stands in `client`.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
from collections.abc import Callable, Iterable

from conformance.model import Fault, Violation
from conformance.transcript import REMARK, as_bytes, as_text
from conformance.wire.capture import SO_TIMESTAMPNS, Capture, Flow, stamp
from conformance.wire.lines import Ending, Line, Reads, Said
from conformance.wire.recorder import NANOSECONDS, Recorder, now, rounded_up

PATIENCE = 5.0
"""Seconds that every wait without a deadline of its own takes (labs: "waits 5 s")."""

READ_SIZE = 256 * 1024
STUCK = 0.3
"""Seconds without progress after which a server no longer reads what a client sends."""

PASSING = 0.3
"""Seconds between the close of a program's sockets and the news of its end, at most: the
kernel does one after the other, and who waits for it has to be woken."""

PARTING = 0.5
"""Seconds that a client which leaves gives the server to say its last words and hang
up, so that no unread data turns our close into a reset."""


class Connection:
    """One TCP connection to the server."""

    def __init__(
        self,
        wire: socket.socket,
        server: tuple[str, int],
        recorder: Recorder,
        *,
        began: int,
        capture: Capture | None = None,
        scale: float = 1.0,
        why_gone: Callable[[], str] = lambda: "",
    ) -> None:
        """`wire` is a non-blocking socket that has connected to `server`, which it `began`
        to do at that time in ns; `scale` stretches every wait; `why_gone` tells what
        became of the program, where that explains a close."""
        self._wire = wire
        self._recorder = recorder
        self._capture = capture
        self._scale = scale
        self._why_gone = why_gone
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._pending = bytearray()
        self._pending_seen = 0
        self._received = 0
        self._reads = Reads()
        self._stamped = False
        self._reading = False
        self._flooded = False
        """So much has come in this conversation that nothing more is read."""
        self.lines: list[Line] = []
        """Every whole line that has come."""
        self._said: list[Said] = []
        self.ending: Ending | None = None
        """How the server ended the connection; None while it has not."""
        self.sent_at = 0
        """When the last of what was sent had left us, in ns."""
        self.number = recorder.join(self)
        self.name = "client" if self.number == 1 else f"client {self.number}"
        # Not getpeername: the server may have reset the connection already.
        self._flow: Flow = (*server, *wire.getsockname()[:2])
        self.connected_at = now()
        self._said.append(Said(began, REMARK, f"{self.name} connects"))
        with contextlib.suppress(OSError):  # not on every system
            wire.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        with contextlib.suppress(OSError):  # each send is a segment of its own
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    # -- receiving --------------------------------------------------------------

    def start_reading(self) -> None:
        readable = self._wire.fileno() >= 0 and self.ending is None and not self._flooded
        if not self._reading and readable:
            self._reading = True
            self._loop.add_reader(self._wire, self._read)

    def stop_reading(self) -> None:
        """From here on the server's words stay in the kernel's buffers."""
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._wire)

    def _read(self) -> None:
        try:
            data, ancillary, _, _ = self._wire.recvmsg(READ_SIZE, 64)
        except BlockingIOError:
            return
        except OSError as error:
            how = "RST" if isinstance(error, ConnectionResetError) else str(error)
            self._ended(how)
            return
        if not data:
            self._ended("FIN")
            return
        at = stamp(ancillary)
        self._stamped = self._stamped or at > 0
        self._take(data, at or now())
        if not self._recorder.has_room(data):
            self.stop_reading()
            self._flooded = True
            self.tell(f"more came than is taken in: {self.name} reads no further")

    def _take(self, data: bytes, seen: int) -> None:
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
        self._changed.set()

    def _ended(self, how: str) -> None:
        self.stop_reading()
        self.ending = Ending(now(), how)
        self._changed.set()

    @property
    def unfinished(self) -> str:
        """What has come since the last line end."""
        return as_text(bytes(self._pending))

    def find(self, pattern: re.Pattern[bytes]) -> list[Line]:
        """What `pattern` finds in all that has come, wherever its lines end: each piece
        as a line, whose `arrival` can be asked, with the line end that it has found."""
        told = b"".join(as_bytes(line.text + line.ending) for line in self.lines)
        pieces = []
        for match in pattern.finditer(told + self._pending):
            text = as_text(match[0])
            bare = text.rstrip("\r\n")
            seen = self._reads.seen(match.end())
            pieces.append(Line(bare, text[len(bare) :], match.start(), match.end(), seen))
        return pieces

    async def _until(
        self, condition: Callable[[], bool], within: float, *, even_closed: bool = False
    ) -> bool:
        """Waits until the condition holds; gives up at the deadline, or when the server
        has closed and no more can come."""
        self.start_reading()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within * self._scale):
                while not condition():
                    if self.ending is not None and not even_closed:
                        return False
                    self._changed.clear()
                    await self._changed.wait()
                return True
        return condition()  # what came in the last moment counts

    # -- sending ----------------------------------------------------------------

    async def send(self, data: bytes | str, within: float = PATIENCE) -> None:
        """Sends all of `data` at once. Violation where the server does not take it."""
        raw = as_bytes(data) if isinstance(data, str) else data
        self._said.append(Said(now(), self.name, as_text(raw)))
        try:
            async with asyncio.timeout(within * self._scale):
                await self._loop.sock_sendall(self._wire, raw)
        except TimeoutError:
            raise Violation(
                f"the server to read what {self.name} sends",
                f"it read no further for {within:g} s",
                fault=Fault.ABSENT,
            ) from None
        except OSError as error:
            self.tell(f"{self.name} could not send: {error.strerror}")
        self.sent_at = now()

    async def send_line(self, text: str, end: str = "\n") -> None:
        """Sends one line, in one segment."""
        await self.send(text + end)

    async def half_close(self) -> None:
        """Ends our direction of the connection (FIN); the server may still speak."""
        with contextlib.suppress(OSError):
            self._wire.shutdown(socket.SHUT_WR)
        self.sent_at = now()
        self.tell(f"{self.name} closed its sending side")

    async def push(self, data: bytes) -> int:
        """Gives the kernel as much of `data` as it takes now; how many bytes those were.

        Returns 0 when nothing was taken for a while: the server does not read on.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STUCK):
                while True:
                    try:
                        return self._wire.send(data)
                    except BlockingIOError:
                        await self._writable()
                    except OSError:
                        return 0
        return 0

    async def _writable(self) -> None:
        ready: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_writer(self._wire, _settle, ready)
        try:
            await ready
        finally:
            self._loop.remove_writer(self._wire)

    # -- times ------------------------------------------------------------------

    def arrival(self, line: Line) -> int:
        """When the last byte of the line reached the host, in ns."""
        return self._crossed(line.ends - 1) or line.seen

    def opened_at(self) -> int:
        """When the server's host took the connection, in ns, however late we learnt it."""
        if self._capture is None:
            return self.connected_at
        self._capture.drain()
        return self._capture.opened(self._flow) or self.connected_at

    def closed_at(self) -> int:
        """When the server's FIN or RST reached the host, in ns; 0 while it has not."""
        if self.ending is None:
            return 0
        if self._capture is not None:
            self._capture.drain()
            return self._capture.closed(self._flow) or self.ending.seen
        return self.ending.seen

    def _crossed(self, offset: int) -> int | None:
        if self._capture is None:
            return None
        self._capture.drain()
        return self._capture.arrival(self._flow, offset)

    @property
    def stamped_by(self) -> str:
        if self._capture is not None:
            return "capture"
        return "kernel" if self._stamped else "clock"

    def uncertainty(self, line: Line) -> float:
        """Seconds by which the line may have come before its `arrival`, at the most: no
        more than we were late to read."""
        if self._crossed(line.ends - 1) is not None:
            return 0.0
        late = self._recorder.delay()
        if self._stamped:
            earliest = self._reads.earliest(line.ends, self.connected_at)
            late = min(late, max(0, line.seen - earliest) / NANOSECONDS)
        return rounded_up(late)

    @property
    def clock_error(self) -> float:
        return max((self.uncertainty(line) for line in self.lines), default=0.0)

    @property
    def close_error(self) -> float:
        """Seconds by which the server may have hung up before `closed_at`, at the most:
        no socket tells when a FIN or RST came."""
        if self._capture is not None and self._capture.closed(self._flow) is not None:
            return 0.0
        return rounded_up(self._recorder.delay()) if self.ending is not None else 0.0

    # -- leaving ----------------------------------------------------------------

    async def leave(self) -> None:
        """Ends the connection in an orderly way: FIN, the server's last words, close.

        Never closes over unread data, which would reset the connection (RFC 9293,
        section 3.6). Waits for the server's own close for at most half a second.
        """
        if self._wire.fileno() < 0:
            return
        if self.ending is None:
            with contextlib.suppress(OSError):
                self._wire.shutdown(socket.SHUT_WR)
            self.tell(f"{self.name} left")
            await self._until(lambda: self.ending is not None, PARTING, even_closed=True)
        self.abandon()

    async def vanish(self) -> None:
        """Closes without a word: what has come is read, then FIN; further data will be
        answered with a reset, as when a program is closed."""
        self.start_reading()
        await asyncio.sleep(0)  # let what is there be read
        if self._reading:
            self._read()
        self.tell(f"{self.name} closed its connection")
        self.abandon()

    def reset(self) -> None:
        """Ends the connection with RST, as when a client's machine loses power."""
        self.tell(f"{self.name} reset its connection")
        self._wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.abandon()

    def abandon(self) -> None:
        """Closes the socket at once, whatever is unread."""
        self.stop_reading()
        self._wire.close()

    # -- the transcript ---------------------------------------------------------

    def tell(self, text: str) -> None:
        """Puts a remark into the transcript."""
        self._said.append(Said(now(), REMARK, text))

    def said(self) -> Iterable[tuple[int, str, str]]:
        for said in self._said:
            yield said.at, said.who, said.what
        server = "server" if self.number == 1 else f"server to {self.name}"
        for line in self.lines:
            yield self.arrival(line), server, line.text + line.ending
        if self._pending:
            yield self._pending_seen, server, self.unfinished
        if self.ending is not None:
            how = {"FIN": "closed the connection", "RST": "reset the connection (RST)"}
            whose = "" if self.number == 1 else f" of {self.name}"
            what = how.get(self.ending.how, f"lost the connection: {self.ending.how}")
            yield self.closed_at(), REMARK, f"the server {what}{whose}"


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
