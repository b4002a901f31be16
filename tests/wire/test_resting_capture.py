"""A capture is not woken by each packet: what comes while it rests is not lost, and what
another conversation left behind is not shown."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import dpkt
import pytest

from conformance.sandbox import World
from conformance.sandbox.hosts.network import SUITE_ADDRESS
from conformance.wire import capture as captures
from conformance.wire import stream_times
from conformance.wire.capture import REST, Capture
from conformance.wire.ring import FRAMES
from kit.peers import in_a_world

ROUNDS = 12
EACH = FRAMES // 8


def test_more_than_the_ring_holds_though_nobody_asks(scratch: Path) -> None:
    def work(world: World) -> int:
        async def hold() -> int:
            capture = Capture(world.socket("suite", socket.AF_PACKET, socket.SOCK_RAW), "eth0")
            here = world.socket("suite", socket.AF_INET, socket.SOCK_DGRAM)
            here.bind((SUITE_ADDRESS, 0))
            there = world.socket("submission", socket.AF_INET, socket.SOCK_DGRAM)
            capture.open()
            try:
                async with asyncio.timeout(50):
                    for sent in range(1, ROUNDS + 1):
                        for _ in range(EACH):
                            there.sendto(b"here it is", here.getsockname())
                        while kept(capture) < sent * EACH:
                            await asyncio.sleep(REST)
                return kept(capture)
            finally:
                capture.close()

        return asyncio.run(hold())

    assert in_a_world(scratch, work) == ROUNDS * EACH > FRAMES


def kept(capture: Capture) -> int:
    return sum(packet.data.endswith(b"here it is") for packet in capture.packets)


# -- without a wire -------------------------------------------------------------------


class Wire:
    """A socket that gives these packets, each with the direction in which it went."""

    def __init__(self) -> None:
        self.packets: list[tuple[int, bytes]] = []

    def recvmsg(self, size: int, ancillary: int) -> Any:
        if not self.packets:
            raise BlockingIOError
        kind, data = self.packets.pop(0)
        return data[:size], [], 0, ("eth0", 0x800, kind)

    def setblocking(self, flag: bool) -> None: ...
    def setsockopt(self, *args: object) -> None:
        """It has no ring, as on some kernels."""
        if args[0] != socket.SOL_SOCKET:
            raise OSError

    def bind(self, address: object) -> None: ...


SYN, ACK = dpkt.tcp.TH_SYN, dpkt.tcp.TH_ACK


def came(client: int, flags: int, words: bytes = b"") -> tuple[int, bytes]:
    return socket.PACKET_HOST, frame("10.9.9.1", 2323, "10.9.9.2", client, flags, words)


def went(client: int, flags: int, words: bytes = b"") -> tuple[int, bytes]:
    return socket.PACKET_OUTGOING, frame("10.9.9.2", client, "10.9.9.1", 2323, flags, words)


def frame(source: str, sport: int, target: str, dport: int, flags: int, words: bytes) -> bytes:
    segment = dpkt.tcp.TCP(sport=sport, dport=dport, seq=1, flags=flags, data=words)
    packet = dpkt.ip.IP(
        src=socket.inet_aton(source), dst=socket.inet_aton(target), p=6, data=segment
    )
    packet.len = len(packet)
    return bytes(dpkt.ethernet.Ethernet(data=packet))


def shown(capture: Capture) -> list[bytes]:
    capture.drain()
    return [packet.data[-3:] for packet in capture.packets]


def test_what_we_still_say_to_another_conversations_server_is_not_shown() -> None:
    wire = Wire()
    capture = Capture(wire, "eth0")  # type: ignore[arg-type]
    wire.packets += [went(4_000, SYN), came(4_000, SYN | ACK), went(4_000, ACK, b"one")]
    assert shown(capture)[-1] == b"one"
    capture.begin()
    wire.packets += [went(4_000, ACK, b"old"), came(4_000, ACK, b"old")]
    wire.packets += [went(4_001, SYN), came(4_001, SYN | ACK), went(4_001, ACK, b"new")]
    assert [words for words in shown(capture) if words in (b"old", b"new")] == [b"new"]
    assert len(shown(capture)) == 3, "with the handshake"


def test_a_port_that_is_used_again_is_this_conversations() -> None:
    wire = Wire()
    capture = Capture(wire, "eth0")  # type: ignore[arg-type]
    wire.packets += [went(4_000, SYN), came(4_000, SYN | ACK)]
    capture.drain()
    capture.begin()
    wire.packets += [went(4_000, SYN), came(4_000, SYN | ACK), went(4_000, ACK, b"new")]
    assert shown(capture)[-1] == b"new"
    assert len(shown(capture)) == 3


# -- floods ---------------------------------------------------------------------------


class Flood(Wire):
    """Has always more to give."""

    def __init__(self) -> None:
        super().__init__()
        self.given = 0

    def recvmsg(self, size: int, ancillary: int) -> Any:
        self.given += 1
        return came(4_000, ACK)[1], [], 0, ("eth0", 0x800, socket.PACKET_HOST)


def test_a_flood_that_goes_on_meanwhile_does_not_keep_us() -> None:
    wire = Flood()
    capture = Capture(wire, "eth0")  # type: ignore[arg-type]
    for turn in (1, 2):
        capture.drain()
        assert wire.given <= turn * (FRAMES + 1)


def test_of_a_flood_of_segments_and_connections_no_more_is_kept_than_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream_times, "MAX_SEGMENTS", 10)
    monkeypatch.setattr(captures, "MAX_STREAMS", 3)
    stream = stream_times.StreamTimes(0)
    for number in range(20):
        assert stream.segment(number, 1, at=number)
    assert [stream.arrival(offset) for offset in (0, 9, 10, 19)] == [0, 9, None, None]
    wire = Wire()
    capture = Capture(wire, "eth0")  # type: ignore[arg-type]
    wire.packets += [came(client, SYN | ACK) for client in range(4_000, 4_010)]
    wire.packets += [came(4_000, SYN | ACK)]  # a port that is used again
    capture.drain()
    flows = [("10.9.9.1", 2323, "10.9.9.2", client) for client in range(4_000, 4_010)]
    assert [capture.opened(flow) is not None for flow in flows] == [True] * 3 + [False] * 7
