"""One session at a time, where all share the network of the machine (tier none)."""

from __future__ import annotations

import fcntl
import os
import signal
import tempfile
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Self

from conformance.sandbox.kernel import SandboxError


class HostLock:
    """The right to use this machine's ports in a `with` block; it ends with its holder at the
    latest. Waiting for it uses the alarm signal, so only in the main thread, before an event loop
    runs. Raises SandboxError if it is not free `within` so many seconds."""

    def __init__(self, within: float, folder: Path | None = None) -> None:
        self._within = within
        self._folder = folder or runtime_folder()
        self._fd = -1

    def __enter__(self) -> Self:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / "host.lock"
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            self._acquire()
        except TimeoutError:
            os.close(self._fd)
            raise SandboxError(
                f"another session kept this machine's network for {self._within:g} s ({path})"
            ) from None
        return self

    def _acquire(self) -> None:
        def give_up(number: int, frame: FrameType | None) -> None:
            raise TimeoutError

        former = signal.signal(signal.SIGALRM, give_up)
        try:
            # Repeated each second: the first alarm may come before flock waits.
            signal.setitimer(signal.ITIMER_REAL, self._within, 1.0)
            fcntl.flock(self._fd, fcntl.LOCK_EX)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, former)

    def __exit__(self, *exception: object) -> None:
        os.close(self._fd)


@lru_cache(maxsize=1)
def runtime_folder() -> Path:
    """A folder of this user for files that last as long as a run. It stays the same for the whole
    process, even if temporary files go elsewhere later."""
    given = os.environ.get("XDG_RUNTIME_DIR")
    if given and os.access(given, os.W_OK):
        return Path(given, "conformance")
    return Path(tempfile.gettempdir(), f"conformance-{os.getuid()}")
