"""Processes of ours, forked from a warm, single-threaded parent, that report through a pipe.

They die with their parent, which removes the scratch folder of each, however it ended.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import selectors
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

from conformance.sandbox import die_with_parent
from conformance.sandbox.hosts.lock import runtime_folder
from conformance.sandbox.kernel import forking

END_WITHIN = 20.0
"""Seconds for interrupted work to end what it started: a session takes milliseconds."""

KILL_WITHIN = 5.0
"""Seconds for a killed process to go, with its namespaces; the kernel takes milliseconds."""

KILL_LOOK = 0.002
"""Seconds between two checks whether it has gone."""

NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}
"""Errors by which a fork, or what it needs, fails on a machine that is too busy."""

Tell = Callable[[bytes], None]

INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a job that is cancelled, a terminal that is closed."""


def fork_with_pipe() -> tuple[int, int]:
    """Forks; returns the child's pid (0 in the child), and this process's end of a pipe from the
    child to the parent. Raises OSError where there is no room. INT, TERM and HUP stay blocked in
    the child until it calls `settle`, because it would handle them as if it were the parent."""
    reading, writing = os.pipe()
    held = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTIONS)
    pid = -1
    try:
        with forking():
            pid = os.fork()
    finally:
        if pid < 0:
            os.close(reading)
        if pid != 0:
            os.close(writing)
            _take_interruptions(held, pid, reading)
    if pid == 0:
        os.close(reading)
        return pid, writing
    os.set_blocking(reading, False)
    return pid, reading


def _take_interruptions(held: set[int | signal.Signals], pid: int, reading: int) -> None:
    """Unblocks the signals. If one of them raises now, kills the child, which the caller would not
    know of; it has not done anything yet."""
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
    except BaseException:
        if pid > 0:
            kill(pid)
            os.close(reading)
        raise


def settle(parent: int, on_term: signal.Handlers | Callable[[int, object], None]) -> None:
    """What a child of `fork_with_pipe` calls first, with its parent's pid: it then leaves Ctrl-C to
    the parent, and dies with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, on_term)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTIONS)
    os.umask(0o022)  # programs with other uids read the files that it makes
    os.setpgid(0, 0)
    die_with_parent(parent)
    gc.freeze()  # keeps the parent's pages shared


def kill(pid: int) -> None:
    """Kills a child that has not been waited for yet, and waits until it is gone. A child that
    hangs in the kernel (a file system whose server is gone) is given up."""
    os.kill(pid, signal.SIGKILL)  # the pid is not reused before we have waited for it
    until = time.monotonic() + KILL_WITHIN
    while not os.waitpid(pid, os.WNOHANG)[0] and time.monotonic() < until:
        time.sleep(KILL_LOOK)


class Forked:
    """A piece of work in a process of its own. `close` ends it and all that it started."""

    def __init__(self, work: Callable[[Tell], None], scratch: Path) -> None:
        """Starts it. `work` is called in the new process, with a function that reports to the
        parent; an exception ends the process silently. Its temporary files are in `scratch`.
        Raises OSError where the machine has no room for it."""
        parent = os.getpid()
        self._pid, self._pipe = fork_with_pipe()
        if self._pid == 0:
            _be_forked(parent, work, scratch, self._pipe)
        self._told: list[bytes] = []

    def fileno(self) -> int:
        return self._pipe

    def has_ended(self) -> bool:
        """Reads what it has reported; returns whether that is everything."""
        try:
            while data := os.read(self._pipe, 1 << 20):
                self._told.append(data)
        except BlockingIOError:
            return False
        return True

    def told(self) -> bytes:
        """All that it has reported, as far as it was read."""
        return b"".join(self._told)

    def close(self) -> None:
        """Interrupts it if it still runs, and waits for its end as `kill` does."""
        pid, _ = os.waitpid(self._pid, os.WNOHANG)
        if pid == 0:
            os.kill(self._pid, signal.SIGTERM)
            until = time.monotonic() + END_WITHIN
            with selectors.DefaultSelector() as selector:
                selector.register(self._pipe, selectors.EVENT_READ)
                while not self.has_ended() and (left := until - time.monotonic()) > 0:
                    selector.select(left)
            kill(self._pid)
        os.close(self._pipe)


def _interrupted(number: int, frame: object) -> NoReturn:
    for also in INTERRUPTIONS:
        signal.signal(also, signal.SIG_IGN)  # once is enough: the clean-up is bounded
    raise KeyboardInterrupt


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """In this block, TERM and HUP (a closed terminal) act like Ctrl-C: everything is cleaned up,
    and further signals do not interrupt the clean-up. An ignored signal stays ignored (nohup)."""
    former = {number: signal.getsignal(number) for number in INTERRUPTIONS}
    former = {number: was for number, was in former.items() if was is not signal.SIG_IGN}
    for number in former:
        signal.signal(number, _interrupted)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _be_forked(parent: int, work: Callable[[Tell], None], scratch: Path, writing: int) -> NoReturn:
    """The forked process: does its work and ends, without the parent's exit handlers."""
    status = 1

    def tell(data: bytes) -> None:
        while data:
            data = data[os.write(writing, data) :]

    try:
        try:
            settle(parent, _interrupted)
            runtime_folder()  # cached before temporary files move, so that all share one
            tempfile.tempdir = str(scratch)  # removed by the parent, even if this process is killed
            work(tell)
            status = 0
        finally:
            # Blocking still raises the interruption that has just come.
            signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTIONS)
    finally:
        os._exit(status)  # whatever was raised would go on in the parent's code
