"""A client that sends and never reads, as one whose machine hangs."""

from __future__ import annotations

from conformance.wire.client import Client


class DeafClient:
    """Sends its data until the server has no room for its answers, and reads nothing."""

    def __init__(self, client: Client, data: bytes) -> None:
        self._client = client
        self._data = memoryview(data)
        self.pushed = 0
        """Bytes that have left us."""

    async def stuff(self) -> None:
        """Sends until all has gone, or until the server takes no more."""
        while self.pushed < len(self._data):
            taken = await self._client.push(bytes(self._data[self.pushed : self.pushed + 65_536]))
            if taken == 0:
                break
            self.pushed += taken
        self._client.tell(f"{self._client.name} has sent {self.pushed:,} bytes and read nothing")

    def close(self) -> None:
        """Ends the connection without having read: a reset, as from a machine that hangs."""
        self._client.abandon()
