"""The captures of a session: one for each host that our clients are on."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping

from conformance.sandbox import HostName, Tier, World
from conformance.wire.capture import Capture

_INTERFACES: Mapping[HostName, str] = {"suite": "eth0", "submission": "lo"}
"""For clients on that host."""


class Captures(Mapping[HostName, Capture]):
    """Captures by host, opened at first use: few servers listen on loopback only, and a capture
    costs megabytes of buffers. Empty where there are no hosts of our own."""

    def __init__(self, world: World | None, *ports: int) -> None:
        """`ports`: those that the conversations use, where the program listens; none: all."""
        self._ports = ports
        self._world = world if world is not None and world.tier is not Tier.NONE else None
        self._open: dict[HostName, Capture] = {}

    @property
    def possible(self) -> bool:
        return self._world is not None

    def __getitem__(self, host: HostName) -> Capture:
        if self._world is None or host not in _INTERFACES:
            raise KeyError(host)
        if host not in self._open:
            # With a network in between, times are taken at the program's end: what is late on its
            # way is not the program's doing, and the rhythm of a stream is as it was sent.
            far = host == "suite" and self._world.wire is not None
            on: HostName = "submission" if far else host
            wire = self._world.socket(on, socket.AF_PACKET, socket.SOCK_RAW)
            interface = _INTERFACES[host]
            self._open[host] = Capture(wire, interface, self._ports, at_its_end=far)
            self._open[host].open()
        return self._open[host]

    def __iter__(self) -> Iterator[HostName]:
        return iter(self._open)

    def __len__(self) -> int:
        return len(self._open)

    def close(self) -> None:
        for capture in self._open.values():
            capture.close()
