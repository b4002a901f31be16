"""The host that a server runs on, and the routes by which clients get there.

There are two kinds: `submission_host` is one of ours, with a program that we start; `remote_host`
is one of which we know only the address.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from conformance.sandbox import HostName, Listener, Usage, World
from conformance.sandbox.hosts.network import SUBMISSION_ADDRESS_6
from conformance.verdict.thrown.choice import Printed
from conformance.verdict.thrown.own_files import OwnPaths

POLL = 0.02
"""Seconds between two looks at the sockets of the submission's host: a look costs well under a
millisecond, and a start takes 30 ms at least."""


@dataclass(frozen=True)
class Route:
    """The host from which clients reach the server, and the address at which they do."""

    host: HostName
    """The host that the client's socket is on: the suite's, or the submission's own."""
    family: int
    address: str

    @property
    def from_another_host(self) -> bool:
        return self.host == "suite"


class Host(Protocol):
    """What `Server` needs to know of, and do with, the host that the program runs on."""

    port: int
    remote: bool
    zone: str

    @property
    def call(self) -> Sequence[str]:
        """The command that starts the program, for reports; empty where it runs already."""

    @property
    def arguments(self) -> Sequence[str]:
        """Those arguments of the command that the caller gave."""

    def start(self) -> None: ...
    async def stop(self) -> None: ...
    def kill(self) -> None: ...
    def ended(self) -> str: ...
    def exit_status(self) -> int | None: ...
    def last_output(self) -> str: ...
    def take_output(self) -> None: ...
    def printed(self, began: int, failed: int) -> Printed: ...
    def own_files(self) -> OwnPaths: ...
    def missed(self) -> str: ...
    def remarks(self) -> Sequence[str]: ...
    def listener(self) -> Listener | None: ...
    def only_other_port(self) -> int | None: ...
    def follow(self) -> None: ...
    def other_ports(self) -> Sequence[Listener]: ...
    def require_seen(self) -> None: ...
    def require_no_rival(self) -> None: ...
    def route(self) -> Route: ...
    def routes(self) -> Sequence[Route]: ...
    def keep_to(self, route: Route) -> None: ...
    def socket(self, host: HostName, family: int, kind: int) -> socket.socket: ...
    def unread(self, client: int) -> int: ...
    def usage(self) -> Usage: ...
    def pids(self) -> Sequence[int]: ...


def route_to(listener: Listener, world: World) -> Route:
    """The route to a listening socket, by the address that it is bound to."""
    address = ipaddress.ip_address(listener.address)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped  # a Java socket bound to an IPv4 address
    if address.is_unspecified:
        if listener.family == socket.AF_INET6 and listener.v6only:
            return Route("suite", socket.AF_INET6, SUBMISSION_ADDRESS_6)
        return Route("suite", socket.AF_INET, world.submission_address)
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    host: HostName = "submission" if address.is_loopback else "suite"
    return Route(host, family, str(address))
