"""A build reaches nobody, whether it may fetch or not."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from conformance.sandbox import CommandResult, Isolation, Tier, kernel, run_build
from conformance.sandbox.hosts import loopback
from kit.shops import KNOCK, Hosts
from kit.trials import WITHIN, apart, isolation_of

OUTSIDE = "10.77.0.1"
"""An address that exists in the namespace of a test only."""


def knock(places: object, work: Path, isolation: Isolation, *, fetch: bool) -> dict[str, str]:
    """What a build says about each place that it has tried."""
    (work / "knock.py").write_text(KNOCK)
    command = ["/usr/bin/python3", "knock.py", json.dumps(places)]
    result = run_build(command, work, WITHIN, isolation=isolation, fetch=fetch)
    assert result.status == 0, result.output
    return dict(line.split(" ", 1) for line in result.output.splitlines())


ALL = ["tcp", "udp", "tcp6", "unix"]


@pytest.mark.parametrize("fetch", [False, True])
def test_a_build_does_not_reach_this_machine(wired: Isolation, scratch: Path, fetch: bool) -> None:
    with Hosts("127.0.0.1", everywhere=True) as hosts:
        said = knock(hosts.places, scratch / "work", wired, fetch=fetch)
        assert hosts.visited() == []
    assert [said[kind] for kind in ("tcp", "tcp6", "unix")] == ["failed"] * 3


def test_without_a_network_of_its_own_it_does(scratch: Path) -> None:
    """Tier none: what the tests here listen with can be reached."""
    with Hosts("127.0.0.1", everywhere=True) as hosts:
        said = knock(hosts.places, scratch / "work", isolation_of(Tier.NONE), fetch=False)
        assert hosts.visited() == ALL
    assert said == dict.fromkeys(ALL, "sent")


@pytest.mark.parametrize("fetch", [False, True])
def test_a_build_does_not_reach_the_outside(
    isolation: Isolation, scratch: Path, fetch: bool
) -> None:
    """The outside: another address of the network that the suite is on."""

    def work() -> list[str]:
        loopback.enter(None)
        add_outside()
        with Hosts(OUTSIDE, everywhere=False) as hosts:
            knock(hosts.places, scratch / "work", isolation, fetch=fetch)
            return hosts.visited()

    assert apart(work) == (["tcp", "udp"] if isolation.tier is Tier.NONE else [])


def add_outside() -> None:
    from pyroute2 import IPRoute

    with IPRoute() as ip:
        ip.addr("add", index=1, address=OUTSIDE, prefixlen=32)


def test_its_own_loopback_works(wired: Isolation, scratch: Path) -> None:
    """Tests that a project runs while it is built talk to themselves."""
    source = (
        "import socket\n"
        "server = socket.create_server(('127.0.0.1', 2323))\n"
        "client = socket.create_connection(('localhost', 2323), 5)\n"
        "print(client.getpeername())"
    )
    command = ["/usr/bin/python3", "-c", source]
    result = run_build(command, scratch / "work", WITHIN, isolation=wired)
    assert (result.status, result.output) == (0, "('127.0.0.1', 2323)\n")


def test_names_are_not_found_at_once(wired: Isolation, scratch: Path) -> None:
    command = ["/usr/bin/python3", "-c", "import socket; socket.getaddrinfo('pypi.org', 443)"]
    result = run_build(command, scratch / "work", WITHIN, isolation=wired)
    assert "Name or service not known" in result.output
    assert result.status == 1


def test_it_has_no_power_over_its_network(wired: Isolation, scratch: Path) -> None:
    command = ["/bin/sh", "-c", "grep CapEff /proc/self/status"]
    result = run_build(command, scratch / "work", WITHIN, isolation=wired)
    assert result.output == "CapEff:\t0000000000000000\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("tier", [Tier.FULL, Tier.NETWORK])
def test_an_ordinary_user_s_builds_are_secluded_too(tier: Tier, scratch: Path) -> None:
    isolation = isolation_of(tier)
    if not isolation.user_namespace:
        pytest.skip("this machine gives user namespaces to nobody")

    def work(places: object) -> CommandResult:
        from conformance.sandbox import uids

        uids.give(scratch, 30_000)
        uids.become(30_000)
        return run_build(
            ["/usr/bin/python3", "knock.py", json.dumps(places)],
            scratch / "work", WITHIN, isolation=isolation, fetch=True,
        )  # fmt: skip

    (scratch / "work/knock.py").write_text(KNOCK)
    with Hosts("127.0.0.1", everywhere=True) as hosts:
        result = apart(lambda: work(hosts.places))
        assert hosts.visited() == []
    assert result.output == "tcp failed\nudp sent\ntcp6 failed\nunix failed\n"


def test_the_network_of_the_caller_is_as_it_was(wired: Isolation, scratch: Path) -> None:
    before = os.readlink("/proc/thread-self/ns/net")
    run_build(["true"], scratch / "work", WITHIN, isolation=wired, fetch=True)
    assert os.readlink("/proc/thread-self/ns/net") == before


def test_a_door_is_a_socket_of_the_secluded_network() -> None:
    """Handed out, it stays where it was made."""
    here, there = socket.socketpair()

    def work() -> str:
        with kernel.forking():
            child = os.fork()
        if child == 0:
            loopback.enter(None, there.fileno())
            os._exit(0)
        os.waitpid(child, 0)
        _, fds, _, _ = socket.recv_fds(here, 1, 1)
        with socket.socket(fileno=fds[0]) as listening_socket:
            assert listening_socket.getsockname() == loopback.DOOR
            try:
                socket.create_connection(loopback.DOOR, 5).close()
            except ConnectionRefusedError:
                return "not of this network"
        return "of this network"

    with here, there:
        assert apart(work) == "not of this network"
