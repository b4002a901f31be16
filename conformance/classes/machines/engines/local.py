"""`local:N`: N processes of this machine, each as if it were a machine. For trying.

They share the cores evenly. That is not quite what N machines are: what has to be repeated alone
has only its own process to itself, and the others may disturb it. The suite notices, and does not
hold it against anybody.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from conformance.classes.machines.engines.engine import (
    PresentMachine,
    ShardNews,
    shard_command,
)
from conformance.classes.machines.messages import MAX_LINE_BYTES
from conformance.classes.machines.shard import Shard
from conformance.sandbox import Tier, probe
from conformance.verdict.model import WrongCall

MAX_PROCESSES = 64
"""More on one machine would only be in each other's way."""

END_WITHIN = 20.0
"""Seconds for a process that is to end to end what it has started."""

MAX_READS = 16
"""Pieces of 64 KiB, as much as a pipe holds, that are read at a time."""


class LocalEngine:
    """N processes of this machine."""

    def __init__(self, count: int, python: str = sys.executable) -> None:
        """`python`: that which runs the processes. Raises WrongCall where the count makes no
        sense."""
        if not 1 <= count <= MAX_PROCESSES:
            raise WrongCall(f"--on local:{count}: from 1 to {MAX_PROCESSES} processes")
        self._command = shard_command(python)
        self._count = count
        self._running: dict[str, _ShardProcess] = {}
        """By the name of the machine."""

    def __enter__(self) -> Self:
        if probe().tier is Tier.NONE and self._count > 1:
            raise WrongCall(
                f"--on local:{self._count}: in tier none all programs share this machine's ports,"
                " so that one is judged at a time; --on local:1 does so"
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        running, self._running = list(self._running.values()), {}
        for process in running:
            process.ask_to_end()
        for process in running:
            process.end()

    def machines(self) -> Sequence[PresentMachine]:
        return [PresentMachine(f"local-{n}") for n in range(1, self._count + 1)]

    def coming(self) -> str:
        return ""

    def submit(self, machine: str, shard: Shard) -> None:
        assert machine not in self._running, f"{machine} has a shard already"
        starts = max(1, (os.cpu_count() or 1) // self._count)
        words = [*self._command, "--starts", str(starts), str(shard.archive)]
        self._running[machine] = _ShardProcess(shard.name, words)

    def hear(self, within: float) -> Sequence[ShardNews]:
        with selectors.DefaultSelector() as selector:
            for machine, process in self._running.items():
                selector.register(process, selectors.EVENT_READ, machine)
            if not self._running:
                time.sleep(within)
                return []
            ready = [key.data for key, _ in selector.select(within)]
        news = []
        for machine in ready:
            new = self._running[machine].read()
            if new.ended or new.lost:
                self._running.pop(machine).end()
            news.append(new)
        return news

    def stop(self, shard: str) -> None:
        for machine, process in list(self._running.items()):
            if process.shard == shard:
                del self._running[machine]
                process.ask_to_end()
                process.end()


class _ShardProcess:
    """A process that grades a shard. In a group of its own: Ctrl-C is for the coordinator, which
    ends it."""

    def __init__(self, shard: str, words: Sequence[str]) -> None:
        self.shard = shard
        self._line: list[bytes] = []
        """The pieces of a line that has not ended yet."""
        self._room = MAX_LINE_BYTES
        self._trouble = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe, far = os.pipe()
        os.set_blocking(self._pipe, False)
        try:
            self._process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=far, process_group=0
            )
        except OSError as error:
            self._trouble = f"it could not be started: {error.strerror}"
        finally:
            os.close(far)

    def fileno(self) -> int:
        return self._pipe

    def read(self) -> ShardNews:
        """What it has told since the last call; of much, a part."""
        lines: list[bytes] = []
        with contextlib.suppress(BlockingIOError):
            for _ in range(MAX_READS):
                data = os.read(self._pipe, 1 << 16)
                if not data:
                    return self._ended(lines)
                *whole, rest = data.split(b"\n")
                for piece in whole:
                    lines.append(b"".join([*self._line, piece]))
                    self._line, self._room = [], MAX_LINE_BYTES
                self._line.append(rest)
                self._room -= len(rest)
                if self._room < 0:
                    return ShardNews(self.shard, lines, lost="it told more than its limit")
        return ShardNews(self.shard, lines)

    def _ended(self, lines: Sequence[bytes]) -> ShardNews:
        if self._process is None:
            return ShardNews(self.shard, lines, lost=self._trouble)
        try:
            status = self._process.wait(END_WITHIN)
        except subprocess.TimeoutExpired:
            return ShardNews(self.shard, lines, lost="it closed its output, and goes on")
        if status == 0:
            return ShardNews(self.shard, lines, ended=True)
        how = f"killed by signal {-status}" if status < 0 else f"ended with status {status}"
        return ShardNews(self.shard, lines, lost=how)

    def ask_to_end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """Ends it if it has not ended by itself, and waits until it is gone."""
        self.ask_to_end()
        os.close(self._pipe)  # whatever it still tells fails, which ends it, too
        if self._process is None:
            return
        try:
            self._process.wait(END_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
