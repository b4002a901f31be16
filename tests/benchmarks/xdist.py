"""The same work by a plain pytest suite with xdist (the folder `plain`).

Its servers cannot all have their built-in port: their copies are edited, in one line, to
take it from the environment.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .handed_in import Press, Program
from .tables import say

PLAIN = Path(__file__).parent / "plain"
PORT = {
    "Python": (r"^PORT = \d+$", 'PORT = int(__import__("os").environ["PORT"])'),
    "Java": (r"int PORT = \d+;", 'int PORT = Integer.parseInt(System.getenv("PORT"));'),
    "Node": (r"^const PORT = \d+;", "const PORT = Number(process.env.PORT);"),
}


def with_a_port(program: Program) -> Program:
    """The program, taking its port from the environment."""
    old, new = PORT[program.language]
    found = re.search(old, program.text, re.M)
    assert found, f"{program.name} names no port"
    return program.edited(found[0], new)


def _run(call: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """The exit status of a program, and what it printed. Where we are interrupted, nothing of
    it is left: workers and servers are of its process group."""
    process = subprocess.Popen(
        call,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        printed, _ = process.communicate()
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)  # ours until we have waited for it
        process.communicate()
        raise
    return process.returncode, printed


@dataclass(frozen=True)
class Plain:
    """The suite with so many workers; 0: without xdist, one after another."""

    suite: str
    workers: int
    lines: int = 15

    @property
    def name(self) -> str:
        return f"pytest, xdist -n {self.workers}" if self.workers else "pytest, one after another"

    def seconds(self, programs: Sequence[Program], press: Press, folder: Path) -> float:
        """How long it takes for a class of these programs."""
        folder.mkdir()
        for number, program in enumerate(programs):
            press.put(with_a_port(program), folder, f"s{number:04}")
        call = [sys.executable, "-m", "pytest", "-c", str(PLAIN / "pytest.ini")]
        call += ["--rootdir", str(PLAIN), "--confcutdir", str(PLAIN), str(PLAIN / self.suite)]
        call += ["-n", str(self.workers)] if self.workers else []
        began = time.monotonic()
        status, printed = _run(
            call, {**os.environ, "SUBMISSIONS": str(folder), "LINES": str(self.lines)}
        )
        seconds = time.monotonic() - began
        last = printed.strip().splitlines()[-1:]
        say(f"  {seconds:6.1f} s  {self.name}, {len(programs)} submissions: {''.join(last)}")
        # 1: some tests failed, as those of cadence do where the machine is busy.
        assert status in (0, 1), printed
        return seconds

    def extrapolated(
        self, programs: Sequence[Program], press: Press, folder: Path, few: tuple[int, int]
    ) -> tuple[float, str]:
        """How long it takes for all of these programs, and how that is known: in full where
        there are no more than `few`; else from the two classes of so many, in a line."""
        most = len(programs)
        if most <= few[1]:
            return self.seconds(programs, press, folder / self._folder(most)), "measured"
        less, more = (
            self.seconds(programs[:size], press, folder / self._folder(size)) for size in few
        )
        each = (more - less) / (few[1] - few[0])
        return more + (most - few[1]) * each, f"extrapolated from {few[0]} and {few[1]}"

    def _folder(self, size: int) -> str:
        return f"plain-{self.workers}-{size}"
