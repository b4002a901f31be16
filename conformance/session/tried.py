"""Where a client tried to connect to, as the wire has it. Pure."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import dpkt

from conformance.wire.packets import Packet
from conformance.wire.sieve import ETHERNET

MAX_TRIED = 20
"""Places that are kept; a program that scans ports tries more."""


@dataclass(frozen=True)
class Tried:
    """One place that a client tried to connect to."""

    address: str
    port: int
    name: str = ""
    """The name that led to the address; "" where it was none."""
    at: float = 0.0
    """When it tried first, in seconds since the conversation began."""


def tried(
    packets: Iterable[Packet], seconds: Callable[[int], float], names: Mapping[str, str]
) -> list[Tried]:
    """The places of the first segments of connections (SYN), each once. `seconds`: a packet's time
    in the conversation; `names`: of addresses."""
    found: dict[tuple[str, int], Tried] = {}
    for packet in packets:
        place = _place(packet.data)
        if place is not None and place not in found and len(found) < MAX_TRIED:
            address, port = place
            found[place] = Tried(address, port, names.get(address, ""), seconds(packet.at))
    return list(found.values())


def _place(frame: bytes) -> tuple[str, int] | None:
    """Where a frame with a SYN goes to; None of any other."""
    try:
        packet = dpkt.ip.IP(frame[ETHERNET:])
    except dpkt.UnpackError:
        return None
    segment = packet.data
    if packet.v != 4 or not isinstance(segment, dpkt.tcp.TCP):
        return None
    if segment.flags & (dpkt.tcp.TH_SYN | dpkt.tcp.TH_ACK) != dpkt.tcp.TH_SYN:
        return None
    return socket.inet_ntoa(packet.dst), segment.dport
