"""The command `conformance`, with a meter for the CPU time of the submissions.

    python -m tests.benchmarks.metered FILE grade CLASS --out DIR …

What the kernel counts for the whole call (wait4(2)) is the time of all processes that were
waited for, by whoever started them: ours and the submissions' together. To tell them apart,
the processes of each launch are asked for their own time before each verdict is told, and
before the program is stopped: to the nanosecond, by the clock of each process
(clock_getcpuclockid(3)), which holds the time of threads that have ended too; and, to the
hundredth, for that of children that they have waited for (proc(5), cutime and cstime).

A worker whose last verdict was told may be killed, with its launch: nobody waits for those
processes then, and the whole lacks them. So FILE tells of each launch whether it was waited
for: where it was, its part is in the whole; where it was not, what its sandbox used (the
guard, and bubblewrap) has to be added.

FILE.sessions tells of each session when it began and ended, and whether it was to be alone.

Counted as ours is thus: all that we do; the sandbox; the start of the program up to its
execve(2); and what it does after its last verdict. Not counted at all is what the end of
launches that nobody waits for takes the kernel.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from conformance.cli import main
from conformance.run.engine import Engine
from conformance.run.scheduler import Wants
from conformance.sandbox.measure import proc
from conformance.session import worker
from conformance.session.submission_host import SubmissionHost

TICKS = os.sysconf("SC_CLK_TCK")
CPUCLOCK_SCHED = 2
"""linux/posix-timers.h: what the scheduler has counted of a process, in ns."""


@dataclass(frozen=True)
class Launch:
    """What one launch used, in CPU seconds; the last thing told of it counts."""

    name: str
    servers: float = 0.0
    sandbox: float = 0.0
    metering: float = 0.0
    """What it took to find that out: of a worker's time, and no part of a grading."""
    waited: bool = False


def read(file: Path) -> list[Launch]:
    """What was told of each launch last."""
    told = [Launch(**json.loads(line)) for line in file.read_text("ascii").splitlines()]
    return list({launch.name: launch for launch in told}.values())


def cpu_seconds(pid: int) -> float:
    """CPU time of a process, and of the children that it has waited for; 0 when it is gone."""
    used = 0.0
    with suppress(OSError):
        used += time.clock_gettime(~pid << 3 | CPUCLOCK_SCHED)
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        used += (int(fields[13]) + int(fields[14])) / TICKS
    return used


@dataclass(frozen=True)
class Held:
    """A session, from its fork to its end; moments are seconds of the monotonic clock."""

    whose: str
    """The file or folder that was handed in."""
    clauses: Sequence[str]
    began: float
    ended: float
    repeats: bool
    exclusive: bool


def sessions(file: Path) -> list[Held]:
    """What was told of sessions, in the order in which they ended."""
    told = file.with_name(f"{file.name}.sessions")
    return [Held(**json.loads(line)) for line in told.read_text("ascii").splitlines()]


class Diary:
    """In the grading: of each session."""

    def __init__(self, out: int) -> None:
        self._out = out
        self._exclusive = False
        self._whose = ""
        self._begun: dict[int, tuple[str, float, bool]] = {}

    def starts(self, engine: Engine) -> None:
        """The engine is about to start a session."""
        path = engine.plan.request.path
        self._whose = path.stem if path else ""
        self._exclusive = engine.wants is Wants.EXCLUSIVE

    def begins(self, held: worker.Worker) -> None:
        self._begun[held.pid] = self._whose, time.monotonic(), self._exclusive

    def ends(self, held: worker.Worker) -> None:
        whose, began, exclusive = self._begun.pop(held.pid)
        clauses = [scenario.clause.number for scenario in held.plan.scenarios]
        told = Held(whose, clauses, began, time.monotonic(), held.plan.repeats, exclusive)
        os.write(self._out, f"{json.dumps(asdict(told))}\n".encode())


def keep_a_diary(diary: Diary) -> None:
    """Has the engine tell of each session."""
    start, close, make = Engine.start, worker.Worker.close, worker.Worker.__init__

    def started(engine: Engine) -> None:
        diary.starts(engine)
        start(engine)

    def made(held: worker.Worker, *arguments: Any) -> None:
        make(held, *arguments)
        diary.begins(held)

    def closed(held: worker.Worker) -> None:
        close(held)
        diary.ends(held)

    Engine.start = started  # type: ignore[assignment, method-assign]
    worker.Worker.__init__ = made  # type: ignore[assignment, method-assign]
    worker.Worker.close = closed  # type: ignore[assignment, method-assign]


class Meter:
    """In each worker: of the launch that is under way."""

    def __init__(self, out: int) -> None:
        self._out = out
        self._host: SubmissionHost | None = None
        self._launch = Launch("")
        self._count = 0

    def begin(self, host: SubmissionHost) -> None:
        self._count += 1
        self._host, self._launch = host, Launch(f"{os.getpid()}-{self._count}")

    def look(self) -> None:
        """How much it has used by now."""
        began = time.process_time()
        if self._host is not None and (pids := self._host.pids()):
            around = {*proc.descendants(os.getpid())} - {*pids}
            self._launch = replace(
                self._launch,
                servers=sum(map(cpu_seconds, pids)),
                sandbox=sum(map(cpu_seconds, around)),
            )
        spent = self._launch.metering + time.process_time() - began
        self._launch = replace(self._launch, metering=spent)

    def tell(self, *, waited: bool = False) -> None:
        if self._launch.name:
            self._launch = replace(self._launch, waited=waited)
            os.write(self._out, f"{json.dumps(asdict(self._launch))}\n".encode())


def install(meter: Meter) -> None:
    """Has each worker tell of each launch. Workers are forked: what stands here holds there."""
    start, stop, kill = SubmissionHost.start, SubmissionHost.stop, SubmissionHost.kill
    hold = worker.hold  # type: ignore[attr-defined]

    def started(host: SubmissionHost, environment: Mapping[str, str] | None = None) -> None:
        start(host, environment)
        meter.begin(host)

    async def stopped(host: SubmissionHost) -> None:
        meter.look()
        await stop(host)
        meter.tell(waited=True)

    def killed(host: SubmissionHost) -> None:
        meter.look()
        kill(host)
        meter.tell(waited=True)

    def held(plan: Any, isolation: Any, scratch: Any, tell: Callable[[Any], None], go: Any) -> None:
        def told(finding: Any) -> None:
            meter.look()
            meter.tell()
            tell(finding)

        hold(plan, isolation, scratch, told, go)

    SubmissionHost.start = started  # type: ignore[assignment, method-assign]
    SubmissionHost.stop = stopped  # type: ignore[assignment, method-assign]
    SubmissionHost.kill = killed  # type: ignore[assignment, method-assign]
    worker.hold = held  # type: ignore[attr-defined, assignment]


if __name__ == "__main__":
    file = sys.argv.pop(1)
    written = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    install(Meter(os.open(file, written, 0o600)))
    keep_a_diary(Diary(os.open(f"{file}.sessions", written, 0o600)))
    main()
