"""Asks a Node program that runs, and does not come back to its event loop, where it is: through
its inspector, which it opens when it gets SIGUSR1.

One that waits in its event loop stands in no line of the student's, and is not asked.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, closing
from typing import Any

from websockets.client import ClientProtocol
from websockets.frames import Frame as Message
from websockets.uri import parse_uri

from conformance.session.stood.stack import RUNS, Frame, Stack

PORT = 9229
"""Of the inspector, on 127.0.0.1 of the program's host."""

RETRY = 0.02
"""Seconds until the port is tried again: it is open some 0.1 s after the signal."""

MAX_BYTES = 4 * 2**20
"""Taken from the inspector, which lists every script."""

MakeSocket = Callable[[], socket.socket]
"""Makes a non-blocking TCP socket on the program's host."""


class NoAnswer(Exception):  # noqa: N818 - no failure of ours
    """The port does not answer as an inspector does."""


async def stack_of(make: MakeSocket) -> Stack:
    """The stack of the main thread, of a program that has got SIGUSR1. It waits until there is one:
    give it a deadline. Raises NoAnswer or OSError."""
    target = await _target(make)
    with closing(await _connected(make)) as wire:
        inspector = _Inspector(wire, target)
        await inspector.begin()
        await inspector.ask("Debugger.enable")
        await inspector.ask("Debugger.pause")
        scripts: dict[str, str] = {}
        async with aclosing(inspector.messages()) as messages:
            async for message in messages:
                about = message.get("params", {})
                if message.get("method") == "Debugger.scriptParsed":
                    scripts[about["scriptId"]] = about["url"]
                if message.get("method") == "Debugger.paused":
                    await inspector.ask("Debugger.resume")
                    return Stack(frames_of(about, scripts), does=RUNS)
    raise NoAnswer("it was not paused")


def frames_of(paused: Mapping[str, Any], scripts: Mapping[str, str]) -> tuple[Frame, ...]:
    """The frames in what `Debugger.paused` says. `scripts`: the URL of each script. Pure."""
    found = []
    for one in paused["callFrames"]:
        place = one["location"]
        url = one.get("url") or scripts.get(place["scriptId"], "")
        found.append(Frame(url, int(place["lineNumber"]) + 1))
    return tuple(found)


async def _connected(make: MakeSocket) -> socket.socket:
    loop = asyncio.get_running_loop()
    while True:
        wire = make()
        try:
            await loop.sock_connect(wire, ("127.0.0.1", PORT))
        except ConnectionRefusedError:
            wire.close()
            await asyncio.sleep(RETRY)
        except BaseException:
            wire.close()
            raise
        else:
            return wire


async def _target(make: MakeSocket) -> str:
    """The path of the inspector's WebSocket."""
    loop = asyncio.get_running_loop()
    with closing(await _connected(make)) as wire:
        await loop.sock_sendall(wire, b"GET /json/list HTTP/1.0\r\nHost: localhost\r\n\r\n")
        answer = b""
        while piece := await loop.sock_recv(wire, 65_536):
            answer += piece
            _, _, body = answer.partition(b"\r\n\r\n")
            if len(answer) > MAX_BYTES:
                break
            try:
                return str(json.loads(body)[0]["id"])
            except (ValueError, LookupError, TypeError):
                continue  # not all of it has come
    raise NoAnswer("it lists no target")


class _Inspector:
    """The inspector's protocol on a connected socket."""

    def __init__(self, wire: socket.socket, target: str) -> None:
        self._wire = wire
        self._loop = asyncio.get_running_loop()
        self._protocol = ClientProtocol(parse_uri(f"ws://127.0.0.1:{PORT}/{target}"))
        self._asked = 0
        self._taken = 0

    async def begin(self) -> None:
        self._protocol.send_request(self._protocol.connect())
        await self._flush()
        while not self._protocol.handshake_exc and self._protocol.state.name == "CONNECTING":
            await self._take()
        if self._protocol.handshake_exc:
            raise NoAnswer(str(self._protocol.handshake_exc))

    async def ask(self, method: str) -> None:
        self._asked += 1
        self._protocol.send_text(json.dumps({"id": self._asked, "method": method}).encode())
        await self._flush()

    async def messages(self) -> AsyncGenerator[dict[str, Any]]:
        """What it says, until it ends the connection."""
        text = b""
        while True:
            for event in self._protocol.events_received():
                if isinstance(event, Message):
                    text += event.data
                    if event.fin:
                        yield json.loads(text)
                        text = b""
            await self._take()

    async def _take(self) -> None:
        data = await self._loop.sock_recv(self._wire, 65_536)
        self._taken += len(data)
        if not data or self._taken > MAX_BYTES:
            raise NoAnswer("it has ended the connection, or says too much")
        self._protocol.receive_data(data)
        await self._flush()

    async def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                await self._loop.sock_sendall(self._wire, data)
