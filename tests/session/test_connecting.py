"""How a client gets to the server: which way, and that it waits for a connection only where
there is something to wait for."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from conformance.sandbox import Listener, World
from conformance.session.host import Route
from conformance.session.remote_host import RemoteHost
from conformance.session.server import Server
from conformance.session.submission_host import SubmissionHost
from conformance.submissions import Program
from conformance.verdict.model import Parameters
from conformance.verdict.violation import Fault, Violation
from kit.peers import in_a_world, together


def server_at(port: int, address: str = "127.0.0.1") -> Server:
    there = RemoteHost([Route("suite", socket.AF_INET, address)], port)
    return Server(there, Parameters({}), protocol="tcp")


def test_a_client_connects_and_is_heard() -> None:
    async def work() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            async with server_at(listener.getsockname()[1]).connect() as client:
                accepted, _ = listener.accept()
                accepted.sendall(b"hello\n")
                await client.expect_line("hello")
                accepted.close()

    together(work)


def test_a_port_that_nobody_has_refuses() -> None:
    async def work() -> None:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            with pytest.raises(Violation, match="connection refused") as raised:
                await server_at(nobody.getsockname()[1]).open_client()
        assert raised.value.fault is Fault.WRONG

    together(work)


async def crowd_in(server: Server) -> None:
    """More clients than a queue of one has room for, one after the other."""
    async with server.connect(within=0.05), server.connect(within=0.05):
        await server.open_client(within=0.05)


def test_a_full_queue_is_waited_for_and_then_told() -> None:
    """The kernel leaves the first segment of one too many without an answer."""

    async def work() -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
            server = server_at(listener.getsockname()[1])
            async with server.connect(within=50):
                with pytest.raises(Violation, match=r"no answer within 0\.05 s") as raised:
                    await crowd_in(server)
        assert raised.value.fault is Fault.ABSENT

    together(work)


async def accept_all(listener: socket.socket) -> None:
    while True:
        accepted, _ = await asyncio.get_running_loop().sock_accept(listener)
        accepted.close()


def test_a_connection_that_takes_a_while_stands_in_the_end() -> None:
    """The segment without an answer is sent again, when there is room."""

    async def work() -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
            server = server_at(listener.getsockname()[1])
            listener.setblocking(False)
            accepting = asyncio.create_task(accept_all(listener))
            coming = (server.open_client(within=50) for _ in range(3))
            for client in await asyncio.gather(*coming):
                client.abandon()
            accepting.cancel()

    together(work)


# -- on a host of our own -------------------------------------------------------------

MOVES = """
import socket
with socket.create_server(("127.0.0.1", 2323)) as narrow:
    narrow.accept()
with socket.create_server(("", 2323)) as wide:
    while True:
        wide.accept()
"""


def test_the_way_is_looked_for_until_there_is_no_better(scratch: Path) -> None:
    """On loopback only, each client looks whether that has changed."""

    def work(world: World) -> list[str]:
        looks: list[str] = []
        ask = world.listeners

        def listeners(protocol: str = "") -> Sequence[Listener]:
            looks.append(protocol)
            return ask(protocol)

        world.listeners = listeners  # type: ignore[method-assign, assignment]

        async def hold() -> list[str]:
            folder = scratch / "program"
            folder.mkdir()
            (folder / "main.py").write_text(MOVES)
            program = Program(folder, ("/usr/bin/python3", "main.py"))
            host = SubmissionHost(world, program, scratch, protocol="tcp", port=2323, zone="UTC")
            server = Server(host, Parameters({}), protocol="tcp")
            host.start()
            try:
                await server.expect_listening()
                assert not server.from_another_host
                (await server.open_client()).abandon()
                async with asyncio.timeout(50):
                    while not server.from_another_host:
                        await asyncio.sleep(0.02)
                looks.clear()
                for _ in range(3):
                    (await server.open_client()).abandon()
                looked = list(looks)
                await server.restart()
                assert not server.from_another_host, "it began anew"
            finally:
                await host.stop()
            return looked

        return asyncio.run(hold())

    assert in_a_world(scratch, work) == []


def test_sockets_of_one_protocol(scratch: Path) -> None:
    def work(world: World) -> Any:
        tcp = world.socket("submission", socket.AF_INET, socket.SOCK_STREAM)
        udp = world.socket("submission", socket.AF_INET, socket.SOCK_DGRAM)
        for each in (tcp, udp):
            each.bind(("", 2323))
        tcp.listen()
        return [
            [one.protocol for one in world.listeners(*what)] for what in ((), ("tcp",), ("udp",))
        ]

    assert in_a_world(scratch, work) == [["tcp", "udp"], ["tcp"], ["udp"]]
