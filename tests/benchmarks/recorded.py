"""Gradings of classes whose results are recorded: all of a grading but programs and sessions.

    python -m tests.benchmarks.recorded PARENT RUNS grade CLASS --out DIR …
    python -m tests.benchmarks.recorded PARENT RUNS read DIR

The first is `conformance grade`; but each check tells what one of the runs in the folder RUNS has
told, as if it had been judged just now. The second reads each result, and keeps none. Both end with
their parent, the process PARENT.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance.classes.grading import check_all
from conformance.classes.results.ledger import Ledger
from conformance.cli import main
from conformance.contract.catalog import Catalog
from conformance.run.plan import Request
from conformance.run.scheduler import Start, Wants
from conformance.sandbox import Isolation, die_with_parent
from conformance.verdict.events import Event


@dataclass(eq=False)
class RecordedCheck:
    """A check that is built at once, and has judged all when it is stepped next."""

    request: Request
    catalog: Catalog
    isolation: Isolation
    scratch: Path
    runs: Sequence[Sequence[str]] = field(default_factory=list, kw_only=True)

    def __post_init__(self) -> None:
        self.trouble = None
        self.ended = False
        self._began: float | None = None
        self._reading, self._writing = os.pipe()

    @property
    def wants(self) -> Wants:
        return Wants.BUILD if self._began is None else Wants.NOTHING

    @property
    def under_way(self) -> Sequence[Start]:
        held = self._began is not None and not self.ended
        return [Start(Wants.BUILD, self._began or 0.0)] if held else []

    def fileno(self) -> int:
        return self._reading

    def start(self) -> None:
        self._began = time.monotonic()
        os.write(self._writing, b"!")

    def refuse(self, error: OSError) -> None:
        raise error

    def step(self) -> Iterator[Event]:
        if self._began is None or self.ended:
            return
        self.ended = True
        number = sum(self.request.name.encode()) if self.request.name else 0
        for line in self.runs[number % len(self.runs)]:
            event = json.loads(line)
            if event["event"] == "run":
                event |= {"lab": self.request.lab, "submission": self.request.name}
            if event["event"] not in ("hand-in", "basis"):  # the grading writes these
                yield event

    def close(self) -> None:
        os.close(self._reading)
        os.close(self._writing)


def recorded(folder: Path) -> Callable[..., RecordedCheck]:
    """What makes checks that tell what the runs in a folder have told."""
    runs = [file.read_text("ascii").splitlines() for file in sorted(folder.rglob("*.jsonl"))]

    def check(*asked: object) -> RecordedCheck:
        return RecordedCheck(*asked, runs=runs)  # type: ignore[arg-type]  # as for a `Check`

    return check


def read(out: Path) -> None:
    """Reads all results of a class, one after another."""
    ledger = Ledger(out)
    for hand_in in ledger.of.hand_ins:
        ledger.result(hand_in)


@dataclass(frozen=True)
class Took:
    """What one call took."""

    seconds: float
    cpu: float
    peak: int
    """Bytes that it had in memory at most."""


def took(runs: Path, *words: str) -> Took:
    """Makes a call of this module in a process of its own."""
    began = time.monotonic()
    module, parent = "tests.benchmarks.recorded", str(os.getpid())
    call = [sys.executable, "-m", module, parent, str(runs), *words]
    with open(os.devnull, "wb") as nowhere:
        pid = os.posix_spawn(
            sys.executable, call, os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1)],
        )  # fmt: skip
    _, status, used = os.wait4(pid, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 1, 3), f"{words[0]} ended with {status}"
    return Took(time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


if __name__ == "__main__":
    _, parent, folder, *words = sys.argv
    die_with_parent(int(parent))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if words[0] == "read":
        read(Path(words[1]))
    else:
        vars(check_all)["Check"] = recorded(Path(folder))
        sys.argv[1:] = words
        main()
