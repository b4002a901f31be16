"""The captures of a session: one for each host that our clients are on."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping

from conformance.sandbox import HostName, Tier, World
from conformance.wire.capture import Capture

_INTERFACES: Mapping[HostName, str] = {"suite": "eth0", "submission": "lo"}


class Captures(Mapping[HostName, Capture]):
    """Captures by host, opened at first use: few servers listen on loopback only, and a capture
    costs megabytes of buffers. Empty where there are no hosts of our own."""

    def __init__(self, world: World | None, port: int) -> None:
        """`port`: where the program listens."""
        self._port = port
        self._world = world if world is not None and world.tier is not Tier.NONE else None
        self._open: dict[HostName, Capture] = {}

    @property
    def possible(self) -> bool:
        return self._world is not None

    def __getitem__(self, host: HostName) -> Capture:
        if self._world is None:
            raise KeyError(host)
        if host not in self._open:
            wire = self._world.socket(host, socket.AF_PACKET, socket.SOCK_RAW)
            self._open[host] = Capture(wire, _INTERFACES[host], (self._port,))
            self._open[host].open()
        return self._open[host]

    def __iter__(self) -> Iterator[HostName]:
        return iter(self._open)

    def __len__(self) -> int:
        return len(self._open)

    def close(self) -> None:
        for capture in self._open.values():
            capture.close()
