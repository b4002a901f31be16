"""What is asked of every server first, in the scenarios that labs share: clauses 1.1 and 1.2.

A lab takes them over with `lab.listening()` and `lab.reachable()`; its contract says the same
in its own words.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any


def over_tcp() -> Any:
    async def listens(server: Any) -> Any:
        """The server listens on its TCP port within 10 s of its start, and goes on running."""
        await server.expect_listening()
        async with AsyncExitStack() as leaving:
            client = await server.open_client()
            leaving.push_async_callback(client.leave)
            await server.expect_accepted()
            await client.gather(1.0)
            if client.ending is None:
                await server.expect_alive(0.0)
            leaving.pop_all()  # it stays: the session has it go on, or leave
        return client

    return listens


def over_udp() -> Any:
    async def listens(server: Any) -> None:
        """The server listens on its UDP port within 10 s of its start, and goes on running."""
        await server.expect_listening()
        await server.expect_alive(1.0)

    return listens


async def reachable_from_other_hosts(server: Any) -> None:
    """It accepts connections on every address of the host, not only on loopback."""
    async with server.connect(from_another_host=True):
        await server.expect_accepted()
