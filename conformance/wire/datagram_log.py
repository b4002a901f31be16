"""All datagrams that leave the programs of one host, with the times at which they did.

Whoever listens has to know neither group nor port: an AF_PACKET socket on that host sees what is
sent over its wire and over its loopback (packet(7)).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from typing import NamedTuple

import dpkt

from conformance.wire.capture import SO_TIMESTAMPNS, stamp
from conformance.wire.recorder import now
from conformance.wire.sieve import ETHERNET, attach

EVERY_PROTOCOL = 0x0003
"""ETH_P_ALL of packet(7)."""
MAX_DATAGRAMS = 20_000
"""Datagrams that are kept of one host; a program that sends more is flooding."""
KEPT_BYTES = 2_048
"""Bytes that are kept of a packet."""
MAX_AT_ONCE = 1_000
"""Packets that are read before our other work has its turn."""
RECEIVE_BUFFER = 2**20

_PORTS = struct.Struct("!HH")
_KINDS = {
    dpkt.ethernet.ETH_TYPE_IP.to_bytes(2, "big"): dpkt.ip.IP,
    dpkt.ethernet.ETH_TYPE_IP6.to_bytes(2, "big"): dpkt.ip6.IP6,
}


class SentDatagram(NamedTuple):
    """A datagram of a program, as it left its host."""

    at: int
    """When, in ns since 1970."""
    source: tuple[str, int]
    to: tuple[str, int]
    """Address and port that it was sent to."""
    data: bytes


class DatagramLog:
    """Listens from its making to `close`, in the running event loop."""

    def __init__(self, wire: socket.socket) -> None:
        """`wire`: a new AF_PACKET, SOCK_RAW socket of that host, for no protocol as yet."""
        self._wire = wire
        self.datagrams: list[SentDatagram] = []
        self.flooded = False
        """Whether more came than is kept."""
        self._waiting: set[asyncio.Event] = set()
        wire.setblocking(False)
        wire.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        with contextlib.suppress(OSError):
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        with contextlib.suppress(OSError):  # without a filter, more has to be read
            attach(wire, ())
        asyncio.get_running_loop().add_reader(wire.fileno(), self.drain)

    def drain(self) -> None:
        """Reads what has been sent until now."""
        if self._wire.fileno() < 0 or self.flooded:
            return
        for _ in range(MAX_AT_ONCE):
            try:
                data, ancillary, _, address = self._wire.recvmsg(KEPT_BYTES, 256)
            except OSError:  # nothing more
                break
            if address[2] != socket.PACKET_OUTGOING:
                continue  # loopback shows each packet twice, and the wire what others send
            if (sent := _datagram(data, stamp(ancillary) or now())) is not None:
                self.datagrams.append(sent)
        if len(self.datagrams) >= MAX_DATAGRAMS:
            self.flooded = True
            asyncio.get_running_loop().remove_reader(self._wire.fileno())
        for event in self._waiting:
            event.set()

    async def wait_until(self, condition: Callable[[], bool], within: float) -> bool:
        """Waits until the condition holds, which is asked again when something was sent; returns
        whether it does, at most `within` seconds later."""
        changed = asyncio.Event()
        self._waiting.add(changed)
        try:
            async with asyncio.timeout(within):
                while not condition():
                    changed.clear()
                    await changed.wait()
        except TimeoutError:
            self.drain()
        finally:
            self._waiting.discard(changed)
        return condition()

    def close(self) -> None:
        if self._wire.fileno() >= 0:
            with contextlib.suppress(RuntimeError):  # no loop runs any more
                asyncio.get_running_loop().remove_reader(self._wire.fileno())
            self._wire.close()


def _datagram(frame: bytes, at: int) -> SentDatagram | None:
    """The UDP datagram in an Ethernet frame; None where there is none, or only a later fragment."""
    kind = _KINDS.get(frame[ETHERNET - 2 : ETHERNET])
    if kind is None:
        return None
    try:
        packet = kind(frame[ETHERNET:])
    except dpkt.UnpackError:
        return None
    family = socket.AF_INET if kind is dpkt.ip.IP else socket.AF_INET6
    udp = packet.data
    if isinstance(udp, bytes) and kind is dpkt.ip.IP and packet.p == socket.IPPROTO_UDP:
        if packet.offset or len(udp) < 8:  # a fragment: the first has the header
            return None
        source, to = _PORTS.unpack_from(udp)
        payload = udp[8:]
    elif isinstance(udp, dpkt.udp.UDP):
        source, to, payload = udp.sport, udp.dport, bytes(udp.data)
    else:
        return None
    return SentDatagram(
        at,
        (socket.inet_ntop(family, packet.src), source),
        (socket.inet_ntop(family, packet.dst), to),
        payload,
    )
