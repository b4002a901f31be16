"""The other programs of a submission that is several, beside its server: the lab author's words for
starting them, and for playing what they have sent."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from conformance.sandbox import HostName
from conformance.session.companion import Companion, Companions, Replay
from conformance.session.host import Route
from conformance.session.liveness import Liveness
from conformance.wire.udp_endpoint import Datagrams


@dataclass(eq=False, repr=False)
class Beside(Liveness):
    """The server on its host, and other programs on theirs."""

    blocking: Callable[[], contextlib.AbstractContextManager[None]] = field(
        default=contextlib.nullcontext, init=False
    )
    """Around what gives our event loop no turn; see `LoopLag`."""
    aside: Callable[[], contextlib.AbstractContextManager[None]] = field(
        default=contextlib.nullcontext, init=False
    )
    """Around what has nothing to do with the conversation: what a program is kept waiting meanwhile
    is no matter."""
    settled: Callable[[], None] = field(default=lambda: None, init=False)
    """Called when another program has started: what it was kept waiting before is no matter."""
    _together: Companions | None = field(default=None, init=False)
    _started: dict[str, Companion] = field(default_factory=dict, init=False)
    """Other programs of the submission, by what they are called."""

    @contextlib.asynccontextmanager
    async def start(
        self, role: str, *arguments: str, host: HostName, name: str = ""
    ) -> AsyncIterator[Companion]:
        """Another program of the submission, started on that host, which runs until the end of the
        block. `name`: what reports call it."""
        companions = self._companions()
        name = name or " ".join((role, *arguments))
        async with companions.start(role, arguments, host, name, self.recorder) as companion:
            self._started[name] = companion
            yield companion

    @contextlib.asynccontextmanager
    async def replay(
        self, name: str, data: bytes, to: tuple[str, int], *, host: HostName, period: float
    ) -> AsyncIterator[Replay]:
        """Sends that datagram from that host, every `period` seconds, until the end of the block:
        in place of a program whose own rhythm is wrong."""
        companions = self._companions()
        async with companions.replay(name, data, to, host, period, self.recorder) as replay:
            yield replay

    def require_hosts(self) -> None:
        """Leaves the clause out where other programs have no hosts of their own."""
        self._companions().require_hosts()

    def datagrams_from(self, host: HostName, *, name: str) -> Datagrams:
        """A UDP endpoint of ours on that host, for a `with` block."""
        self._companions().require_hosts()
        address = self._own_host("it has no other hosts").world.address(host)
        return self._endpoint(Route(host, socket.AF_INET, address), "", 0, name)

    async def fresh(self) -> None:
        """Stops the server and starts it again, when the conversation is over: what it tells then
        of what it has never heard it has made up."""
        with self.aside():
            await self.restart()

    @property
    def address(self) -> str:
        """The address of its host."""
        return self._own_host("its host may have several").world.submission_address

    def _companions(self) -> Companions:
        host = self._own_host("its other programs cannot be started")
        if self._together is None:
            self._together = Companions(host, self.scale, self.blocking, self.settled)
        return self._together

    def program_called(self, name: str) -> Companion | None:
        """The program that was last started by that name."""
        return self._started.get(name)
