"""The host that a TLS client asks for, read before anything is encrypted (SNI).

Registries stand behind networks that serve thousands of sites from one address: a client that
may talk to a registry could ask the same address for any other site.
"""

from __future__ import annotations

import ipaddress
import struct
from contextlib import suppress

RECORD = struct.Struct(">BHH")
"""The head of a record: kind, version, length (RFC 8446, 5.1)."""
HANDSHAKE = 22
LARGEST_RECORD = 16 * 1024
"""Bytes. A ClientHello is one record; it could be split, which no library does."""

_CLIENT_HELLO = 1
_SERVER_NAME = 0
_HEAD = 1 + 3 + 2 + 32
"""Kind, length, version and random value of a ClientHello (RFC 8446, 4.1.2)."""


def server_name(hello: bytes) -> str | None:
    """The name in a ClientHello (RFC 6066, 3); None if it has none. Raises ValueError if this is no
    ClientHello.
    """
    try:
        if hello[0] != _CLIENT_HELLO:
            raise ValueError("no ClientHello")
        at = _HEAD
        at += 1 + hello[at]  # session
        at += 2 + _number(hello, at)  # cipher suites
        at += 1 + hello[at]  # compression
        end = at + 2 + _number(hello, at)
        at += 2
        while at < end:
            kind, length = struct.unpack_from(">HH", hello, at)
            if kind == _SERVER_NAME:  # a list with one entry: kind, length, name
                size = _number(hello, at + 7)
                return hello[at + 9 : at + 9 + size].decode("ascii").lower()
            at += 4 + length
    except (IndexError, struct.error) as error:
        raise ValueError("a ClientHello that is cut off") from error
    return None


def _number(data: bytes, at: int) -> int:
    value: int = struct.unpack_from(">H", data, at)[0]
    return value


def asks_for(host: str, hello: bytes) -> bool:
    """Whether this ClientHello asks for `host`. Raises ValueError if it is none. Clients send no
    name for an address, and Java sends none for a host without a dot.
    """
    name = server_name(hello)
    if name is not None:
        return name == host
    with suppress(ValueError):
        ipaddress.ip_address(host)
        return True
    return "." not in host
