"""A host that is not ours: a server runs there already (`--connect`), of which nothing is
known but its address."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from conformance.host import Route
from conformance.model import NotJudged
from conformance.sandbox import Host as HostName
from conformance.sandbox import Listener, Usage


class RemoteHost:
    """A server that is running already, on a machine that we know by its address only."""

    remote = True

    def __init__(self, host: str, port: int, family: int) -> None:
        self._route = Route("suite", family, host)
        self.port = port
        self.zone = ""  # nobody knows

    def start(self) -> None:
        raise NotJudged("with --connect the program is not ours to start")

    async def stop(self) -> None:
        """Nothing to do: what we did not start we do not end."""

    def kill(self) -> None:
        """The same."""

    def ended(self) -> str:
        return ""

    def last_output(self) -> str:
        return ""

    def remarks(self) -> Sequence[str]:
        return ()

    def listener(self) -> Listener | None:
        raise NotJudged("with --connect the program cannot be looked at")

    def other_ports(self) -> Sequence[Listener]:
        return ()

    def require_seen(self) -> None:
        """Nobody sees it, and nobody says so of it."""

    def require_no_rival(self) -> None:
        """The same."""

    def route(self) -> Route:
        return self._route

    def socket(self, host: HostName, family: int, kind: int) -> socket.socket:
        made = socket.socket(family, kind)
        made.setblocking(False)
        return made

    def unread(self, client: int) -> int:
        return 0  # nobody can see it

    def usage(self) -> Usage:
        raise NotJudged("with --connect the program cannot be looked at")

    def pids(self) -> Sequence[int]:
        return ()
