"""Two hosts with a network between them, as sockets on them see it."""

from __future__ import annotations

import functools
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.sandbox import Isolation, World
from conformance.sandbox.hosts import emulation, rtnetlink
from conformance.sandbox.hosts.conditions import NetworkConditions
from conformance.sandbox.hosts.emulation import Emulated
from conformance.sandbox.hosts.forwarder import Forwarder
from kit.trials import WITHIN, apart

PORT = 2323
MANY = 200
"""Datagrams that a socket of ordinary size holds while nobody reads."""
END = b"end"


@contextmanager
def joined(wired: Isolation, scratch: Path, text: str, seed: str = "1") -> Iterator[World]:
    asked = Emulated(NetworkConditions.read(text), by_kernel=False)
    with World(wired, scratch, emulated=asked, seed=seed) as world:
        yield world


def bound(world: World, kind: socket.SocketKind) -> socket.socket:
    """A socket on the submission's host."""
    with world.on("submission"):
        made = socket.socket(socket.AF_INET, kind)
        made.bind(("", PORT))
    made.settimeout(WITHIN)
    return made


def came_of(world: World, count: int) -> list[int]:
    """The numbers, from 0, of those datagrams that arrive, in the order in which they do."""
    there = bound(world, socket.SOCK_DGRAM)
    with there, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
        here.connect(("10.9.9.1", PORT))
        for number in range(count):
            here.send(b"%d" % number)
        for _ in range(20):  # half of them may be lost
            here.send(END)
        came: list[bytes] = []
        while came.count(END) < 2:  # the first may have overtaken the last number
            came.append(there.recv(100))
    return [int(data) for data in came if data != END]


def test_everything_takes_a_delay_there_and_back(wired: Isolation, scratch: Path) -> None:
    def work() -> None:
        with joined(wired, scratch, "delay 50ms") as world:
            listening = bound(world, socket.SOCK_STREAM)
            listening.listen()
            before = time.monotonic()
            with socket.create_connection(("10.9.9.1", PORT), timeout=WITHIN) as here:
                assert time.monotonic() - before >= 0.1
                there = listening.accept()[0]
                before = time.monotonic()
                here.sendall(b"?")
                there.sendall(there.recv(1))
                here.recv(1)
                assert time.monotonic() - before >= 0.1
            assert world.wire is not None
            assert not world.wire.counts().disorder

    apart(work)


def test_a_stream_arrives_whole_over_a_bad_network(wired: Isolation, scratch: Path) -> None:
    sent = os.urandom(300_000)

    def work() -> None:
        with joined(wired, scratch, "delay 2ms loss 2% duplicate 2% reorder 5%") as world:
            listening = bound(world, socket.SOCK_STREAM)
            listening.listen()
            with socket.create_connection(("10.9.9.1", PORT), timeout=WITHIN) as here:
                there = listening.accept()[0]
                there.settimeout(WITHIN)
                sending = threading.Thread(target=here.sendall, args=(sent,))
                sending.start()
                came = b""
                while len(came) < len(sent):
                    came += there.recv(65_536)
                sending.join(WITHIN)
            assert came == sent
            assert world.wire is not None
            assert world.wire.counts().lost

    apart(work)


def test_what_is_lost_is_counted_and_drawn_by_the_seed(wired: Isolation, scratch: Path) -> None:
    def drawn_by(seed: str, part: Path) -> list[int]:
        with joined(wired, part, "loss 30%", seed) as world:
            came = came_of(world, MANY)
            assert world.wire is not None
            lost = world.wire.counts().lost
            assert MANY - len(came) <= lost <= MANY - len(came) + 20
            return came

    drawn = []
    for number, seed in enumerate(("1", "1", "2")):
        part = scratch / str(number)
        part.mkdir()
        drawn.append(apart(functools.partial(drawn_by, seed, part)))
    assert drawn[0] == drawn[1] != drawn[2]
    assert MANY / 2 < len(drawn[0]) < MANY
    assert drawn[0] == sorted(set(drawn[0]))


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("duplicate 20%", lambda came: max(Counter(came).values()) == 2),
        ("reorder 20%", lambda came: came != sorted(came) and len(came) == MANY),
        ("delay 5ms jitter 5ms", lambda came: came == list(range(MANY))),
    ],
)
def test_what_happens_to_datagrams(
    wired: Isolation, scratch: Path, text: str, holds: Callable[[list[int]], bool]
) -> None:
    def work() -> None:
        with joined(wired, scratch, text) as world:
            came = came_of(world, MANY)
            assert set(came) == set(range(MANY))
            assert holds(came), came

    apart(work)


def test_ipv6_too(wired: Isolation, scratch: Path) -> None:
    def work() -> None:
        with joined(wired, scratch, "delay 20ms") as world:
            with world.on("submission"):
                there = socket.create_server(("::", PORT), family=socket.AF_INET6)
            before = time.monotonic()
            socket.create_connection(("fd09:9::1", PORT), timeout=WITHIN).close()
            assert time.monotonic() - before >= 0.04
            there.close()

    apart(work)


def test_the_process_ends_with_its_world(wired: Isolation, scratch: Path) -> None:
    def work() -> None:
        with joined(wired, scratch, "delay 5ms") as world:
            assert isinstance(world.wire, Forwarder)
            pid = world.wire.pid
            os.kill(pid, 0)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    apart(work)


@pytest.mark.parametrize("by_kernel", [False, True])
def test_several_hosts(
    wired: Isolation, scratch: Path, monkeypatch: pytest.MonkeyPatch, *, by_kernel: bool
) -> None:
    """What one host sends to a group reaches the others, over two of the lines."""
    monkeypatch.setattr(emulation, "_delays", lambda indices, seconds: ())
    names = ("one", "two")

    def work() -> None:
        asked = Emulated(NetworkConditions(delay=0.02), by_kernel)
        with World(wired, scratch, further=names, emulated=asked, seed="1") as world:
            ends = {}
            for host in ("submission", *names):
                with world.on(host):
                    ends[host] = member = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    member.bind(("", PORT))
                    group = socket.inet_aton("239.255.22.5") + socket.inet_aton("0.0.0.0")
                    member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
                    member.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
                    member.settimeout(WITHIN)
            before = time.monotonic()
            ends["one"].sendto(b"trulu", ("239.255.22.5", PORT))
            for host in ("submission", "two"):
                data, source = ends[host].recvfrom(100)
                assert (data, source[0]) == (b"trulu", world.address("one"))
            assert by_kernel or time.monotonic() - before >= 0.04
            ends["two"].sendto(b"?", (world.address("submission"), PORT))
            assert ends["submission"].recvfrom(100)[0] == b"?"

    apart(work)


def test_the_kernels_bridge(
    wired: Isolation, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of a wire with netem but netem itself, which not every kernel has."""
    monkeypatch.setattr(emulation, "_delays", lambda indices, seconds: ())

    def work() -> None:
        asked = Emulated(NetworkConditions(delay=0.05), by_kernel=True)
        with World(wired, scratch, emulated=asked) as world:
            assert came_of(world, MANY) == list(range(MANY))

    apart(work)


def test_a_delay_by_netem(wired: Isolation, scratch: Path) -> None:
    asked = emulation.emulated(NetworkConditions(delay=0.05), user_namespace=True)
    if not asked.by_kernel:
        pytest.skip("this kernel has no netem")

    def work() -> None:
        with World(wired, scratch, emulated=asked) as world:
            before = time.monotonic()
            assert came_of(world, 1) == [0]
            assert time.monotonic() - before >= 0.05

    apart(work)


def test_netem_is_asked_for_as_tc_does() -> None:
    """The bytes that `tc qdisc add dev lo root netem delay 50ms limit 100000` (iproute2 6.1) sends,
    without the number and the sender that it puts into the header."""
    ticks, limit = "c2eb0b00", "a0860100"
    options = ticks + limit + 4 * "00000000"
    kind = "0a000100" + "6e6574656d00" + "0000"
    to = "00000000" + "01000000" + "00000000" + "ffffffff" + "00000000"
    header = "4c000000" + "2400" + "0506"
    data = rtnetlink.delayed(1, 0.05).data.hex()
    assert data.startswith(header)
    assert data[32:] == to + kind + "1c000200" + options
