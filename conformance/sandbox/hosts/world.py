"""The world of one session: its two hosts, and the sockets on them.

A worker process enters its world once, before it runs an event loop, and stays in it
until it ends. The namespaces end with the process.
"""

from __future__ import annotations

import os
import socket as sockets
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal, Self

from conformance.sandbox import bubblewrap, kernel, uids
from conformance.sandbox.hosts import bind_mounts, etc_files, network
from conformance.sandbox.hosts.disk import Disk
from conformance.sandbox.hosts.sock_diag import Diagnostics, Listener, TcpConnection
from conformance.sandbox.kernel import SandboxError
from conformance.sandbox.tier import Isolation, Tier

HostName = Literal["suite", "submission"]


class World:
    """The two hosts of a session. A context manager, to be entered once in a process.

    `scratch` is a folder of the session's own, for working copies. When root runs the suite, the
    folder is given to the session's user, and this process becomes that user: what it needs
    afterwards must be imported, opened or readable by all. `names` stand for the submission's own
    host in its hosts file. `readable` are folders that programs see read-only; they matter only if
    the session's user cannot reach them. Entering raises SandboxError."""

    def __init__(
        self,
        isolation: Isolation,
        scratch: Path,
        *,
        names: Sequence[str] = (),
        readable: Sequence[Path] = (),
    ) -> None:
        self.isolation = isolation
        self.scratch = scratch.resolve()
        self.low_ports_free = False
        """Whether the submission may listen on ports under 1024."""
        self.program_uid: int | None = None
        """The user that programs run as, where the worker itself remains root."""
        self._programs: list[Callable[[], Iterable[int]]] = []
        """For each program on the submission's host, a function that lists its processes."""
        self._exits = ExitStack()
        """What to call when the world is left, in reverse order."""
        self._names = tuple(names)
        self.readable = tuple(readable)
        self.places: dict[Path, Path] = {}
        """The mounts of those `readable` folders that only root can reach."""
        self._namespaces: dict[str, int] = {}
        self._diagnostics: Diagnostics | None = None
        self.etc: Path | None = None
        """The files that replace those of /etc on the submission's host; None in tier none."""
        self.nothing = self.scratch / "nothing"
        """An empty file, beside `etc`."""

    @property
    def tier(self) -> Tier:
        return self.isolation.tier

    @property
    def submission_address(self) -> str:
        """The address at which the suite's host reaches the submission."""
        return "127.0.0.1" if self.tier is Tier.NONE else network.SUBMISSION_ADDRESS

    def __enter__(self) -> Self:
        try:
            kernel.adopt_orphans()
            self._take_identity()
            if self.tier is not Tier.NONE:
                self._make_hosts()
                self.etc = self._write_etc()
            with self.on("submission"):
                if sys.platform.startswith("linux"):
                    self._diagnostics = Diagnostics()
                    self._exits.callback(self._diagnostics.close)
                self.low_ports_free = network.low_ports_are_free()
        except SandboxError:
            self._exits.close()
            raise
        except Exception as error:
            self._exits.close()
            raise SandboxError(f"no hosts for this session: {error}") from error
        return self

    def __exit__(self, *exception: object) -> None:
        self._exits.close()

    def add_program(self, pids: Callable[[], Iterable[int]], end: Callable[[], object]) -> None:
        """A program was started on the submission's host: `pids` lists its processes, `end`
        is called when the world is left, for the latest program first."""
        self._programs.append(pids)
        self._exits.callback(end)

    def _take_identity(self) -> None:
        """If this is root, takes another uid for this process, or at least for the programs."""
        if not uids.is_real_root():
            return
        identity = uids.claim_identity()
        self._exits.callback(identity.claim.close)
        uids.give(self.scratch, identity.uid)
        if self.tier is Tier.NONE or not self.isolation.user_namespace:
            self.program_uid = identity.uid
            return
        if self.tier is Tier.FULL:
            self.places = bind_mounts.plan(self.readable, self.scratch)
            bind_mounts.mount(self.places)
        uids.become(identity.uid)
        uids.require_reachable(self.scratch)

    def _make_hosts(self) -> None:
        if self.isolation.user_namespace:
            # The mount namespace is for `disk`.
            uids.enter_user_namespace(kernel.CLONE_NEWNET | kernel.CLONE_NEWNS)
        else:
            kernel.unshare(kernel.CLONE_NEWNET)
        self._remember_network("submission")
        kernel.unshare(kernel.CLONE_NEWNET)
        self._remember_network("suite")
        network.lay_wire(self._namespaces["submission"], self._namespaces["suite"])

    def _remember_network(self, host: HostName) -> None:
        """Keeps the present network namespace as that of `host`."""
        self._namespaces[host] = network.this_network()
        self._exits.callback(lambda: os.close(self._namespaces.pop(host)))

    def _write_etc(self) -> Path:
        folder = self.scratch / "etc"
        folder.mkdir()
        folder.chmod(0o755)  # whatever the umask says
        names = " ".join([bubblewrap.HOST_NAME, *self._names])
        hosts = [f"{self.submission_address} {names}"]
        etc_files.write(folder, hosts)
        self.nothing.touch()
        self.nothing.chmod(0o644)
        return folder

    @property
    def has_disks(self) -> bool:
        """Whether the machine allows mounts, so that each program has a disk of its own."""
        return self.tier is not Tier.NONE and self.isolation.user_namespace

    def disk(self, place: Path, original: Path) -> Disk | None:
        """A new file system at `place` for a copy of `original`. It has a limited size, and ends
        with the process. Where the machine allows no mounts, makes a plain folder and returns
        None."""
        if not self.has_disks:
            place.mkdir()
            return None
        return Disk(place, original)

    def hand_over(self, folder: Path) -> None:
        """Makes the program the owner of what this process has made in `folder`."""
        if self.program_uid is not None:
            uids.give(folder, self.program_uid)

    @property
    def submission_network(self) -> int | None:
        """Descriptor of the submission's network namespace; None in tier none."""
        return self._namespaces.get("submission")

    @contextmanager
    def on(self, host: HostName) -> Iterator[None]:
        """Sockets that are opened in this block belong to `host`. No `await` inside."""
        if host == "suite" or "submission" not in self._namespaces:
            yield
            return
        kernel.setns(self._namespaces["submission"], kernel.CLONE_NEWNET)
        try:
            yield
        finally:
            kernel.setns(self._namespaces["suite"], kernel.CLONE_NEWNET)

    def socket(self, host: HostName, family: int, kind: int, protocol: int = 0) -> sockets.socket:
        """A non-blocking socket of that host. Costs less than 0.1 ms; any family, AF_PACKET too."""
        with self.on(host):
            made = sockets.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    def listeners(self, protocol: str = "") -> list[Listener]:
        """The sockets that wait for clients on the submission's host, of one protocol or of both.
        In tier none those are the whole machine's: ask `Process.owner` for the owner of each.
        """
        if self._diagnostics is not None:
            return self._diagnostics.listeners(protocol)
        from conformance.sandbox.hosts import psutil_sockets

        found = psutil_sockets.listeners(pid for pids in self._programs for pid in pids())
        return [one for one in found if protocol in ("", one.protocol)]

    def connections(self) -> list[TcpConnection]:
        """The TCP connections of the submission's host; nothing outside Linux."""
        return self._diagnostics.connections() if self._diagnostics is not None else []
