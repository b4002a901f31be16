"""Two ways to start a program: in bubblewrap, or under a keeper.

Both leave the same behind: a `Launched`, whose `outer` process is our child and
whose `init` is the parent of everything that the program is.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.sandbox import identity, kernel, reach, seclusion, watch
from conformance.sandbox.keeper import Orders, Pipes, close_all_but, keep
from conformance.sandbox.kernel import SandboxError
from conformance.sandbox.output import Output

_START_SECONDS = 20.0
"""Bubblewrap reports within 5 ms, on a machine with forty other starts within 1 s."""


@dataclass
class Launched:
    """A program that was started, and the ends of its pipes that are ours."""

    outer: int
    output: Output
    status: int
    """Reading end of the pipe on which outer reports; non-blocking."""
    held: list[int] = field(default_factory=list)
    """Descriptors that are closed at the end: the program's stdin, the keeper's leash."""
    in_bubblewrap: bool = False
    told: dict[str, Any] = field(default_factory=dict)
    """What was reported so far: child-pid, exit-code."""
    _unread: bytes = b""

    @property
    def init(self) -> int | None:
        """The parent of the program, as we number it."""
        return self.told.get("init", self.told.get("child-pid"))

    def listen(self) -> bool:
        """Read the reports that are there. False when no more can come."""
        while True:
            try:
                data = os.read(self.status, 4096)
            except BlockingIOError:
                return True
            if not data:
                return False
            *lines, self._unread = (self._unread + data).split(b"\n")
            for line in lines:
                with suppress(ValueError):
                    self.told |= json.loads(line)

    def wait_for_init(self) -> None:
        """Until the parent of the program is there. SandboxError when it does not come.

        A keeper also tells the program's number; bubblewrap never does.
        """
        wanted = {"child-pid", "bubblewrap" if self.in_bubblewrap else "program"}
        until = time.monotonic() + _START_SECONDS
        while not wanted <= self.told.keys():
            left = until - time.monotonic()
            if left <= 0 or not kernel.wait_readable([self.status], left):
                raise SandboxError(f"the sandbox did not start within {_START_SECONDS:.0f} s")
            if not self.listen() and not wanted <= self.told.keys():
                self.output.drain()
                raise SandboxError(
                    f"the sandbox failed: {self.told.get('keeper') or self.output.tail()}"
                )
        if self.told.get("bubblewrap", self.outer) != self.outer:
            # bubblewrap numbers its child as its own pid namespace does.
            self.told["init"] = next(iter(watch.children(self.told["bubblewrap"])), None)

    def close(self) -> None:
        for fd in [*self.held, self.status]:
            os.close(fd)
        self.held.clear()
        self.output.close()


@dataclass
class _Ends:
    """The pipes of a program: (theirs, ours)."""

    stdin: tuple[int, int] = field(default_factory=os.pipe)
    output: tuple[int, int] = field(default_factory=os.pipe)
    status: tuple[int, int] = field(default_factory=os.pipe)

    def close_theirs(self) -> None:
        for fd in (self.stdin[0], self.output[1], self.status[1]):
            os.close(fd)

    def launched(self, outer: int, *, held: Sequence[int], in_bubblewrap: bool) -> Launched:
        os.set_blocking(self.status[0], False)
        output = Output(self.output[0])
        return Launched(outer, output, self.status[0], [self.stdin[1], *held], in_bubblewrap)


def in_bubblewrap(
    call: Sequence[str],
    command: Sequence[str],
    *,
    network: int | None = None,
    uid: int | None = None,
    places: Mapping[Path, Path] | None = None,
    door: int | None = None,
) -> Launched:
    """Start `command` in the bubblewrap of `call`.

    On the host `network`, a descriptor, or on none: secluded, but for a `door`. As
    root, for the user `uid` and with the plan `places` of `reach` carried out.
    """
    ends = _Ends()
    parent = os.getpid()

    def enter() -> None:
        kernel.die_with_parent(parent)
        kernel.be_ended_first()
        to_become = uid
        if network is not None:
            kernel.setns(network, kernel.CLONE_NEWNET)
        if uid is not None:
            reach.mount(places or {})
        if network is None:
            to_become = seclusion.seclude(uid, door)
        _go_on_behind_a_guard(ends.status[1])
        if to_become is not None:
            identity.become(to_become)

    try:
        with kernel.forking():
            process = subprocess.Popen(
                [*call, "--json-status-fd", str(ends.status[1]), "--", *command],
                stdin=ends.stdin[0], stdout=ends.output[1], stderr=subprocess.STDOUT,
                pass_fds=[ends.status[1]], env={}, cwd="/", preexec_fn=enter,
            )  # fmt: skip
    except subprocess.SubprocessError as error:  # raised by `enter`, which can say no more
        for fd in (ends.stdin[1], ends.output[0], ends.status[0]):
            os.close(fd)
        raise SandboxError("this machine refuses a program a network of its own") from error
    finally:
        ends.close_theirs()
    # Popen would wait for it by itself when it is forgotten: we do that.
    process.returncode = 0
    return _started(ends.launched(process.pid, held=(), in_bubblewrap=True))


def _go_on_behind_a_guard(status: int) -> None:
    """Go on as process 1 of a pid namespace, where the kernel allows one; the old self
    guards the new one, and tells its number on `status`.

    bubblewrap that is killed in the instant before it has told its child to go on leaves
    that child waiting for ever, and its namespaces with it. As process 1 it takes all
    along, whenever it is killed.
    """
    try:
        kernel.unshare(kernel.CLONE_NEWPID)
    except OSError:  # a kernel that refuses namespaces within namespaces
        os.write(status, b'{"bubblewrap": %d}\n' % os.getpid())
        return
    child = os.fork()
    if child == 0:
        kernel.die_with_parent()
        return
    os.write(status, b'{"bubblewrap": %d}\n' % child)
    close_all_but(set())
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os._exit(code if code >= 0 else 128 - code)


def under_keeper(orders: Orders) -> Launched:
    """Start a program under a keeper."""
    ends = _Ends()
    leash = os.pipe()
    with kernel.forking():
        outer = os.fork()
    if outer == 0:
        keep(orders, Pipes(ends.stdin[0], ends.output[1], leash[0], ends.status[1]))
    ends.close_theirs()
    os.close(leash[0])
    return _started(ends.launched(outer, held=[leash[1]], in_bubblewrap=False))


def _started(launched: Launched) -> Launched:
    try:
        launched.wait_for_init()
    except SandboxError:
        with suppress(ProcessLookupError):
            os.kill(launched.outer, signal.SIGKILL)
        os.waitpid(launched.outer, 0)
        launched.close()
        raise
    return launched
