"""Which sockets a host has: netlink socket diagnostics (sock_diag(7)).

Written by hand, because it is asked every few milliseconds while a program starts, inside a running
event loop: pyroute2's DiagSocket takes 0.6 ms for a query and does not work while a loop runs. A
request is nlmsghdr + inet_diag_req_v2, or inet_diag_req (72 or 76 bytes), an answer a sequence of
nlmsghdr + inet_diag_msg + attributes. The layout is the kernel's interface,
include/uapi/linux/inet_diag.h.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Literal, NamedTuple

Protocol = Literal["tcp", "udp"]

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_TCPDIAG_GETSOCK = 18
"""The older request for TCP sockets, which is answered for both families at once: the newer one
has the kernel look through its table of the whole machine's connections for each."""
_NLMSG_ERROR = 2
_NLMSG_DONE = 3
_REQUEST_AND_DUMP = 0x1 | 0x300
_SKV6ONLY = 11  # INET_DIAG_SKV6ONLY

_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port id
_REQUEST = struct.Struct("=BBBBI48x")  # family, protocol, extensions, pad, states; any address
_OLD_REQUEST = struct.Struct("=B51xI4x")  # inet_diag_req: family (ignored), any address, states
_MESSAGE = struct.Struct("=BB2x2s2s16s16s16xI8xI")
_ATTRIBUTE = struct.Struct("=HH")


class _Message(NamedTuple):
    """The fields of inet_diag_msg that are used, in their order."""

    family: int
    state: int
    source_port: bytes
    destination_port: bytes
    source: bytes
    destination: bytes
    receive_queue: int
    inode: int


_CLOSE, _LISTEN = 7, 10
_CONNECTED = sum(1 << state for state in range(1, 12) if state not in (_CLOSE, _LISTEN))
"""All states from TCP_ESTABLISHED to TCP_CLOSING (include/net/tcp_states.h), but these two."""

_OPEN = (1, 8)
"""TCP_ESTABLISHED, and TCP_CLOSE_WAIT, where only the other end has closed."""

_WAITING: Mapping[Protocol, tuple[int, int]] = {
    "tcp": (socket.IPPROTO_TCP, _LISTEN),
    "udp": (socket.IPPROTO_UDP, _CLOSE),
}
"""The state in which sockets of a protocol wait for clients."""

_RECEIVE = 65_536
"""The kernel fills a dump's messages up to 32 KiB."""
_ANSWER_SECONDS = 2.0
"""The kernel answers at once; this bounds the wait for a kernel that does not."""


@dataclass(frozen=True)
class Listener:
    """A socket that waits for clients: a listening TCP socket, a bound UDP socket."""

    protocol: Protocol
    family: int
    """socket.AF_INET or socket.AF_INET6."""
    address: str
    """"0.0.0.0" or "::" for all addresses of the host."""
    port: int
    inode: int
    """The kernel's number of the socket, by which `Process.owner` knows it."""
    waiting: int | None
    """TCP: connections that wait to be accepted. None for UDP, and where unknown."""
    v6only: bool = False
    """IPv6: does not take IPv4 clients too."""


@dataclass(frozen=True)
class TcpConnection:
    """A TCP connection of a host, in any state but LISTEN."""

    local: tuple[str, int]
    remote: tuple[str, int]
    unread: int
    """Bytes that arrived and were not read by the program."""
    inode: int = 0
    """The kernel's number of the socket; 0 before it is accepted, and after it is closed."""
    open: bool = True
    """Whether the host's own end has not closed it."""

    @property
    def queued(self) -> bool:
        """Whether it waits to be accepted."""
        return self.open and not self.inode


class Diagnostics:
    """A netlink socket. It always asks the network namespace in which it was opened."""

    def __init__(self) -> None:
        self._socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG
        )
        self._socket.settimeout(_ANSWER_SECONDS)
        self._sequence = 0

    def close(self) -> None:
        self._socket.close()

    def listeners(self, protocol: str = "") -> list[Listener]:
        """Every TCP socket that listens and UDP socket that is bound, not connected, or those of
        one `protocol`, "tcp" or "udp"; TCP first, by port."""
        found = [
            _listener(name, message, attributes)
            for name, (number, state) in _WAITING.items()
            if protocol in ("", name)
            for message, attributes in self._of_both_families(number, 1 << state)
        ]
        bound = (listener for listener in found if listener.port)  # 0: nobody has bound it
        return sorted(bound, key=lambda one: (one.protocol, one.port, one.family, one.address))

    def connections(self) -> list[TcpConnection]:
        """Every TCP connection of the host, both ends of those it has with itself."""
        return [
            TcpConnection(
                local=(_address(message.family, message.source), _port(message.source_port)),
                remote=(
                    _address(message.family, message.destination),
                    _port(message.destination_port),
                ),
                unread=message.receive_queue,
                inode=message.inode,
                open=message.state in _OPEN,
            )
            for message, _ in self._of_both_families(socket.IPPROTO_TCP, _CONNECTED)
        ]

    def _of_both_families(
        self, protocol: int, states: int
    ) -> Iterator[tuple[_Message, dict[int, bytes]]]:
        if protocol == socket.IPPROTO_TCP:
            yield from self._dump(_TCPDIAG_GETSOCK, _OLD_REQUEST.pack(0, states))
            return
        for family in (socket.AF_INET, socket.AF_INET6):
            yield from self._dump(
                _SOCK_DIAG_BY_FAMILY, _REQUEST.pack(family, protocol, 0, 0, states)
            )

    def _dump(self, request: int, body: bytes) -> Iterator[tuple[_Message, dict[int, bytes]]]:
        self._sequence += 1
        header = _HEADER.pack(
            _HEADER.size + len(body), request, _REQUEST_AND_DUMP, self._sequence, 0
        )
        self._socket.send(header + body)
        while True:
            data = self._socket.recv(_RECEIVE)
            offset = 0
            while offset < len(data):
                length, kind, _, sequence, _ = _HEADER.unpack_from(data, offset)
                start, end = offset + _HEADER.size, offset + length
                offset += (length + 3) & ~3
                if sequence != self._sequence:
                    continue  # the rest of an earlier answer that was given up
                if kind == _NLMSG_DONE:
                    return
                if kind == _NLMSG_ERROR:
                    number = -struct.unpack_from("=i", data, start)[0]
                    raise OSError(number, f"socket diagnostics: {os.strerror(number)}")
                yield (
                    _Message._make(_MESSAGE.unpack_from(data, start)),
                    _attributes(data, start + _MESSAGE.size, end),
                )


def open_ports(protocol: str) -> list[Listener]:
    """The sockets that wait for clients on this process's host; none where that is unknown."""
    if not sys.platform.startswith("linux"):
        return []
    with suppress(OSError), closing(Diagnostics()) as asked:
        return asked.listeners(protocol)
    return []


def _listener(protocol: Protocol, message: _Message, attributes: dict[int, bytes]) -> Listener:
    return Listener(
        protocol=protocol,
        family=message.family,
        address=_address(message.family, message.source),
        port=_port(message.source_port),
        inode=message.inode,
        waiting=message.receive_queue if protocol == "tcp" else None,
        v6only=attributes.get(_SKV6ONLY, b"\0") != b"\0",
    )


def _attributes(data: bytes, offset: int, end: int) -> dict[int, bytes]:
    found = {}
    while offset + _ATTRIBUTE.size <= end:
        length, kind = _ATTRIBUTE.unpack_from(data, offset)
        if length < _ATTRIBUTE.size:
            break
        found[kind] = data[offset + _ATTRIBUTE.size : offset + length]
        offset += (length + 3) & ~3
    return found


def _address(family: int, raw: bytes) -> str:
    return socket.inet_ntop(family, raw[:4] if family == socket.AF_INET else raw)


def _port(raw: bytes) -> int:
    return int.from_bytes(raw, "big")
