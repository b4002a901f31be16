"""A place where a test writes programs and has them checked."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import psutil

from conformance.sandbox import kernel
from kit.warm import READ_AT_START, warm

CHECK_SECONDS = 240.0
"""Seconds for one check, many times what it takes: no test should reach it."""

GONE_WITHIN = 20.0
"""Seconds until killed processes are gone. The kernel begins at once, but a process needs a core to
end, and namespaces on a busy machine take their time."""

TRIES = 3
"""How often a check is made if the machine was too busy to tell: other tests keep it busy, and we
assert what the suite says when it can tell."""

SHORT = "0.3"
"""The scale of deadlines for programs that never send what is awaited."""

TOO_BUSY = ("too slow, or too busy, to tell", "the machine stood still")

ECHO = (Path(__file__).parent / "echo_program.py").read_text(encoding="utf-8")
REPOSITORY = Path(__file__).resolve().parents[2]
REFERENCES = REPOSITORY / "reference_servers"


@dataclass
class Checked:
    """What a check said, and how it ended."""

    status: int
    stdout: str
    stderr: str
    run: dict[str, Any] = field(default_factory=dict)

    @property
    def verdicts(self) -> dict[str, dict[str, Any]]:
        return {verdict["clause"]: verdict for verdict in self.run["verdicts"]}

    @property
    def too_busy(self) -> bool:
        """Whether the machine kept the program waiting so long that the suite could not tell."""
        reasons = [verdict["reason"] for verdict in self.verdicts.values()]
        return any(told in reason for told in TOO_BUSY for reason in reasons)

    @property
    def outcomes(self) -> dict[str, str]:
        return {number: verdict["outcome"] for number, verdict in self.verdicts.items()}

    def those(self, outcome: str) -> list[str]:
        return [number for number, came in self.outcomes.items() if came == outcome]


class Desk:
    """A folder, and the programs that were started from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tmp = folder / "tmp"
        self.reports = folder / "reports"
        for shared in (self.tmp, self.reports):
            shared.mkdir()
            shared.chmod(0o1777)
        self.killed = False
        """Whether the test kills the suite itself, so that what is left goes a moment later."""
        self.tries = TRIES
        self._started: list[subprocess.Popen[str]] = []
        self._checks = 0

    def echo(self, changes: str = "", *, name: str = "server.py") -> Path:
        """The correct echo server, with some functions replaced by the test's own."""
        return self.program(f"{ECHO}\n\n{dedent(changes)}\nmain()\n", name=name)

    def program(self, source: str, *, name: str = "server.py") -> Path:
        path = self.folder / name
        path.write_text(dedent(source), encoding="utf-8")
        path.chmod(0o644)
        return path

    def start(
        self, *arguments: object, command: tuple[str, ...] = (), **environment: str
    ) -> subprocess.Popen[str]:
        """Starts `conformance` with these arguments, in a process group of its own, so that a
        signal of the test goes to it alone."""
        process = subprocess.Popen(
            [*command, sys.executable, "-m", "conformance", *map(str, arguments)],
            cwd=REPOSITORY,
            env=self._environment(command, environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )
        self._started.append(process)
        return process

    def call(
        self, *arguments: object, command: tuple[str, ...] = (), **environment: str
    ) -> Checked:
        """Runs `conformance` with these arguments to its end."""
        if not command and not any(name.startswith(READ_AT_START) for name in environment):
            words, variables = [*map(str, arguments)], self._environment((), environment)
            return Checked(*warm().call(words, variables, CHECK_SECONDS))
        process = self.start(*arguments, command=command, **environment)
        stdout, stderr = process.communicate(timeout=CHECK_SECONDS)
        return Checked(process.returncode, stdout, stderr)

    def check(
        self,
        path: object,
        *arguments: object,
        lab: str = "echo",
        command: tuple[str, ...] = (),
        **environment: str,
    ) -> Checked:
        """Runs `conformance check PATH --lab LAB …`, and again if the machine was too busy to
        tell."""
        for _ in range(self.tries):
            checked = self._check(path, *arguments, lab=lab, command=command, **environment)
            if not checked.too_busy:
                break
            # Short waits are easily disturbed: use full deadlines.
            arguments = tuple("1" if word == SHORT else word for word in arguments)
        return checked

    def _check(
        self,
        path: object,
        *arguments: object,
        lab: str,
        command: tuple[str, ...],
        **environment: str,
    ) -> Checked:
        self._checks += 1
        report = self.reports / f"report-{self._checks}.json"
        checked = self.call(
            "check", path, "--lab", lab, "--json", report, *arguments,
            command=command, **environment,
        )  # fmt: skip
        said = f"status {checked.status}\n{checked.stdout}{checked.stderr}"
        assert report.exists(), said
        checked.run = json.loads(report.read_text(encoding="utf-8"))
        return checked

    @property
    def environment(self) -> dict[str, str]:
        """What a call of this desk finds in its environment."""
        return self._environment((), {})

    def _environment(self, command: tuple[str, ...], given: dict[str, str]) -> dict[str, str]:
        ours = {"TMPDIR": str(self.tmp), "XDG_CACHE_HOME": str(self.folder / "cache")}
        return {**_plain_environment(command), **ours, **given}

    def close(self) -> None:
        """Ends what a failed test has left."""
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.communicate()


@contextmanager
def clean_desk(gone_within: float = GONE_WITHIN) -> Iterator[Desk]:
    """A folder to work in, which other users can reach, and which has its own /tmp. Afterwards no
    process, mount or temporary folder of the checks may be left. Orphans of the checks become our
    children, so that none escapes. Killed processes have `gone_within` seconds to end: the kernel
    takes its time to free a gigabyte.
    """
    kernel.adopt_orphans()
    warm()
    before = set(psutil.Process().children(recursive=True))
    folder = Path(tempfile.mkdtemp(prefix="check-test-"))
    folder.chmod(0o711)
    desk = Desk(folder)
    try:
        yield desk
        left = [p for p in psutil.Process().children(recursive=True) if p not in before]
        left = psutil.wait_procs(left, timeout=gone_within)[1]
        told = [line for process in left for line in _alive(process)]
        assert not told, f"left running: {told}"
        assert str(folder) not in Path("/proc/self/mountinfo").read_text()
        if not desk.killed:
            assert [path.name for path in desk.tmp.iterdir()] == []
    finally:
        desk.close()
        _reap(before)
        shutil.rmtree(folder)


def _alive(process: psutil.Process) -> Iterator[str]:
    """A line about a process; none if it is gone, or goes while we look."""
    with suppress(psutil.NoSuchProcess):
        if process.status() != psutil.STATUS_ZOMBIE:
            yield f"{process} {process.cmdline()}"


def _reap(before: set[psutil.Process]) -> None:
    """Reaps the orphans that have become our children."""
    for process in psutil.Process().children():
        with suppress(psutil.NoSuchProcess, ChildProcessError):
            if process not in before and process.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(process.pid, 0)


@contextmanager
def this_machines_ports() -> Iterator[None]:
    """The built-in ports on this machine's own network, for one test at a time."""
    with one_at_a_time("tests-of-conformance.lock"):
        yield


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Waits until no other test of this machine holds the lock of that name."""
    with open(Path(tempfile.gettempdir(), name), "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _plain_environment(command: tuple[str, ...]) -> dict[str, str]:
    """Our environment, without what would make a check behave differently from a user's. A command
    that runs another is not measured: it may run as a user who cannot write where we do."""
    ours: tuple[str, ...] = ("CONFORMANCE_", "PYTEST_", "COLUMNS", "FORCE_COLOR")
    if command:
        ours = (*ours, "COVERAGE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
