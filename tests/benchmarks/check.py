"""`conformance check` of one echo server, all clauses: how long a student waits, and for what. What
no more cores would make shorter are the waits that the contract demands.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .handed_in import Press, Program, reference
from .tables import Sizes, Table, say

TRIES = 3
"""The middle one counts."""
SERVERS = {"python/thread_per_client.py": 6.0, "java/ThreadPerClient.java": 9.0}
"""Below `reference_servers/echo`: within how many seconds it is to be checked."""
HELP = 0.2
LONGEST = 3
"""Clauses that are named."""


@dataclass(frozen=True)
class Waited:
    """One call."""

    seconds: float
    cpu: float
    clauses: dict[str, float]
    """By number, the seconds of its conversations."""


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    press, rows = Press(folder / "press"), []
    for path, within in SERVERS.items():
        say(f"check: echo {path}")
        program = reference(f"echo/{path}")
        tries = [_check(press, program, folder / f"{program.language}{n}") for n in range(TRIES)]
        one = sorted(tries, key=lambda each: each.seconds)[TRIES // 2]
        longest = sorted(one.clauses, key=lambda number: -one.clauses[number])
        rows.append([
            f"check of echo {path}",
            f"{one.seconds:.1f} s",
            sizes.target(1, one.seconds, under=within),
            f"{one.cpu:.1f} s",
            f"{sum(one.clauses.values()):.1f} s",
            ", ".join(f"{number}: {one.clauses[number]:.1f} s" for number in longest[:LONGEST]),
        ])  # fmt: skip
    helped = sorted(_help() for _ in range(TRIES))[TRIES // 2]
    within_help = sizes.target(1, helped, under=HELP)
    rows.append(["--help", f"{helped:.2f} s", within_help, "", "", ""])
    yield Table(
        "One call",
        ["", "time", "target", "CPU", "all conversations", "the longest of a clause"],
        rows,
        ["Conversations go on side by side; that of one clause is as long as its contract asks."],
    )


def _check(press: Press, program: Program, folder: Path) -> Waited:
    folder.mkdir()
    press.put(program, folder, "server")
    [server] = folder.iterdir()
    report = folder.with_suffix(".json")
    call = [sys.executable, "-m", "conformance", "check", str(server), "--lab", "echo"]
    seconds, cpu = _called([*call, "--json", str(report)])
    told = json.loads(report.read_text("utf-8"))
    clauses = {each["clause"]: each["seconds"] for each in told["verdicts"]}
    return Waited(seconds, cpu, clauses)


def _help() -> float:
    return _called([sys.executable, "-m", "conformance", "--help"])[0]


def _called(call: list[str]) -> tuple[float, float]:
    """Seconds, and CPU seconds of all that was waited for."""
    began = time.monotonic()
    process = subprocess.Popen(call, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in (0, 1, 3), f"{call} ended with {process.returncode}"
    return time.monotonic() - began, used.ru_utime + used.ru_stime
