"""The submission's server as one that looks on sees it: whether it listens, accepts, lives.

What is asked here is answered by its host, never by the server's own words.
"""

from __future__ import annotations

import asyncio
import contextlib

from conformance.sandbox import Listener, Usage
from conformance.session.host import POLL, Host
from conformance.session.submission_host import SubmissionHost
from conformance.verdict.model import Fault, Kind, LeftOut, Violation
from conformance.wire.client import Client
from conformance.wire.connection import PASSING, PATIENCE


class Running:
    """The program on its host, from its start to its end."""

    def __init__(self, host: Host, scale: float) -> None:
        self.host = host
        self.scale = scale
        self._latest: Client | None = None
        """The client that connected last: its reset tells that it was not accepted."""
        self.end_expected = False
        """Whether the conversation asks the program to end: then its end is no fault."""

    @property
    def remote(self) -> bool:
        """Whether it is a server that was running already (`--connect`)."""
        return self.host.remote

    @property
    def port(self) -> int:
        return self.host.port

    @property
    def zone(self) -> str:
        """The TZ of its host; "" with `--connect`, where nobody knows it."""
        return self.host.zone

    def _own_host(self, why: str) -> SubmissionHost:
        if not isinstance(self.host, SubmissionHost):
            raise LeftOut(f"with --connect the program is not ours: {why}")
        return self.host

    async def listener(self) -> Listener:
        """The socket that it listens on. Violation where it listens no longer."""
        found = self.host.listener()
        if found is None:
            gone = await self.fate()
            kind = Kind.ENDED if gone else Kind.REFUSED
            if not gone:
                self.host.require_seen()
                gone = "the program is running, but its port is closed"
            raise Violation(f"the program listens on port {self.port}", gone, kind=kind)
        return found

    async def fate(self) -> str:
        """How the program ended; "" where it lives on. Its sockets are closed before its
        end is known: it has a moment to show."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PASSING):
                while not self.host.remote and not self.host.ended():
                    await asyncio.sleep(POLL)
        return self.host.ended()

    async def expect_accepted(self, within: float = PATIENCE) -> None:
        """The program accepts the connections that wait in its accept queue.

        It may stop listening then: a program that serves one client and ends closes its
        listening socket. What a closed listener had not accepted, the kernel resets.
        """
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
        """`lasting` seconds are over, and the program has read all that the client has sent:
        what is sent next comes in a read of its own. Where nobody sees how much is unread,
        the time alone has to do; a program that reads nothing is waited for 5 s, no longer.
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
