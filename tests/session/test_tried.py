"""Where a client tried to connect to, as packets show it."""

from __future__ import annotations

import socket

import dpkt

from conformance.session.tried import MAX_TRIED, Tried, tried
from conformance.wire.packets import Packet


def packet(address: str, port: int, flags: int = dpkt.tcp.TH_SYN, at: int = 0) -> Packet:
    segment = dpkt.tcp.TCP(sport=40_000, dport=port, flags=flags)
    whole = dpkt.ip.IP(
        src=socket.inet_aton("10.9.9.1"), dst=socket.inet_aton(address), p=6, data=segment
    )
    whole.len = len(whole)
    data = bytes(12) + b"\x08\x00" + bytes(whole)
    return Packet(at, len(data), data)


def places(*packets: Packet) -> list[tuple[str, int]]:
    return [(each.address, each.port) for each in tried(packets, float, {})]


def test_each_place_is_told_once_with_its_name_and_time() -> None:
    told = tried(
        [
            packet("10.9.9.2", 80, at=3),
            packet("198.18.0.1", 8080, at=5),
            packet("10.9.9.2", 80, at=9),
        ],
        float,
        {"198.18.0.1": "www.example.com"},
    )
    assert told == [
        Tried("10.9.9.2", 80, "", 3.0),
        Tried("198.18.0.1", 8080, "www.example.com", 5.0),
    ]


def test_only_the_first_segment_of_a_connection_counts() -> None:
    both = dpkt.tcp.TH_SYN | dpkt.tcp.TH_ACK
    assert places(packet("10.9.9.2", 80, both), packet("10.9.9.2", 81, dpkt.tcp.TH_ACK)) == []


def test_other_packets_are_left_alone() -> None:
    whole = packet("10.9.9.2", 80).data
    nonsense = [b"", whole[:20], bytes(60), whole[:14] + b"\x60" + whole[15:]]
    assert places(*(Packet(0, len(data), data) for data in nonsense)) == []


def test_of_a_scan_the_first_are_told() -> None:
    assert len(places(*(packet("10.9.9.2", port) for port in range(1, 100)))) == MAX_TRIED
