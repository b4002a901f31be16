"""The two hosts of a session: two network namespaces, joined by one wire.

    submission 10.9.9.1/24, fd09:9::1/64  ── veth ──  suite 10.9.9.2/24, fd09:9::2/64

Each is the other's default route, so that broadcast and multicast leave by the
wire and carry the right source. Both interfaces are called eth0.

pyroute2 runs an event loop of its own inside each call, which it cannot do
while another one runs: `lay_wire` is called before `asyncio.run`, and later
changes are made in a thread that ends at once.
"""

from __future__ import annotations

import fcntl
import os
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from conformance.sandbox import kernel
from conformance.sandbox.kernel import SandboxError

SUBMISSION_ADDRESS = "10.9.9.1"
SUITE_ADDRESS = "10.9.9.2"
SUBMISSION_ADDRESS_6 = "fd09:9::1"
SUITE_ADDRESS_6 = "fd09:9::2"
INTERFACE = "eth0"
LAST_SUITE_HOST = 254
"""The last host number of 10.9.9.0/24; 255 is its broadcast address."""

_SIOCGIFFLAGS = 0x8913
_IFF_RUNNING = 0x40
_INTERFACE_FLAGS = struct.Struct("16sH22x")
"""struct ifreq of netdevice(7), with the flags of an interface."""

_LOOPBACK_INDEX = 1
"""lo is the first interface of every network namespace."""
_LINK_GROUP = 1
"""RTMGRP_LINK of rtnetlink(7): tells when an interface changes."""
_IFA_F_NODAD = 0x02
"""No duplicate address detection, which would keep an address unusable for 1 s."""
_WIRE_SECONDS = 5.0
"""The kernel takes about 1 ms to declare the wire up; a busy machine, some 100 ms."""


def this_network() -> int:
    """A descriptor of the network namespace that the calling thread is in."""
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def lay_wire(submission: int, suite: int) -> None:
    """Connect two fresh network namespaces, and come back in the suite's.

    Both are descriptors of namespaces; the caller is in the suite's. Raises
    OSError or pyroute2's NetlinkError (which has a `code`) when the kernel
    refuses, SandboxError when the wire does not come up.
    """
    from pyroute2 import IPRoute  # type: ignore[import-untyped]  # it has no stubs

    _set_up_kernel()
    with IPRoute() as here:
        here.link(
            "add", ifname=INTERFACE, kind="veth",
            peer={"ifname": INTERFACE, "net_ns_fd": submission},
        )  # fmt: skip
        kernel.setns(submission, kernel.CLONE_NEWNET)
        try:
            _set_up_kernel()
            with IPRoute() as there, _LinkNews() as news:
                index = _raise_links(there)
                kernel.setns(suite, kernel.CLONE_NEWNET)
                _raise_links(here)
                kernel.setns(submission, kernel.CLONE_NEWNET)
                news.wait_until_up()
                _address(there, index, SUBMISSION_ADDRESS, SUBMISSION_ADDRESS_6, SUITE_ADDRESS)
        finally:
            kernel.setns(suite, kernel.CLONE_NEWNET)
        index = socket.if_nametoindex(INTERFACE)
        _address(here, index, SUITE_ADDRESS, SUITE_ADDRESS_6, SUBMISSION_ADDRESS)


def add_address(address: str) -> None:
    """One more IPv4 address for the host that the calling thread is in."""

    def add() -> None:
        from pyroute2 import IPRoute

        with IPRoute() as ip:
            index = socket.if_nametoindex(INTERFACE)
            ip.addr("add", index=index, address=address, prefixlen=24)

    _in_thread(add)


def _set_up_kernel() -> None:
    """Settings of the namespace that the caller is in.

    A container may show /proc/sys read-only, or a kernel lack IPv6: the session
    works without; only ports under 1024 and IPv6 on the wire are then missing.
    """
    for name, value in (
        ("ipv4/ip_unprivileged_port_start", "0"),
        ("ipv6/conf/default/accept_dad", "0"),
    ):
        with suppress(OSError):
            (Path("/proc/sys/net") / name).write_text(value)


def low_ports_are_free() -> bool:
    """Whether any program may listen on ports under 1024, on the host we are in."""
    try:
        text = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()
    except OSError:
        return False
    return text.strip() == "0"


def _raise_links(ip: Any) -> int:
    """Bring lo and the end of the wire up that are on the host we are in; the index of the
    latter. (A lookup by `ip` lists all links, which costs 20 times as much.)"""
    index = socket.if_nametoindex(INTERFACE)
    ip.link("set", index=_LOOPBACK_INDEX, state="up")
    ip.link("set", index=index, state="up")
    return index


def _address(ip: Any, index: int, address: str, address_6: str, gateway: str) -> None:
    ip.addr("add", index=index, address=address, prefixlen=24, broadcast="10.9.9.255")
    ip.route("add", dst="default", gateway=gateway)
    if socket.has_ipv6 and Path("/proc/sys/net/ipv6").exists():
        # A kernel that has IPv6 switched off refuses the address, in several ways.
        from pyroute2.netlink.exceptions import (  # type: ignore[import-untyped]  # no stubs
            NetlinkError,
        )

        with suppress(NetlinkError):
            ip.addr("add", index=index, address=address_6, prefixlen=64, flags=_IFA_F_NODAD)


def _is_running() -> bool:
    """Whether the wire's end of the host we are in can send (netdevice(7), IFF_RUNNING)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = _INTERFACE_FLAGS.pack(INTERFACE.encode(), 0)
        answer = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request)
    flags: int = _INTERFACE_FLAGS.unpack(answer)[1]
    return bool(flags & _IFF_RUNNING)


class _LinkNews:
    """Wakes up when an interface of the namespace it was opened in changes."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self._socket.bind((0, _LINK_GROUP))

    def __enter__(self) -> _LinkNews:
        return self

    def __exit__(self, *exception: object) -> None:
        self._socket.close()

    def wait_until_up(self) -> None:
        """Until our end, the first one, sends too: what it is given before, it drops.

        The end that was raised second works at once; the first one only after
        the kernel's link watch has run, and a lost ARP reply would cost 1 s.
        """
        until = time.monotonic() + _WIRE_SECONDS
        while not _is_running():
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._socket], [], [], left)[0]:
                raise SandboxError(f"the wire was not up within {_WIRE_SECONDS:g} s")
            self._socket.recv(65_536)


def _in_thread(work: Callable[[], None]) -> None:
    """Do `work` in a thread, which starts in the caller's namespaces; wait for it."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
