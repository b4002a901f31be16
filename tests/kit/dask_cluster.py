"""A Dask cluster on this machine: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
import trustme

from kit.desk import Desk

UP_WITHIN = 300.0
"""Seconds for a scheduler to be up, and for its processes to end: the machine is busy."""

CA = "DASK_DISTRIBUTED__COMM__TLS__CA_FILE"
CERT = "DASK_DISTRIBUTED__COMM__TLS__{role}__CERT"


class Certificates:
    """An authority of its own, and a certificate for this machine, key included."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._ca, self._host = folder / "ca.pem", folder / "host.pem"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self._ca))
        issued = authority.issue_cert("127.0.0.1")
        issued.private_key_and_cert_chain_pem.write_to_path(str(self._host))

    def variables(self, *roles: str) -> dict[str, str]:
        """Dask's configuration for `SCHEDULER`, `WORKER` or `CLIENT`, as environment variables."""
        return {CA: str(self._ca), **{CERT.format(role=role): str(self._host) for role in roles}}


class DaskCluster:
    """A scheduler, and the workers that a test adds. All end with the `with` block."""

    def __init__(self, desk: Desk) -> None:
        self.folder = desk.folder / "dask"
        self.folder.mkdir()
        self._tmp = self.folder / "tmp"
        self._tmp.mkdir()
        self._tmp.chmod(0o1777)
        self._environment = desk.environment
        self.certificates = Certificates(self.folder / "certificates")
        self.workers: dict[str, psutil.Popen] = {}
        self._stack = ExitStack()
        self._schedulers = 0

    def __enter__(self) -> DaskCluster:
        self.start_scheduler()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def variables(self) -> dict[str, Any]:
        """What a client of the cluster has in its environment."""
        return {"DASK_CONFIG": str(self.folder), **self.certificates.variables("CLIENT")}

    @property
    def address(self) -> str:
        found: str = json.loads(self._file.read_text())["address"]
        return found

    def start_scheduler(self) -> None:
        """A scheduler, at another port than any before."""
        self._schedulers += 1
        self._file = self.folder / f"scheduler-{self._schedulers}.json"
        words = ["--protocol", "tls", "--host", "127.0.0.1", "--port", "0"]
        words += ["--scheduler-file", str(self._file)]
        self.scheduler = self._start("scheduler", "SCHEDULER", words)
        until = time.monotonic() + UP_WITHIN
        while not (self._file.exists() and self._file.stat().st_size):
            assert self.scheduler.poll() is None, "the scheduler has ended"
            assert time.monotonic() < until, "no scheduler"
            time.sleep(0.05)

    def add_worker(self, name: str, **variables: str) -> psutil.Popen:
        """A worker of one thread, without a nanny, which would start it again."""
        words = [self.address, "--name", name, "--nthreads", "1", "--no-nanny"]
        words += ["--memory-limit", "0", "--local-directory", str(self.folder / name)]
        self.workers[name] = self._start("worker", "WORKER", words, variables)
        return self.workers[name]

    def _start(
        self, what: str, role: str, words: list[str], variables: Mapping[str, str] | None = None
    ) -> psutil.Popen:
        environment = {
            **self._environment,
            "TMPDIR": str(self._tmp),  # where a worker that was killed may leave something
            "DASK_CONFIG": str(self.folder),
            **self.certificates.variables(role),
            **(variables or {}),
        }
        with (self.folder / f"{what}.log").open("ab") as log:
            process = psutil.Popen(
                [sys.executable, "-m", "dask", what, "--no-dashboard", *words],
                cwd=self.folder, env=environment, process_group=0,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        self._stack.enter_context(_ended(process))
        return process


@contextmanager
def _ended(process: psutil.Popen) -> Iterator[None]:
    """Ends a process, and all that it has started, after the block."""
    try:
        yield
    finally:
        below = []
        if process.poll() is None:
            below = process.children(recursive=True)
            process.terminate()
        try:
            process.wait(UP_WITHIN / 3)
        except (psutil.TimeoutExpired, subprocess.TimeoutExpired):
            process.kill()
            process.wait(UP_WITHIN / 3)
        assert not psutil.wait_procs(below, timeout=UP_WITHIN / 3)[1], "a worker's shard lives on"
