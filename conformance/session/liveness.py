"""Whether the server listens, and where; whether it still runs, and how it ended.

All of that is read from its host, never from what the server says.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field

from conformance.sandbox import Listener, Usage
from conformance.session.clients import Clients
from conformance.session.host import POLL
from conformance.session.not_listening import after_waiting, not_listening
from conformance.verdict.delays import Waited, time_to_start
from conformance.verdict.violation import Fault, Kind, Violation
from conformance.wire.connection import PATIENCE
from conformance.wire.tcp_client import Client

START_WITHIN = 10.0
"""Seconds that a program has to open its port (clause 1.1 of each server lab)."""


@dataclass(eq=False, repr=False)
class Liveness(Clients):
    """The server on its host, from its start to its end."""

    _: KW_ONLY
    protocol: str
    started: Callable[[], None] = lambda: None
    """Called once, when the program listens, or is known not to."""
    kept_waiting: Callable[[int], Waited] = lambda since: Waited()
    """Returns how long the program was kept waiting since a moment (ns)."""
    found_elsewhere: int = 0
    """The other port on which it listened when the gate was tried before; 0 if none."""
    listening_elsewhere: int | None = field(default=None, init=False)
    """The other port on which it listens in this session."""
    end_expected: bool = field(default=False, init=False)
    """Whether the conversation asks the program to end, so that its end is no fault."""

    @property
    def zone(self) -> str:
        """The TZ of its host; "" with `--connect`, where it is unknown."""
        return self.host.zone

    async def expect_listening(self, within: float = START_WITHIN) -> None:
        """The port is open, and is the program's own. Violation where it is not.

        `within` is the program's own time. Time that the machine keeps it waiting is added, up to a
        minute in all."""
        if self.remote:
            if self.protocol == "tcp":  # a UDP port shows nothing by itself
                (await self.open_client()).abandon()
            return
        clock = asyncio.get_running_loop().time
        began, own, waited = clock(), within * self.scale, Waited()
        until = began + own
        while not (found := self.host.listener()) and not self.host.ended():
            if clock() >= until:
                waited = self.kept_waiting(self._own_host("it has listened before").started_at)
                until = began + time_to_start(own, waited)
                if clock() >= until:
                    break
            await asyncio.sleep(POLL)
            self.host.follow()
        took = clock() - began
        self.started()
        self.started = lambda: None
        if not found and self.host.listener() is None:  # it may have opened in the last moment
            violation = not_listening(
                self.host,
                self.protocol,
                within,
                waited=after_waiting(took, own, waited),
                before=self.found_elsewhere,
            )
            self.listening_elsewhere = self.host.only_other_port()
            raise violation
        if longer := after_waiting(took, own, waited):
            self.recorder.note(f"the port was open after {longer}: that costs nothing")

    async def restart(self, environment: Mapping[str, str] | None = None) -> None:
        """Stops the program and starts it again on the same host, until it listens."""
        host = self._own_host("it would have to be started again")
        await host.stop()
        self.recorder.remark("the program was stopped, and started again")
        host.start(environment)
        await self.expect_listening()

    async def start_if_it_ended(self) -> None:
        """Starts the program again if it has ended in good order, as one that serves a single
        client does: the present clause does not ask whether it goes on."""
        if self.remote or self.host.listener() is not None:
            return
        if await self.fate() and self.host.exit_status() == 0:
            await self.restart()

    async def listener(self) -> Listener:
        """The socket that it listens on. Violation if it no longer listens."""
        found = self.host.listener()
        if found is None:
            gone = await self.fate()
            kind = Kind.ENDED if gone else Kind.REFUSED
            if not gone:
                self.host.require_seen()
                gone = "the program is running, but its port is closed"
            raise Violation(f"the program listens on port {self.port}", gone, kind=kind)
        return found

    async def expect_accepted(self, within: float = PATIENCE) -> None:
        """The program accepts the connections in its accept queue. It may stop listening
        afterwards, as one that serves a single client does; the kernel resets connections that were
        not accepted."""
        if self.remote:
            return
        waiting = 0
        try:
            async with asyncio.timeout(within * self.scale):
                while (found := self.host.listener()) and (waiting := found.waiting or 0):
                    await asyncio.sleep(POLL)
            if found is None:
                await asyncio.sleep(POLL)
                latest = self._latest
                if latest is None or (latest.ending and latest.ending.how == "RST"):
                    await self.listener()
        except TimeoutError:
            raise Violation(
                "the program accepts a connection",
                f"its port is open, but after {within:g} s {waiting} connection still waits"
                " to be accepted",
                hint="Is accept() called, in a loop, by a thread that is still alive?",
                fault=Fault.ABSENT,
                kind=Kind.REFUSED,
            ) from None

    async def expect_alive(self, lasting: float, *, hint: str = "") -> None:
        """The program lives for `lasting` more seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(lasting):
                while not self.host.ended():
                    await asyncio.sleep(POLL)
        if ended := self.host.ended():
            raise Violation("the program goes on running", ended, hint=hint, kind=Kind.ENDED)

    async def until_read(self, client: Client, lasting: float = 0.0) -> None:
        """Waits `lasting` seconds, and until the program has read all that the client has sent, so
        that it gets what is sent next in another read. Where it is unknown how much is unread,
        waits for the time only. Waits at most 5 s for a program that does not read.
        """
        until = asyncio.get_running_loop().time() + PATIENCE * self.scale
        await asyncio.sleep(lasting)
        while client.unacknowledged() or self.host.unread(client.port):
            if asyncio.get_running_loop().time() > until:
                return
            await asyncio.sleep(POLL)

    async def expect_end(self, within: float = PATIENCE, *, hint: str = "") -> None:
        """The program ends by itself, with any status, and its port is closed."""
        host = self._own_host("its end cannot be seen")
        self.end_expected = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within * self.scale):
                while not host.ended() or host.listener() is not None:
                    await asyncio.sleep(POLL)
                host.require_seen()
        if not host.ended() or host.listener() is not None:
            raise Violation(
                f"the program ends within {within:g} s, and its port is closed",
                "it is still running" if not host.ended() else "its port is still open",
                hint=hint,
                fault=Fault.ABSENT,
                kind=Kind.OPEN,
            )

    def usage(self) -> Usage:
        """Processes, threads, open files, CPU seconds and memory of the program."""
        return self.host.usage()
