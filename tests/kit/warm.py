"""A process that has imported `conformance`, and forks for each call of it in the tests.

Starting Python and importing takes more CPU time than most calls do. The fork behaves like a new
process: a child of the tests' process with its own environment, pipes and process group, which ends
as Python does. Tests of Python's own start do not use this.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from conformance.cli import main
from conformance.contract import catalog
from conformance.sandbox import kernel, preload

REPOSITORY = Path(__file__).resolve().parents[2]

MODULES = (
    "conformance.classes.hand_ins.contents",
    "conformance.reports.run.console",
    "conformance.run.check",
)
"""What a check imports before it forks anything. Later imports must not be here: they would hide
that a session lacks them."""

READ_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "TZ")
"""Prefixes of environment variables that Python or the C library reads only at its start."""

LONGEST_REQUEST = 1 << 17


class Warm:
    """Our end of the warm process, which ends when we do."""

    def __init__(self) -> None:
        self._door, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.kit.warm", str(far.fileno())],
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[far.fileno()],
                process_group=0,
            )

    def call(
        self, words: Sequence[str], environment: Mapping[str, str], within: float
    ) -> tuple[int, str, str]:
        """Runs `conformance` with these words to its end. Returns its status, as subprocess does,
        and its stdout and stderr. Raises TimeoutError after `within` seconds, and kills it."""
        kernel.adopt_orphans()
        (out, its_out), (err, its_err) = os.pipe(), os.pipe()
        request = json.dumps([words, dict(environment)]).encode()
        socket.send_fds(self._door, [request], [its_out, its_err])
        os.close(its_out)
        os.close(its_err)
        pid = int(self._door.recv(100))
        self._door.recv(1)  # wait until it is our child
        try:
            stdout, stderr = _read([out, err], time.monotonic() + within)
        except BaseException:
            os.kill(pid, signal.SIGKILL)
            raise
        finally:
            os.close(out)
            os.close(err)
            _, status = os.waitpid(pid, 0)
        return os.waitstatus_to_exitcode(status), stdout, stderr


@cache
def warm() -> Warm:
    """The warm process of this test process."""
    return Warm()


def _read(ends: Sequence[int], until: float) -> list[str]:
    """What these pipes bring until they are closed. Raises TimeoutError."""
    said = {end: io.BytesIO() for end in ends}
    with selectors.DefaultSelector() as selector:
        for end in ends:
            selector.register(end, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(0.0, until - time.monotonic()))
            if not ready:
                raise TimeoutError(f"no end, and said so far: {list(said.values())}")
            for key, _ in ready:
                data = os.read(key.fd, 1 << 16)
                said[key.fd].write(data)
                if not data:
                    selector.unregister(key.fd)
    return [data.getvalue().decode() for data in said.values()]


def _fork_for_each(door: socket.socket) -> None:
    """Forks for each call; returns in each fork, prepared like a new process."""
    gc.freeze()  # so that no fork touches the shared pages
    while True:
        request, ends, _, _ = socket.recv_fds(door, LONGEST_REQUEST, 2)
        if not request:
            sys.exit()
        if (between := os.fork()) == 0:
            if pid := os.fork():
                door.send(b"%d" % pid)
                os._exit(0)  # the orphan becomes a child of the tests' process, the nearest reaper
            break
        os.waitpid(between, 0)
        door.send(b".")
        for end in ends:
            os.close(end)
    door.close()
    os.setpgid(0, 0)
    for number, end in enumerate(ends, start=1):
        os.dup2(end, number)
        os.close(end)
    words, environment = json.loads(request)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[1:] = words


def _serve() -> None:
    """Does what `conformance check` does before it forks anything, then forks for each call."""
    for name in MODULES:
        importlib.import_module(name)
    catalog.load()
    preload()
    _fork_for_each(socket.socket(fileno=int(sys.argv[1])))
    main(prog_name="conformance")


if __name__ == "__main__":
    _serve()
