"""Watches how a program serves its clients: they come, say a line, and are silent; then what its
threads wait for shows who serves whom (`verdict.serving` judges that)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from conformance.sandbox.measure.thread_waits import scheduler_of
from conformance.session.clients import Clients
from conformance.session.submission_host import SubmissionHost
from conformance.verdict.serving import Look, Model, Serving, Visit, how_it_serves
from conformance.verdict.violation import Violation
from conformance.wire.tcp_client import Client

Speak = Callable[[Client], Awaitable[None]]
"""Says one line of a client, to which the server answers something."""

ONE, FEW, MANY = 1, 5, 20
"""Clients that are there at the same time, in three steps."""

STEP = 0.05
"""Seconds between two looks at the program: each takes a millisecond for a JVM of forty threads."""

CERTAIN = 1.0
"""Seconds without any change, and with all threads asleep, after which who has not been answered is
waiting for others to leave."""

RESTLESS = 4.0
"""Seconds after which a program that does not come to rest is given up."""

SETTLES = 3.0
"""Seconds for threads and processes to end when their clients have left: some wait for a while, so
that a close does not become a reset."""


@dataclass
class _Room:
    """The clients that are there."""

    clients: Clients
    host: SubmissionHost
    speak: Speak
    present: list[Client] = field(default_factory=list)
    heard: list[tuple[int, int]] = field(default_factory=list)
    """What each had heard before it spoke."""
    kept_out: int = 0
    """How many clients could not connect."""

    async def fill(self, count: int) -> Look:
        """Lets clients come until there are so many; looks when the program is at rest."""
        first = len(self.present)
        await self._come(count)
        # What comes before it has spoken is a greeting, which whoever accepts may send itself.
        await asyncio.sleep(STEP + self.clients.round_trip)
        self.heard[first:] = map(_heard, self.present[first:])
        for client in self.present[first:]:
            with suppress(ConnectionError):
                await self.speak(client)
        return await self.at_rest()

    async def _come(self, count: int) -> None:
        """Clients connect until there are so many, or until one cannot. Where the queue of a server
        is short, and it serves somebody else, the kernel keeps others out: no fault, and the next
        would have to wait as long."""
        while len(self.present) < count and not self.kept_out:
            try:
                self.present.append(await self.clients.open_client())
                self.heard.append((0, 0))
            except Violation:
                if self.host.ended() or not self.present:
                    raise
                break
        self.kept_out = count - len(self.present)

    async def at_rest(self) -> Look:
        """The program as soon as it has nothing left to do."""
        clock = asyncio.get_running_loop().time
        on_its_way = self.clients.round_trip
        until = clock() + RESTLESS * self.clients.scale + on_its_way
        look, since = self.look(), clock()
        while clock() < until:
            await asyncio.sleep(STEP)
            later = self.look()
            if _key(later) != _key(look) or not all(wait.asleep for wait in later.threads):
                look, since = later, clock()
                continue
            done = len(later.answered) == len(later)
            if done or clock() - since >= CERTAIN * self.clients.scale + on_its_way:
                return later
        return Look(look.threads, look.listening, look.clients, look.answered, quiet=False)

    def look(self) -> Look:
        sockets = self.host.sockets_of([client.port for client in self.present])
        sockets += [None] * self.kept_out
        now = map(_heard, self.present)
        told = enumerate(zip(now, self.heard, strict=True))
        answered = [place for place, (heard, before) in told if heard != before]
        return Look(self.host.threads(), self.host.listening_sockets(), sockets, answered)

    async def empty(self) -> None:
        """All clients leave."""
        await asyncio.gather(*(client.leave() for client in self.present))
        self.present, self.heard, self.kept_out = [], [], 0


def _heard(client: Client) -> tuple[int, int]:
    """How much it has been told: lines, and bytes of the next."""
    return len(client.lines), client.pending


def _key(look: Look) -> object:
    """What must not change for the program to be at rest: a runtime's own threads may."""
    waits = {(wait.identity, wait.call, wait.sockets) for wait in look.threads if wait.sockets}
    return waits, list(look.clients), list(look.answered)


async def watch_serving(clients: Clients, host: SubmissionHost, speak: Speak) -> Serving:
    """How the program serves its clients. Violation where none can connect."""
    room = _Room(clients, host, speak)
    try:
        before = await room.at_rest()
        one = await room.fill(ONE)
        few = await room.fill(FEW)
        many = await room.fill(MANY)
        runtime = scheduler_of(host.pids(), many.threads)
        seen = Visit(before, one, few, many, runtime=runtime)
        serving = how_it_serves(seen)
        if runtime or serving.model in (Model.ONE_AT_A_TIME, Model.EVENT_LOOP):
            return serving
        await room.empty()
        newcomer = await _next(room)
        await room.empty()
        after = await _left(room, many, newcomer)
        return how_it_serves(replace(seen, newcomer=newcomer, after=after))
    finally:
        await room.empty()


async def _next(room: _Room) -> Look | None:
    """The program with one more client, right after the others; None where it takes no more."""
    try:
        return await room.fill(ONE)
    except Violation:
        return None


async def _left(room: _Room, many: Look, newcomer: Look | None) -> Look:
    """The program when those who served the many have ended, or have had time to; at once if one
    of them has served the next client, too."""
    served = many.servants()
    if newcomer is not None and served & newcomer.servants():
        return room.look()
    clock = asyncio.get_running_loop().time
    until = clock() + SETTLES * room.clients.scale + room.clients.round_trip
    while clock() < until:
        look = room.look()
        if not {wait.identity for wait in look.threads} & served:
            break
        await asyncio.sleep(STEP)
    return room.look()
