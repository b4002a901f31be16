"""What the suite is to a program that is a client: the server that it visits, the name server that
it asks, and the wire on which it is seen where else it went."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

from conformance.sandbox import SandboxError
from conformance.sandbox.hosts.network import SUITE_ADDRESS
from conformance.session.client_host import LOOPBACK, ClientHost
from conformance.session.given import Given
from conformance.session.name_server import NameServer
from conformance.session.tried import Tried, tried
from conformance.session.web_server import WebServer, running
from conformance.verdict.symptoms import Sign, Symptom
from conformance.verdict.violation import Hint, LeftOut, Violation
from conformance.wire.visitor import Visitor

MAX_VISITORS = 50
"""Connections that are accepted in one conversation; those after it wait in vain."""


@dataclass(eq=False, repr=False)
class VisitedServer(Given):
    """The server that a program visits."""

    _: KW_ONLY
    scratch: Path | None = None
    """A folder of the session's own."""
    visitors: list[Visitor] = field(default_factory=list, init=False)
    """The program's connections in this conversation, in their order."""
    _names: NameServer | None = field(default=None, init=False)

    @property
    def own(self) -> ClientHost:
        if not isinstance(self.host, ClientHost):
            raise LeftOut("with --connect there is no program to start")
        return self.host

    @property
    def site(self) -> str:
        """The host that it is to connect to, as it is told, or has it built in."""
        return self.own.site

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """The suite listens in this block, at every address, on the port that the program is to
        connect to; or on the one that it was found to connect to before."""
        port = self.own.site_port = int(self.dialect.get("port", self.port))
        door = self.host.socket("suite", socket.AF_INET, socket.SOCK_STREAM)
        loop = asyncio.get_running_loop()
        with contextlib.closing(door):
            try:
                door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                door.bind(("" if self._on_a_wire else LOOPBACK, port))
                door.listen()
            except OSError as error:
                raise SandboxError(f"the suite cannot listen on port {port}: {error}") from error
            loop.add_reader(door.fileno(), self._accept, door)
            try:
                yield
            finally:
                loop.remove_reader(door.fileno())

    def _accept(self, door: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while len(self.visitors) < MAX_VISITORS:
                wire, peer = door.accept()
                wire.setblocking(False)
                visitor = Visitor(
                    wire,
                    peer,
                    self.recorder,
                    began=self.recorder.now(),
                    capture=self.captures.get("suite"),
                    scale=self.scale,
                    round_trip=self.network,
                    why_gone=self.host.ended,
                )
                visitor.start_reading()
                self.visitors.append(visitor)

    @property
    def _on_a_wire(self) -> bool:
        return self.own.wire is not None

    def close(self) -> None:
        """Ends what the suite is to the program, but for the program itself."""
        for visitor in self.visitors:
            visitor.abandon()
        if self._names is not None:
            self._names.close()
            self._names = None

    def _wanted(self) -> str:
        return f"a connection to {self.site}, port {self.port}"

    def _asked_for(self) -> str:
        others = list(self._names.others.values()) if self._names is not None else []
        return f"; it asked for the address of {', '.join(others[:3])}" if others else ""

    def went_elsewhere(self, there: Tried, hint: Hint = "") -> Violation:
        """The violation of a program that connects to something else. The other clauses are judged
        there."""
        self.found_at(there)
        where = f"{there.name or there.address}, port {there.port}"
        asked = f"{self.site}, port {self.port}"
        seen = Symptom(Sign.ELSEWHERE, facts={"where": where, "asked": asked})
        return Violation(self._wanted(), f"the program goes to {where}", hint=hint, symptom=seen)

    def found_at(self, there: Tried) -> None:
        """The program is found to connect to this place. Where the gate fails, the other clauses
        are judged there."""
        self.listening_elsewhere = self.dialect["port"] = there.port

    def tried(self) -> list[Tried]:
        """Where the program tried to connect to in this conversation, each once; nothing where the
        machine offers no hosts of our own."""
        capture = self.captures.get("suite")
        if capture is None:
            return []
        capture.drain()
        names = dict(self._names.others) if self._names is not None else {}
        return tried(capture.packets, self.recorder.seconds, {**names, SUITE_ADDRESS: self.site})

    def place_of(self, visitor: Visitor) -> Tried:
        """Where a connection of the program's was meant to go."""
        names = self._names.others if self._names is not None else {}
        at = visitor.address
        is_ours = at in (SUITE_ADDRESS, self.site) or not self._on_a_wire
        name = self.site if is_ours else names.get(at, "")
        return Tried(at, visitor.flow[3], name, visitor.opened_at)

    def has_read_all(self, visitor: Visitor) -> bool:
        """Whether the program has read all that was sent to it: it closed the connection after
        that, and without a reset, which would say that something was unread; or it is still
        connected, and nothing is left to be read."""
        ending = visitor.ending
        if ending is None:
            return not (visitor.unacknowledged() or self.host.unread(visitor.port))
        return ending.how == "FIN" and (visitor.closed_at or 0.0) >= visitor.last_said_at

    @contextlib.asynccontextmanager
    async def web_server(self) -> AsyncIterator[WebServer]:
        """nginx runs beside the suite in this block."""
        assert self.scratch is not None, "a session has a folder of its own"
        async with running(self.scratch) as web:
            yield web
