"""Runs the server of a lab whose submissions are clients, on this machine's own network: it shows
what arrives, and answers as the lab does."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable

from conformance.contract.draw import Draw
from conformance.contract.lab import Lab
from conformance.verdict.model import Parameters, WrongCall

POLL = 0.1
"""Seconds between two questions whether it is time to answer."""
MAX_SHOWN = 2**16
"""Bytes that are shown of one client."""
AT_ONCE = 4_096
CLOSED_WITHIN = 30.0
"""Seconds in which a client is expected to close the connection, too."""

Say = Callable[[str], None]


def serve_clients(lab: Lab, parameters: Parameters, seed: int, say: Say) -> None:
    """Serves clients until Ctrl-C. Raises WrongCall if the port cannot be had."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_Counter(lab, parameters, seed, say).serve())
    say("the server is stopped")


class _Counter:
    """Serves one client after another, each with an answer of its own."""

    def __init__(self, lab: Lab, parameters: Parameters, seed: int, say: Say) -> None:
        self._lab = lab
        self._port = int(parameters[lab.port_parameter])
        self._seed = seed
        self._say = say
        self._count = 0

    async def serve(self) -> None:
        try:
            server = await asyncio.start_server(self._attend, None, self._port)
        except OSError as error:
            other = f"--set {self._lab.port_parameter}=8080"
            why = os.strerror(error.errno).lower() if error.errno else str(error)
            raise WrongCall(f"port {self._port} cannot be used: {why}; try {other}") from None
        async with server:
            self._say(f"{self._lab.name}: a server for your client, on port {self._port}")
            self._say(f"have your client connect to localhost, port {self._port}")
            self._say("Ctrl-C ends it.")
            await server.serve_forever()

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._count += 1
        who = f"client {self._count}"
        draw = Draw(self._seed, who)
        self._say(f"{who} connects")
        shown = _Shown(lambda line: self._say(f"{who} says  {line}"))
        with contextlib.suppress(ConnectionError):
            try:
                answer = await self._hear(reader, draw, shown)
                writer.write(answer)
                await writer.drain()
                writer.write_eof()
                self._say(f"{who} gets an answer of {len(answer)} bytes, and the server closes")
                async with asyncio.timeout(CLOSED_WITHIN):
                    while data := await reader.read(AT_ONCE):
                        shown.take(data)
                shown.end()
                self._say(f"{who} closes the connection")
            except TimeoutError:
                self._say(f"{who} has not closed the connection within {CLOSED_WITHIN:g} s")
            finally:
                writer.close()

    async def _hear(self, reader: asyncio.StreamReader, draw: Draw, shown: _Shown) -> bytes:
        """Shows what comes until it is time to answer; returns the answer."""
        assert self._lab.answers is not None, "a lab for clients says what is answered"
        clock = asyncio.get_running_loop().time
        began, received = clock(), b""
        while not (answer := self._lab.answers(draw, received, clock() - began)):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    data = await reader.read(AT_ONCE)
                    received = (received + data)[-MAX_SHOWN:]
                    shown.take(data)
                    if not data:  # it says no more
                        await asyncio.sleep(POLL)
        return answer


class _Shown:
    """Shows the lines of one client, with what is invisible made visible."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._rest = b""
        self._room = MAX_SHOWN

    def take(self, data: bytes) -> None:
        if self._room <= 0:
            return
        self._room -= len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._tell(line + b"\n")

    def end(self) -> None:
        """Nothing more comes."""
        if self._rest:
            self._tell(self._rest)
            self._rest = b""

    def _tell(self, line: bytes) -> None:
        from conformance.reports.text.visible import visible

        self._show(visible(line.decode("utf-8", "backslashreplace")))
