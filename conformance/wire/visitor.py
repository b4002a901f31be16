"""A connection that the submission's program has made: the suite is the server at its other end.

What arrives is recorded as it comes, as on a connection of ours; the transcript calls the program
"client", and the suite "server".
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable

from conformance.verdict.transcript import as_bytes
from conformance.wire.connection import Connection


class Visitor(Connection):
    """The program's connection to us."""

    _THE_OTHER = "the client"

    def _named(self, number: int) -> tuple[str, str]:
        if number == 1:
            return "server", "client"
        return f"server to client {number}", f"client {number}"

    @property
    def _caller(self) -> str:
        return self.other

    def _told_end(self, what: str) -> str:
        return f"the client {what}" if self.number == 1 else f"{self.other} {what}"

    @property
    def port(self) -> int:
        """The program's own."""
        return self.flow[1]

    @property
    def address(self) -> str:
        """The address that the program has connected to."""
        return self.flow[2]

    @property
    def received(self) -> bytes:
        """All that has come."""
        whole = "".join(line.text + line.ending for line in self.lines)
        return as_bytes(whole + self.unfinished)

    @property
    def last_came_at(self) -> float:
        """When the last byte came; when it connected, where none has."""
        if self.pending or not self.lines:
            return self._pending_seen or self.opened_at
        return self.arrival(self.lines[-1])

    @property
    def last_said_at(self) -> float:
        """When the last bytes were sent; when it connected, where none were."""
        said = [at for at, who, _ in self._said if who == self.name]
        return said[-1] if said else self.opened_at

    async def watch(self, enough: Callable[[], bool], within: float) -> bool:
        """Receives until `enough`, until the close, or for `within` seconds at most; returns
        whether it was enough."""
        return await self._until(enough, within)

    async def until_closed(self, within: float) -> bool:
        """Waits for the program to end its direction of the connection, for `within` seconds at
        most; returns whether it has."""
        return await self._until(lambda: self.ending is not None, within, even_closed=True)

    def hang_up(self) -> None:
        """Ends our direction of the connection, as a server does that has sent all."""
        whose = "" if self.number == 1 else f" of {self.other}"
        self.tell(f"the server closes the connection{whose}")
        self.sent_at = self._recorder.now()  # before the answer to it can come
        with contextlib.suppress(OSError):
            self._wire.shutdown(socket.SHUT_WR)
