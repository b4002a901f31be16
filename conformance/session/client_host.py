"""A submission that is a client, on a host of ours: its scenario starts it, in a terminal."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path

from conformance.sandbox import Output, World
from conformance.sandbox.hosts.sock_diag import TcpConnection
from conformance.session.submission_host import SubmissionHost
from conformance.session.terminal import Terminal
from conformance.submissions import Program

LOOPBACK = "127.0.0.1"
"""Where the suite is reached if this machine offers no hosts of our own."""


def free_port() -> int:
    """A TCP port of this machine that is free now."""
    with socket.socket() as some:
        some.bind((LOOPBACK, 0))
        return int(some.getsockname()[1])


class ClientHost(SubmissionHost):
    on_terminal = True

    def __init__(
        self, world: World, program: Program, scratch: Path, *, site: str, port: int, zone: str
    ) -> None:
        """`site`, `port`: the name, or address, of the server that the program is to connect to,
        and the port."""
        super().__init__(world, program, scratch, protocol="tcp", port=port, zone=zone)
        self.site = site
        self.site_port = port
        """Where the suite awaits it."""
        self.terminal: Terminal | None = None
        """The terminal of the program that was started last."""

    @property
    def call(self) -> Sequence[str]:
        return self._program.told(self.port, self.site)

    def _command(self) -> Sequence[str]:
        return self._program.call(self.port, self.site)

    def _begin_reading(self, output: Output) -> None:
        self.terminal = Terminal(output, {"host": self.site, "port": str(self.port)})
        self.terminal.begin()

    async def stop(self) -> None:
        if self.terminal is not None:
            self.terminal.end()
        await super().stop()

    def kill(self) -> None:
        if self.terminal is not None:
            self.terminal.end()
        super().kill()

    @property
    def takes_host_and_port(self) -> bool:
        return self._program.takes_host_and_port

    @property
    def started(self) -> bool:
        return self._process is not None

    def printed_so_far(self) -> bytes:
        """All that it has printed, as far as it is kept."""
        if self._process is None:
            return b""
        self._process.output.drain()
        return self._process.output.whole()

    def connections(self) -> Sequence[TcpConnection]:
        """The program's ends of its connections to us."""
        return [one for one in self._world.connections() if one.remote[1] == self.site_port]

    def unread(self, client: int) -> int:
        """Bytes that have arrived at this port of the program's, and that it has not read."""
        return sum(one.unread for one in self.connections() if one.local[1] == client)
