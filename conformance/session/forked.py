"""Processes of ours, forked from a warm, single-threaded parent, that pipe back what they tell.

They die with their parent. The scratch folder of one is the parent's to remove, however it
ended.
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
"""Seconds for interrupted work to end what it has started: a session takes some
milliseconds, a build that is under way a little more."""

KILL_WITHIN = 5.0
"""Seconds for what was killed to go, namespaces and all; the kernel does it in milliseconds."""

KILL_LOOK = 0.002
"""Seconds between two looks whether it has gone."""

NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}
"""Errors of a fork, and of what it takes, on a machine that has too much going on."""

Tell = Callable[[bytes], None]

INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a job that is cancelled, a terminal that is closed."""


def fork_with_pipe() -> tuple[int, int]:
    """Forks; returns the child's pid, in the child 0, and an end of a pipe that leads from the
    child to its parent. Raises OSError, where there is no room, and leaves nothing then.

    INT, TERM and HUP come to the child only when it has called `settle`: until then it would
    take them as its parent does, and go on as a second one.
    """
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
    """Lets come what was held back. What comes now and raises takes the child along, of which
    nobody else would ever know; it has not done anything yet."""
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
    except BaseException:
        if pid > 0:
            kill(pid)
            os.close(reading)
        raise


def settle(parent: int, on_term: signal.Handlers | Callable[[int, object], None]) -> None:
    """What a child of `fork_with_pipe` does first: it leaves interruptions from a terminal to
    its parent, whose pid is given, and dies with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, on_term)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTIONS)
    os.umask(0o022)  # what it makes, it makes for programs with a uid of their own
    os.setpgid(0, 0)
    die_with_parent(parent)
    gc.freeze()  # keeps the parent's pages shared


def kill(pid: int) -> None:
    """Kills a child that nobody has waited for yet, and waits until it is gone. One that
    hangs in the kernel (a file system whose server is gone) must not hang us: it is left."""
    os.kill(pid, signal.SIGKILL)  # ours until we have waited for it: nobody else has its pid
    until = time.monotonic() + KILL_WITHIN
    while not os.waitpid(pid, os.WNOHANG)[0] and time.monotonic() < until:
        time.sleep(KILL_LOOK)


class Forked:
    """One piece of work under way. `close` ends it, with all that it started."""

    def __init__(self, work: Callable[[Tell], None], scratch: Path) -> None:
        """Starts it. `work` is called in the new process, with a function that tells; what it
        raises ends the process, and is told to nobody. Temporary files of it are in
        `scratch`. Raises OSError where the machine has no room for it."""
        parent = os.getpid()
        self._pid, self._pipe = fork_with_pipe()
        if self._pid == 0:
            _be_forked(parent, work, scratch, self._pipe)
        self._told: list[bytes] = []

    def fileno(self) -> int:
        return self._pipe

    def has_ended(self) -> bool:
        """Reads what it has told; whether it has told everything."""
        try:
            while data := os.read(self._pipe, 1 << 20):
                self._told.append(data)
        except BlockingIOError:
            return False
        return True

    def told(self) -> bytes:
        """All that it has told, as far as it was read."""
        return b"".join(self._told)

    def close(self) -> None:
        """Interrupts it where it has not ended; waits until nothing of it is left, as long as
        `kill` does."""
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
        signal.signal(also, signal.SIG_IGN)  # once is enough: putting away is bounded
    raise KeyboardInterrupt


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """TERM, or a terminal that is closed (HUP), ends the block as Ctrl-C does: everything is
    put away, whatever comes then.

    One of them that is ignored stays so (nohup, a job in the background): then somebody else
    decides about our end.
    """
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
        settle(parent, _interrupted)
        runtime_folder()  # where everybody else has it, too
        tempfile.tempdir = str(scratch)  # all that it leaves behind if it is killed
        work(tell)
        status = 0
    finally:
        os._exit(status)
