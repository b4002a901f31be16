"""The other programs of a submission that is several: started on hosts of the session while the
server runs, and heard whatever they send, wherever to.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance.sandbox import HostName, Tier
from conformance.session.host import POLL
from conformance.session.submission_host import SubmissionHost
from conformance.submissions import Program
from conformance.verdict.transcript import OVERHEARD, as_text
from conformance.verdict.violation import Fault, Hint, Kind, LeftOut, Violation
from conformance.wire.datagram_log import EVERY_PROTOCOL, DatagramLog, SentDatagram
from conformance.wire.recorder import Recorder

TOLD = 400
"""Datagrams of one host that a transcript shows at most."""


@dataclass(frozen=True, slots=True)
class Overheard:
    """A datagram that left a host."""

    at: float
    """When, in seconds since the conversation began."""
    source: tuple[str, int]
    to: tuple[str, int]
    """Address and port that it was sent to."""
    data: bytes

    @property
    def text(self) -> str:
        return as_text(self.data)


Like = Callable[[Overheard], bool]
"""Whether a datagram is one of those that are waited for."""


class HostEar:
    """What is heard of one host in one conversation; a voice of its transcript."""

    stamped_by = "capture"
    clock_error = 0.0

    def __init__(self, host: HostName, log: DatagramLog, recorder: Recorder) -> None:
        self.host = host
        self.recorder = recorder
        self._log = log
        self._first = len(log.datagrams)
        """Those before it belong to an earlier conversation."""
        self.names: list[str] = []
        """Who plays on this host."""
        recorder.join(self)

    @property
    def name(self) -> str:
        """Who plays there; where it is several, nobody knows whose a datagram is."""
        return self.names[0] if len(self.names) == 1 else self.host

    @property
    def flooded(self) -> bool:
        return self._log.flooded

    def heard(self, since: float = 0.0) -> list[Overheard]:
        """All datagrams that have left the host in this conversation, from that time on."""
        self._log.drain()
        came = map(self._of, self._log.datagrams[self._first :])
        return [one for one in came if one.at >= since]

    def has_heard(self, count: int, since: float, like: Like | None) -> bool:
        """Whether so many datagrams like that have left the host since then."""
        return sum(like is None or like(one) for one in self.heard(since)) >= count

    def _of(self, sent: SentDatagram) -> Overheard:
        return Overheard(self.recorder.seconds(sent.at), sent.source, sent.to, sent.data)

    async def wait_until(self, condition: Callable[[], bool], within: float) -> bool:
        return await self._log.wait_until(condition, within)

    def said(self) -> Iterable[tuple[float, str, str]]:
        for one in self.heard()[:TOLD]:
            yield one.at, f"{self.name}{OVERHEARD}{one.to[0]}:{one.to[1]}", one.text


class Companion(SubmissionHost):
    """Another program of the submission, which runs on a host beside the server."""

    def __init__(
        self,
        server: SubmissionHost,
        program: Program,
        scratch: Path,
        *,
        name: str,
        ear: HostEar,
        together: Companions,
    ) -> None:
        """`scratch`: a folder of its own. `name`: what reports call it."""
        super().__init__(
            server.world, program, scratch, protocol="udp", port=server.port, zone=server.zone
        )
        self.name = name
        self.ear = ear
        self.where = ear.host
        self.started = 0.0
        """When it was started, in seconds since the conversation began."""
        self._server = server
        self._together = together
        self._has_started = False
        """Whether it has been waited for until it was heard."""

    def variables(self) -> dict[str, str]:
        own = super().variables()
        del own["PORT"]  # that is the server's
        return own

    def begin(self) -> None:
        """Starts it; from now on it counts as a part of the submission."""
        self.started = self.ear.recorder.now()
        self.ear.names.append(self.name)
        self.ear.recorder.remark(f"the suite starts {self.name} on {self.where}")
        self._server.others.append(self)
        with self._together.blocking():
            self.start()

    def heard(self) -> list[Overheard]:
        """All datagrams that have left its host since it was started."""
        return self.ear.heard(self.started)

    async def plays(self, count: int, within: float, like: Like | None = None) -> bool:
        """Waits until so many datagrams like that have left its host since it was started, or it
        has ended; returns whether they have."""

        def enough() -> bool:
            return self.ear.has_heard(count, self.started, like)

        waiting = asyncio.create_task(self.ear.wait_until(enough, within * self._together.scale))
        while not waiting.done() and not self.ended():
            await asyncio.wait([waiting], timeout=POLL)
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
        if not self._has_started:
            self._has_started = True
            self._together.settled()
        return enough()

    async def listen(self, lasting: float) -> None:
        """Lets that time pass, and listens."""
        await self.ear.wait_until(lambda: False, lasting)

    def stop_now(self) -> None:
        """Kills it, so that it says no more."""
        if not self.ended():
            with self._together.blocking():
                self.kill()
            self.ear.recorder.remark(f"the suite has stopped {self.name}")

    async def expect_end(self, within: float, *, hint: Hint = "") -> int:
        """It ends by itself, with the status that is returned."""
        began = self.ear.recorder.now()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within * self._together.scale):
                while not self.ended():
                    await asyncio.sleep(POLL)
        if (status := self.exit_status()) is not None:
            return status
        raise (
            Violation(
                f"the {self.name} ends within {within:g} s",
                "it is still running",
                hint=hint,
                fault=Fault.ABSENT,
                kind=Kind.OPEN,
            )
            .rests_on(client=self.name)
            .seen_at(began, until=self.ear.recorder.now())
        )


@dataclass
class Replay:
    """What a companion has sent, sent again at its rhythm by the suite from a host: for a server
    that is to be judged whatever its companions do wrong."""

    name: str
    data: bytes
    to: tuple[str, int]
    ear: HostEar
    period: float
    _wire: socket.socket
    started: float = 0.0
    _task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self.started = self.ear.recorder.now()
        self.ear.names.append(self.name)
        self.ear.recorder.remark(f"the suite plays the {self.name} on {self.ear.host}")
        self._task = asyncio.create_task(self._play())

    async def _play(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            with contextlib.suppress(OSError):
                self._wire.sendto(self.data, self.to)
            due += self.period
            await asyncio.sleep(due - loop.time())

    def heard(self) -> list[Overheard]:
        return self.ear.heard(self.started)

    async def plays(self, count: int, within: float, like: Like | None = None) -> bool:
        return await self.ear.wait_until(
            lambda: self.ear.has_heard(count, self.started, like), within
        )

    async def listen(self, lasting: float) -> None:
        await self.ear.wait_until(lambda: False, lasting)

    def ended(self) -> str:
        """Nothing: it plays until it is stopped."""
        return ""

    def stop_now(self) -> None:
        if self._task is not None and not self._task.cancelled():
            self._task.cancel()
            self.ear.recorder.remark(f"the suite plays the {self.name} no more")

    def close(self) -> None:
        self.stop_now()
        self._wire.close()


@dataclass
class Companions:
    """Starts the companions of one session's server, and listens to their hosts."""

    server: SubmissionHost
    scale: float
    blocking: Callable[[], contextlib.AbstractContextManager[None]]
    settled: Callable[[], None]
    _logs: dict[HostName, DatagramLog] = field(default_factory=dict)
    """They listen for as long as the session's process lives."""
    _ears: dict[HostName, HostEar] = field(default_factory=dict)
    _made: int = 0

    def require_hosts(self) -> None:
        """Raises LeftOut where there are no further hosts."""
        if self.server.world.tier is Tier.NONE:
            raise LeftOut(
                "its programs would meet those of this machine: it needs hosts of its own"
            )
        if not self.server.world.further:
            raise LeftOut("this kernel has no bridge that could join more than two hosts")

    def ear(self, host: HostName, recorder: Recorder) -> HostEar:
        """Listens to that host in this conversation."""
        if host not in self._logs:
            world = self.server.world
            wire = world.socket(
                host, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL)
            )
            self._logs[host] = DatagramLog(wire)
        known = self._ears.get(host)
        if known is None or known.recorder is not recorder:
            self._ears[host] = HostEar(host, self._logs[host], recorder)
        return self._ears[host]

    @contextlib.asynccontextmanager
    async def start(
        self, role: str, arguments: Sequence[str], host: HostName, name: str, recorder: Recorder
    ) -> AsyncIterator[Companion]:
        """That program, running until the end of the block."""
        self.require_hosts()
        program = self.server.program.others[role]
        program = program.given([*program.arguments, *arguments])
        self._made += 1
        scratch = self.server.scratch / f"companion-{self._made}"
        scratch.mkdir()
        one = Companion(
            self.server,
            program,
            scratch,
            name=name,
            ear=self.ear(host, recorder),
            together=self,
        )
        try:
            one.begin()
            yield one
        finally:
            await one.stop()

    @contextlib.asynccontextmanager
    async def replay(
        self,
        name: str,
        data: bytes,
        to: tuple[str, int],
        host: HostName,
        period: float,
        recorder: Recorder,
    ) -> AsyncIterator[Replay]:
        """The suite sends this from that host, in that period, until the end of the block."""
        self.require_hosts()
        world = self.server.world
        wire = world.socket(host, socket.AF_INET, socket.SOCK_DGRAM)
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        one = Replay(name, data, to, self.ear(host, recorder), period, wire)
        with contextlib.closing(one):
            one.begin()
            yield one
