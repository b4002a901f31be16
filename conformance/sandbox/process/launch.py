"""Two ways to start a program: in bubblewrap, or under a keeper.

Both return a `Launched`: its `outer` process is our child, and its `init` is the
parent of all processes of the program.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import signal
import termios
import time
import tty
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from conformance.sandbox import kernel, uids
from conformance.sandbox.hosts import bind_mounts, loopback
from conformance.sandbox.kernel import SandboxError
from conformance.sandbox.measure import proc
from conformance.sandbox.process.keeper import Orders, Pipes, close_all_but, keep
from conformance.sandbox.process.output import KEPT_BYTES, Output

_START_SECONDS = 20.0
"""Bubblewrap reports within 5 ms, or within 1 s on a machine with forty other starts."""


@dataclass
class Launched:
    """A program that was started, and the ends of its pipes that are ours."""

    outer: int
    output: Output
    status: int
    """Reading end of the pipe on which `outer` reports; non-blocking."""
    held: list[int] = field(default_factory=list)
    """Descriptors that are closed at the end: the program's stdin, the keeper's control pipe."""
    generations: int = 0
    """How many generations below `outer` bubblewrap forks `init`; 0 if its pid is reported."""
    reported: dict[str, Any] = field(default_factory=dict)
    """What was reported so far: child-pid, exit-code."""
    _unread: bytes = b""

    @property
    def init(self) -> int | None:
        """The pid, outside its namespace, of the parent of the program."""
        return self.reported.get("init", self.reported.get("child-pid"))

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
                    self.reported |= json.loads(line)

    def wait_for_init(self) -> None:
        """Wait until the parent of the program is there. SandboxError when it does not come.

        A keeper also reports the program's pid; bubblewrap never does.
        """
        wanted = {"child-pid"} if self.generations else {"child-pid", "program"}
        until = time.monotonic() + _START_SECONDS
        while not wanted <= self.reported.keys():
            left = until - time.monotonic()
            if left <= 0 or not kernel.wait_readable([self.status], left):
                raise SandboxError(f"the sandbox did not start within {_START_SECONDS:.0f} s")
            if not self.listen() and not wanted <= self.reported.keys():
                self.output.drain()
                raise SandboxError(
                    f"the sandbox failed: {self.reported.get('keeper') or self.output.tail()}"
                )
        if self.generations:  # bubblewrap reports the pid in its own namespace
            line = [self.outer]
            for _ in range(self.generations):
                line = proc.children(line[0]) if line else []
            self.reported["init"] = next(iter(line), None)

    def close(self) -> None:
        for fd in [*self.held, self.status]:
            os.close(fd)
        self.held.clear()
        self.output.close()


_ROWS, _COLUMNS = 50, 10_000
"""The window of a terminal: no program wraps its lines."""

KEPT_OF_A_TERMINAL = 2**20
"""Bytes kept of the beginning of what is written to a terminal, and of the end."""


@dataclass
class _Ends:
    """The pipes of a program: stdin (theirs, ours), output and status (ours, theirs)."""

    stdin: tuple[int, int] = field(default_factory=os.pipe)
    output: tuple[int, int] = field(default_factory=os.pipe)
    status: tuple[int, int] = field(default_factory=os.pipe)
    kept: int = KEPT_BYTES
    """Bytes kept of the beginning of the output, and of its end."""

    @classmethod
    def of_a_terminal(cls) -> _Ends:
        """A pseudo-terminal for stdin, stdout and stderr (pty(7)). It passes bytes as they are: no
        echo, and no carriage return is added. Raises SandboxError where there is none."""
        try:
            ours, theirs = pty.openpty()
        except OSError as error:
            raise SandboxError(f"this machine has no terminal for the program: {error}") from error
        tty.setraw(theirs)
        termios.tcsetwinsize(theirs, (_ROWS, _COLUMNS))
        stdin = os.dup(theirs), os.dup(ours)
        return cls(stdin, (ours, theirs), kept=KEPT_OF_A_TERMINAL)

    @property
    def theirs(self) -> tuple[int, int, int]:
        return self.stdin[0], self.output[1], self.status[1]

    def launched(self, outer: int, *, held: Sequence[int] = (), generations: int = 0) -> Launched:
        """The program of the process `outer`, as soon as its `init` is there."""
        for fd in self.theirs:
            os.close(fd)
        os.set_blocking(self.status[0], False)
        held = [self.stdin[1], *held]
        made = Launched(outer, Output(self.output[0], self.kept), self.status[0], held, generations)
        try:
            made.wait_for_init()
        except SandboxError:
            with suppress(ProcessLookupError):
                os.kill(outer, signal.SIGKILL)
            os.waitpid(outer, 0)
            made.close()
            raise
        return made


def in_bubblewrap(
    call: Sequence[str],
    command: Sequence[str],
    *,
    network: int | None = None,
    uid: int | None = None,
    places: Mapping[Path, Path] | None = None,
    door: int | None = None,
    system_calls: bytes | None = None,
    terminal: bool = False,
) -> Launched:
    """Start `command` in the bubblewrap of `call`. `network`: descriptor of the host to run on.
    Without one, it has loopback only, where it may have a `door`. As root: for the user `uid`, with
    the `bind_mounts` of `places`. `system_calls`: the filter for them. `terminal`: on a terminal,
    instead of pipes."""
    ends = _Ends.of_a_terminal() if terminal else _Ends()
    loopback_only = network is None

    def enter() -> None:  # pragma: no cover - ends as bubblewrap
        if network is not None:
            kernel.setns(network, kernel.CLONE_NEWNET)
            _show_own_processes()
            return
        if uid is not None:
            bind_mounts.mount(places or {})
        to_become = loopback.enter(uid, door)
        _go_on_behind_a_guard()
        _show_own_processes()
        if to_become is not None:
            uids.become(to_become)

    us = os.getpid()
    try:
        outer = _fork(as_process_one=not loopback_only)
        if outer == 0:
            _become_bubblewrap(ends, enter, call, command, system_calls)
    finally:
        # A signal raised in the child must not make it go on as the parent.
        if os.getpid() != us:
            os._exit(125)
    return ends.launched(outer, generations=2 if loopback_only else 1)


def _fork(as_process_one: bool) -> int:
    """Fork a child that ends when we do; where the kernel allows it, as process 1 of a pid
    namespace: then bubblewrap takes its children along whenever it is killed. A child that
    waits for it to go on would otherwise keep the namespaces for ever."""
    me = os.pidfd_open(os.getpid())
    try:
        child = -1
        if as_process_one:
            with suppress(OSError):  # a kernel that refuses namespaces within namespaces
                child = kernel.fork_as_process_one()
        if child < 0:
            with kernel.forking():
                child = os.fork()
        if child == 0:
            kernel.die_with_parent()
            # The parent may have ended before. Process 1 cannot see that by the parent's pid.
            if kernel.wait_readable([me], 0):
                os._exit(125)
        return child
    finally:
        os.close(me)


def _become_bubblewrap(  # pragma: no cover - ends as bubblewrap
    ends: _Ends,
    enter: Callable[[], None],
    call: Sequence[str],
    command: Sequence[str],
    system_calls: bytes | None,
) -> NoReturn:
    """In a child that was just forked: after `enter`, bubblewrap and nothing else."""
    try:
        signal.set_wakeup_fd(-1)  # our parent's
        for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # by Python; no program expects that
            signal.signal(ignored, signal.SIG_DFL)
        # Moved above 2: where the suite was started without stdin, say, one of them may be 0.
        stdin, output, status = (fcntl.fcntl(fd, fcntl.F_DUPFD, 3) for fd in ends.theirs)
        for fd, standard in ((stdin, 0), (output, 1), (output, 2)):
            os.dup2(fd, standard)
        kernel.be_ended_first()
        enter()
        close_all_but({0, 1, 2, status})
        os.chdir("/")
        words = [*call, "--json-status-fd", str(status)]
        if system_calls is not None:
            # A file in memory, which stays open through the exec; bubblewrap closes it.
            file = os.memfd_create("filter", 0)
            os.write(file, system_calls)
            os.lseek(file, 0, os.SEEK_SET)
            words += ["--seccomp", str(file)]
        os.execve(call[0], [*words, "--", *command], {})
    except BaseException as error:
        with suppress(OSError):
            os.write(2, f"{error}\n".encode())
    finally:
        os._exit(125)


def _show_own_processes() -> None:  # pragma: no cover - ends as bubblewrap
    """Mount the /proc of this process's pid namespace, for itself and its children.

    bubblewrap looks up its child there, by its pid in this namespace: in another /proc that is
    another process, or none. Where the kernel refuses (a container that hides parts of /proc), it
    refuses the same to bubblewrap."""
    with suppress(OSError):
        kernel.unshare(kernel.CLONE_NEWNS)
        kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
        kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV)


def _go_on_behind_a_guard() -> None:  # pragma: no cover - ends as bubblewrap
    """Go on as process 1 of a new pid namespace; the old process ends with the same status."""
    child = _fork(as_process_one=True)
    if child == 0:
        return
    close_all_but(set())
    os._exit(kernel.shell_status(os.waitpid(child, 0)[1]))


def under_keeper(orders: Orders, *, terminal: bool = False) -> Launched:
    """Start what is ordered under a keeper; `terminal`: on a terminal, instead of pipes."""
    ends = _Ends.of_a_terminal() if terminal else _Ends()
    control = os.pipe()
    with kernel.forking():
        outer = os.fork()
    if outer == 0:
        keep(orders, Pipes(ends.stdin[0], ends.output[1], control[0], ends.status[1]))
    os.close(control[0])
    return ends.launched(outer, held=[control[1]])
