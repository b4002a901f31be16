"""A world outside, made for one test: a network namespace whose loopback has addresses of
the documentation ranges (RFC 5737, RFC 3849), somebody who listens on each of them, and a
command that is run there. Nothing in it leads to a real network.

    outside.py PORT NAME REPORT COMMAND…

Whoever connects, or sends a datagram, is written into the file REPORT.
"""

from __future__ import annotations

import os
import selectors
import socket
import sys
from pathlib import Path

from pyroute2 import IPRoute

from conformance.sandbox import kernel

ADDRESSES = ("127.0.0.1", "198.51.100.7", "::1", "2001:db8::7")


def main(port: int, name: str, report: Path, command: list[str]) -> None:
    uid, gid = os.geteuid(), os.getegid()
    if uid:
        kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNET)
        for file, text in (
            ("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1"),
        ):  # fmt: skip
            Path("/proc/self", file).write_text(text)
    else:
        kernel.unshare(kernel.CLONE_NEWNET)
    with IPRoute() as ip:
        ip.link("set", index=1, state="up")
        ip.addr("add", index=1, address="198.51.100.7", prefixlen=32)
        ip.addr("add", index=1, address="2001:db8::7", prefixlen=128, flags=0x02)
    sockets = listeners(port, name)
    me = os.getpid()
    ready, telling = os.pipe()
    if os.fork() == 0:
        kernel.die_with_parent(me)
        take_note(sockets, report, telling)
    os.read(ready, 1)  # the command may be done before a slow child has begun
    os.execvp(command[0], command)


def listeners(port: int, name: str) -> list[socket.socket]:
    made = []
    for address in ADDRESSES:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        made.append(socket.create_server((address, port), family=family))
        made.append(socket.socket(family, socket.SOCK_DGRAM))
        made[-1].bind((address, port))
    made.append(socket.socket(socket.AF_UNIX))
    made[-1].bind(f"\0{name}")
    made[-1].listen()
    return made


def take_note(sockets: list[socket.socket], report: Path, telling: int) -> None:
    with selectors.DefaultSelector() as selector, report.open("a") as notes:
        for one in sockets:
            selector.register(one, selectors.EVENT_READ)
        notes.write("listening\n")
        notes.flush()
        os.write(telling, b"!")
        while True:
            for key, _ in selector.select():
                at = key.fileobj
                assert isinstance(at, socket.socket)
                if at.type == socket.SOCK_DGRAM:
                    at.recv(100)
                else:
                    at.accept()[0].close()
                notes.write(f"somebody came: {at.getsockname()!r}\n")
                notes.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4:])
