"""Several hosts behind a bridge: who hears what is sent to a group, to all, or to one."""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance.sandbox import Isolation, SandboxError, World
from conformance.sandbox.hosts import bridge
from kit.trials import WITHIN, apart

FURTHER = ("musician-1", "musician-2")
GROUP, PORT = "239.255.22.5", 9907


def listening(world: World, host: str, group: str = "") -> socket.socket:
    """A socket of that host, which has joined the group without naming an interface."""
    made = world.socket(host, socket.AF_INET, socket.SOCK_DGRAM)
    made.settimeout(WITHIN)
    made.bind(("", PORT))
    if group:
        with world.on(host):
            member = struct.pack("4s4s", socket.inet_aton(group), socket.inet_aton("0.0.0.0"))
            made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    return made


@pytest.mark.parametrize("to", [GROUP, "255.255.255.255", "10.9.9.255", "10.9.9.1"])
def test_what_is_sent_on_one_host_comes_to_another(
    wired: Isolation, scratch: Path, to: str
) -> None:
    def work() -> None:
        with World(wired, scratch, further=FURTHER) as world:
            ears = [listening(world, "submission", GROUP)]
            ears += [] if to == "10.9.9.1" else [listening(world, "musician-2", GROUP)]
            sender = world.socket("musician-1", socket.AF_INET, socket.SOCK_DGRAM)
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sender.sendto(b"ti-ta-ti", (to, PORT))
            for ear in ears:
                data, (source, _) = ear.recvfrom(100)
                assert (data, source) == (b"ti-ta-ti", "10.9.9.11")

    apart(work)


def test_every_host_reaches_every_other_by_tcp(wired: Isolation, scratch: Path) -> None:
    def work() -> None:
        with World(wired, scratch, further=FURTHER) as world:
            hosts = ("suite", "submission", *FURTHER)
            for host in hosts:
                with world.on(host):
                    door = socket.create_server(("", 7), backlog=len(hosts))
                for other in hosts:
                    with world.on(other):
                        caller = socket.create_connection((world.address(host), 7), WITHIN)
                    with caller, door.accept()[0] as accepted:
                        own = host if host == other else other
                        assert accepted.getpeername()[0] == world.address(own)
                door.close()

    apart(work)


def test_each_host_has_its_own_name_and_address(wired: Isolation, scratch: Path) -> None:
    def work() -> None:
        with World(wired, scratch, further=FURTHER) as world:
            told = {host: world.etc_of(host) for host in ("submission", *FURTHER)}
            for host, etc in told.items():
                assert etc is not None
                assert f"{world.address(host)} " in (etc / "hosts").read_text()
            assert len({world.network_of(host) for host in told}) == len(told)

    apart(work)


def test_too_many_hosts_are_refused(wired: Isolation, scratch: Path) -> None:
    def work() -> None:
        with pytest.raises(SandboxError, match="at most 8 further hosts"):
            World(wired, scratch, further=[f"host-{n}" for n in range(9)]).__enter__()

    apart(work)


def test_a_kernel_without_bridges_has_two_hosts(wired: Isolation, scratch: Path) -> None:
    def refused(submission: int, suite: int, further: Sequence[int]) -> None:
        raise OSError(errno.EOPNOTSUPP, "a bridge: Operation not supported")

    def work() -> None:
        bridge.lay_bridge = refused
        with World(wired, scratch, further=FURTHER) as world:
            assert world.further == ()
            with world.on("submission"):
                door = socket.create_server(("", 7))
            with socket.create_connection((world.address("submission"), 7), WITHIN):
                door.close()

    apart(work)
