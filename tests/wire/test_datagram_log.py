"""What leaves a host by UDP is heard, wherever it is sent to, and by whichever interface."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from conformance.sandbox import Isolation, Tier, World
from conformance.wire import datagram_log
from conformance.wire.datagram_log import EVERY_PROTOCOL, DatagramLog, SentDatagram
from kit.trials import WITHIN, apart, isolation_of

HOST = "musician-1"
PLACES = [
    ("239.255.22.5", 9907),
    ("255.255.255.255", 4411),
    ("10.9.9.255", 4411),
    ("10.9.9.1", 7),
    ("127.0.0.1", 9907),
    ("10.9.9.11", 9907),
]


@pytest.fixture
def wired(preloaded: None) -> Isolation:
    return isolation_of(Tier.FULL)


def heard_of(world: World, work: str, count: int) -> list[SentDatagram]:
    """What the log has when that many datagrams were sent by `work`."""

    async def hear() -> list[SentDatagram]:
        wire = world.socket(HOST, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL))
        log = DatagramLog(wire)
        sender = world.socket(HOST, socket.AF_INET, socket.SOCK_DGRAM)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        for place in PLACES if work == "places" else PLACES[:1] * count:
            sender.sendto(work.encode(), place)
        sender.close()
        assert await log.wait_until(lambda: len(log.datagrams) >= count or log.flooded, WITHIN)
        log.close()
        return log.datagrams

    return asyncio.run(hear())


def test_wherever_it_is_sent_to(wired: Isolation, scratch: Path) -> None:
    def work() -> list[SentDatagram]:
        with World(wired, scratch, further=[HOST]) as world:
            return heard_of(world, "places", len(PLACES))

    heard = apart(work)
    assert [one.to for one in heard] == PLACES
    assert {one.data for one in heard} == {b"places"}
    assert [one.at for one in heard] == sorted(one.at for one in heard)


def test_a_flood_is_heard_no_further(wired: Isolation, scratch: Path) -> None:
    def work() -> int:
        datagram_log.MAX_DATAGRAMS = 10
        with World(wired, scratch, further=[HOST]) as world:
            return len(heard_of(world, "flood", 10))

    assert apart(work) >= 10


def test_what_others_send_is_not_heard(wired: Isolation, scratch: Path) -> None:
    def work() -> list[SentDatagram]:
        with World(wired, scratch, further=[HOST]) as world:
            other = world.socket("suite", socket.AF_INET, socket.SOCK_DGRAM)
            other.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            other.sendto(b"from another host", ("255.255.255.255", 9))
            return heard_of(world, "own", 1)

    assert [one.data for one in apart(work)] == [b"own"]
