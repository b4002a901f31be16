"""The outside world for tests of builds: a registry, and hosts that listen. All are on this
machine's loopback, or in a namespace of the test's own."""

from __future__ import annotations

import io
import os
import socket
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from conformance.sandbox import kernel

WHEEL = "thing-1.0-py3-none-any.whl"


def wheel() -> bytes:
    """A package `thing`, version 1.0."""
    data = io.BytesIO()
    about = "thing-1.0.dist-info"
    files = {
        "thing.py": "NAME = 'the thing'\n",
        f"{about}/METADATA": "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{about}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{about}/RECORD"])
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


class Shop(ThreadingHTTPServer):
    """An index with one Python package; it also takes requests as a proxy does."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.asked: list[str] = []
        self.heads: list[dict[str, str]] = []
        self.visited = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Counter(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        self.server.heads.append({name.lower(): text for name, text in self.headers.items()})
        self.server.visited.set()
        pages = {
            "/simple/thing/": f'<a href="/files/{WHEEL}">{WHEEL}</a>'.encode(),
            f"/files/{WHEEL}": wheel(),
        }
        path = self.path.removeprefix("http://shop.example:80")
        body = pages.get(path, b"nothing here")
        self.send_response(200 if path in pages else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        pass


@contextmanager
def shop() -> Iterator[Shop]:
    """A registry that serves while the block lasts."""
    with Shop() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


KNOCK = """
import json, socket, sys
for kind, address in json.loads(sys.argv[1]):
    family = {"tcp": socket.AF_INET, "udp": socket.AF_INET, "tcp6": socket.AF_INET6,
              "unix": socket.AF_UNIX}[kind]
    with socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM) as one:
        one.settimeout(5)
        try:
            one.connect("\\0" + address if kind == "unix" else tuple(address))
            one.send(b"knock")
            print(kind, "sent")
        except OSError:
            print(kind, "failed")
"""
"""A program that tries to reach each of the places that it is given."""


class Hosts:
    """Listens at an address by TCP and UDP; `everywhere`, by IPv6 and an abstract socket too."""

    def __init__(self, host: str, *, everywhere: bool) -> None:
        self._sockets = [
            ("tcp", _bound(socket.AF_INET, socket.SOCK_STREAM, (host, 0))),
            ("udp", _bound(socket.AF_INET, socket.SOCK_DGRAM, (host, 0))),
        ]
        if everywhere:
            name = f"\0conformance-test-{os.getpid()}"
            self._sockets += [
                ("tcp6", _bound(socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0))),
                ("unix", _bound(socket.AF_UNIX, socket.SOCK_STREAM, name)),
            ]

    @property
    def places(self) -> list[tuple[str, object]]:
        return [(kind, _address(one)) for kind, one in self._sockets]

    def visited(self) -> list[str]:
        """The kinds of sockets at which a client has arrived, accepted by the kernel."""
        return [kind for kind, one in self._sockets if kernel.wait_readable([one.fileno()], 0)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for _, one in self._sockets:
            one.close()


def _bound(family: int, kind: int, address: str | tuple[str, int]) -> socket.socket:
    made = socket.socket(family, kind)
    made.bind(address)
    if kind == socket.SOCK_STREAM:
        made.listen()
    return made


def _address(one: socket.socket) -> object:
    name = one.getsockname()
    return name.decode().lstrip("\0") if isinstance(name, bytes) else list(name[:2])
