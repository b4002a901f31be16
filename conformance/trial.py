"""Checks held beside one another: each in a forked process, which pipes back its events.

One engine judges one submission; to keep a machine busy with many, each gets a process
of its own, forked from a warm, single-threaded parent. It dies with its parent, and its
scratch folder is the parent's to remove, however it ended.
"""

from __future__ import annotations

import contextlib
import gc
import os
import selectors
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from conformance.catalog import Catalog
from conformance.check import check
from conformance.events import Event, from_lines, replay, to_line
from conformance.model import Run, WrongCall
from conformance.preparation import Request
from conformance.sandbox import Isolation, die_with_parent
from conformance.sandbox.lock import runtime_folder
from conformance.scratch import scratch_folder
from conformance.turnstile import Open, Paced, Turnstile, pair

LONGEST = 1_800.0
"""Seconds after which a check is given up: a build and each session in it are bounded,
and together take less than half of this on the slowest machine that is of use."""

END_WITHIN = 20.0
"""Seconds for an interrupted check to end its sessions: each takes some milliseconds,
a build that is under way a little more."""


@dataclass(frozen=True)
class Held:
    """What became of one check."""

    run: Run | None
    trouble: str = ""
    """Why there is no run."""


class Trial:
    """One check under way. `close` ends it, with all that it started."""

    def __init__(
        self, request: Request, catalog: Catalog, isolation: Isolation, *, paced: bool = False
    ) -> None:
        """Starts it; one that is `paced` asks on `wire` before it starts anything."""
        self.wire: socket.socket | None = None
        theirs: socket.socket | None = None
        if paced:
            self.wire, theirs = pair()
        self._folder = contextlib.ExitStack()
        scratch = self._folder.enter_context(scratch_folder())
        self.deadline = time.monotonic() + LONGEST
        parent = os.getpid()
        self._pipe, writing = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._pipe)
            turnstile = Paced(theirs) if theirs is not None else Open()
            _be_trial(parent, request, catalog, isolation, scratch, writing, turnstile)
        os.close(writing)
        if theirs is not None:
            theirs.close()
        os.set_blocking(self._pipe, False)
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

    def take(self) -> list[Event]:
        """The events that it has told since the last call, for whoever does not keep them
        all: `held` knows nothing of them then."""
        lines = b"".join(self._told).splitlines(keepends=True)
        self._told = [lines.pop()] if lines and not lines[-1].endswith(b"\n") else []
        return list(from_lines(line.decode("ascii") for line in lines))

    def held(self) -> Held:
        """What it has told, once it has ended."""
        try:
            events = list(from_lines(b"".join(self._told).decode("ascii").splitlines()))
            troubles = [event["text"] for event in events if event["event"] == "trouble"]
            run = replay(event for event in events if event["event"] != "trouble")
        except WrongCall:
            return Held(None, troubles[0] if troubles else "its process ended early")
        if troubles or run.interrupted:
            return Held(None, troubles[0] if troubles else "it was interrupted")
        return Held(run)

    def close(self) -> None:
        """Interrupts it where it has not ended; waits until nothing of it is left."""
        pid, _ = os.waitpid(self._pid, os.WNOHANG)
        if pid == 0:
            os.kill(self._pid, signal.SIGTERM)
            until = time.monotonic() + END_WITHIN
            with selectors.DefaultSelector() as selector:
                selector.register(self._pipe, selectors.EVENT_READ)
                while not self.has_ended() and (left := until - time.monotonic()) > 0:
                    selector.select(left)
            os.kill(self._pid, signal.SIGKILL)  # ours until we have waited for it
            os.waitpid(self._pid, 0)
        os.close(self._pipe)
        if self.wire is not None:
            self.wire.close()
        self._folder.close()


def _interrupted(number: int, frame: object) -> NoReturn:
    for also in (signal.SIGINT, signal.SIGTERM):
        signal.signal(also, signal.SIG_IGN)  # once is enough: putting away is bounded
    raise KeyboardInterrupt


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """TERM ends the block as Ctrl-C does: everything is put away, whatever comes then."""
    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in former:
        signal.signal(number, _interrupted)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _be_trial(
    parent: int,
    request: Request,
    catalog: Catalog,
    isolation: Isolation,
    scratch: Path,
    writing: int,
    turnstile: Turnstile,
) -> NoReturn:
    """The forked process: holds the check and ends, without the parent's exit handlers."""
    status = 1

    def tell(event: Event) -> None:
        data = to_line(event).encode("ascii")
        while data:
            data = data[os.write(writing, data) :]

    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides, and sends TERM
        signal.signal(signal.SIGTERM, _interrupted)
        os.setpgid(0, 0)
        die_with_parent(parent)
        runtime_folder()  # where everybody else has it, too
        gc.freeze()  # keeps the parent's pages shared
        tempfile.tempdir = str(scratch)  # all that it leaves behind if it is killed
        check(request, catalog, isolation, events=tell, turnstile=turnstile)
        status = 0
    except WrongCall as wrong:
        tell({"event": "trouble", "text": str(wrong)})
    except BaseException as error:
        with contextlib.suppress(OSError):
            tell({"event": "trouble", "text": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(status)


def hold_all(
    starts: Iterator[Callable[[], Trial]], jobs: int
) -> Generator[tuple[int, Held], None, None]:
    """Starts trials, at most `jobs` at a time; yields the number of each as it ends, and
    what became of it. Ends all that is under way when it is closed or interrupted."""
    waiting = enumerate(starts)
    selector = selectors.DefaultSelector()
    running: dict[Trial, int] = {}
    try:
        while True:
            while len(running) < jobs and (following := next(waiting, None)):
                trial = following[1]()
                running[trial] = following[0]
                selector.register(trial, selectors.EVENT_READ, trial)
            if not running:
                return
            ready = [key.data for key, _ in selector.select(1.0)]
            for trial in list(running):
                late = time.monotonic() > trial.deadline
                if not late and not (trial in ready and trial.has_ended()):
                    continue
                selector.unregister(trial)
                number = running.pop(trial)
                trial.close()
                yield number, Held(None, "it did not end in time") if late else trial.held()
    finally:
        for trial in running:
            trial.close()
        selector.close()
