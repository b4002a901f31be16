"""A TCP connection of ours: how it reads, what it sends, how it leaves.

Everything that arrives is recorded as it comes, see `arrivals`. What a scenario may expect is in
`client`.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import socket
import struct
import sys
import termios
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from conformance.verdict.symptoms import Moment
from conformance.verdict.transcript import REMARK, as_bytes, as_text
from conformance.verdict.violation import Fault, Violation
from conformance.wire.arrivals import Arrivals
from conformance.wire.capture import SO_TIMESTAMPNS, Capture, stamp
from conformance.wire.lines import Ending
from conformance.wire.recorder import Recorder, now

PATIENCE = 5.0
"""Seconds of every wait without a deadline of its own (labs: "waits 5 s")."""

READ_SIZE = 256 * 1024
READ_WHEN_FULL = 4096
"""Bytes that a client may still read where its conversation has taken in all that it may: enough
for a reply. A crowd of clients that each read a whole buffer then took half a gigabyte."""

STUCK = 0.3
"""Seconds without progress after which a server counts as no longer reading."""

OVERTIME = 0.5
"""Seconds after a deadline in which what had come by then is still read, if we were late."""

PASSING = 0.3
"""At most so many seconds pass between the close of a program's sockets and our learning of its
end: the kernel closes them first, and then has to wake us."""

PARTING = 0.5
"""Seconds that a leaving client gives the server to finish and hang up, so that no unread data
turns our close into a reset."""


class Connection(Arrivals):
    _THE_OTHER = "the server"
    """The other end, in a sentence."""

    def __init__(
        self,
        wire: socket.socket,
        server: tuple[str, int],
        recorder: Recorder,
        *,
        began: float,
        capture: Capture | None = None,
        scale: float = 1.0,
        round_trip: Callable[[], float] = lambda: 0.0,
        why_gone: Callable[[], str] = lambda: "",
    ) -> None:
        """`wire` is a non-blocking socket that is connected to `server`, the other end; connecting
        began at `began`. `scale` stretches every wait; `round_trip` says by how many seconds the
        network lengthens it; `why_gone` says how the program ended, which may explain a close."""
        # Not getpeername: the server may have reset the connection already.
        super().__init__((*server, *wire.getsockname()[:2]), recorder, capture)
        self._wire = wire
        self._scale = scale
        self._round_trip = round_trip
        self._why_gone = why_gone
        self._loop = asyncio.get_running_loop()
        self._waiting: list[asyncio.Future[bool]] = []
        """Those who wait for something to come, or for the end."""
        self._reading = False
        self.flooded = False
        """Whether so much has come in this conversation that nothing more is read."""
        self._said: list[tuple[float, str, str]] = []
        """(time, who, text) of what the client did: bytes sent, or an event."""
        self.sent_at = self.connected_at
        """When the last bytes sent had left us; before that, when it connected."""
        self.number = recorder.join(self, began)
        self.name, self.other = self._named(self.number)
        """What the transcript calls us, and the other end where it speaks to us."""
        self._said.append((began, REMARK, f"{self._caller} connects"))
        with contextlib.suppress(OSError):  # not on every system
            wire.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        with contextlib.suppress(OSError):  # each send is a segment of its own
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _named(self, number: int) -> tuple[str, str]:
        """What the transcript calls us, and the other end."""
        if number == 1:
            return "client", "server"
        return f"client {number}", f"server to client {number}"

    @property
    def _caller(self) -> str:
        """The end that has connected."""
        return self.name

    # -- receiving --------------------------------------------------------------

    def start_reading(self) -> None:
        readable = self._wire.fileno() >= 0 and self.ending is None and not self.flooded
        if not self._reading and readable:
            self._reading = True
            # By its number: given a new socket, asyncio spends time on its repr.
            self._loop.add_reader(self._wire.fileno(), self._read)

    def stop_reading(self) -> None:
        """From now on, what the server sends stays in the kernel's buffers."""
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._wire.fileno())

    def _read(self) -> None:
        most = READ_WHEN_FULL if self._recorder.flooded else READ_SIZE
        try:
            data, ancillary, _, _ = self._wire.recvmsg(most, 64)
        except BlockingIOError:
            return
        except OSError as error:
            how = "RST" if isinstance(error, ConnectionResetError) else str(error)
            self._ended(how)
            return
        if not data:
            self._ended("FIN")
            return
        self._drain()  # before the capture runs out of room
        at = stamp(ancillary)
        self._stamped = self._stamped or at > 0
        self.take(data, self._recorder.seconds(at or now()))
        self._wake_all()
        if not self._recorder.has_room(len(data), data.count(b"\n")):
            self.stop_reading()
            self.flooded = True
            self.tell(f"more came than is taken in: {self.name} reads no further")

    async def _receive(self, most: int) -> bytes:
        """What comes next, which nobody else reads; b"" at the close."""
        try:
            data = await self._loop.sock_recv(self._wire, most)
        except OSError as error:
            self._ended("RST" if isinstance(error, ConnectionResetError) else str(error))
            return b""
        if not data:
            self._ended("FIN")
        return data

    def _ended(self, how: str) -> None:
        self.stop_reading()
        self.ending = Ending(self._recorder.now(), how)
        self._wake_all()

    async def _until(
        self, condition: Callable[[], bool], within: float, *, even_closed: bool = False
    ) -> bool:
        """Waits until the condition holds, at most until the deadline, the close, or a flood."""
        self.start_reading()
        if condition():
            return True
        deadline = self._loop.time() + within * self._scale + self._round_trip()
        while self.ending is None or even_closed:
            if self.flooded:
                return False
            if not await self._changes(deadline):
                return condition()  # what came in the last moment counts
            if condition():
                return True
            # Whoever always has something to be read never lets the deadline's timer be first.
            if self._loop.time() > deadline + OVERTIME:
                return False
        return False

    async def _changes(self, deadline: float) -> bool:
        """Waits until something has come; False at the deadline (the loop's time). One future and
        one timer: asyncio.timeout and Event take twice as long, and this is done for each line."""
        changed: asyncio.Future[bool] = self._loop.create_future()
        self._waiting.append(changed)
        timer = self._loop.call_at(deadline, _settle, changed, False)
        try:
            return await changed
        finally:
            timer.cancel()
            with contextlib.suppress(ValueError):  # all are forgotten when woken
                self._waiting.remove(changed)

    def _wake_all(self) -> None:
        for changed in self._waiting:
            _settle(changed, True)
        self._waiting.clear()

    # -- sending ----------------------------------------------------------------

    async def send(self, data: bytes | str, within: float = PATIENCE) -> None:
        """Sends all of `data` at once. Violation where the server does not take it."""
        raw = as_bytes(data) if isinstance(data, str) else data
        self._said.append((self._recorder.now(), self.name, as_text(raw)))
        try:
            if (taken := self._offer(raw)) < len(raw):
                async with asyncio.timeout(within * self._scale + self._round_trip()):
                    await self._loop.sock_sendall(self._wire, memoryview(raw)[taken:])
        except TimeoutError:
            unread = Moment(self._said[-1][0], self.name, silence=within)
            raise Violation(
                f"{self._THE_OTHER} to read what {self.name} sends",
                f"it read no further for {within:g} s",
                fault=Fault.ABSENT,
            ).rests_on(unread, client=self.name) from None
        except OSError as error:
            self.tell(f"{self.name} could not send: {error.strerror}")
        self.sent_at = self._recorder.now()

    def _offer(self, data: bytes) -> int:
        """Gives the kernel as much of `data` as it takes at once; returns how many bytes."""
        try:
            return self._wire.send(data)
        except BlockingIOError:
            return 0

    async def send_line(self, text: str, end: str = "\n") -> None:
        """Sends one line, in one segment."""
        await self.send(text + end)

    @property
    def port(self) -> int:
        """The client's own."""
        return self.flow[-1]

    def unacknowledged(self) -> int:
        """Bytes that were sent and not acknowledged by the server's host (SIOCOUTQ, tcp(7)); 0
        where that is unknown."""
        queued = bytearray(4)
        try:
            fcntl.ioctl(self._wire.fileno(), termios.TIOCOUTQ, queued)
        except OSError:  # closed meanwhile, or not on this system
            return 0
        return int.from_bytes(queued, sys.byteorder)

    async def half_close(self) -> None:
        """Ends our direction of the connection (FIN); the server may still speak."""
        self._recorder.client_ends()
        self.tell(f"{self.name} closed its sending side")  # before the answer to it can come
        with contextlib.suppress(OSError):
            self._wire.shutdown(socket.SHUT_WR)
        self.sent_at = self._recorder.now()

    async def push(self, data: bytes) -> int:
        """Gives the kernel as much of `data` as it takes now; returns how many bytes. 0: nothing
        was taken for a while, so the server does not read.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STUCK + self._round_trip()):
                while True:
                    try:
                        if taken := self._offer(data):
                            return taken
                    except OSError:
                        return 0
                    await self._writable()
        return 0

    async def _writable(self) -> None:
        ready = asyncio.Event()
        self._loop.add_writer(self._wire, ready.set)
        try:
            await ready.wait()
        finally:
            self._loop.remove_writer(self._wire)

    # -- leaving ----------------------------------------------------------------

    def leave(self) -> Coroutine[Any, Any, None]:
        """Leaves as `_leave` says. What makes it leave is asked here, and not where a task may run
        it: in the `finally` of whoever calls this, the exception is known."""
        return self._leave(self._recorder.note_failure())

    async def _leave(self, violation: Violation | None) -> None:
        """Sends FIN, reads what the server still sends, for half a second at most, and closes. To
        close over unread data would send a reset (RFC 9293, section 3.6). `violation`: makes the
        client leave; before that, the program is looked at."""
        if self._wire.fileno() < 0:
            return
        if violation is not None:
            await self._recorder.evidence_is_complete(violation)
        if self.ending is None:
            self._recorder.client_ends()
            self.tell(f"{self.name} left")  # before the answer to it can come
            with contextlib.suppress(OSError):
                self._wire.shutdown(socket.SHUT_WR)
            await self._until(lambda: self.ending is not None, PARTING, even_closed=True)
        self.abandon()

    async def vanish(self) -> None:
        """Reads what has come and closes, as when a program is closed: further data will be
        answered with a reset."""
        self.start_reading()
        await asyncio.sleep(0)  # let what is there be read
        if self._reading:
            self._read()
        self._recorder.client_ends()
        self.tell(f"{self.name} closed its connection")
        self.abandon()

    def reset(self) -> None:
        """Ends the connection with RST, as when a client's machine loses power."""
        self._recorder.client_ends()
        self.tell(f"{self.name} reset its connection")
        self._wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.abandon()

    def abandon(self) -> None:
        """Closes the socket at once, whatever is unread."""
        self._recorder.someone_left = True
        self.stop_reading()
        self._wire.close()

    # -- the transcript ---------------------------------------------------------

    def tell(self, text: str) -> None:
        """Puts a remark into the transcript."""
        self._said.append((self._recorder.now(), REMARK, text))

    def said(self) -> Iterable[tuple[float, str, str]]:
        yield from self._said
        self._drain()
        for line in self.lines:
            yield self._arrived(line), self.other, line.text + line.ending
        if self._pending:
            yield self._pending_seen, self.other, self.unfinished
        if self.ending is not None:
            how = {"FIN": "closed the connection", "RST": "reset the connection (RST)"}
            what = how.get(self.ending.how, f"lost the connection: {self.ending.how}")
            yield self.closed_at or self.ending.seen, REMARK, self._told_end(what)

    def _told_end(self, what: str) -> str:
        """That the other end has ended the connection, as a remark."""
        return f"the server {what}" + ("" if self.number == 1 else f" of {self.name}")


def _settle(waiting: asyncio.Future[bool], result: bool) -> None:
    if not waiting.done():
        waiting.set_result(result)
