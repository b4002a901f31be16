"""The proxy of a build that may fetch: to the registries of this machine, and nowhere else.

It runs on the machine's network, in a process of its own that has nothing but sockets, and
listens on the build's network. It allows `CONNECT host:443` (RFC 9110, 9.3.6) and, for a
registry that is configured without TLS, GET and HEAD; all by name and port, as configured. A
tunnel must carry TLS for that host; its contents cannot be checked.
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit
from urllib.request import (  # type: ignore[attr-defined]  # not in typeshed
    proxy_bypass_environment,
)

from conformance.sandbox.build import client_hello
from conformance.sandbox.build.http_request import (
    NAMED,
    Place,
    ProxyRequest,
    RefusedRequest,
    authority,
)

_HEAD_BYTES = 32 * 1024
_HEAD_SECONDS = 30.0
"""Seconds to read a request, and to make the connection that it asks for."""
_AT_ONCE = 128
"""Connections of one build; npm opens fifteen. Further ones are closed at once."""
_CHUNK = 64 * 1024
_MAX_REPORTED = 20
"""Places of each kind that are reported: a program may make up thousands."""

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
"""Both directions of a connection."""


@dataclass(frozen=True)
class Upstream:
    """The proxies by which this machine itself reaches the network, from its environment."""

    proxies: Mapping[str, str] = field(default_factory=dict)
    """By scheme, as from urllib.request.getproxies_environment; `no`: hosts that need none."""

    def for_(self, place: Place) -> str | None:
        url = self.proxies.get(place.scheme) or self.proxies.get("all")
        around = proxy_bypass_environment(f"{place.host}:{place.port}", dict(self.proxies))
        return None if around else url


@dataclass
class Proxy:
    """Serves one build until the other end of `way` is closed."""

    allowed: frozenset[Place]
    upstream: Upstream
    refused: dict[str, None] = field(default_factory=dict)
    """What was refused, in the order of the requests."""
    unreached: dict[str, None] = field(default_factory=dict)
    """Registries that did not answer. pip reports that as a package that does not exist."""
    open: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, way: socket.socket) -> None:
        """The listening socket comes over `way`; at the end, the report goes back over it."""
        way.setblocking(False)
        loop = asyncio.get_running_loop()
        listening = await _received(loop, way)
        if listening is not None:
            server = await asyncio.start_server(
                self._serve_client, sock=listening, limit=_HEAD_BYTES
            )
            while await loop.sock_recv(way, 1):
                pass
            server.close()
        with suppress(OSError):
            words = {"refused": [*self.refused], "unreached": [*self.unreached]}
            await loop.sock_sendall(way, json.dumps(words).encode())

    async def _serve_client(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            if len(self.open) < _AT_ONCE:
                self.open.add(task)
                await self._answer(reader, writer)
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError, ValueError):
            pass  # a connection that ended; the build's tool reports that itself
        finally:
            self.open.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_HEAD_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        try:
            request = ProxyRequest.read(head)
            self._require_allowed(request)
            async with asyncio.timeout(_HEAD_SECONDS):
                there = await self._connect(request)
        except RefusedRequest as refused:
            body = f"{refused}\n".encode()
            writer.write(
                f"HTTP/1.1 {refused.status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
                + body
            )
            await writer.drain()
            return
        try:
            if request.method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                there[1].write(await self._client_hello(reader, request.place))
                await _both_ways((reader, writer), there)
            else:
                await _one_way(there[0], writer)
        finally:
            there[1].close()

    def _require_allowed(self, request: ProxyRequest) -> None:
        """Raises RefusedRequest, and remembers it."""
        method = request.method
        tunnel = method == "CONNECT"
        well = method in ("GET", "HEAD") and request.place.scheme == "http"
        if request.place in self.allowed and (tunnel or well):
            return
        name = f"{request.place.host}:{request.place.port}"[:NAMED]
        _note(self.refused, name)
        why = f"{method[:20]} {name}: not a registry that this machine is configured for"
        raise RefusedRequest("403 Forbidden", why)

    async def _client_hello(self, reader: asyncio.StreamReader, place: Place) -> bytes:
        """The first record in a tunnel. Raises ValueError if it does not ask for that host."""
        async with asyncio.timeout(_HEAD_SECONDS):
            head = await reader.readexactly(client_hello.RECORD.size)
            kind, _, length = client_hello.RECORD.unpack(head)
            if kind == client_hello.HANDSHAKE and length <= client_hello.LARGEST_RECORD:
                body = await reader.readexactly(length)
                if client_hello.asks_for(place.host, body):
                    return head + body
                name = client_hello.server_name(body) or "an unnamed host"
                _note(self.refused, f"{name[:NAMED]} (by way of {place.host}:{place.port})")
        raise ValueError("no greeting for this host")

    async def _connect(self, request: ProxyRequest) -> Ends:
        """A connection to the registry; a plain request has been sent on it already."""
        place = request.place
        proxy = self.upstream.for_(place)
        tunnel = request.method == "CONNECT"
        try:
            if proxy is None:
                there = await asyncio.open_connection(place.host, place.port)
                if not tunnel:
                    there[1].write(request.passed_on(whole=False))
                return there
            return await _by_proxy(proxy, request)
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            why = f"{place.host}:{place.port} cannot be reached: {error}"
            _note(self.unreached, f"{place.host}:{place.port}"[:NAMED])
            raise RefusedRequest("502 Bad Gateway", why) from None


def _note(places: dict[str, None], name: str) -> None:
    if len(places) < _MAX_REPORTED:
        places[name] = None


async def _by_proxy(proxy: str, request: ProxyRequest) -> Ends:
    parts = urlsplit(proxy if "//" in proxy else f"//{proxy}")
    secure = parts.scheme == "https"
    reader, writer = await asyncio.open_connection(
        parts.hostname, parts.port or (443 if secure else 80), ssl=secure or None
    )
    credentials = []
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        credentials = [f"Proxy-Authorization: Basic {base64.b64encode(pair).decode()}"]
    if request.method != "CONNECT":
        writer.write(request.passed_on(whole=True, credentials=credentials))
        return reader, writer
    name = authority(request.place)
    lines = [f"CONNECT {name} HTTP/1.1", f"Host: {name}", *credentials, "", ""]
    writer.write("\r\n".join(lines).encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    status = answer.split(b" ", 2)[1:2]
    if status != [b"200"]:
        writer.close()
        raise ConnectionRefusedError(f"the machine's own proxy says {answer[:60]!r}")
    return reader, writer


async def _both_ways(here: Ends, there: Ends) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_one_way(here[0], there[1]))
            group.create_task(_one_way(there[0], here[1]))
    except* OSError:
        pass  # one of the two has hung up


async def _one_way(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(_CHUNK):
        target.write(data)
        await target.drain()
    if target.can_write_eof():
        target.write_eof()


async def _received(loop: asyncio.AbstractEventLoop, way: socket.socket) -> socket.socket | None:
    """The listening socket; None when the build ended before it sent one."""
    ready = loop.create_future()
    loop.add_reader(way, ready.set_result, None)
    await ready
    loop.remove_reader(way)
    _, fds, _, _ = socket.recv_fds(way, 1, 1)
    if not fds:
        return None
    listening = socket.socket(fileno=fds[0])
    listening.setblocking(False)
    return listening
