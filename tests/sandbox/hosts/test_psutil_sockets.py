"""Listening sockets by psutil: what a system without netlink has to do with, tried on this one."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator

import pytest

from conformance.sandbox.hosts import psutil_sockets


@pytest.fixture
def tcp() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def udp() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound


def test_who_listens_where(tcp: socket.socket, udp: socket.socket) -> None:
    found = {one.port: one for one in psutil_sockets.listeners([os.getpid()])}
    for bound, protocol in ((tcp, "tcp"), (udp, "udp")):
        listener = found[bound.getsockname()[1]]
        assert (listener.protocol, listener.address) == (protocol, "127.0.0.1")
        assert listener.family == socket.AF_INET
        assert psutil_sockets.owner(listener.inode) == os.getpid()


def test_who_talks_does_not_listen(tcp: socket.socket) -> None:
    with socket.create_connection(tcp.getsockname()) as talking:
        port = talking.getsockname()[1]
        assert port not in {one.port for one in psutil_sockets.listeners([os.getpid()])}


def test_who_is_gone_listens_nowhere() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert psutil_sockets.listeners([gone.pid]) == []
