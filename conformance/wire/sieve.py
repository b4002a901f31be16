"""Which packets the kernel passes to the capture: a BPF filter (socket(7) SO_ATTACH_FILTER), so
that packets of no conversation do not keep us busy.

It passes segments and datagrams from or to a conversation's ports, and ICMP. ARP, other protocols,
and a flood to unused ports stay in the kernel.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from collections.abc import Collection

SO_ATTACH_FILTER = 26  # asm-generic/socket.h; not named in Python's socket module

MAX_PORTS = 400
"""Ports that the filter can tell apart; with more, it passes all. Each takes two instructions,
twice: the kernel accepts 4,096 of them, and before 6.7 no more than 20 KB for each socket."""

_INSTRUCTION = struct.Struct("HBBI")
"""struct sock_filter: code, jump if true, jump if false, operand."""
_LOAD_HALF, _LOAD_BYTE = 0x28, 0x30
"""BPF_LD | BPF_ABS of two bytes, of one."""
_LOAD_AT_X = 0x48
"""BPF_LD | BPF_IND of two bytes: from X on."""
_X_IS, _X_IS_HEADER = 0x01, 0xB1
"""BPF_LDX of a constant, and of four times the low half of a byte (the length of an IPv4
header)."""
_IF_EQUAL, _IF_ANY_OF, _GO, _RETURN = 0x15, 0x45, 0x05, 0x06

ETHERNET = 14
"""Bytes of an Ethernet header, which lo has as well; the last two name the protocol."""
_IPV6_HEADER = 40
_FRAGMENT_OFFSET = 0x1FFF
_WHOLE = 0x40000
"""Bytes passed of a packet, at most; the ring limits how much is kept."""


def sieve(ports: Collection[int]) -> bytes:
    """The filter that passes what is from or to these ports; without any, all TCP and UDP."""
    known = sorted(set(ports)) if len(ports) <= MAX_PORTS else []
    pack = _INSTRUCTION.pack
    take, drop = pack(_RETURN, 0, 0, _WHOLE), pack(_RETURN, 0, 0, 0)
    if known:
        one_of_them = b"".join(pack(_IF_EQUAL, 0, 1, port) + take for port in known)
        of_a_port = (
            pack(_LOAD_AT_X, 0, 0, ETHERNET)
            + one_of_them
            + pack(_LOAD_AT_X, 0, 0, ETHERNET + 2)
            + one_of_them
            + drop
        )
    else:
        of_a_port = take
    over_ipv6 = [
        pack(_LOAD_BYTE, 0, 0, ETHERNET + 6),
        pack(_X_IS, 0, 0, _IPV6_HEADER),
        pack(_IF_EQUAL, 5, 0, socket.IPPROTO_TCP),
        pack(_IF_EQUAL, 4, 0, socket.IPPROTO_UDP),
        pack(_IF_EQUAL, 2, 0, socket.IPPROTO_ICMPV6),
        pack(_IF_EQUAL, 1, 0, 44),  # a fragment (RFC 8200, section 4.5)
        drop,
        take,
    ]
    over_ipv4 = [
        pack(_LOAD_BYTE, 0, 0, ETHERNET + 9),
        pack(_IF_EQUAL, 3, 0, socket.IPPROTO_TCP),
        pack(_IF_EQUAL, 2, 0, socket.IPPROTO_UDP),
        pack(_IF_EQUAL, 4, 0, socket.IPPROTO_ICMP),
        drop,
        pack(_LOAD_HALF, 0, 0, ETHERNET + 6),
        pack(_IF_ANY_OF, 1, 0, _FRAGMENT_OFFSET),  # a later fragment of a datagram has no ports
        pack(_GO, 0, 0, 1),
        take,
        pack(_X_IS_HEADER, 0, 0, ETHERNET),
        pack(_GO, 0, 0, len(over_ipv6)),
    ]
    begin = [
        pack(_LOAD_HALF, 0, 0, ETHERNET - 2),
        pack(_IF_EQUAL, 2, 0, 0x0800),
        pack(_IF_EQUAL, 1 + len(over_ipv4), 0, 0x86DD),
        drop,
    ]
    return b"".join([*begin, *over_ipv4, *over_ipv6, of_a_port])


def attach(wire: socket.socket, ports: Collection[int]) -> None:
    """Puts the filter on the socket, replacing the one before. Raises OSError."""
    code = sieve(ports)
    kept = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HP", len(code) // _INSTRUCTION.size, ctypes.addressof(kept))
    wire.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
