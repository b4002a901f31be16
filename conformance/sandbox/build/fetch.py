"""The way out of a build that may fetch: our end of its proxy."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import Set
from contextlib import suppress
from typing import NoReturn, Self
from urllib.request import getproxies_environment

from conformance.sandbox import kernel, uids
from conformance.sandbox.build.http_request import Place
from conformance.sandbox.build.proxy import Proxy, Upstream
from conformance.sandbox.process.keeper import close_all_but

_REPORT_SECONDS = 5.0
"""Seconds to wait for the proxy's report of what it refused; it has nothing else to do then."""


class WayOut:
    """A proxy to `allowed`, in a process of its own, for a `with` block. It is forked on the
    network of the caller, and ends with the block or with that process."""

    def __init__(self, allowed: Set[Place]) -> None:
        self._allowed = frozenset(allowed)
        self.refused: tuple[str, ...] = ()
        """`host:port` of what the build was not allowed to reach; known after the block."""
        self.unreached: tuple[str, ...] = ()
        """`host:port` of registries that it was allowed to reach, but that did not answer."""

    def __enter__(self) -> Self:
        self._way, theirs = socket.socketpair()
        upstream = Upstream(getproxies_environment())
        parent = os.getpid()
        with kernel.forking():
            self._pid = os.fork()
        if self._pid == 0:
            _be_proxy(Proxy(self._allowed, upstream), theirs, parent)
        theirs.close()
        return self

    @property
    def door(self) -> int:
        """The Unix socket over which `loopback.enter` passes the listening socket."""
        return self._way.fileno()

    def __exit__(self, *exception: object) -> None:
        with suppress(OSError):
            self._way.shutdown(socket.SHUT_WR)
        said = json.loads(self._report() or b"{}")
        self.refused = tuple(said.get("refused", ()))
        self.unreached = tuple(said.get("unreached", ()))
        self._way.close()
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

    def _report(self) -> bytes:
        said = b""
        until = time.monotonic() + _REPORT_SECONDS
        while kernel.wait_readable([self._way.fileno()], until - time.monotonic()):
            with suppress(OSError):
                if more := self._way.recv(65_536):
                    said += more
                    continue
            return said
        return b""


def _be_proxy(proxy: Proxy, way: socket.socket, parent: int) -> NoReturn:
    """Never returns, never raises."""
    try:
        kernel.die_with_parent(parent)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        kept = {way.fileno()}
        if uids.is_real_root():
            claimed = uids.claim_identity()
            kept.add(claimed.claim.fileno())
            uids.become(claimed.uid)
        kernel.forbid_new_privileges()
        close_all_but(kept)
        # Errors of a connection concern the build's tool alone.
        nothing = os.open(os.devnull, os.O_RDWR)
        for fd in range(3):
            os.dup2(nothing, fd)
        asyncio.run(proxy.serve(way))
    finally:
        os._exit(0)
