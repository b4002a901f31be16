"""A wire with the conditions of a network, between the two hosts of a session.

    submission eth0 ── veth ── [ a third network namespace ] ── veth ── eth0 suite

Where there are further hosts, each has such a wire, to a port of the suite's bridge.

In the third namespace, the kernel's netem delays what passes (a bridge joins the two ends), or a
process of ours does (`forwarder`). netem is used for a fixed delay only: what it draws by chance it
does not count one by one, and kernels before 6.7 do not draw by a seed. A verdict has to know
whether anything was lost.
"""

from __future__ import annotations

import functools
import os
import signal
import socket
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from conformance.sandbox import kernel, uids
from conformance.sandbox.hosts import bridge, network
from conformance.sandbox.hosts.conditions import NetworkConditions
from conformance.sandbox.hosts.forwarder import (
    Cable,
    Forwarder,
    NetworkCounts,
    finish_frames,
    packet_socket,
)
from conformance.sandbox.hosts.frame_ring import PLACES

if TYPE_CHECKING:
    from conformance.sandbox.hosts.rtnetlink import NetlinkRequest

_SUBMISSIONS, _SUITES = "02:00:0a:09:09:01", "02:00:0a:09:09:02"
"""Hardware addresses of the two hosts."""
_PLACES_OF_MANY = 512
"""Frames that may wait at each end of a line where there are many lines: a place takes 2 KiB."""
_NO_IPV6 = "/proc/sys/net/ipv6/conf/default/disable_ipv6"
"""The third namespace says nothing itself: with IPv6 it would look for neighbours."""

_TRIAL_SECONDS = 5.0
"""The kernel answers at once, after loading a module in a fraction of a second."""


@dataclass(frozen=True)
class Emulated:
    """The conditions of a run's network, and what draws them."""

    conditions: NetworkConditions
    by_kernel: bool
    """Whether netem does it, and not the suite."""

    @property
    def told(self) -> str:
        """For reports: `delay 50 ms, loss 2 % (by the suite)`."""
        return f"{self.conditions.told} (by {'the kernel' if self.by_kernel else 'the suite'})"


class Wire(Protocol):
    """What joins the two hosts."""

    def begin(self) -> None: ...

    def counts(self) -> NetworkCounts: ...

    def close(self) -> None: ...


@dataclass
class _Netem:
    """The kernel's own: it only delays."""

    namespace: int
    """A descriptor of the third namespace, which would end without one, and all that is in it."""

    def begin(self) -> None:
        """Nothing is counted."""

    def counts(self) -> NetworkCounts:
        return NetworkCounts()

    def close(self) -> None:
        os.close(self.namespace)


def emulated(conditions: NetworkConditions, *, user_namespace: bool) -> Emulated:
    """What draws these conditions here: netem is tried once. All messages to the kernel are encoded
    then, so a process that forks sessions calls this first."""
    _encode(conditions)
    if conditions.by_chance:
        return Emulated(conditions, by_kernel=False)
    return Emulated(conditions, _has_netem(conditions.delay, user_namespace))


def lay(hosts: Sequence[int], suite: int, asked: Emulated, seed: str) -> Wire:
    """Connects new network namespaces, given by descriptor, over a third one: the submission's host
    and further ones with the suite's. The caller is in the suite's and stays there. Raises OSError
    if the kernel refuses, SandboxError if a wire does not come up."""
    between = _fresh_namespace(suite)
    try:
        return _laid(hosts, between, suite, asked, seed)
    finally:
        os.close(between)


def _laid(hosts: Sequence[int], between: int, suite: int, asked: Emulated, seed: str) -> Wire:
    several = len(hosts) > 1
    links, plain, bridged = _links(several)[: len(hosts)], network.requests(), bridge.requests()
    third = network.leads_to(between)
    with ExitStack() as stack:
        here, here_news = stack.enter_context(network.configuring(suite, suite))
        middle, middle_news = stack.enter_context(network.configuring(between, suite))
        ends = [stack.enter_context(network.configuring(host, suite)) for host in hosts]
        if several:
            network.ask(here, bridged.bridge, *plain.links_up)
        for link, port, (there, news) in zip(links, bridged.ports, ends, strict=False):
            network.ask(here, link.from_suite.replaced(*third))
            network.ask(there, link.from_host.replaced(*third))
            if asked.by_kernel:
                network.ask(middle, *link.bridge, *_delays(link.indices, asked.conditions.delay))
            network.ask(middle, *link.up)
            network.ask(there, *plain.links_up)
            network.ask(here, *(port if several else plain.links_up))
            # One after the other: a socket has no room for the news of many.
            network.wait_until_up(news)
            network.wait_until_up(here_news, link.index_at_suite, ports=several)
            network.wait_until_up(middle_news, *link.indices, ports=asked.by_kernel)
        network.give_addresses(submission=ends[0][0], suite=here)
        if several:
            bridge.give_further_addresses([there for there, _ in ends[1:]])
        else:
            _make_known(ends[0][0], here)
    if asked.by_kernel:
        return _Netem(os.dup(between))
    return _forwarder(links, (*hosts, suite), between, asked.conditions, seed)


def _make_known(submission: socket.socket, suite: socket.socket) -> None:
    """Tells two hosts of each other as neighbours. To ask would cost a round trip more, and the
    kernel keeps few packets meanwhile."""
    of_submission, of_suite = _neighbours()
    for host, (known, known_6) in ((submission, of_suite), (suite, of_submission)):
        network.ask(host, known)
        with suppress(OSError):  # a kernel that has IPv6 switched off
            network.ask(host, known_6)


def _fresh_namespace(suite: int) -> int:
    """A descriptor of a new network namespace; the caller goes back to the suite's."""
    kernel.unshare(kernel.CLONE_NEWNET)
    try:
        with suppress(OSError), open(_NO_IPV6, "w") as setting:
            setting.write("1")
        return network.this_network()
    finally:
        kernel.setns(suite, kernel.CLONE_NEWNET)


def _forwarder(
    links: Sequence[_Link],
    hosts: Sequence[int],
    between: int,
    conditions: NetworkConditions,
    seed: str,
) -> Forwarder:
    """The process of ours, for all links; the last of the `hosts` is the suite's."""
    suite = hosts[-1]
    try:
        for host in hosts:
            kernel.setns(host, kernel.CLONE_NEWNET)
            for name in [link.at_suite for link in links] if host == suite else [network.INTERFACE]:
                finish_frames(name)
        kernel.setns(between, kernel.CLONE_NEWNET)
        places = PLACES if len(links) == 1 else _PLACES_OF_MANY
        lines = []
        for towards_suite, towards_host in (link.names for link in links):
            one, other = packet_socket(towards_suite, places), packet_socket(towards_host, places)
            lines.append(Cable(one, other, places))
    finally:
        kernel.setns(suite, kernel.CLONE_NEWNET)
    return Forwarder(lines, conditions, seed)


@dataclass(frozen=True)
class _Link:
    """From the suite's host to another one, and the messages that make it, encoded."""

    at_suite: str
    index_at_suite: int
    """The interface of the suite's host."""
    names: tuple[str, str]
    """The interfaces in the third namespace: towards the suite, and towards the other host."""
    indices: tuple[int, int]
    from_suite: NetlinkRequest
    from_host: NetlinkRequest
    up: tuple[NetlinkRequest, ...]
    bridge: tuple[NetlinkRequest, ...]


@functools.cache
def _links(several: bool) -> tuple[_Link, ...]:
    """The link of the submission's host; of `several`, all that there may be, each by a port of the
    suite's bridge."""
    with network.without_what_it_imports("pyroute2"):
        from conformance.sandbox.hosts import rtnetlink

    def link(number: int, at_suite: str, index: int, hardware: str, other: str) -> _Link:
        indices = 1_000 + number, 2_000 + number
        names, of_bridge = (f"suite{number}", f"host{number}"), 3_000 + number
        near, far = zip(names, indices, strict=True)
        some = network.SOME_NAMESPACE
        return _Link(
            at_suite,
            index,
            names,
            indices,
            from_suite=rtnetlink.wire(at_suite, index, some, *near, hardware),
            from_host=rtnetlink.wire(network.INTERFACE, network.INDEX, some, *far, other),
            up=tuple(rtnetlink.raised(index) for index in indices),
            bridge=(
                rtnetlink.bridge(f"bridge{number}", of_bridge),
                *(rtnetlink.port(index, of_bridge) for index in indices),
                rtnetlink.raised(of_bridge),
            ),
        )

    if not several:
        return (link(0, network.INTERFACE, network.INDEX, _SUITES, _SUBMISSIONS),)
    ports = enumerate(bridge.PORTS)
    return tuple(link(number, f"port{port}", port, "", "") for number, port in ports)


_Known = tuple["NetlinkRequest", "NetlinkRequest"]
"""By IPv4, and by IPv6."""


@functools.cache
def _neighbours() -> tuple[_Known, _Known]:
    """What makes the submission's host known to the suite's, and the other way round."""
    with network.without_what_it_imports("pyroute2"):
        from conformance.sandbox.hosts import rtnetlink

    def known(address: str, address_6: str, hardware: str) -> _Known:
        four = rtnetlink.neighbour(network.INDEX, address, hardware)
        return four, rtnetlink.neighbour(network.INDEX, address_6, hardware)

    return (
        known(network.SUBMISSION_ADDRESS, network.SUBMISSION_ADDRESS_6, _SUBMISSIONS),
        known(network.SUITE_ADDRESS, network.SUITE_ADDRESS_6, _SUITES),
    )


@functools.cache
def _delays(indices: tuple[int, ...], seconds: float) -> tuple[NetlinkRequest, ...]:
    with network.without_what_it_imports("pyroute2"):
        from conformance.sandbox.hosts import rtnetlink

    return tuple(rtnetlink.delayed(index, seconds) for index in indices)


def _encode(conditions: NetworkConditions) -> None:
    """Encodes all messages, for this process and those that it forks."""
    network.requests(), bridge.requests(), _neighbours()
    for link in (*_links(False), *_links(True)):
        _delays(link.indices, conditions.delay)


@functools.cache
def _has_netem(delay: float, user_namespace: bool) -> bool:
    """Whether the kernel joins two wires by a bridge and netem, tried in a forked process."""
    with kernel.forking():
        child = os.fork()
    if child == 0:
        status = 1
        with suppress(BaseException):
            signal.alarm(round(_TRIAL_SECONDS))
            _try_netem(delay, user_namespace)
            status = 0
        os._exit(status)
    return os.waitpid(child, 0)[1] == 0


def _try_netem(delay: float, user_namespace: bool) -> None:
    """Raises OSError or SandboxError where it does not work."""
    if user_namespace:
        uids.enter_user_namespace(kernel.CLONE_NEWNET)
    else:
        kernel.unshare(kernel.CLONE_NEWNET)
    submission = network.this_network()
    kernel.unshare(kernel.CLONE_NEWNET)
    asked = Emulated(NetworkConditions(delay), by_kernel=True)
    lay([submission], network.this_network(), asked, "")
