"""Sockets by psutil, for systems without netlink (macOS): tier none only."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from conformance.sandbox.hosts.sock_diag import Listener

_PID_SHIFT = 32
"""Without inodes, a socket's number is made of its pid and descriptor."""


def listeners(pids: Iterable[int]) -> list[Listener]:
    """The listening TCP sockets and bound UDP sockets of these processes."""
    import psutil

    found: list[Listener] = []
    for pid in pids:
        try:
            connections = psutil.Process(pid).net_connections("inet")
        except psutil.Error:
            continue
        for one in connections:
            tcp = one.type == socket.SOCK_STREAM
            if not one.laddr or one.raddr or (tcp and one.status != psutil.CONN_LISTEN):
                continue
            found.append(
                Listener(
                    protocol="tcp" if tcp else "udp",
                    family=one.family,
                    address=one.laddr.ip,
                    port=one.laddr.port,
                    inode=(pid << _PID_SHIFT) | one.fd,
                    waiting=None,
                )
            )
    return found


def owner(number: int) -> int:
    """The pid in such a number."""
    return number >> _PID_SHIFT
