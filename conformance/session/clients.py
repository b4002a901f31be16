"""Our TCP clients and UDP endpoints that talk to a server."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from conformance.sandbox import HostName
from conformance.sandbox.hosts.network import SUBMISSION_ADDRESS
from conformance.session.given import Given
from conformance.session.host import Route
from conformance.verdict.symptoms import Sign, Symptom
from conformance.verdict.violation import Fault, Kind, LeftOut, Violation
from conformance.wire.capture import Capture
from conformance.wire.connection import PATIENCE
from conformance.wire.tcp_client import Client, DeafClient
from conformance.wire.udp_endpoint import Datagrams

NEXT_ADDRESS = 2.0
"""Seconds after which the next address of a name is tried. Addresses are tried one after the other,
because the race of RFC 8305 would show a server two clients."""

BATCH = 250
"""Clients that connect before our event loop has its next turn. Connecting does not wait between
hosts of one machine, and a loop that gets no turn looks like a machine at a standstill."""


@dataclass(eq=False, repr=False)
class Clients(Given):
    """Opens clients and endpoints to the server on one host."""

    _latest: Client | None = field(default=None, init=False)
    """The client that connected last; if it is reset, the server had not accepted it."""

    async def open_client(
        self, *, within: float = PATIENCE, reading: bool = True, from_another_host: bool = False
    ) -> Client:
        """A connected client. The caller must call `leave`, as `connect` does."""
        routes = self.host.routes()
        if from_another_host and not routes[0].from_another_host:
            routes = [Route("suite", socket.AF_INET, SUBMISSION_ADDRESS)]
        self._latest = client = await self._client_by_one_of(routes, within)
        if reading:
            client.start_reading()
        return client

    async def _client_by_one_of(self, routes: Sequence[Route], within: float) -> Client:
        """A client connected to the first address that answers; later clients use the same. If none
        answers, raises a Violation if there was one, else the machine's error."""
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
        """A client connected to that address."""
        wire = self.host.socket(route.host, route.family, socket.SOCK_STREAM)
        address = (route.address, self.port)
        capture = self._capture(route.host)
        began = self.recorder.now()
        try:
            if not _connected_at_once(wire, address):
                async with asyncio.timeout(within * self.scale + self.round_trip):
                    await asyncio.get_running_loop().sock_connect(wire, address)
        except TimeoutError:
            wire.close()
            actual = f"no answer within {within:g} s"
            refused = self._not_connected(actual, Fault.ABSENT, route)
            await self.recorder.evidence_is_complete(refused)
            raise refused from None
        except (ConnectionRefusedError, ConnectionResetError) as error:
            wire.close()
            actual = await self.fate() or os.strerror(error.errno or 0).lower()
            refused = self._not_connected(actual, Fault.WRONG, route)
            await self.recorder.evidence_is_complete(refused)
            raise refused from None
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
            round_trip=self.network,
            why_gone=self.host.ended,
        )

    def _capture(self, host: HostName) -> Capture | None:
        """The capture on that host, set to the program's present port."""
        capture = self.captures.get(host)
        if capture is not None:
            capture.concern(self.port)
        return capture

    def _not_connected(self, actual: str, fault: Fault, route: Route) -> Violation:
        wanted = f"a client can connect to port {self.port}"
        if self.host.ended():
            return Violation(wanted, actual, fault=fault, kind=Kind.ENDED)
        if self.remote:
            hint = "Is the server started, on that port, and reachable from this machine?"
            first = {Sign.REFUSED.value: hint} if self._latest is None else ""
            return Violation(wanted, actual, hint=first, fault=fault, kind=Kind.REFUSED)
        listener = self.host.listener()
        if listener is None:
            closed = Symptom(Sign.REFUSED, facts={"closed": 1})
            actual = f"{actual}: nothing listens on that port any more"
            return Violation(wanted, actual, fault=fault, kind=Kind.REFUSED, symptom=closed)
        symptom = None
        if listener.waiting and fault is Fault.ABSENT:
            waiting = listener.waiting
            symptom = Symptom(Sign.NOT_ACCEPTED, facts={"waiting": waiting})
            actual = f"{actual}; {waiting} connections wait to be accepted"
        elif not ipaddress.ip_address(listener.address).is_unspecified:
            symptom = Symptom(Sign.ONE_ADDRESS, facts={"address": listener.address})
            actual = f"{actual}: it listens on {listener.address} only"
            wanted = f"a client of another host can connect to {route.address}, port {self.port}"
        return Violation(wanted, actual, fault=fault, kind=Kind.REFUSED, symptom=symptom)

    @contextlib.asynccontextmanager
    async def connect(
        self, *, within: float = PATIENCE, reading: bool = True, from_another_host: bool = False
    ) -> AsyncIterator[Client]:
        """A connected client, which leaves at the end of the block."""
        client = await self.open_client(
            within=within, reading=reading, from_another_host=from_another_host
        )
        try:
            yield client
        finally:
            await client.leave()

    @contextlib.asynccontextmanager
    async def deaf_client(self, data: bytes) -> AsyncIterator[DeafClient]:
        """A client that sends `data` and reads nothing."""
        client = await self.open_client(reading=False)
        with contextlib.closing(DeafClient(client, data)) as deaf:
            try:
                yield deaf
            except Violation as violation:  # what others miss, while this one is connected
                await self.recorder.evidence_is_complete(violation)
                raise

    @contextlib.asynccontextmanager
    async def crowd(self, count: int, *, within: float = PATIENCE) -> AsyncIterator[list[Client]]:
        """`count` clients that connect at the same time and leave together."""
        results: list[Client | BaseException] = []
        while (missing := count - len(results)) > 0:
            batch = (self.open_client(within=within) for _ in range(min(BATCH, missing)))
            results += await asyncio.gather(*batch, return_exceptions=True)
        clients = [result for result in results if isinstance(result, Client)]
        try:
            for result in results:
                if isinstance(result, BaseException):
                    raise result
            yield clients
        finally:
            self.recorder.note_failure()  # the clients leave in tasks, which do not know of it
            await asyncio.gather(*(client.leave() for client in clients))

    def datagrams(
        self, *, name: str = "", port: int = 0, host: str = "", quiet: bool = False
    ) -> Datagrams:
        """A UDP endpoint for a `with` block, bound to a free port (or to `port`) on the suite's
        host (or on its address `host`). It sends to the server by default."""
        return self._endpoint(self.host.route(), host, port, name, quiet=quiet)

    def datagrams_on_the_wire(self, *, name: str = "", port: int = 0, host: str = "") -> Datagrams:
        """An endpoint on the suite's host, wherever the server listens: for broadcast and
        multicast, which must not leave our own wire."""
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
        capture = self._capture(route.host)  # opened because its packets are evidence
        wire = self.host.socket(route.host, route.family, socket.SOCK_DGRAM)
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        wire.bind((host, port))  # not SO_REUSEADDR: two could get the same free port (udp(7))
        if capture is not None:
            capture.concern(wire.getsockname()[1])
        return Datagrams(
            wire,
            (route.address, self.port),
            self.recorder,
            name=name,
            scale=self.scale,
            round_trip=self.network,
            why_gone=self.host.ended,
            quiet=quiet,
        )

    @property
    def from_another_host(self) -> bool:
        """Whether clients can reach the server from another host than its own."""
        return self.host.route().from_another_host


def _connected_at_once(wire: socket.socket, address: tuple[str, int]) -> bool:
    """Connects; whether the connection is established at once. Between hosts of one machine the
    handshake is over when connect(2) returns; on Linux a second call confirms it."""
    for _ in range(2 if sys.platform.startswith("linux") else 0):
        with contextlib.suppress(BlockingIOError):
            wire.connect(address)
            return True
    return False
