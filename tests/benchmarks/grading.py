"""`conformance grade` from outside: how long it takes, what it uses, what it finds."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from conformance.classes.results.ledger import Ledger
from conformance.verdict.model import Outcome

from .metered import Held, read, sessions
from .tables import say

REPOSITORY = Path(__file__).resolve().parents[2]
JUDGED = (0, 1, 3)
"""Exit statuses: all earned, points lost, something open. Anything else is a broken call."""


@dataclass
class Graded:
    """What became of one call."""

    seconds: float = 0.0
    """From the call to its end, reports and all."""
    ours: float = 0.0
    """CPU seconds of our own processes, bubblewrap's with them (see `metered`)."""
    servers: float = 0.0
    """CPU seconds of the submissions' own processes."""
    launches: int = 0
    sessions: list[Held] = field(default_factory=list)
    began: float = 0.0
    """Seconds from the call at which it had read the class, and began."""
    ended: list[float] = field(default_factory=list)
    """Seconds from the call at which one hand-in after another had ended."""
    outcomes: dict[tuple[str, str], dict[str, Outcome]] = field(default_factory=dict)
    """(author, lab) -> clause -> outcome."""

    def count(self, outcome: Outcome) -> int:
        """Verdicts with that outcome."""
        return sum(v is outcome for each in self.outcomes.values() for v in each.values())

    @property
    def found(self) -> str:
        """The outcomes in words."""
        counts = {outcome: self.count(outcome) for outcome in Outcome}
        words = [f"{n} {outcome.name.lower().replace('_', ' ')}" for outcome, n in counts.items()]
        return ", ".join(word for word, n in zip(words, counts.values(), strict=True) if n)


def grade(
    folder: Path,
    out: Path,
    *options: str,
    watch: Callable[[int, int], None] = lambda pid, ended: None,
    every: float | None = None,
) -> Graded:
    """Grades the class in `folder` into `out`.

    `watch` is called with the grading's process and the number of hand-ins that have
    ended, whenever one has, and `every` so many seconds.
    """
    meter = out.with_suffix(".meter")
    call = ["-m", "tests.benchmarks.metered", str(meter), "grade", str(folder), "--out", str(out)]
    graded = Graded()
    began = time.monotonic()
    with _called([sys.executable, *call, *options]) as process:
        for line in _lines(process, every, lambda: watch(process.pid, len(graded.ended))):
            graded.began = graded.began or time.monotonic() - began
            if _is_end(line):
                graded.ended.append(time.monotonic() - began)
                watch(process.pid, len(graded.ended))
                if len(graded.ended) % 20 == 0:
                    say(f"  {graded.ended[-1]:6.1f} s  {line.strip()}")
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    graded.seconds = time.monotonic() - began
    assert process.returncode in JUDGED, f"the grading ended with {process.returncode}"
    launches = read(meter)
    graded.launches = len(launches)
    graded.servers = sum(launch.servers for launch in launches)
    graded.ours = (
        used.ru_utime
        + used.ru_stime
        - sum(
            launch.metering + (launch.servers if launch.waited else -launch.sandbox)
            for launch in launches
        )
    )
    graded.sessions = sessions(meter)
    graded.outcomes = outcomes(out)
    return graded


@contextmanager
def _called(call: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is told to end with the block, where it has not."""
    process = subprocess.Popen(call, cwd=REPOSITORY, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _lines(
    process: subprocess.Popen[bytes], every: float | None, tick: Callable[[], None]
) -> Iterator[str]:
    """The lines that a program prints, as they come; `tick` is called `every` so often."""
    assert process.stdout is not None
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(every):
                tick()
                continue
            if not (data := os.read(process.stdout.fileno(), 65536)):
                return
            *whole, pending = (pending + data).split(b"\n")
            yield from (line.decode() for line in whole)


def _is_end(line: str) -> bool:
    """Whether the line tells that a hand-in has ended: ` 17/100 ✓ ann echo 20 of 20`."""
    first = line.split(maxsplit=1)[:1]
    return bool(first) and first[0].replace("/", "", 1).isdigit() and "/" in first[0]


def outcomes(out: Path) -> dict[tuple[str, str], dict[str, Outcome]]:
    """(author, lab) -> clause -> outcome, of a class that was graded into `out`."""
    ledger = Ledger(out)
    found = {}
    for hand_in in ledger.of.hand_ins:
        run = ledger.run(hand_in)
        verdicts = run.verdicts if run is not None else ()
        found[hand_in.author, hand_in.lab] = {v.clause.number: v.outcome for v in verdicts}
    return found


def differences(
    one: Mapping[tuple[str, str], Mapping[str, Outcome]],
    other: Mapping[tuple[str, str], Mapping[str, Outcome]],
) -> list[tuple[tuple[str, str], str, Outcome | None, Outcome | None]]:
    """The clauses on which two gradings do not agree: whose, which, and both outcomes."""
    return [
        (whose, clause, one[whose].get(clause), other.get(whose, {}).get(clause))
        for whose in one
        for clause in sorted({*one[whose], *other.get(whose, {})})
        if one[whose].get(clause) is not other.get(whose, {}).get(clause)
    ]
