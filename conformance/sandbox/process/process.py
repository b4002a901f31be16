"""A program that runs, with all that it has started: watched, and ended."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from conformance.sandbox import kernel, uids
from conformance.sandbox.hosts import psutil_sockets
from conformance.sandbox.kernel import SandboxError, wait_readable
from conformance.sandbox.measure import proc
from conformance.sandbox.measure.proc import Hidden, Usage
from conformance.sandbox.measure.thread_waits import thread_waits
from conformance.sandbox.process.launch import Launched
from conformance.sandbox.process.output import Output
from conformance.verdict.serving import ThreadWait

GONE_SECONDS = 60.0
"""After KILL the kernel needs some milliseconds; for a tree of a thousand processes 2 s on a busy
machine, and more than 10 s where hundreds of other processes want its cores."""

_FIRST_INSIDE = 2
"""In a pid namespace of its own, the reaper is process 1 and the program process 2."""


class Process:
    """A program and all that it starts, which ends when the program ends."""

    def __init__(self, launched: Launched, own_pids: bool, uid: int | None = None) -> None:
        """`own_pids`: it has its own pid namespace. `uid`: its user, where that is not ours."""
        self._launched = launched
        self._uid = uid
        self._own_pids = own_pids
        self._code: int | None = None
        self._outer_code: int | None = None
        self._init = _open_pid(launched.init)
        self._killed = False
        self._gone = False

    @property
    def pid(self) -> int:
        """The outermost process: bubblewrap, or the keeper."""
        return self._launched.outer

    def fileno(self) -> int:
        """Becomes readable when the program has ended (`loop.add_reader`)."""
        return self._launched.status

    @property
    def output(self) -> Output:
        """What the program writes. The caller must drain it while the program runs."""
        return self._launched.output

    def poll(self) -> int | None:
        """The exit status of the program, 128 + n when signal n ended it; None while it runs.

        Raises SandboxError when the sandbox broke down before the program ran.
        """
        if self._code is None and not self._gone:
            more = self._launched.listen()
            if "keeper" in self._launched.reported:
                raise SandboxError(f"the sandbox failed: {self._launched.reported['keeper']}")
            self._code = self._launched.reported.get("exit-code")
            if self._code is None and not more:
                self._code = self._end_without_report()
            if self._code is not None:
                self.output.drain()  # what it wrote right before it ended
        return self._code

    def _end_without_report(self) -> int:
        """The status of the program if the outer process has ended without reporting it."""
        code = self._reap_outer()
        if code < 128 and not self._killed:
            self.output.drain()
            raise SandboxError(f"the sandbox failed: {self.output.tail()}")
        return code

    def wait(self, within: float) -> int | None:
        """The exit status as soon as the program ends, None after `within` seconds.

        Drains the output meanwhile. It blocks: in an event loop, use `fileno` instead.
        """
        self._wait(within, lambda: self.poll() is not None)
        return self.poll()

    def describe_end(self) -> str:
        """How the program ended: "exit status 1", "ended by signal 9 (KILL)"; "" while it runs."""
        code = self.poll()
        if code is None:
            return ""
        with suppress(ValueError):
            if code > 128:
                name = signal.Signals(code - 128).name.removeprefix("SIG")
                return f"ended by signal {code - 128} ({name})"
        return f"exit status {code}"

    def pids(self) -> list[int]:
        """The pids, outside its namespace, of the submission's processes, without the sandbox's."""
        init = self._launched.init
        return [] if init is None or self._gone else proc.descendants(init)

    def owns(self, inode: int) -> bool:
        """Whether a process of the submission holds this socket. Raises Hidden."""
        return self.owner(inode) is not None

    def owner(self, inode: int) -> int | None:
        """The process of the submission that holds this socket; None where none does. Raises
        Hidden where that is unknown, because a process does not show what it has open."""
        if not sys.platform.startswith("linux"):
            pid = psutil_sockets.owner(inode)
            return pid if pid in self.pids() else None
        try:
            return proc.owner(inode, self.pids())
        except Hidden:
            if self._uid is None:
                raise
        with uids.looking_as(self._uid):
            return proc.owner(inode, self.pids())

    def usage(self) -> Usage:
        """What the submission uses now; asking takes 1 ms for a small one."""
        memory = proc.memory(self.pids())
        return proc.usage(self.pids(), memory)  # counted last, since a fork bomb grows meanwhile

    def threads(self) -> list[ThreadWait]:
        """All threads of the submission, and the sockets that each of them waits for."""
        pids = self.pids()
        waits = thread_waits(pids)
        if self._uid is None or any(wait.call for wait in waits):
            return waits
        with uids.looking_as(self._uid):  # nothing was readable
            return thread_waits(pids)

    def program_pid(self) -> int | None:
        """The program itself, the first process of its tree; None when it has ended."""
        init = self._launched.init
        if init is None or self._gone:
            return None
        if not self._own_pids:
            program: int = self._launched.reported["program"]
            return program if program in proc.descendants(init) else None
        below = proc.children(init)
        return next((pid for pid in below if proc.pid_inside(pid) == _FIRST_INSIDE), None)

    def signal(self, number: int) -> None:
        """Send a signal to the program itself. Does nothing when it has ended."""
        pid = self.program_pid()
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def terminate(self, grace: float) -> bool:
        """Sends TERM to the program, waits at most `grace` seconds for its end, and kills all that
        is left; returns whether everything is gone. Drains the output meanwhile; it stays readable.
        May be called again."""
        if self._gone:
            return True
        with suppress(SandboxError):
            if grace > 0 and self.poll() is None:
                self.signal(signal.SIGTERM)
                self._wait(grace, lambda: self.poll() is not None)
        self._killed = True
        self._release()
        gone = self._wait(GONE_SECONDS, lambda: not self._launched.listen())
        if gone:
            self._reap_outer()
            with suppress(SandboxError):
                self.poll()
            # Process 1 of a pid namespace ends only after all others in it have.
            gone = self._init is None or wait_readable([self._init], GONE_SECONDS)
        self._gone = gone
        if gone:  # else the caller may try again, or read its output
            self._close()
        return gone

    def _release(self) -> None:
        """Kill everything: process 1 of the namespace, or by closing the keeper's control pipe."""
        if self._own_pids and self._init is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._init, signal.SIGKILL)
        for fd in self._launched.held:
            os.close(fd)
        self._launched.held.clear()

    def _wait(self, seconds: float, ended: Callable[[], bool]) -> bool:
        """Whether `ended` became true in time; it is called again after each report. Drains."""
        until = time.monotonic() + seconds
        while not ended():
            left = until - time.monotonic()
            if left <= 0:
                return False
            sources = [self._launched.status]
            if not self.output.ended:
                sources.append(self.output.fileno())
            wait_readable(sources, left)
            self.output.drain()
        return True

    def _reap_outer(self) -> int:
        """The exit status of the outer process, which has sent its last report."""
        if self._outer_code is None:
            _, status = os.waitpid(self._launched.outer, 0)
            self._outer_code = kernel.shell_status(status)
        return self._outer_code

    def _close(self) -> None:
        self.output.drain()
        init = self._launched.init
        if init is not None and init != self.pid:
            with suppress(ChildProcessError):  # it is our child only if bubblewrap ended before it
                os.waitpid(init, os.WNOHANG)
        if self._init is not None:
            os.close(self._init)
            self._init = None
        self._launched.close()


def _open_pid(pid: int | None) -> int | None:
    """A pidfd: it still refers to this process when the pid is reused."""
    if pid is None or not sys.platform.startswith("linux"):
        return None
    with suppress(ProcessLookupError):
        return os.pidfd_open(pid)
    return None
