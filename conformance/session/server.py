"""What a scenario is given: the server, and the lab author's words for what clients do.

Everything that its clients send and see goes into the scenario's transcript. A
scenario that needs a server that nobody has used says so in its declaration, not here.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from conformance.contract.draw import Draw
from conformance.sandbox import HostName
from conformance.sandbox.hosts.network import SUBMISSION_ADDRESS
from conformance.session.host import POLL, Host, Route
from conformance.session.liveness import Running
from conformance.session.not_listening import after_waiting, not_listening
from conformance.verdict.delays import Waited, time_to_start
from conformance.verdict.model import Fault, Kind, LeftOut, NotJudged, Parameters, Violation
from conformance.verdict.series import Series
from conformance.wire.capture import Capture
from conformance.wire.client import Client
from conformance.wire.connection import PATIENCE
from conformance.wire.datagrams import Datagrams
from conformance.wire.deaf import DeafClient
from conformance.wire.recorder import NANOSECONDS, Recorder

MOST_TIMES = 1_000
"""Of what came in a rhythm: a stream of a quarter of an hour."""

NEXT_ADDRESS = 2.0
"""Seconds after which the next address of a name is tried, where this one does not answer: one
after the other, as RFC 8305 has it but for its race, which would have a server see two clients."""

START_WITHIN = 10.0
"""Seconds that a program has to open its port (clause 1.1 of each server lab)."""


class Server(Running):
    """The submission's server, and the clients that talk to it."""

    def __init__(
        self,
        host: Host,
        parameters: Parameters,
        *,
        protocol: str,
        scale: float = 1.0,
        captures: Mapping[HostName, Capture] | None = None,
        dialect: dict[str, Any] | None = None,
        started: Callable[[], None] = lambda: None,
        delay: Callable[[], float] = lambda: 0.0,
        kept_waiting: Callable[[int], Waited] = lambda since: Waited(),
    ) -> None:
        """`started` is called once, when it listens, or is known not to; `delay` tells by
        how many seconds we may have read late what had arrived; `kept_waiting` what the
        program was kept waiting `since` that moment (ns)."""
        super().__init__(host, scale)
        self.parameters = parameters
        self.protocol = protocol
        self.dialect: dict[str, Any] = dialect or {}
        """What the lab's teaching scenario found out about how this server answers."""
        self.draw = Draw(0, "")
        self.void: Collection[str] = ()
        """Clauses that hold, and excuse nothing in this conversation (see `excuse`)."""
        self.relied: set[str] = set()
        """Clauses that it was relied upon to fail (see `relies_on`)."""
        self.found_silent = False
        """What was waited for has never come, in a conversation before: nobody need wait for it
        as long again."""
        self._delay = delay
        self._kept_waiting = kept_waiting
        self.recorder = Recorder(delay)
        self.listening_elsewhere: int | None = None
        """The one other port that it listens on, where it does not on the right one."""
        self.found_elsewhere = 0
        """The same, when it was started for the gate before; 0 where it was not."""
        self._started = started
        self._captures: Mapping[HostName, Capture] = {} if captures is None else captures

    def begin(self, scenario: str, seed: int, void: Collection[str] = ()) -> None:
        """A new conversation begins: a new transcript, its own source of payloads. `void`: the
        clauses that are no excuse for it, since they hold."""
        for capture in self._captures.values():
            capture.begin()
        self.recorder = Recorder(self._delay)
        self.draw = Draw(seed, scenario)
        self.end_expected = False
        self.void = void
        self.relied.clear()

    def relies_on(self, clause: str) -> bool:
        """Whether the conversation may be held as a fault of the server asks for, that `clause`
        has to pay for. What is shown so counts only where that clause does not hold; where it
        does, the conversation is held again, as with any other server."""
        if clause in self.void:
            return False
        self.relied.add(clause)
        return True

    def excuse(self, clause: str, kind: Kind, reason: str) -> None:
        """What follows cannot be judged because of a fault of this kind that `clause` pays for:
        NotJudged. Where that clause turned out to hold there is no such excuse, and the
        conversation goes on."""
        if clause not in self.void:
            raise NotJudged(clause, kind, reason)

    def note(self, text: str) -> None:
        """Reports something that costs nothing."""
        self.recorder.note(text)

    def record(
        self, what: str, times: Iterable[float], *, period: float, tolerance: float, count: int = 0
    ) -> None:
        """Keeps the times of what came in a rhythm, for the reports to show: `what` in the
        singular, and how many should have come (0: nobody knows). Of a flood the first are
        kept."""
        came = tuple(islice(times, MOST_TIMES))
        self.recorder.series.append(Series(what, period, tolerance, came, count))

    @property
    def clock_error(self) -> float:
        """Seconds by which our times of what came may be too late: 0.0 where the kernel
        stamped them. No tolerance may be narrower."""
        return self.recorder.clock_error

    def slack(self, within: float) -> float:
        """Seconds that an answer is given beyond the `within` that a check judges it by: by
        so much the clock may be off, and so much a slow machine is given."""
        return within * (self.scale - 1.0) + self.clock_error

    # -- starting and stopping ----------------------------------------------------

    async def expect_listening(self, within: float = START_WITHIN) -> None:
        """The port is open, and is the program's own. Violation where it is not.

        So many seconds are the program's own: what the machine keeps it waiting comes on top,
        for a minute in all at the most."""
        if self.remote:
            if self.protocol == "tcp":  # of a UDP port nothing can be known without an answer
                (await self.open_client()).abandon()
            return
        clock = asyncio.get_running_loop().time
        began, own, waited = clock(), within * self.scale, Waited()
        until = began + own
        while not (found := self.host.listener()) and not self.host.ended():
            if clock() >= until:
                waited = self._kept_waiting(self._own_host("it has listened before").started_at)
                until = began + time_to_start(own, waited)
                if clock() >= until:
                    break
            await asyncio.sleep(POLL)
            self.host.follow()
        took = clock() - began
        self._started()
        self._started = lambda: None
        if not found and self.host.listener() is None:  # what came in the last moment counts
            told = after_waiting(took, own, waited)
            before = self.found_elsewhere
            violation = not_listening(self.host, self.protocol, within, told, before)
            self.listening_elsewhere = self.host.only_other_port()
            raise violation
        if told := after_waiting(took, own, waited):
            self.note(f"the port was open after {told}: that costs nothing")

    async def restart(self, environment: Mapping[str, str] | None = None) -> None:
        """Stops the program and starts it again on the same host, until it listens."""
        host = self._own_host("it would have to be started again")
        await host.stop()
        self.recorder.remark("the program was stopped, and started again")
        host.start(environment)
        await self.expect_listening()

    async def start_if_it_ended(self) -> None:
        """Starts the program again where it has ended in good order, as one does that serves one
        client only: what is asked here is not whether it goes on."""
        if self.remote or self.host.listener() is not None:
            return
        if "exit status 0" in await self.fate():
            await self.restart()

    # -- talking to it ------------------------------------------------------------

    async def open_client(
        self, *, within: float = PATIENCE, reading: bool = True, from_another_host: bool = False
    ) -> Client:
        """A client that has connected; the caller lets it leave (`connect` does so)."""
        routes = self.host.routes()
        if from_another_host and not routes[0].from_another_host:
            routes = [Route("suite", socket.AF_INET, SUBMISSION_ADDRESS)]
        self._latest = client = await self._client_by_one_of(routes, within)
        if reading:
            client.start_reading()
        return client

    async def _client_by_one_of(self, routes: Sequence[Route], within: float) -> Client:
        """A client that has connected to the first of the addresses where that can be done; all
        others go there, too. Where it cannot, what the server did counts, before what this
        machine has no way to."""
        failed: list[Exception] = []
        for number, route in enumerate(routes, 1):
            patience = within if number == len(routes) else min(within, NEXT_ADDRESS)
            try:
                client = await self._client_by(route, patience)
            except (Violation, OSError) as error:
                failed.append(error)
                continue
            self.host.keep_to(route)
            return client
        raise next((one for one in failed if isinstance(one, Violation)), failed[0])

    async def _client_by(self, route: Route, within: float) -> Client:
        """A client that has connected to that address."""
        wire = self.host.socket(route.host, route.family, socket.SOCK_STREAM)
        address = (route.address, self.port)
        capture = self._capture(route.host)
        began = self.recorder.now()
        try:
            if not _connected_at_once(wire, address):
                async with asyncio.timeout(within * self.scale):
                    await asyncio.get_running_loop().sock_connect(wire, address)
        except TimeoutError:
            wire.close()
            raise self._not_connected(f"no answer within {within:g} s", Fault.ABSENT) from None
        except (ConnectionRefusedError, ConnectionResetError) as error:
            wire.close()
            told = await self.fate() or os.strerror(error.errno or 0).lower()
            raise self._not_connected(told, Fault.WRONG) from None
        except OSError:
            wire.close()
            raise
        return Client(
            wire,
            address,
            self.recorder,
            began=began,
            capture=capture,
            scale=self.scale,
            why_gone=self.host.ended,
        )

    def _capture(self, host: HostName) -> Capture | None:
        """What crosses the wire of that host, from and to the port that the program has now."""
        capture = self._captures.get(host)
        if capture is not None:
            capture.concern(self.port)
        return capture

    def _not_connected(self, told: str, fault: Fault) -> Violation:
        hint = "Has the loop that accepts connections ended, or is it stuck?"
        if self.remote and self._latest is None:
            hint = "Is the server started, on that port, and reachable from this machine?"
        kind = Kind.ENDED if self.host.ended() else Kind.REFUSED
        wanted = f"a client can connect to port {self.port}"
        return Violation(wanted, told, hint=hint, fault=fault, kind=kind)

    @contextlib.asynccontextmanager
    async def connect(
        self, *, within: float = PATIENCE, reading: bool = True, from_another_host: bool = False
    ) -> AsyncIterator[Client]:
        """A client that connects, and leaves at the end of the block."""
        client = await self.open_client(
            within=within, reading=reading, from_another_host=from_another_host
        )
        try:
            yield client
        finally:
            await client.leave()

    @contextlib.asynccontextmanager
    async def deaf_client(self, data: bytes) -> AsyncIterator[DeafClient]:
        """A client that sends `data`, over and over where it can, and reads nothing."""
        client = await self.open_client(reading=False)
        deaf = DeafClient(client, data)
        try:
            yield deaf
        finally:
            deaf.close()

    @contextlib.asynccontextmanager
    async def crowd(self, count: int, *, within: float = PATIENCE) -> AsyncIterator[list[Client]]:
        """`count` clients that connect at the same time, and leave together."""
        results = await asyncio.gather(
            *(self.open_client(within=within) for _ in range(count)), return_exceptions=True
        )
        clients = [result for result in results if isinstance(result, Client)]
        try:
            for result in results:
                if isinstance(result, BaseException):
                    raise result
            yield clients
        finally:
            await asyncio.gather(*(client.leave() for client in clients))

    def datagrams(
        self, *, name: str = "", port: int = 0, host: str = "", quiet: bool = False
    ) -> Datagrams:
        """A UDP endpoint of ours, for a `with`: bound to a free port (or to `port`) of the
        suite's host (or of its address `host`); it sends to the server by default."""
        return self._endpoint(self.host.route(), host, port, name, quiet=quiet)

    def datagrams_on_the_wire(self, *, name: str = "", port: int = 0, host: str = "") -> Datagrams:
        """Such an endpoint on the suite's host wherever the server listens: for broadcast
        and multicast, which cross a wire of ours and nobody else's."""
        wire = self._own_host("broadcast and multicast would meet other programs").wire
        if wire is None:
            raise LeftOut("broadcast and multicast need hosts of the suite's own")
        return self._endpoint(wire, host, port, name)

    def group_member(self, group: str, port: int, *, name: str = "") -> Datagrams:
        """A UDP endpoint on the suite's host that has joined a multicast group."""
        member = self.datagrams_on_the_wire(name=name or "group", port=port, host=group)
        member.join_group(group)
        return member

    def _endpoint(
        self, route: Route, host: str, port: int, name: str, *, quiet: bool = False
    ) -> Datagrams:
        capture = self._capture(route.host)  # its packets are evidence, too
        wire = self.host.socket(route.host, route.family, socket.SOCK_DGRAM)
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        wire.bind((host, port))  # no SO_REUSEADDR: two could be given one free port (udp(7))
        if capture is not None:
            capture.concern(wire.getsockname()[1])
        return Datagrams(
            wire,
            (route.address, self.port),
            self.recorder,
            name=name,
            scale=self.scale,
            why_gone=self.host.ended,
            quiet=quiet,
        )

    @property
    def from_another_host(self) -> bool:
        """Whether the server can be talked to from another host than its own."""
        return self.host.route().from_another_host

    # -- times ----------------------------------------------------------------------

    def now(self) -> float:
        """Seconds since the conversation began: the unit of all times of clients."""
        return self.recorder.now()

    @property
    def epoch(self) -> float:
        """When the conversation began, in seconds since 1970: a time of a client, and this,
        make a date."""
        return self.recorder.began / NANOSECONDS

    @property
    def started_at(self) -> float:
        """When the program was started last."""
        host = self._own_host("nobody knows when it was started")
        return self.recorder.seconds(host.started_at)


def _connected_at_once(wire: socket.socket, address: tuple[str, int]) -> bool:
    """Whether a connection stands without a wait. Between hosts of one machine the handshake
    is over when connect(2) returns, and Linux tells of it when it is called again."""
    for _ in range(2 if sys.platform.startswith("linux") else 0):
        with contextlib.suppress(BlockingIOError):
            wire.connect(address)
            return True
    return False
