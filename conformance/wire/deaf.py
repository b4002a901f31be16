"""A client that sends and never reads, as one whose machine hangs."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.wire.tcp_client import Client


@dataclass
class DeafClient:
    """Sends its data until the server can no longer send its answers, and reads nothing."""

    client: Client
    data: bytes
    pushed: int = 0
    """Bytes that have left us."""

    async def stuff(self) -> None:
        """Sends until all data is sent, or until the server takes no more."""
        taken = 1
        while taken and self.pushed < len(self.data):
            taken = await self.client.push(self.data[self.pushed : self.pushed + 65_536])
            self.pushed += taken
        self.client.tell(f"{self.client.name} has sent {self.pushed:,} bytes and read nothing")

    def close(self) -> None:
        """Closes without having read, which sends a reset, as a machine that hangs would."""
        self.client.abandon()
