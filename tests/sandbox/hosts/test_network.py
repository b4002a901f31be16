"""The two hosts as pyroute2 sees them, which has only encoded what made them."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from pyroute2 import IPRoute
from pyroute2.netlink import rtnl
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg

from conformance.sandbox import Isolation, World, kernel
from conformance.sandbox.hosts import network
from conformance.sandbox.hosts.world import HostName
from kit.trials import WITHIN, apart


def links() -> dict[str, tuple[str, bool]]:
    """Of the host we are in: the state of each interface (RFC 2863), and whether it is up."""
    with IPRoute() as ip:
        return {
            link.get("ifname"): (link.get("operstate"), bool(link["flags"] & 1))
            for link in ip.get_links()
        }


def addresses() -> set[tuple[str, int, str | None]]:
    """Of eth0: address, length of the prefix, broadcast address."""
    with IPRoute() as ip:
        return {
            (found.get("address"), found["prefixlen"], found.get("broadcast"))
            for found in ip.get_addr(index=socket.if_nametoindex("eth0"))
        }


def default_routes() -> list[tuple[str, int]]:
    """Gateway, and the interface on which it is."""
    with IPRoute() as ip:
        routes: list[Any] = list(ip.get_default_routes(family=socket.AF_INET))
        return [(route.get("gateway"), route.get("oif")) for route in routes]


@pytest.mark.parametrize(
    ("host", "own", "own_6", "other"),
    [
        ("submission", "10.9.9.1", "fd09:9::1", "10.9.9.2"),
        ("suite", "10.9.9.2", "fd09:9::2", "10.9.9.1"),
    ],
)
def test_what_a_host_has(
    wired: Isolation, scratch: Path, host: HostName, own: str, own_6: str, other: str
) -> None:
    def work() -> None:
        with World(wired, scratch) as world, world.on(host):
            found = links()
            state, up = found.pop("eth0")
            assert up
            # At once the end that is slower to work does. The other works, too; but it may be
            # told of as it was before: the kernel's link watch looks at it later.
            assert state == "UP" or host == "suite"
            assert found.pop("lo")[1]
            assert not any(up for _, up in found.values())  # tunnels, on some kernels
            told = {one for one in addresses() if not one[0].startswith("fe80:")}
            assert told == {(own, 24, "10.9.9.255"), (own_6, 64, None)}
            assert default_routes() == [(other, socket.if_nametoindex("eth0"))]

    apart(work)


def test_a_fork_of_a_warm_process_needs_no_library(wired: Isolation, scratch: Path) -> None:
    def work() -> None:
        for name in [*sys.modules, "pyroute2"]:
            if (
                name.partition(".")[0] == "pyroute2"
                or name == "conformance.sandbox.hosts.rtnetlink"
            ):
                sys.modules[name] = None  # type: ignore[assignment]  # to import it fails
        with World(wired, scratch) as world:
            assert world.listeners() == []

    apart(work)


def test_a_process_that_is_not_warm(wired: Isolation, scratch: Path) -> None:
    def work() -> None:
        network.requests.cache_clear()
        with World(wired, scratch) as world:
            assert world.listeners() == []

    apart(work)


def test_what_the_kernel_refuses_says_why(wired: Isolation, scratch: Path) -> None:
    def work() -> None:
        with World(wired, scratch) as world:
            suite, submission = network.this_network(), world.network_of("submission")
            assert submission is not None
            with pytest.raises(FileExistsError, match="a wire between two hosts: File exists"):
                network.lay_wire(submission, suite)
            assert os.path.sameopenfile(network.this_network(), suite)  # back where it was

    apart(work)


UP, RUNNING, CARRIER = 0x1, 0x40, 0x1_0000
"""IFF_UP, IFF_RUNNING and IFF_LOWER_UP of netdevice(7)."""


@pytest.mark.parametrize(
    ("kind", "index", "flags", "carrier"),
    [
        (rtnl.RTM_NEWLINK, 100, UP | RUNNING | CARRIER, True),
        (rtnl.RTM_NEWLINK, 100, UP | RUNNING, False),  # the kernel does not know yet
        (rtnl.RTM_NEWLINK, 1, UP | RUNNING | CARRIER, False),  # lo
        (rtnl.RTM_DELLINK, 100, UP | RUNNING | CARRIER, False),
    ],
)
def test_news_of_the_wire(kind: int, index: int, flags: int, *, carrier: bool) -> None:
    message = ifinfmsg()
    message["header"]["type"] = kind
    message["index"], message["flags"] = index, flags
    message["attrs"] = [("IFLA_IFNAME", "eth0")]
    message.encode()
    assert network.tells_of_carrier(bytes(message.data)) is carrier


@pytest.mark.parametrize(("state", "works"), [("UP", True), ("LOWERLAYERDOWN", False)])
def test_news_of_a_port(state: str, *, works: bool) -> None:
    """With a carrier, but before the kernel's link watch has run, a bridge does not use it."""
    message = ifinfmsg()
    message["header"]["type"] = rtnl.RTM_NEWLINK
    message["index"], message["flags"] = 100, UP | CARRIER
    message["attrs"] = [("IFLA_IFNAME", "port1"), ("IFLA_OPERSTATE", state)]
    message.encode()
    assert network.tells_of_carrier(bytes(message.data))
    assert network.tells_of_operation(bytes(message.data), 100) is works
    assert not network.tells_of_operation(bytes(message.data), 101)


def fresh_host(*, disabled: str) -> int:
    """Enters a network namespace of its own, without IPv6; a descriptor of it."""
    kernel.unshare(kernel.CLONE_NEWNET)
    for name in ("all", "default"):
        Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text(disabled)
    return network.this_network()


def test_hosts_without_ipv6(wired: Isolation, scratch: Path) -> None:
    if not Path("/proc/sys/net/ipv6").exists():
        pytest.skip("this kernel has no IPv6 that could be switched off")

    def work() -> None:
        with World(wired, scratch):
            submission = fresh_host(disabled="1")
            suite = fresh_host(disabled="1")
            network.lay_wire(submission, suite)
            assert addresses() == {("10.9.9.2", 24, "10.9.9.255")}
            here = socket.create_server(("10.9.9.2", 7))
            kernel.setns(submission, kernel.CLONE_NEWNET)
            with socket.create_connection(("10.9.9.2", 7), timeout=WITHIN) as there:
                assert here.accept()[1] == there.getsockname()

    apart(work)
