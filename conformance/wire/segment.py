"""The header of a TCP segment in an Ethernet frame, as far as the capture needs it.

Nearly all frames of a conversation are IPv4 without options, and one segment each. These are read
here: dpkt takes ten times as long for each, and a session has hundreds. All others are dpkt's.
"""

from __future__ import annotations

import socket
import struct
from functools import lru_cache
from typing import NamedTuple

import dpkt

from conformance.wire.sieve import ETHERNET

Flow = tuple[str, int, str, int]
"""Source address, source port, destination address, destination port."""


class Segment(NamedTuple):
    flow: Flow
    sequence: int
    flags: int
    """Those of RFC 9293: dpkt.tcp.TH_SYN, …"""
    length: int
    """Bytes of payload by the headers: the frame itself may have been cut."""


_FRAME = struct.Struct(f">{ETHERNET - 2}xHBxHxxHxBxx8sHHIxxxxBB")
"""An Ethernet header, an IPv4 header without options, and what a TCP header begins with: type;
version and header length, length, fragment, protocol, addresses; ports, sequence number, header
length, flags."""
_PLAIN = 0x45
"""Version 4, and a header of five words: no options."""
_FRAGMENT = 0x3FFF
"""More fragments follow, or the offset of this one."""
_IP_HEADER, _TCP_HEADER = 20, 20
_WHOLE = ETHERNET + _IP_HEADER + _TCP_HEADER

_NETWORKS = {
    dpkt.ethernet.ETH_TYPE_IP.to_bytes(2, "big"): (dpkt.ip.IP, ETHERNET + 9),
    dpkt.ethernet.ETH_TYPE_IP6.to_bytes(2, "big"): (dpkt.ip6.IP6, ETHERNET + 6),
}
"""By network protocol: how its header is decoded, and where in a frame it names the transport."""
_TCP = bytes([socket.IPPROTO_TCP])


def segment(frame: bytes) -> Segment | None:
    """The TCP segment in a frame; None if it holds none."""
    if len(frame) >= _WHOLE:
        kind, version, length, fragment, protocol, between, *rest = _FRAME.unpack_from(frame)
        if kind == dpkt.ethernet.ETH_TYPE_IP and version == _PLAIN and not fragment & _FRAGMENT:
            if protocol != socket.IPPROTO_TCP:
                return None
            source_port, port, sequence, words, flags = rest
            header = (words >> 4) * 4
            if header >= _TCP_HEADER and length >= _IP_HEADER + _TCP_HEADER:
                source, destination = _addresses(between)
                flow = (source, source_port, destination, port)
                flags |= (words & 1) << 8  # the ninth, of RFC 3540
                return Segment(flow, sequence, flags, length - _IP_HEADER - header)
    return decoded(frame)


@lru_cache(maxsize=256)
def _addresses(raw: bytes) -> tuple[str, str]:
    return socket.inet_ntoa(raw[:4]), socket.inet_ntoa(raw[4:])


def decoded(frame: bytes) -> Segment | None:
    """As `segment`, by dpkt alone. The frame's own header is not decoded, which would take as long
    again."""
    network, protocol_at = _NETWORKS.get(frame[ETHERNET - 2 : ETHERNET], (None, 0))
    if network is None or frame[protocol_at : protocol_at + 1] != _TCP:
        return None  # tested before decoding, because a flood is mostly of these
    try:
        packet = network(frame[ETHERNET:])
    except dpkt.UnpackError:
        return None
    if not isinstance(packet.data, dpkt.tcp.TCP):
        return None
    found, header = packet.data, packet.data.off * 4
    if isinstance(packet, dpkt.ip.IP):
        family, length = socket.AF_INET, packet.len - packet.hl * 4 - header
    else:
        family, length = socket.AF_INET6, packet.plen - header
    source, destination = (socket.inet_ntop(family, raw) for raw in (packet.src, packet.dst))
    flow = (source, found.sport, destination, found.dport)
    return Segment(flow, found.seq, found.flags, int(length))
