"""The scenarios that all labs share: clauses 1.1 and 1.2.

A lab adds them with `lab.listening()` and `lab.reachable()`, and words the clauses itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from conformance.verdict.symptoms import Sign

MUST_RUN = "must go on running"
MUST_FIND = "must find it"


def see_ports(protocol: str, port: str = "port") -> Mapping[str, str]:
    """How a student sees that a server does not listen on its port, by what was seen. `protocol`:
    the letter of `ss`, "t" or "u"; `port`: the lab's parameter."""
    return {
        Sign.ENDED: f"{{start}}   # {MUST_RUN}",
        Sign.OTHER_PORT: f"ss -l{protocol}np",
        Sign.SWAPPED_PORT: f"ss -l{protocol}np",
        Sign.OTHER_PROTOCOL: "ss -ltunp",
        "": f"ss -l{protocol}np | grep :{{{port}}}   # {MUST_FIND}",
    }


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
            leaving.pop_all()  # it stays connected: the session uses it, or lets it leave
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
