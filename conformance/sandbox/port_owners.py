"""Whose a listening socket is: the program's, another process's, or unknown.

The last two never count against the program. On a network of its own, only the program itself can
have taken its port; on the machine's network (tier none), any program can.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from conformance.sandbox import kernel
from conformance.sandbox.hosts.sock_diag import Listener
from conformance.sandbox.hosts.world import World
from conformance.sandbox.kernel import SandboxError
from conformance.sandbox.measure import proc
from conformance.sandbox.measure.proc import Hidden
from conformance.sandbox.process.process import Process
from conformance.sandbox.tier import Tier

_LOW = 1024
_NET_BIND_SERVICE = 10
"""capabilities(7)"""

Ends = tuple[tuple[str, int], tuple[str, int]]
"""The local and the remote end of a connection."""


class PortOwners:
    """Which processes hold the sockets on the host of one program, which may be started several
    times."""

    def __init__(self, world: World, protocol: str, port: int) -> None:
        """`port` is the one on which the program should listen."""
        self._world = world
        self._wanted = (protocol, port)
        self._process: Process | None = None
        self._owned: set[int] = set()
        """Inodes of listening sockets that are known to be the program's."""
        self._former: frozenset[Ends] = frozenset()
        """The port's connections from before the program was started."""

    @property
    def _is_shared(self) -> bool:
        """Whether other programs can have ports on that host."""
        return self._world.tier is Tier.NONE

    def require_free_port(self) -> None:
        """Call it before the program is first started. Raises SandboxError if the program cannot
        have its port: it is reserved for root, or another program has it."""
        # Without a uid of its own, the program runs as this user. Root keeps this right in most
        # containers.
        as_we_are = self._is_shared and self._world.program_uid is None
        may = as_we_are and kernel.capabilities() & 1 << _NET_BIND_SERVICE
        if self._wanted[1] < _LOW and not (self._world.low_ports_free or may):
            raise SandboxError(
                f"port {self._wanted[1]} is under {_LOW:,}, and this machine lets root alone listen"
                " there (net.ipv4.ip_unprivileged_port_start)"
            )
        if not self._is_shared:
            return
        if any(self._on_the_port(self._world.listeners(self._wanted[0]))):
            raise SandboxError(
                f"port {self._wanted[1]} of this machine is taken by another program, and without"
                " network namespaces there is no other: end that program first"
            )
        self._former = frozenset(self._connections())

    def begin(self, process: Process) -> None:
        """The program was started."""
        self._process = process
        self._owned.clear()

    def owns(self, listener: Listener) -> bool:
        """Whether it is known to be the program's."""
        try:
            return self._owns(listener)
        except Hidden:
            return False

    def _owns(self, listener: Listener) -> bool:
        if self._process is None:
            return False
        # A socket of the program remains its own, since only its own processes can inherit it. So
        # it is looked up once, not for each client.
        if listener.inode not in self._owned and self._is_held_by(self._process, listener.inode):
            self._owned.add(listener.inode)
        return listener.inode in self._owned

    def _is_held_by(self, process: Process, inode: int) -> bool:
        try:
            return process.owns(inode)
        except Hidden:
            if self._is_shared:
                raise
            # On that host there are otherwise only our own clients.
            return inode not in proc.sockets(os.getpid())

    def require_seen(self) -> None:
        """Raises SandboxError if it is unknown whether a socket is the program's: then it is not
        known that the program does not listen."""
        for listener in self._world.listeners():
            try:
                self._owns(listener)
            except Hidden as hidden:
                raise SandboxError(
                    "the owners of this machine's open ports are hidden, so it is unknown whether"
                    f" the program listens: {hidden}"
                ) from hidden

    def require_no_rival(self, *, refused: bool) -> None:
        """Raises SandboxError if something else has the program's port: another program that was
        quicker, or a connection of an earlier run, which the kernel keeps for a minute (TIME_WAIT).
        `refused`: the program reported that the address is in use."""
        if not self._is_shared:
            return
        protocol, port = self._wanted
        found = self._on_the_port(self._world.listeners(protocol))
        rivals = {one.inode for one in found if not self.owns(one)}
        # Asked twice: a socket of the program that was just closed may have no owner any more.
        if rivals & {one.inode for one in self._on_the_port(self._world.listeners(protocol))}:
            raise SandboxError(
                f"another program took port {port} of this machine while the submission started,"
                " and without network namespaces there is no other: end that program first"
            )
        if refused and self._former & frozenset(self._connections()):
            raise SandboxError(
                f"port {port} of this machine was still held by a connection from before the"
                " submission was started; without network namespaces there is no other port"
            )

    def _on_the_port(self, listeners: list[Listener]) -> Iterator[Listener]:
        return (one for one in listeners if (one.protocol, one.port) == self._wanted)

    def _connections(self) -> Iterator[Ends]:
        if self._wanted[0] == "tcp":
            for one in self._world.connections():
                if one.local[1] == self._wanted[1]:
                    yield one.local, one.remote
