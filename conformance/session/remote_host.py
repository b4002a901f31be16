"""A host that is not ours, where a server runs already (`--connect`): only its address is known."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Self

from conformance.sandbox import HostName, Listener, Usage, open_ports
from conformance.session.host import Route
from conformance.verdict.thrown.choice import Printed
from conformance.verdict.thrown.own_files import OwnPaths
from conformance.verdict.violation import LeftOut


class RemoteHost:
    """A server that is running already, on a machine of which we know only the address."""

    remote = True

    def __init__(self, routes: Sequence[Route], port: int) -> None:
        """`routes`: the addresses to try, at least one, the likeliest first."""
        self._routes = list(routes)
        self.port = port
        self.zone = ""  # unknown

    @classmethod
    def find(cls, host: str, port: int, protocol: str) -> Self:
        """The server on the host of that name. A name can have several addresses, of both families,
        and a server often listens on only one of them. Raises OSError where it has none."""
        kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
        found = socket.getaddrinfo(host, port, type=kind)
        routes = [Route("suite", family, str(address[0])) for family, _, _, _, address in found]
        routes = list(dict.fromkeys(routes))
        if protocol == "udp" and len(routes) > 1:
            routes.sort(key=_unlikely(port))
        return cls(routes, port)

    call: Sequence[str] = ()
    arguments: Sequence[str] = ()

    def start(self) -> None:
        raise LeftOut("with --connect the program is not ours to start")

    async def stop(self) -> None:
        """Nothing to do: we did not start it."""

    def kill(self) -> None:
        """The same."""

    def ended(self) -> str:
        return ""

    def exit_status(self) -> int | None:
        return None

    def last_output(self) -> str:
        return ""

    def take_output(self) -> None:
        """Nothing to do: it is not ours to read."""

    def printed(self, began: int, failed: int) -> Printed:
        return Printed()

    def own_files(self) -> OwnPaths:
        return OwnPaths()

    def missed(self) -> str:
        return ""

    def remarks(self) -> Sequence[str]:
        return ()

    def listener(self) -> Listener | None:
        raise LeftOut("with --connect the program cannot be looked at")

    def only_other_port(self) -> int | None:
        return None

    def follow(self) -> None:
        """Nothing to do: the port was given."""

    def other_ports(self) -> Sequence[Listener]:
        return ()

    def require_seen(self) -> None:
        """Nothing to do: we cannot see its sockets, and do not hold that against it."""

    def require_no_rival(self) -> None:
        """The same."""

    def route(self) -> Route:
        return self._routes[0]

    def routes(self) -> Sequence[Route]:
        return self._routes

    def keep_to(self, route: Route) -> None:
        self._routes = [route]

    def socket(self, host: HostName, family: int, kind: int) -> socket.socket:
        made = socket.socket(family, kind)
        made.setblocking(False)
        return made

    def unread(self, client: int) -> int:
        return 0  # unknown

    def usage(self) -> Usage:
        raise LeftOut("with --connect the program cannot be looked at")

    def pids(self) -> Sequence[int]:
        return ()


def _unlikely(port: int) -> Callable[[Route], tuple[bool, bool]]:
    """The sort key of UDP addresses, because no connection shows which of them the server uses. If
    it runs on this machine, the kernel says on which addresses the port is open. Else IPv4 comes
    first, which nearly every student's server speaks."""
    open_here = [found for found in open_ports("udp") if found.port == port]

    def waits(route: Route) -> bool:
        there = ip_address(route.address.partition("%")[0])
        for found in open_here:
            here = ip_address(found.address)
            mapped = here.version == 6 and here.ipv4_mapped
            if there in (here, mapped):
                return True
            both = here.version == 6 and not found.v6only
            if here.is_unspecified and (here.version == there.version or both):
                return True
        return False

    return lambda route: (not waits(route), route.family != socket.AF_INET)
