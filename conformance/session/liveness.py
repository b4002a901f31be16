"""Whether the server listens, and where; whether it still runs, and how it ended.

All of that is read from its host, never from what the server says.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

from conformance.sandbox import Listener
from conformance.session.clients import Clients
from conformance.session.host import POLL
from conformance.session.not_listening import after_waiting, not_listening
from conformance.verdict.delays import Waited, time_to_start
from conformance.verdict.symptoms import Sign, Symptom
from conformance.verdict.violation import Fault, Hint, Kind, Violation
from conformance.wire.connection import PATIENCE
from conformance.wire.tcp_client import Client

START_WITHIN = 10.0
"""Seconds that a program has to open its port (clause 1.1 of each server lab)."""


@dataclass(eq=False, repr=False)
class Liveness(Clients):
    """The server on its host, from its start to its end."""

    _: KW_ONLY
    protocol: str

    async def ready(self) -> None:
        await self.expect_listening()

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
            symptom = Symptom(Sign.REFUSED, facts={"closed": 1}) if kind is Kind.REFUSED else None
            wanted = f"the program listens on port {self.port}"
            raise Violation(wanted, gone, kind=kind, symptom=symptom)
        return found

    async def expect_accepted(self, within: float = PATIENCE) -> None:
        """The program accepts the connections in its accept queue. It may stop listening
        afterwards, as one that serves a single client does; the kernel resets connections that were
        not accepted."""
        if self.remote:
            return
        waiting = 0
        await asyncio.sleep(self.round_trip)  # the end of the handshake is on its way
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
                fault=Fault.ABSENT,
                kind=Kind.REFUSED,
                symptom=Symptom(Sign.NOT_ACCEPTED, facts={"waiting": waiting}),
            ) from None

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

    async def expect_end(self, within: float = PATIENCE, *, hint: Hint = "") -> None:
        """The program ends by itself, with any status, and its port is closed."""
        host = self._own_host("its end cannot be seen")
        self.end_expected = True
        began = self.recorder.now()
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
            ).seen_at(began, until=self.recorder.now())
