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

from conformance.sandbox import (
    ROOM_BYTES,
    ROOM_FILES,
    Disk,
    HostName,
    Limits,
    Listener,
    PortOwners,
    Process,
    SandboxError,
    Tier,
    Usage,
    World,
    start_program,
)
from conformance.session.host import Route, route_to
from conformance.session.not_listening import IN_USE
from conformance.submissions import Program, lacking

TALKATIVE = 16 * 2**20
"""Bytes of output above which the report mentions it: far more than any lab needs."""

ENDED = ".first-process-ended"
WATCHED = ("/bin/sh", "-c", '"$@"; : > "$0"; exec sleep 600')
"""Runs `$@`, creates the file `$0` when it ends, and stays, so that the sandbox does not end what
is left."""

GRACE = 1.0
"""Seconds that a program has to end after SIGTERM; a JVM takes 0.3 to 0.5."""


class SubmissionHost:
    """A program that we start, on the submission's host of a world."""

    remote = False

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
    ) -> None:
        """`scratch` becomes the program's private working copy; `zone` is the host's TZ. `follows`:
        if the program listens on another port instead, talk to it there."""
        self._world = world
        self._program = program
        self._home = scratch / "home"
        self.protocol = protocol
        self._asked = self.port = port
        self._follows = follows
        self.zone = zone
        self._disk: Disk | None = None
        self._process: Process | None = None
        self._watcher: tuple[str, ...] = ()
        """A command prefix that starts the program, instead of the sandbox directly."""
        self._owners = PortOwners(world, protocol, port)
        self._route: Route | None = None
        """How clients reach it, once that is known."""
        self.started_at = 0
        """When it was last started, in ns."""
        self._listened = False
        """Whether it has been seen to listen since."""

    @property
    def call(self) -> Sequence[str]:
        return self._program.told(self._asked)

    @property
    def arguments(self) -> Sequence[str]:
        return self._program.arguments

    def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Starts the program; returns at once. `environment` overrides all other variables.

        Raises SandboxError where another program of this machine has its port."""
        if self._process is None:
            self._owners.require_free_port()
        if not self._home.exists():
            self._disk = self._world.disk(self._home, self._program.directory)
            original = self._program.directory
            shutil.copytree(original, self._home, symlinks=True, dirs_exist_ok=True)
            self._world.hand_over(self._home)
        self.port = self._asked
        command = [*self._watcher, *self._program.call(self.port)]
        self.started_at = time.time_ns()
        self._route = None
        self._listened = False
        self._process = start_program(
            self._world,
            command,
            self._home,
            {
                "TZ": self.zone,
                **self._program.environment,
                "PORT": str(self.port),
                **(environment or {}),
            },
            Limits(),
            self._program.readable,
        )
        self._owners.begin(self._process)
        output = self._process.output
        asyncio.get_running_loop().add_reader(output.fileno(), self._drain)

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

    def kill(self) -> None:
        """Kills the program and all that it started; waits until they are gone."""
        if self._process is not None and self._process.output.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._process.output.fileno())
            self._process.terminate(grace=0)

    def ended(self) -> str:
        """How the program ended: "the program has ended: exit status 1"; "" while it lives."""
        if self._process is None or self._process.poll() is None:
            return ""
        return f"the program has ended: {self._process.describe_end()}"

    def exit_status(self) -> int | None:
        """The program's exit status, 128 + n if signal n ended it; None while it runs."""
        return None if self._process is None else self._process.poll()

    def last_output(self) -> str:
        """The last lines that it wrote to stdout and stderr."""
        if self._process is None:
            return ""
        self._process.output.drain()
        return self._process.output.tail(12)

    def missed(self) -> str:
        """What the program lacked on this machine, judging by its last output; "" if nothing."""
        if self._process is None or not self._program.lacks:
            return ""
        self._process.output.drain()
        said = self._process.output.tail(lacking.LINES)
        return lacking.missed(said, self._program.lacks, started=self._listened)

    def remarks(self) -> Sequence[str]:
        """Limits that the program has reached: no fault, but helpful to a reader."""
        found = []
        if self._disk is not None and self._disk.is_full():
            found.append(
                "the program filled its disk: beside its own files it may write"
                f" {ROOM_BYTES // 2**20} MiB, in {ROOM_FILES:,} files"
            )
        written = self._process.output.total if self._process is not None else 0
        if written > TALKATIVE:
            found.append(
                f"the program wrote more than {TALKATIVE // 2**20} MiB on stdout and stderr;"
                " only the beginning and the end are kept"
            )
        return found

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

    def usage(self) -> Usage:
        if self._process is None:
            raise SandboxError("the program was never started")
        used = self._process.usage()
        if used.hidden:
            raise SandboxError("a process of the program does not show what it has open")
        return used

    def pids(self) -> Sequence[int]:
        """All processes of the submission, by their pids outside its namespace."""
        return self._process.pids() if self._process is not None else ()
