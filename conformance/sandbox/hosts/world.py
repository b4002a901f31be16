"""The world of one session: its hosts, and the sockets on them.

There are two, the submission's and the suite's; with further ones, for more programs of the
submission, all are joined by a bridge.

A worker process enters its world once, before it runs an event loop, and stays in it
until it ends. The namespaces end with the process.
"""

from __future__ import annotations

import errno
import os
import socket as sockets
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from conformance.sandbox import bubblewrap, kernel, uids
from conformance.sandbox.hosts import bind_mounts, bridge, emulation, etc_files, network
from conformance.sandbox.hosts.disk import Disk
from conformance.sandbox.hosts.emulation import Emulated, Wire
from conformance.sandbox.hosts.sock_diag import Diagnostics, Listener, TcpConnection
from conformance.sandbox.kernel import SandboxError
from conformance.sandbox.tier import Isolation, Tier

HostName = str
"""`suite`, `submission`, or the name of a further host."""


class World:
    """The hosts of a session. A context manager, to be entered once in a process.

    `scratch` is a folder of the session's own, for working copies. When root runs the suite, the
    folder is given to the session's user, and this process becomes that user: what it needs
    afterwards must be imported, opened or readable by all. `names` stand for the submission's own
    host in its hosts file. `suite_names` stand for the suite's: with any, the suite's host also
    takes all other addresses for its own, and is the name server. `further` are names of more
    hosts; tier none has none. `readable` are folders that programs see read-only; they matter only
    if the session's user cannot reach them. `emulated`: the conditions of the network between each
    of them and the suite's host, drawn by `seed`. Entering raises SandboxError."""

    def __init__(
        self,
        isolation: Isolation,
        scratch: Path,
        *,
        names: Sequence[str] = (),
        suite_names: Sequence[str] = (),
        readable: Sequence[Path] = (),
        further: Sequence[HostName] = (),
        emulated: Emulated | None = None,
        seed: str = "",
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
        self._suite_names = tuple(suite_names)
        self.further = tuple(further)
        self.readable = tuple(readable)
        self.places: dict[Path, Path] = {}
        """The mounts of those `readable` folders that only root can reach."""
        self._namespaces: dict[str, int] = {}
        self._diagnostics: Diagnostics | None = None
        self._etc: dict[HostName, Path] = {}
        self.nothing = self.scratch / "nothing"
        """An empty file, beside `etc`."""
        self._emulated = emulated
        self._seed = seed
        self.wire: Wire | None = None
        """What the network does to packets; None where it does nothing."""

    @property
    def tier(self) -> Tier:
        return self.isolation.tier

    @property
    def submission_address(self) -> str:
        """The address at which the suite's host reaches the submission."""
        return "127.0.0.1" if self.tier is Tier.NONE else network.SUBMISSION_ADDRESS

    @property
    def etc(self) -> Path | None:
        """The files that replace those of /etc on the submission's host; None in tier none."""
        return self.etc_of("submission")

    def etc_of(self, host: HostName) -> Path | None:
        """The files that replace those of /etc on that host; None in tier none."""
        return self._etc.get(host)

    def address(self, host: HostName) -> str:
        """The address of a host, at which all others reach it. KeyError where there is none."""
        if host in ("suite", "submission"):
            here = self.submission_address if host == "submission" else network.SUITE_ADDRESS
            return "127.0.0.1" if self.tier is Tier.NONE else here
        return bridge.further_address(self.further.index(host))

    def __enter__(self) -> Self:
        try:
            kernel.adopt_orphans()
            self._take_identity()
            if self.tier is not Tier.NONE:
                self._make_hosts()
                self._write_etc()
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
        for host in self.further:
            self._remember_network(host)
            kernel.unshare(kernel.CLONE_NEWNET)
        self._remember_network("suite")
        submission, suite = self._namespaces["submission"], self._namespaces["suite"]
        if self._emulated is not None:
            further = [self._namespaces[host] for host in self.further]
            self.wire = emulation.lay([submission, *further], suite, self._emulated, self._seed)
            self._exits.callback(self.wire.close)
        elif not (self.further and self._join_by_a_bridge(submission, suite)):
            self.further = ()
            network.lay_wire(submission, suite)
        if self._suite_names:
            network.answer_for_every_address()

    def _join_by_a_bridge(self, submission: int, suite: int) -> bool:
        """Connects all hosts; returns False where this kernel knows no bridges."""
        try:
            further = [self._namespaces[host] for host in self.further]
            bridge.lay_bridge(submission, suite, further)
        except OSError as error:
            if error.errno != errno.EOPNOTSUPP:
                raise
            return False
        return True

    def _remember_network(self, host: HostName) -> None:
        """Keeps the present network namespace as that of `host`."""
        self._namespaces[host] = network.this_network()
        self._exits.callback(lambda: os.close(self._namespaces.pop(host)))

    def _write_etc(self) -> None:
        of_suite = [f"{network.SUITE_ADDRESS} {' '.join(self._suite_names)}"]
        name_server = network.SUITE_ADDRESS if self._suite_names else ""
        for host in ("submission", *self.further):
            folder = self.scratch / ("etc" if host == "submission" else f"etc-{host}")
            folder.mkdir()
            folder.chmod(0o755)  # whatever the umask says
            names = " ".join([bubblewrap.HOST_NAME, *self._names])
            hosts = [f"{self.address(host)} {names}", *(of_suite if self._suite_names else ())]
            etc_files.write(folder, hosts, name_server=name_server)
            self._etc[host] = folder
        self.nothing.touch()
        self.nothing.chmod(0o644)

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

    def hand_over_open(self, fd: int) -> None:
        """Makes the program the owner of an open file or folder."""
        if self.program_uid is not None:
            os.fchown(fd, self.program_uid, self.program_uid)

    def network_of(self, host: HostName) -> int | None:
        """Descriptor of that host's network namespace; None in tier none."""
        return self._namespaces.get(host)

    @contextmanager
    def on(self, host: HostName) -> Iterator[None]:
        """Sockets that are opened in this block belong to `host`. No `await` inside."""
        if host == "suite" or not self._namespaces:
            yield
            return
        kernel.setns(self._namespaces[host], kernel.CLONE_NEWNET)
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
