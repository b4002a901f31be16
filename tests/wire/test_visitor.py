"""The suite's end of a connection that the program has made."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

from conformance.verdict.transcript import Entry
from conformance.wire.recorder import Recorder
from conformance.wire.visitor import Visitor

WITHIN = 30.0
"""Seconds for what takes a millisecond."""

Work = Callable[[Visitor, socket.socket], Awaitable[None]]


def transcript(work: Work, *, visitors: int = 1) -> list[tuple[str, str]]:
    """Who said what, where `work` is done with the last of so many visitors and its client."""

    async def main() -> tuple[Entry, ...]:
        recorder, ends = Recorder(), []
        with socket.create_server(("127.0.0.1", 0)) as door:
            for _ in range(visitors):
                client = socket.create_connection(door.getsockname())
                wire, peer = door.accept()
                for each in (client, wire):
                    each.setblocking(False)
                ends.append((Visitor(wire, peer, recorder, began=recorder.now()), client))
        visitor, client = ends[-1]
        visitor.start_reading()
        await work(visitor, client)
        for made, its in ends:
            made.abandon()
            its.close()
        return recorder.transcript().entries

    return [(entry.who, entry.what) for entry in asyncio.run(main())]


def test_the_program_is_the_client_and_the_suite_the_server() -> None:
    async def work(visitor: Visitor, client: socket.socket) -> None:
        client.send(b"Hello\r\n\r\nmore")
        assert await visitor.watch(lambda: visitor.received.endswith(b"more"), WITHIN)
        assert visitor.received == b"Hello\r\n\r\nmore"
        assert visitor.opened_at <= visitor.last_came_at
        await visitor.send(b"no\r\n")
        assert visitor.last_said_at >= visitor.last_came_at
        visitor.hang_up()
        assert await asyncio.get_running_loop().sock_recv(client, 100) == b"no\r\n"
        assert await asyncio.get_running_loop().sock_recv(client, 100) == b""
        assert not visitor.ending
        client.close()
        assert await visitor.until_closed(WITHIN)

    assert sorted(transcript(work)) == sorted([
        ("suite", "client connects"),
        ("client", "Hello\r\n"),
        ("client", "\r\n"),
        ("client", "more"),
        ("server", "no\r\n"),
        ("suite", "the server closes the connection"),
        ("suite", "the client closed the connection"),
    ])  # fmt: skip


def test_a_second_connection_has_a_number() -> None:
    async def work(visitor: Visitor, client: socket.socket) -> None:
        await visitor.send(b"no\r\n")
        visitor.hang_up()
        assert await asyncio.get_running_loop().sock_recv(client, 100)
        client.close()
        assert await visitor.until_closed(WITHIN)
        assert visitor.port != visitor.flow[3]
        assert visitor.address == "127.0.0.1"

    told = transcript(work, visitors=2)
    assert ("suite", "client 2 connects") in told
    assert ("server to client 2", "no\r\n") in told
    assert ("suite", "the server closes the connection of client 2") in told
    assert any(what.startswith("client 2 closed") for _, what in told)


def test_what_a_client_does_not_read_is_its_fault() -> None:
    async def work(visitor: Visitor, client: socket.socket) -> None:
        client.close()
        assert await visitor.until_closed(WITHIN)
        assert visitor.last_came_at == visitor.opened_at

    assert ("suite", "the client closed the connection") in transcript(work)
