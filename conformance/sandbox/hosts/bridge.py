"""More than two hosts: network namespaces joined by a bridge, which is the suite's eth0.

    submission     10.9.9.1   ── veth ──┐
    a further one  10.9.9.11  ── veth ──┤ bridge 10.9.9.2 (suite)
    the next one   10.9.9.12  ── veth ──┘

On each of them eth0 is the only interface beside loopback, and the suite is the default route, so
that broadcast and multicast of any group use the wire. The bridge passes all of that on: no host
has to have joined a group for the suite to hear it.
"""

from __future__ import annotations

import errno
import functools
import socket
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.sandbox import kernel
from conformance.sandbox.hosts import network
from conformance.sandbox.hosts.network import (
    INDEX,
    INTERFACE,
    SOME_NAMESPACE,
    SUITE_ADDRESS,
    ask,
    configuring,
    leads_to,
    wait_until_up,
)
from conformance.sandbox.kernel import SandboxError

if TYPE_CHECKING:
    from conformance.sandbox.hosts.rtnetlink import NetlinkRequest

MAX_FURTHER = 8
"""Hosts of one session beside the submission's and the suite's."""

PORTS = range(INDEX + 1, INDEX + 2 + MAX_FURTHER)
"""The numbers of the bridge's ports, in the suite's namespace."""


def further_address(number: int) -> str:
    """The IPv4 address of a further host; the first one is number 0."""
    return f"10.9.9.{11 + number}"


@dataclass(frozen=True)
class _BridgeRequests:
    bridge: NetlinkRequest
    wires: tuple[NetlinkRequest, ...]
    """From the bridge to each host: the submission's, then the further ones."""
    ports: tuple[tuple[NetlinkRequest, NetlinkRequest], ...]
    """Has the near end of each wire be a port of the bridge, and raises it."""
    addresses: tuple[tuple[NetlinkRequest, ...], ...]
    """Of each further host."""
    addresses_6: tuple[tuple[NetlinkRequest, ...], ...]


@functools.cache
def requests() -> _BridgeRequests:
    """All messages for a bridge, encoded: the same for all sessions, as `network.requests`."""
    with network.without_what_it_imports("pyroute2"):
        from conformance.sandbox.hosts import rtnetlink

    def own(number: int) -> tuple[NetlinkRequest, ...]:
        address = rtnetlink.address(INDEX, further_address(number), 24, "10.9.9.255")
        return address, rtnetlink.default_route(SUITE_ADDRESS)

    def own_6(number: int) -> tuple[NetlinkRequest, ...]:
        if not socket.has_ipv6:
            return ()
        return (rtnetlink.address_6(INDEX, f"fd09:9::{11 + number:x}", 64),)

    return _BridgeRequests(
        bridge=rtnetlink.bridge(INTERFACE, INDEX),
        wires=tuple(
            rtnetlink.wire(f"port{port}", port, SOME_NAMESPACE, INTERFACE, INDEX) for port in PORTS
        ),
        ports=tuple((rtnetlink.port(port, INDEX), rtnetlink.raised(port)) for port in PORTS),
        addresses=tuple(map(own, range(MAX_FURTHER))),
        addresses_6=tuple(map(own_6, range(MAX_FURTHER))),
    )


def lay_bridge(submission: int, suite: int, further: Sequence[int]) -> None:
    """Connects new network namespaces, given by descriptor, by a bridge. The caller is in the
    suite's and stays there. Raises OSError if the kernel refuses (it may have no bridges),
    SandboxError if a wire does not come up."""
    if len(further) > MAX_FURTHER:
        raise SandboxError(f"a session has at most {MAX_FURTHER} further hosts")
    asked, plain = requests(), network.requests()
    hosts = (submission, *further)
    with ExitStack() as stack:
        here, news = stack.enter_context(configuring(suite, suite))
        there = [stack.enter_context(configuring(host, suite))[0] for host in hosts]
        ask(here, asked.bridge, *plain.links_up)
        for host, wire, port in zip(hosts, asked.wires, asked.ports, strict=False):
            ask(here, wire.replaced(*leads_to(host)), *port)
            _forget(news)
        for end in there:
            ask(end, *plain.links_up)
        # The ports were raised before the hosts behind them, so they are slower to work; and one
        # passes packets on from the moment at which it is said to have a carrier.
        wait_until_up(news, INDEX, *PORTS[: len(hosts)])
        network.give_addresses(submission=there[0], suite=here)
        give_further_addresses(there[1:])


def give_further_addresses(hosts: Sequence[socket.socket]) -> None:
    """Gives the further hosts their addresses and routes, by the sockets that configure them."""
    asked = requests()
    for host, address, address_6 in zip(hosts, asked.addresses, asked.addresses_6, strict=False):
        ask(host, *address)
        with suppress(OSError):  # a kernel without IPv6
            ask(host, *address_6)


def _forget(news: socket.socket) -> None:
    """Drops the news until now: each port tells of itself a dozen times, and there is no room for
    what all of them tell."""
    while kernel.wait_readable([news.fileno()], 0):
        try:
            news.recv(1)
        except OSError as error:
            if error.errno != errno.ENOBUFS:  # some were lost, which are not wanted either
                raise
