"""The other end of a conversation: a server that the test controls."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import select
import signal
import socket
import struct
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.sandbox import Tier, World, kernel, probe
from conformance.wire.capture import Capture
from conformance.wire.recorder import Recorder
from conformance.wire.tcp_client import Client

WITHIN = 60.0
"""Seconds for what a test does, many times what it takes."""


class Peer:
    """The server's end of one connection."""

    def __init__(self, wire: socket.socket, now: Callable[[], float]) -> None:
        """`now` returns the seconds since the conversation began."""
        self.wire = wire
        self.now = now
        self._loop = asyncio.get_running_loop()
        wire.setblocking(False)
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def say(self, *pieces: bytes) -> None:
        """Sends each piece in a segment of its own."""
        for piece in pieces:
            await self._loop.sock_sendall(self.wire, piece)

    async def read_to_end(self) -> bytes:
        """All that the client sends. Raises ConnectionResetError if it resets."""
        data = b""
        while more := await self._loop.sock_recv(self.wire, 65536):
            data += more
        return data

    async def read(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            data += await self._loop.sock_recv(self.wire, length - len(data))
        return data

    def close(self) -> None:
        self.wire.close()

    def reset(self) -> None:
        self.wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.wire.close()


@contextlib.asynccontextmanager
async def meeting(
    make: Callable[[], socket.socket] = socket.socket,
    make_client: Callable[[], socket.socket] = socket.socket,
    address: str = "127.0.0.1",
    capture: Capture | None = None,
    recorder: Recorder | None = None,
    scale: float = 1.0,
    **more: Any,
) -> AsyncIterator[tuple[Client, Peer]]:
    """A client of ours, and the server's end of its connection."""
    loop = asyncio.get_running_loop()
    with make() as listener, make_client() as wire:
        listener.bind((address, 0))
        listener.listen()
        for each in (listener, wire):
            each.setblocking(False)
        recorder = recorder or Recorder()
        began = recorder.now()
        port = listener.getsockname()[1]
        _, (accepted, _) = await asyncio.gather(
            loop.sock_connect(wire, (address, port)), loop.sock_accept(listener)
        )
        peer = Peer(accepted, recorder.now)
        client = Client(
            wire, (address, port), recorder, began=began, capture=capture,
            scale=scale, **more,
        )  # fmt: skip
        client.start_reading()
        try:
            yield client, peer
        finally:
            client.abandon()
            accepted.close()


def together(conversation: Callable[[], Awaitable[Any]]) -> Any:
    """Runs a conversation, with a deadline."""

    async def bounded() -> Any:
        async with asyncio.timeout(WITHIN):
            return await conversation()

    return asyncio.run(bounded())


def in_a_world(scratch: Path, work: Callable[[World], Any]) -> Any:
    """Does `work` between two hosts of our own, in a forked child; returns its result."""
    isolation = probe()
    if isolation.tier is Tier.NONE:
        message = f"no network namespaces here: {isolation.reason}; {isolation.remedy}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    reading, writing = os.pipe()
    with kernel.forking():
        child = os.fork()
    if child == 0:
        try:
            try:
                with World(isolation, scratch) as world:
                    answer = pickle.dumps((True, work(world)))
            except BaseException:
                answer = pickle.dumps((False, traceback.format_exc()))
            with open(writing, "wb") as pipe:
                pipe.write(answer)
        finally:
            os._exit(0)
    os.close(writing)
    try:
        data = b""
        while select.select([reading], [], [], WITHIN)[0] and (more := os.read(reading, 65536)):
            data += more
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert data, "the child died, or took too long"
    well, result = pickle.loads(data)
    assert well, result
    return result
