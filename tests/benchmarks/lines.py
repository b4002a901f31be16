"""What a line costs our own side: sent, answered, taken in with its time, and compared. Beside it,
what the kernel takes for the same bytes by send(2) and recv(2) alone."""

from __future__ import annotations

import asyncio
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

from conformance.wire.recorder import Recorder
from conformance.wire.tcp_client import Client

from .tables import Sizes, Table, met, say, times

CROWDS = (1, 50, 1_000)
LINES = 2_000
"""Of all clients of a crowd together, in one round."""
ROUNDS = 20
"""The quickest counts: whatever else runs makes the others slower, never quicker."""
MOST = 30e-6
"""Seconds of CPU time that a line may take."""
SAID, HEARD = "abcdefghij", "> ABCDEFGHIJ"


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    rounds, rows = sizes.of(ROUNDS), []
    with socket.create_server(("127.0.0.1", 0), backlog=4_096) as listener:
        server = get_context("fork").Process(target=_serve, args=(listener,), daemon=True)
        server.start()
        try:
            for crowd in CROWDS:
                say(f"lines: {crowd} clients, {rounds} rounds")
                found = [asyncio.run(_round(listener.getsockname(), crowd)) for _ in range(rounds)]
                ours, bare = (min(column) for column in zip(*found, strict=True))
                rows.append([
                    f"{crowd:,}", f"{1e6 * ours:.0f} µs", met(ours / MOST, under=1.0),
                    f"{1e6 * bare:.0f} µs", times(ours / bare),
                ])  # fmt: skip
        finally:
            server.kill()
            server.join()
    yield Table(
        "CPU time of our own side for a line and its reply",
        ["clients", "ours", f"of {1e6 * MOST:.0f} µs", "send and recv alone", "ours beside it"],
        rows,
    )


async def _round(address: tuple[str, int], crowd: int) -> tuple[float, float]:
    """Seconds of CPU time for each line: ours, and that of the bare calls."""
    each = max(1, LINES // crowd)
    recorder, loop = Recorder(), asyncio.get_running_loop()
    with ExitStack() as closing:
        clients, sockets = [], []
        for _ in range(crowd):
            sockets.append(closing.enter_context(socket.socket()))
            sockets[-1].setblocking(False)
            await loop.sock_connect(sockets[-1], address)
            clients.append(Client(sockets[-1], address, recorder, began=recorder.now()))
            clients[-1].start_reading()
        began = time.process_time()
        await asyncio.gather(*(_talk(client, each) for client in clients))
        ours = time.process_time() - began
        for client in clients:
            client.stop_reading()
        began = time.process_time()
        for wire in sockets:
            wire.setblocking(True)
            for _ in range(each):
                wire.send(f"{SAID}\n".encode())
                wire.recv(1_000)
        return ours / (crowd * each), (time.process_time() - began) / (crowd * each)


async def _talk(client: Client, lines: int) -> None:
    for _ in range(lines):
        await client.send_line(SAID)
        await client.expect_line(HEARD)


def _serve(listener: socket.socket) -> None:
    """An echo server that does as little as it can."""
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            wire = key.fileobj
            assert isinstance(wire, socket.socket)
            if wire is listener:
                selector.register(wire.accept()[0], selectors.EVENT_READ)
            elif data := wire.recv(1_000):
                wire.send(b"> " + data.upper())
            else:
                selector.unregister(wire)
                wire.close()
