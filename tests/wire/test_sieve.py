"""What the kernel keeps from the capture: nobody keeps us busy with what concerns no
conversation, and what concerns one comes through."""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from pathlib import Path

import dpkt
import pytest

from conformance.sandbox import World
from conformance.wire import sieve as sieves
from conformance.wire.capture import Capture
from conformance.wire.sieve import MAX_PORTS, sieve
from kit.peers import in_a_world

SERVER, OURS, BEACON, OTHER = 2323, 40_000, 9_908, 7_777


def segment(sport: int, dport: int) -> dpkt.tcp.TCP:
    return dpkt.tcp.TCP(sport=sport, dport=dport, seq=1, flags=dpkt.tcp.TH_ACK, data=b"words")


def datagram(sport: int, dport: int) -> dpkt.udp.UDP:
    return dpkt.udp.UDP(sport=sport, dport=dport, ulen=13, data=b"words")


def over_ipv4(
    number: int, data: dpkt.Packet | bytes, offset: int = 0, options: bytes = b""
) -> bytes:
    packet = dpkt.ip.IP(
        src=socket.inet_aton("10.9.9.1"), dst=socket.inet_aton("10.9.9.2"),
        p=number, data=data, opts=options, hl=5 + len(options) // 4,
    )  # fmt: skip
    packet.offset = offset * 8
    packet.len = len(packet)
    return bytes(dpkt.ethernet.Ethernet(data=packet))


def over_ipv6(number: int, data: dpkt.Packet | bytes) -> bytes:
    packet = dpkt.ip6.IP6(src=b"\1" * 16, dst=b"\2" * 16, nxt=number, data=data)
    packet.plen = len(bytes(data))
    return bytes(dpkt.ethernet.Ethernet(type=dpkt.ethernet.ETH_TYPE_IP6, data=packet))


CONCERNS = {
    "from the server": over_ipv4(6, segment(SERVER, OURS)),
    "to the server": over_ipv4(6, segment(OURS, SERVER)),
    "with options of IP": over_ipv4(6, segment(SERVER, OURS), options=b"\1" * 8),
    "a datagram": over_ipv4(17, datagram(SERVER, OURS)),
    "a beacon": over_ipv4(17, datagram(OTHER, BEACON)),
    "the rest of a datagram": over_ipv4(17, b"\0" * 20, offset=100),
    "a port unreachable": over_ipv4(1, b"\3\3" + b"\0" * 26),
    "from the server over IPv6": over_ipv6(6, segment(SERVER, OURS)),
    "a datagram over IPv6": over_ipv6(17, datagram(OURS, SERVER)),
    "ICMPv6": over_ipv6(58, b"\1\4" + b"\0" * 26),
}

CONCERNS_NOBODY = {
    "to another port": over_ipv4(17, datagram(OTHER, OTHER + 1)),
    "a segment between others": over_ipv4(6, segment(OTHER, OURS)),
    "to another port over IPv6": over_ipv6(17, datagram(OTHER, OTHER + 1)),
    "another protocol": over_ipv4(253, b"\0" * 40),
    "IGMP": over_ipv4(2, b"\x16" + b"\0" * 7),
    "another protocol over IPv6": over_ipv6(253, struct.pack(">HH", SERVER, SERVER) + b"\0" * 40),
    "ARP": b"\xff" * 6 + b"\1" * 6 + b"\x08\x06" + struct.pack(">HH", SERVER, SERVER) * 7,
    "of another network": b"\xff" * 12 + b"\x88\xb5" + struct.pack(">HH", SERVER, SERVER) * 20,
    "cut": over_ipv4(6, segment(SERVER, OURS))[:33],
    "nothing at all": b"\xff" * 14,
}


def test_all_that_concerns_a_conversation_is_taken_and_nothing_else(scratch: Path) -> None:
    frames = CONCERNS | CONCERNS_NOBODY
    taken = taken_of(scratch, list(frames.values()), (SERVER,), (BEACON,))
    assert [name for name, frame in frames.items() if frame in taken] == list(CONCERNS)


def test_where_no_port_is_known_all_of_tcp_and_udp_is_taken(scratch: Path) -> None:
    frames = {"other": CONCERNS_NOBODY["to another port"], "arp": CONCERNS_NOBODY["ARP"]}
    taken = taken_of(scratch, list(frames.values()), ())
    assert [name for name, frame in frames.items() if frame in taken] == ["other"]


def taken_of(
    scratch: Path, frames: Sequence[bytes], concerned: Sequence[int], later: Sequence[int] = ()
) -> list[bytes]:
    """Those of the frames that a capture takes, when they come from the other host."""

    def work(world: World) -> list[bytes]:
        wire = world.socket("suite", socket.AF_PACKET, socket.SOCK_RAW)
        capture = Capture(wire, "eth0", concerned)
        for port in later:
            capture.concern(port)
        with world.socket("submission", socket.AF_PACKET, socket.SOCK_RAW) as sender:
            sender.bind(("eth0", 0))
            for frame in frames:
                sender.send(frame)
        capture.drain()
        capture.close()
        return [packet.data for packet in capture.packets]

    taken: list[bytes] = in_a_world(scratch, work)
    return taken


@pytest.mark.parametrize("count", [0, 1, 300, MAX_PORTS, MAX_PORTS + 1])
def test_the_kernel_takes_a_filter_for_as_many_ports(count: int) -> None:
    code = sieve(range(1, count + 1))
    assert len(code) // 8 <= 4_096
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        sieves.attach(any_socket, range(1, count + 1))
