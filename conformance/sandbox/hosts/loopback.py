"""A network with loopback only, for one process: the network of a build.

It may have one door: a socket that listens on that loopback, but is served by a process outside.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
from contextlib import suppress

from conformance.sandbox import kernel, uids

DOOR = ("127.0.0.1", 3128)
"""Where the door listens. Every other port of that loopback is free."""

_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1
_IFREQ = struct.Struct("16sh14x")
"""struct ifreq of netdevice(7), as far as the flags."""
_WAITING = 64
"""Connections that may wait to be accepted: Maven opens five at a time, npm fifteen."""


def enter(uid: int | None, door: int | None = None) -> int | None:
    """Leave the machine's network for a new one. With a `door`, a Unix socket, the socket that
    listens on the new loopback is passed over it to the process outside.

    `uid`: the user that root is going to become. Returns it; or None if that was done here, because
    a root who may not make a network needs a user namespace. Raises OSError."""
    if not _by_root():
        if uid is not None:
            uids.become(uid)
            uid = None
        uids.enter_user_namespace(kernel.CLONE_NEWNET)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, _IFREQ.pack(b"lo", _IFF_UP))
    if door is not None:
        # A socket stays on the network where it was made, whichever process has it later.
        with (
            socket.create_server(DOOR, backlog=_WAITING) as listening,
            socket.socket(fileno=os.dup(door)) as way,
        ):
            socket.send_fds(way, [b"!"], [listening.fileno()])
    return uid


def _by_root() -> bool:
    if os.geteuid() == 0:
        with suppress(PermissionError):
            kernel.unshare(kernel.CLONE_NEWNET)
            return True
    return False
