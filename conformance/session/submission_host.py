"""A submission on a host of ours: starts its program, proves that it listens, and stops it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import socket
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from conformance.contract.laid import Laid
from conformance.sandbox import (
    HostName,
    Limits,
    Listener,
    Output,
    PortOwners,
    SandboxError,
    Tier,
    World,
    start_program,
)
from conformance.sandbox.hosts.sock_diag import TcpConnection
from conformance.session import laying
from conformance.session.host import Route, route_to
from conformance.session.not_listening import IN_USE
from conformance.session.running_program import RunningProgram
from conformance.submissions import Program

ENDED = ".first-process-ended"
WATCHED = ("/bin/sh", "-c", '"$@"; : > "$0"; exec sleep 600')
"""Runs `$@`, creates the file `$0` when it ends, and stays, so that the sandbox does not end what
is left."""

GRACE = 1.0
"""Seconds that a program has to end after SIGTERM; a JVM takes 0.3 to 0.5."""


class SubmissionHost(RunningProgram):
    """A program that we start, on the submission's host of a world."""

    remote = False
    on_terminal = False
    """Whether it is a program that a person starts in a terminal, and no server."""
    where: HostName = "submission"
    """The host that it runs on."""

    def __init__(
        self,
        world: World,
        program: Program,
        scratch: Path,
        *,
        protocol: str,
        port: int,
        zone: str,
        follows: bool = False,
        laid: Mapping[str, Laid] | None = None,
    ) -> None:
        """`scratch` becomes the program's private working copy; `zone` is the host's TZ. `follows`:
        if the program listens on another port instead, talk to it there. `laid`: what is laid
        where it is started."""
        super().__init__(world, program, scratch)
        self.laid: Mapping[str, Laid] = laid or {}
        self.protocol = protocol
        self._asked = self.port = port
        self._follows = follows
        self.zone = zone
        self._watcher: tuple[str, ...] = ()
        """A command prefix that starts the program, instead of the sandbox directly."""
        self._owners = PortOwners(world, protocol, port)
        self._route: Route | None = None
        """How clients reach it, once that is known."""
        self.started_at = 0
        """When it was last started, in ns."""

    @property
    def call(self) -> Sequence[str]:
        return self._program.told(self._asked)

    def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Starts the program; returns at once. `environment` overrides all other variables.

        Raises SandboxError where another program of this machine has its port, and where what the
        lab lays cannot be laid."""
        if self._process is None and not self.on_terminal:
            self._owners.require_free_port()
        if not self._home.exists():
            self._disk = self._world.disk(self._home, self._program.directory)
            original = self._program.directory
            shutil.copytree(original, self._home, symlinks=True, dirs_exist_ok=True)
            self._lay_first()
            self._world.hand_over(self._home)
        self.port = self._asked
        command = [*self._watcher, *self._command()]
        self.started_at = time.time_ns()
        self._route = None
        self._listened = False
        self._process = start_program(
            self._world,
            command,
            self._home,
            {**self.variables(), **(environment or {})},
            Limits(),
            self._program.readable,
            host=self.where,
            terminal=self.on_terminal,
        )
        self._owners.begin(self._process)
        self._begin_reading(self._process.output)

    def _lay_first(self) -> None:
        """Lays what the lab lays, in place of what was handed in under these names."""
        if not self.laid:
            return
        folder = self._program.folder
        try:
            laying.clear(self._home, self.laid, folder)
            laying.lay(self._home, self.laid, start=folder)
        except OSError as error:
            told = f"the lab's files cannot be laid in {folder}: {error.strerror}"
            raise SandboxError(told) from error

    def lay(self, laid: Mapping[str, Laid]) -> None:
        """Lays these now, whatever the program does meanwhile. Raises OSError where it has put
        something else in the way."""
        laying.lay(self._home, laid, self._world.hand_over_open, self._program.folder)

    def _command(self) -> Sequence[str]:
        return self._program.call(self.port)

    def _begin_reading(self, output: Output) -> None:
        asyncio.get_running_loop().add_reader(output.fileno(), self._drain)

    def variables(self) -> dict[str, str]:
        """What is added to the environment of the program."""
        terminal = {"TERM": "dumb"} if self.on_terminal else {}
        own = self._program.environment
        return {**terminal, "TZ": self.zone, **own, "PORT": str(self.port)}

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Runs the ended program once more for the block, under a shell that outlives it, so that
        what it leaves behind goes on. Afterwards the first run is back in place."""
        former, started_at = self._process, self.started_at
        await self.stop()
        (self._home / ENDED).unlink(missing_ok=True)
        self._watcher = (*WATCHED, ENDED)
        try:
            self.start()
            yield
        finally:
            self._watcher = ()
            if self._process is not former:
                await self.stop()
            if former is not None:
                self._process, self.started_at = former, started_at
                self._owners.begin(former)

    def first_process_ended(self) -> bool:
        """Whether the first process of the `watched` program has ended by itself."""
        return (self._home / ENDED).exists()

    def _drain(self) -> None:
        process = self._process
        if process is not None and not process.output.drain():
            asyncio.get_running_loop().remove_reader(process.output.fileno())

    async def stop(self) -> None:
        """Ends the program and all that it started, and waits until they are gone."""
        process = self._process
        if process is None or process.output.fileno() < 0:  # killed already
            return
        # Waits here, and not in `terminate`, which blocks: the event loop must go on, or its lag
        # would count as a standstill of the machine.
        loop, reported = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(process.fileno(), reported.set)
        process.signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError, SandboxError):
            async with asyncio.timeout(GRACE):
                while process.poll() is None:
                    reported.clear()
                    await reported.wait()
        loop.remove_reader(process.fileno())
        loop.remove_reader(process.output.fileno())
        process.terminate(grace=0)
        process.output.drain()

    def listener(self) -> Listener | None:
        """The socket that listens on its port; of several, one that other hosts can reach."""
        ours = [found for found in self._listeners(self.protocol) if found.port == self.port]
        ours.sort(key=lambda found: not route_to(found, self._world).from_another_host)
        found = next((found for found in ours if self._owners.owns(found)), None)
        self._listened = self._listened or found is not None
        return found

    def other_ports(self) -> Sequence[Listener]:
        """The sockets on which it listens on other ports."""
        return [
            found
            for found in self._listeners()
            if (found.port, found.protocol) != (self.port, self.protocol)
            and self._owners.owns(found)
        ]

    def only_other_port(self) -> int | None:
        """The other port of the right protocol on which it listens; None if there is not exactly
        one."""
        ports = {other.port for other in self.other_ports() if other.protocol == self.protocol}
        return ports.pop() if len(ports) == 1 else None

    def follow(self) -> None:
        """If the plan says so, uses the other port on which it listens as its port. A program may
        choose another port at each start."""
        if self._follows and (other := self.only_other_port()):
            self.port = other

    def require_seen(self) -> None:
        """Raises SandboxError if it may listen on a socket that is hidden from us."""
        self._owners.require_seen()

    def require_no_rival(self) -> None:
        """Raises SandboxError if it does not listen because something else has its port."""
        said = self.last_output().lower()
        self._owners.require_no_rival(refused=any(words in said for words in IN_USE))

    def _listeners(self, protocol: str = "") -> Sequence[Listener]:
        return self._world.listeners(protocol) if self._process is not None else ()

    def route(self) -> Route:
        """The route to it: from another host if possible, else from its own."""
        if self._route is not None:  # kept, because a crowd asks for each client
            return self._route
        listener = self.listener()
        if listener is None:  # it has stopped listening, as the connection will show
            return Route("suite", socket.AF_INET, self._world.submission_address)
        route = route_to(listener, self._world)
        self._route = route if route.from_another_host else None
        return route

    def routes(self) -> Sequence[Route]:
        """All routes to it, to be tried in order; here there is one."""
        return [self.route()]

    def keep_to(self, route: Route) -> None:
        """Nothing to do: there is only one route."""

    def loopback_socket(self) -> socket.socket:
        """A TCP socket on its own host."""
        return self._world.socket("submission", socket.AF_INET, socket.SOCK_STREAM)

    def socket(self, host: HostName, family: int, kind: int) -> socket.socket:
        return self._world.socket(host, family, kind)

    @property
    def wire(self) -> Route | None:
        """The route over the wire between the two hosts, whatever the program is bound to; None
        where the machine offers no hosts of our own."""
        if self._world.tier is Tier.NONE:
            return None
        return Route("suite", socket.AF_INET, self._world.submission_address)

    def unread(self, client: int) -> int:
        """Bytes from this port of a client that have arrived, but that the program has not read."""
        return sum(
            connection.unread
            for connection in self._world.connections()
            if (connection.local[1], connection.remote[1]) == (self.port, client)
        )

    def sockets_of(self, clients: Sequence[int]) -> list[int | None]:
        """The kernel's number of our server's end of each connection, by the port of its client;
        None where there is no such connection, 0 where the program has not accepted it."""
        ends = {connection.remote[1]: connection.inode for connection in self.connections()}
        return [ends.get(client) for client in clients]

    def listening_sockets(self) -> frozenset[int]:
        """The kernel's numbers of the sockets on which its port is open."""
        found = self._listeners(self.protocol)
        return frozenset(one.inode for one in found if one.port == self.port)

    def connections(self) -> Sequence[TcpConnection]:
        """The server's ends of the connections to its port."""
        return [one for one in self._world.connections() if one.local[1] == self.port]

    def listeners(self) -> Sequence[Listener]:
        """The sockets of its host that wait for clients."""
        return self._listeners()
