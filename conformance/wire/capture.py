"""The wire as the kernel saw it: every segment with the time of its arrival.

An AF_PACKET socket in the session's own network namespace needs no privilege outside it. It stamps
each segment when it reaches the host, however late it is read (packet(7), socket(7)
SO_TIMESTAMPNS). So a busy grader does not make a program look late, and lines that come in one read
keep their times.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import Collection, Iterator
from itertools import islice

import dpkt

from conformance.wire.packets import SNAPLEN, Packet, Packets
from conformance.wire.recorder import NANOSECONDS
from conformance.wire.ring import FRAMES, SOL_PACKET, Ring
from conformance.wire.segment import Flow, segment
from conformance.wire.sieve import attach
from conformance.wire.stream_times import StreamTimes

ETH_P_ALL = 0x0003
SO_TIMESTAMPNS = 35  # asm-generic/socket.h; not named in Python's socket module
SO_RCVBUFFORCE = 33
_PACKET_AUXDATA = 8
_TIMESPEC = struct.Struct("ll")
_AUXDATA = struct.Struct("II")
"""The beginning of struct tpacket_auxdata (packet(7)): status, length of the packet."""

RECEIVE_BUFFER = 32 * 2**20
"""Two hundred clients talking at once must not overrun the socket while we are busy."""

REST = 0.02
"""Seconds after a drain in which packets do not wake us. Reading from a client or asking for a time
drains the capture as well, and the ring has room for a hundred thousand packets a second."""

RESTS_TO_WORK = 4
"""The capture rests this many times as long as it has worked, so that in a flood it takes no more
than a fifth of a core from the program that is judged, and from all others."""

MAX_STREAMS = 20_000
"""Directions of connections whose times are kept: a hundred times what a crowd of two hundred
clients needs. In a flood of new connections the rest is not timed."""


class Capture:
    """Listens on one interface, for as long as the session lasts."""

    def __init__(
        self,
        wire: socket.socket,
        interface: str,
        concerned: Collection[int] = (),
        *,
        at_its_end: bool = False,
    ) -> None:
        """`wire` is a new AF_PACKET, SOCK_RAW socket on the host that has `interface`; `concerned`
        are the ports that its conversations use, on either side; none: all ports. `at_its_end`:
        that is the program's host, so that what the program sends leaves there."""
        self._wire = wire
        self._concerned = set(concerned)
        self._at_its_end = at_its_end
        self._both_ways = interface != "lo"  # lo shows each packet twice
        wire.setblocking(False)
        wire.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._ring: Ring | None = None
        try:
            self._ring = Ring(wire)
        except OSError:  # the kernel has no such ring: use the socket's own buffer
            with contextlib.suppress(OSError):
                wire.setsockopt(SOL_PACKET, _PACKET_AUXDATA, 1)
            with contextlib.suppress(PermissionError):
                wire.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
        self._sift()
        wire.bind((interface, ETH_P_ALL))
        self._resting: asyncio.TimerHandle | None = None
        self._closed = False
        self._streams: dict[Flow, StreamTimes] = {}
        self._former: set[Flow] = set()
        """The connections of earlier conversations: what they still say is no evidence."""
        self.packets = Packets(self._is_former)
        """Those of the conversation that began last."""

    def concern(self, port: int) -> None:
        """Packets from or to that port belong to this conversation, too."""
        if self._concerned and port not in self._concerned:
            self._concerned.add(port)
            self._sift()

    def _sift(self) -> None:
        """Lets the kernel drop packets that belong to no conversation of ours."""
        for ports in (self._concerned, ()):
            with contextlib.suppress(OSError):  # too many ports for a filter, or no filters
                attach(self._wire, ports)
                return

    def open(self) -> None:
        """Begins to read, in the running event loop."""
        asyncio.get_running_loop().add_reader(self._wire.fileno(), self._look)

    def _look(self) -> None:
        """Drains, then rests: woken by each packet, we would do little else. The rest grows with
        the work, so that the same holds in a flood."""
        began = time.thread_time()
        self.drain()
        rest = max(REST, RESTS_TO_WORK * (time.thread_time() - began))
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._wire.fileno())
        self._resting = loop.call_later(rest, self.open)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._resting is not None:
            self._resting.cancel()
        with contextlib.suppress(RuntimeError):
            asyncio.get_running_loop().remove_reader(self._wire.fileno())
        if self._ring is not None:
            self._ring.close()
        self._wire.close()

    def begin(self) -> None:
        """A new conversation begins: what came before is kept no longer."""
        self.drain()
        self._former = set(self._streams)
        self.packets = Packets(self._is_former)

    def drain(self) -> None:
        """Reads what the kernel has for us, but no more than the ring holds, so that a flood does
        not keep us here. Does nothing once closed: a client that outlives the capture may still
        call it."""
        if self._closed:
            return
        waiting = self._ring.packets() if self._ring else self._messages()
        for at, kind, length, data in islice(waiting, FRAMES):
            if (kind == socket.PACKET_OUTGOING) != self._at_its_end:  # times are asked of the rest
                if self._both_ways:
                    self.packets.keep(Packet(at, length, data))
            elif self._take(data, at) not in self._former:
                self.packets.keep(Packet(at, length, data))

    def _messages(self) -> Iterator[tuple[int, int, int, bytes]]:
        while True:
            try:
                data, ancillary, _, address = self._wire.recvmsg(SNAPLEN, 256)
            except OSError:  # nothing more, or the interface went down with its namespace
                return
            yield stamp(ancillary), address[2], _length(ancillary, data), data

    def _take(self, data: bytes, at: int) -> Flow | None:
        """Notes what a packet shows of its connection; returns the flow, None if it is no TCP
        segment."""
        if (found := segment(data)) is None:
            return None
        flow = found.flow
        if found.flags & dpkt.tcp.TH_SYN:
            if flow not in self._streams and len(self._streams) >= MAX_STREAMS:
                return flow
            self._streams[flow] = StreamTimes((found.sequence + 1) & 0xFFFFFFFF, at)
            self._former.discard(flow)
        elif stream := self._streams.get(flow):
            whole = stream.segment(found.sequence, found.length, at)
            # Before a RST there may have been a FIN that was not captured.
            ends = found.flags & dpkt.tcp.TH_FIN or (whole and found.flags & dpkt.tcp.TH_RST)
            if ends and stream.closed is None:
                stream.closed = at
        return flow

    def _is_former(self, packet: Packet) -> bool:
        """Whether the packet belongs to a connection of an earlier conversation."""
        if (found := segment(packet.data)) is None:
            return False
        source, sport, destination, dport = found.flow
        return (destination, dport, source, sport) in self._former

    def arrival(self, flow: Flow, offset: int) -> int | None:
        """When the byte at `offset` of that direction crossed the wire, in ns."""
        stream = self._streams.get(flow)
        return stream.arrival(offset) if stream else None

    def opened(self, flow: Flow) -> int | None:
        """When that direction was opened, in ns."""
        stream = self._streams.get(flow)
        return stream.opened if stream else None

    def closed(self, flow: Flow) -> int | None:
        """When that direction was ended by FIN or RST, in ns."""
        stream = self._streams.get(flow)
        return stream.closed if stream else None


def _length(ancillary: list[tuple[int, int, bytes]], data: bytes) -> int:
    """The whole length of a packet of which we have the first bytes."""
    for level, kind, told in ancillary:
        if (level, kind) == (SOL_PACKET, _PACKET_AUXDATA):
            return int(_AUXDATA.unpack(told[: _AUXDATA.size])[1])
    return len(data)


@contextlib.contextmanager
def stamping() -> Iterator[None]:
    """Has the kernel stamp what arrives while the block lasts, for hosts without a capture. The
    kernel starts stamping a little after the first socket asks for it, which would be too late for
    the first packets of a conversation."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wanting:
        with contextlib.suppress(OSError):  # not on every system
            wanting.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        yield


def stamp(ancillary: list[tuple[int, int, bytes]]) -> int:
    """The kernel's receive time from a message's ancillary data, in ns; 0 if there is none."""
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(data[: _TIMESPEC.size])
            return int(seconds * NANOSECONDS + nanoseconds)
    return 0
