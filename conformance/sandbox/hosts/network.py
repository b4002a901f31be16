"""The two hosts of a session: two network namespaces, joined by one wire.

    submission 10.9.9.1/24, fd09:9::1/64  ── veth ──  suite 10.9.9.2/24, fd09:9::2/64

Each is the other's default route, so that broadcast and multicast use the wire and
have the right source address. Both interfaces are called eth0.

The kernel is configured by netlink messages (rtnetlink(7)), which are encoded beforehand, if
possible in the process that forks this one: see `requests`.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import socket
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.sandbox import kernel
from conformance.sandbox.kernel import SandboxError

if TYPE_CHECKING:
    from conformance.sandbox.hosts.rtnetlink import NetlinkRequest

SUBMISSION_ADDRESS = "10.9.9.1"
SUITE_ADDRESS = "10.9.9.2"
SUBMISSION_ADDRESS_6 = "fd09:9::1"
SUITE_ADDRESS_6 = "fd09:9::2"
INTERFACE = "eth0"

INDEX = 100
"""The number of eth0, on both hosts; lo has 1. The kernel may add tunnels to a new namespace
(tunl0, sit0, ...), and numbers them from 2."""
_LOOPBACK_INDEX = 1
_PREFIX, _PREFIX_6 = 24, 64

_LOW_PORTS = "/proc/sys/net/ipv4/ip_unprivileged_port_start"

SOME_NAMESPACE = 0x7FFF_FFFF
"""A placeholder in the encoded request, which each session replaces by its own namespace."""
_DESCRIPTOR = struct.Struct("=I")

_NEW_LINK = 16
_LOWER_UP = 0x1_0000
_LINK_GROUP = 1
"""RTM_NEWLINK, IFF_LOWER_UP; RTMGRP_LINK, which tells when an interface changes."""
_HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port id
_NUMBER = struct.Struct("=i")  # nlmsgerr: errno below zero; 0 where all is well
_LINK = struct.Struct("=BBHiII")  # ifinfomsg: family, pad, type, index, flags, change
_ATTRIBUTE = struct.Struct("=HH")  # rtattr: length, type
_OPERATIONAL_STATE, _UP = 16, 6
"""IFLA_OPERSTATE, IF_OPER_UP."""
_RECEIVE = 8192

_ANSWER_SECONDS = 2.0
"""The kernel answers at once; this bounds the wait for a kernel that does not."""
_WIRE_SECONDS = 5.0
"""The kernel takes about 1 ms to declare the wire up, on a busy machine about 100 ms."""


def this_network() -> int:
    """A descriptor of the network namespace that the calling thread is in."""
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


@dataclass(frozen=True)
class _Addresses:
    """What makes one of the two hosts reachable."""

    address: tuple[NetlinkRequest, ...]
    address_6: tuple[NetlinkRequest, ...]


@dataclass(frozen=True)
class _Requests:
    wire: NetlinkRequest
    links_up: tuple[NetlinkRequest, ...]
    submission: _Addresses
    suite: _Addresses
    all_its_own: NetlinkRequest
    """A host takes every address for its own."""


@contextmanager
def without_what_it_imports(package: str) -> Iterator[None]:
    """In the block, modules of the package can be imported without what its __init__ imports: with
    pyroute2 that is 140 modules, 0.07 s and 10 MiB, none of which we need."""
    spec = importlib.util.find_spec(package)
    if spec is None or package in sys.modules:
        yield
        return
    sys.modules[package] = importlib.util.module_from_spec(spec)
    try:
        yield
    finally:  # later imports get the whole package
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[name]


@functools.cache
def requests() -> _Requests:
    """All messages that hosts are made with, encoded: 0.02 s the first time. They are the same for
    all sessions, so a process that forks sessions calls this first.
    """
    with without_what_it_imports("pyroute2"):
        from conformance.sandbox.hosts import rtnetlink

    def host(own: str, own_6: str, other: str) -> _Addresses:
        address = rtnetlink.address(INDEX, own, _PREFIX, "10.9.9.255")
        six = (rtnetlink.address_6(INDEX, own_6, _PREFIX_6),) if socket.has_ipv6 else ()
        return _Addresses((address, rtnetlink.default_route(other)), six)

    return _Requests(
        wire=rtnetlink.wire(INTERFACE, INDEX, SOME_NAMESPACE),
        links_up=(rtnetlink.raised(_LOOPBACK_INDEX), rtnetlink.raised(INDEX)),
        submission=host(SUBMISSION_ADDRESS, SUBMISSION_ADDRESS_6, SUITE_ADDRESS),
        suite=host(SUITE_ADDRESS, SUITE_ADDRESS_6, SUBMISSION_ADDRESS),
        all_its_own=rtnetlink.own_route(),
    )


def lay_wire(submission: int, suite: int) -> None:
    """Connects two new network namespaces, given by descriptor. The caller is in the suite's and
    stays there. Raises OSError if the kernel refuses, SandboxError if the wire does not come up."""
    asked = requests()
    with configuring(suite, suite) as (here, _), configuring(submission, suite) as (there, news):
        ask(here, asked.wire.replaced(*leads_to(submission)))
        ask(there, *asked.links_up)
        ask(here, *asked.links_up)
        wait_until_up(news)
        give_addresses(submission=there, suite=here)


def leads_to(namespace: int) -> tuple[bytes, bytes]:
    """For `NetlinkRequest.replaced`: the far end of a wire is to be in this namespace."""
    return _DESCRIPTOR.pack(SOME_NAMESPACE), _DESCRIPTOR.pack(namespace)


@contextmanager
def configuring(namespace: int, back: int) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Sockets that configure this network namespace, and that hear what its interfaces do. The
    caller is in the namespace `back`, and stays there."""
    kernel.setns(namespace, kernel.CLONE_NEWNET)
    try:
        _set_up_kernel()
        asking, news = _rtnetlink(), _rtnetlink(_LINK_GROUP)
    finally:
        kernel.setns(back, kernel.CLONE_NEWNET)
    with asking, news:
        yield asking, news


def give_addresses(*, submission: socket.socket, suite: socket.socket) -> None:
    """Gives the two hosts their addresses and routes, by the sockets that configure them."""
    asked = requests()
    for host, own in ((submission, asked.submission), (suite, asked.suite)):
        ask(host, *own.address)
        # A kernel that has IPv6 switched off refuses the address, in several ways.
        with suppress(OSError):
            ask(host, *own.address_6)


def answer_for_every_address() -> None:
    """Has the host that we are in take every IPv4 address for its own, but those of the wire: what
    the other host sends to any address arrives here."""
    with _rtnetlink() as here:
        ask(here, requests().all_its_own)


def _set_up_kernel() -> None:
    """Settings of the namespace that the caller is in. Where the kernel refuses (a read-only
    /proc/sys, no IPv6), the session works without ports under 1024, or without IPv6 on the wire."""
    for name, value in ((_LOW_PORTS, b"0"), ("/proc/sys/net/ipv6/conf/default/accept_dad", b"0")):
        with suppress(OSError):
            Path(name).write_bytes(value)


def low_ports_are_free() -> bool:
    """Whether any program may listen on ports under 1024, on the host we are in."""
    with suppress(OSError):
        return Path(_LOW_PORTS).read_bytes().strip() == b"0"
    return False


def _rtnetlink(groups: int = 0) -> socket.socket:
    """A socket that configures its namespace; with `groups`, it also hears what happens there."""
    made = socket.socket(
        socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE
    )
    made.settimeout(_ANSWER_SECONDS)
    made.bind((0, groups))
    return made


def ask(host: socket.socket, *requests: NetlinkRequest) -> None:
    """Sends all requests in order. Raises OSError for the first that is refused."""
    host.send(b"".join(request.data for request in requests))
    refused: OSError | None = None
    for request in requests:
        number = -_NUMBER.unpack_from(host.recv(_RECEIVE), _HEADER.size)[0]
        if number and refused is None:
            refused = OSError(number, f"{request.what}: {os.strerror(number)}")
    if refused is not None:
        raise refused


def wait_until_up(news: socket.socket, *indices: int, ports: bool = False) -> None:
    """Waits until these interfaces (none: eth0) can send. The end of a wire that was raised first
    drops packets until the kernel's link watch has run, and a lost ARP reply would cost 1 s. So
    does a port of a bridge (`ports`), whichever end was raised first."""
    tells = tells_of_operation if ports else tells_of_carrier
    missing = set(indices or (INDEX,))
    until = time.monotonic() + _WIRE_SECONDS
    while (left := until - time.monotonic()) > 0:
        if kernel.wait_readable([news.fileno()], left):
            told = news.recv(_RECEIVE)
            missing -= {index for index in missing if tells(told, index)}
            if not missing:
                return
    raise SandboxError(f"the wire was not up within {_WIRE_SECONDS:g} s")


def tells_of_carrier(news: bytes, index: int = INDEX) -> bool:
    """Whether the kernel says that this interface can send: RTM_NEWLINK with IFF_LOWER_UP.
    IFF_RUNNING does not tell: it is also set before the link watch has handled the interface."""
    kind = _HEADER.unpack_from(news)[1]
    of, flags = _LINK.unpack_from(news, _HEADER.size)[3:5]
    return kind == _NEW_LINK and of == index and bool(flags & _LOWER_UP)


def tells_of_operation(news: bytes, index: int) -> bool:
    """Whether the kernel says that the link watch has handled this interface, so that a bridge uses
    it as a port: its operational state (RFC 2863) is up."""
    at, end = _HEADER.size + _LINK.size, len(news)
    while tells_of_carrier(news, index) and at + _ATTRIBUTE.size < end:
        length, kind = _ATTRIBUTE.unpack_from(news, at)
        if kind == _OPERATIONAL_STATE:
            return news[at + _ATTRIBUTE.size] == _UP
        at += max(_ATTRIBUTE.size, (length + 3) & ~3)  # the next one is aligned (NLA_ALIGN)
    return False
