"""The name server of a client's host: it knows the suite's name, and hears which others are asked.

Each other name gets an address of its own, of those that belong to nobody (RFC 2544). The suite's
host takes that for its own, too: so a connection to it says which name was meant.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from ipaddress import IPv4Address

import dpkt

PORT = 53
MAX_NAMES = 100
"""Names that get an address; a program that asks for more gets none."""
MAX_NAME = 253
"""Characters of a name (RFC 1035)."""
FIRST = IPv4Address("198.18.0.1")


class NameServer:
    """Answers questions for IPv4 addresses, in the running event loop."""

    def __init__(self, wire: socket.socket, names: dict[str, str]) -> None:
        """`wire`: a non-blocking UDP socket bound to the port of name servers. `names`: the
        addresses of those that are known."""
        self._wire = wire
        self._addresses = {name.lower(): IPv4Address(address) for name, address in names.items()}
        self.others: dict[str, str] = {}
        """By address: the other names that were asked for."""
        asyncio.get_running_loop().add_reader(wire.fileno(), self._take)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._wire.fileno())
        self._wire.close()

    def _take(self) -> None:
        """Answers one question; what is none is left alone."""
        with contextlib.suppress(OSError, dpkt.UnpackError, UnicodeError):
            data, asker = self._wire.recvfrom(4_096)
            if answer := self.answer(data):
                self._wire.sendto(answer, asker)

    def answer(self, data: bytes) -> bytes:
        """The answer to a question; b"" to what asks nothing. Raises UnpackError or UnicodeError
        for what is no message of DNS."""
        message = dpkt.dns.DNS(data)
        if message.qr or not message.qd:
            return b""
        message.qd, message.ar = message.qd[:1], []
        [question] = message.qd
        message.qr, message.ra = 1, 1
        if question.type == dpkt.dns.DNS_A and (address := self._address_of(question.name)):
            found = dpkt.dns.DNS.RR(name=question.name, ttl=60, rlen=4)
            found.ip = address.packed
            message.an = [found]
        return bytes(message)

    def _address_of(self, name: str) -> IPv4Address | None:
        name = name.lower()
        if name not in self._addresses and len(self.others) < MAX_NAMES and len(name) > 0:
            self._addresses[name] = FIRST + len(self.others)
            self.others[str(self._addresses[name])] = name[:MAX_NAME]
        return self._addresses.get(name)
