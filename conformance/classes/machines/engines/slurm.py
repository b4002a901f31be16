"""`--on slurm`: jobs of Slurm, each of which is a machine for as long as it may run.

A job waits in Slurm's queue once, and then runs shard after shard: see `slurm_job`. The shards and
what they tell lie in a folder that all nodes share, which is gone when all is over.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from conformance.classes.machines.engines.engine import PresentMachine, ShardNews
from conformance.classes.machines.engines.lines import WholeLines, how_ended
from conformance.classes.machines.engines.slurm_job import (
    ARCHIVE,
    BEAT,
    BEAT_SECONDS,
    ENDED,
    HOST,
    LEFT,
    LINES,
    LOOK_SECONDS,
    OVER,
    PULSE,
    STOP,
    Changing,
    read_whole,
    write_whole,
)
from conformance.classes.machines.engines.slurm_queue import (
    LEAVE_SECONDS,
    MOST_JOBS,
    SlurmJob,
    SlurmQueue,
)
from conformance.classes.machines.shard import Shard
from conformance.verdict.model import WrongCall
from conformance.verdict.points import counted

PULSE_SECONDS = 10.0
"""Seconds between two signs of ours."""

SILENT_SECONDS = 120.0
"""Seconds without a sign of a job after which it is taken for lost, whatever Slurm says."""

START_SECONDS = 900.0
"""Seconds for a job to come up once Slurm has started it, and for a shard to tell its first line: a
node may have to load all from a slow disk. One that takes longer hangs."""

PIECE_BYTES = 4 << 20
"""Bytes that are read of what a shard tells at a time."""


@dataclass(eq=False)
class SlurmMachine:
    """A job that has come up. One that Slurm has started again is another machine."""

    name: str
    folder: Path
    job: SlurmJob
    beat: Changing
    names: frozenset[str] = frozenset()
    """What its folder holds."""
    gone: str = ""
    """Why it is there no more."""


@dataclass(eq=False)
class SlurmShard:
    """A shard that a job was given."""

    name: str
    machine: SlurmMachine
    given_at: float
    """Seconds of the monotonic clock."""
    lines: WholeLines = field(default_factory=WholeLines)
    read: int = 0
    """Bytes that were read of what it has told."""


class SlurmEngine:
    """See `ShardEngine`."""

    def __init__(
        self,
        jobs: int,
        out: Path,
        options: Mapping[str, str | bool],
        *,
        local: bool = False,
        start_within: float = START_SECONDS,
    ) -> None:
        """So many jobs at a time, with these options of sbatch (see `sbatch_options`), and a folder
        in `out`, which all nodes must share. `local`: processes of this machine in their place,
        without Slurm. Raises WrongCall where the number makes no sense."""
        if not 1 <= jobs <= MOST_JOBS:
            raise WrongCall(f"--on slurm:{jobs}: from 1 to {MOST_JOBS} jobs")
        self._count = jobs
        self._out = out
        self._options = options
        self._local = local
        self.start_within = start_within
        self._machines: dict[Path, SlurmMachine] = {}
        """By their folders, also those that have gone."""
        self._shards: dict[str, SlurmShard] = {}
        self._news: list[ShardNews] = []
        self._looked_at = float("-inf")

    # -- coming and going ---------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix=".slurm-", dir=self._out)).resolve()
        self._pulse = Changing(self._folder / PULSE)
        try:
            self._queue = SlurmQueue(self._folder, self._options, local=self._local)
            self._pulse.tell(PULSE_SECONDS)
            self._queue.add(self._count)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            write_whole(self._folder / OVER, "")
            until = time.monotonic() + LEAVE_SECONDS
            while any(map(self._is_up, self._machines.values())) and time.monotonic() < until:
                time.sleep(LOOK_SECONDS / 5)
        finally:
            self._queue.close()
            self._remove_folder()

    def _is_up(self, machine: SlurmMachine) -> bool:
        return not machine.gone and LEFT not in _listed(machine.folder)

    def _remove_folder(self) -> None:
        """A job that ends now may still write into it."""
        for _ in range(10):
            shutil.rmtree(self._folder, ignore_errors=True)
            if not self._folder.exists():
                return
            time.sleep(LOOK_SECONDS)

    # -- machines -----------------------------------------------------------------------------

    def machines(self) -> Sequence[PresentMachine]:
        self._look()
        return [PresentMachine(each.name) for each in self._machines.values() if not each.gone]

    def coming(self) -> str:
        up = self._up
        left = [each for each in self._queue.jobs if each not in up and not each.followed]
        where = "starting" if self._local else "in Slurm's queue"
        return f"{counted(len(left), 'job')} {where}" if left else ""

    def _look(self) -> None:
        """Learns what there is, if some time has passed."""
        if time.monotonic() - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        self._pulse.tell(PULSE_SECONDS)
        self._meet()
        self._queue.look()
        for machine in self._machines.values():
            if not machine.gone:
                machine.names = _listed(machine.folder)
                machine.gone = self._why_gone(machine)
        self._queue.drop_what_hangs(self._up, self.start_within)
        self._queue.follow(self._up)

    @property
    def _up(self) -> set[SlurmJob]:
        """The jobs that are there."""
        return {each.job for each in self._machines.values() if not each.gone}

    def _meet(self) -> None:
        """Gets to know the jobs that have come up."""
        jobs = {each.number: each for each in self._queue.jobs}
        for name in sorted(_listed(self._folder)):
            folder, number = self._folder / name, name.rpartition("-")[0]
            if folder in self._machines or number not in jobs or HOST not in _listed(folder):
                continue
            job = jobs[number]
            for former in self._machines.values():
                if former.job is job:
                    former.gone = former.gone or "its job was started again"
            called = f"job {number} on {read_whole(folder / HOST)}"
            if any(each.name == called for each in self._machines.values()):
                called = f"{called} ({name.rpartition('-')[2]})"
            beat = Changing(folder / BEAT)
            self._machines[folder] = SlurmMachine(called, folder, job, beat)
            self._queue.note_up(job)

    def _why_gone(self, machine: SlurmMachine) -> str:
        """Why a machine is there no more; "" if it is. Slurm's accounting is late: of a job that it
        has started again it may still say how the first start has ended."""
        silent, job = machine.beat.silent_for, machine.job
        if LEFT in machine.names:
            self._queue.drop(job)
            return "its job has left"
        if job.is_over and (self._local or silent > 3 * BEAT_SECONDS):
            return f"its job has ended: {job.state}"
        if silent > SILENT_SECONDS:
            self._queue.drop(job)
            return f"nothing was heard of it for {SILENT_SECONDS:g} s"
        return ""

    # -- shards -------------------------------------------------------------------------------

    def submit(self, machine: str, shard: Shard) -> None:
        there = next(each for each in self._machines.values() if each.name == machine)
        self._shards[shard.name] = SlurmShard(shard.name, there, time.monotonic())
        # Whoever has gone has taken the folder along, or leaves it: `hear` tells that it is lost.
        part = there.folder / f".{shard.name}.part"
        shutil.copyfile(shard.archive, part)
        part.replace(there.folder / f"{shard.name}{ARCHIVE}")

    def stop(self, shard: str) -> None:
        self._news = [news for news in self._news if news.shard != shard]
        there = self._shards.pop(shard, None)
        if there is None:
            return
        write_whole(there.machine.folder / f"{shard}{STOP}", "")
        until = time.monotonic() + LEAVE_SECONDS
        while time.monotonic() < until and self._is_up(there.machine):
            if f"{shard}{ENDED}" in _listed(there.machine.folder):
                break
            time.sleep(LOOK_SECONDS / 5)
        self._clear_away(there)

    def hear(self, within: float) -> Sequence[ShardNews]:
        until = time.monotonic() + within
        while True:
            self._look()
            for there in list(self._shards.values()):
                self._hear_of(there)
            left = until - time.monotonic()
            if self._news or left <= 0:
                news, self._news = self._news, []
                return news
            time.sleep(min(LOOK_SECONDS, left))

    def _hear_of(self, there: SlurmShard) -> None:
        """Reads what a shard has told, and whether that is all."""
        gone = there.machine.gone
        names = _listed(there.machine.folder)
        ended = f"{there.name}{ENDED}" in names
        lines, all_read = self._read(there) if f"{there.name}{LINES}" in names else ([], True)
        if there.read:
            self._queue.note_work()
        elif not ended and time.monotonic() - there.given_at > self.start_within:
            gone = self._lose_hung(there.machine)
        over = all_read and bool(ended or gone)
        if not over:
            if lines:
                self._news.append(ShardNews(there.name, lines))
            return
        why = gone
        if ended:
            told = json.loads(read_whole(there.machine.folder / f"{there.name}{ENDED}"))
            why = how_ended(told["status"], told["complaint"])
        self._news.append(ShardNews(there.name, lines, ended=not why, lost=why))
        del self._shards[there.name]
        self._clear_away(there)

    def _lose_hung(self, machine: SlurmMachine) -> str:
        """Its job is up, and a shard does not start in it. Returns why it is gone."""
        if not machine.gone:
            machine.gone = f"nothing was heard of it for {self.start_within:g} s"
            self._queue.drop(machine.job, f"after {self.start_within:g} s without a shard's start")
        return machine.gone

    def _read(self, there: SlurmShard) -> tuple[list[bytes], bool]:
        """The next lines, and whether there are no more bytes."""
        with (there.machine.folder / f"{there.name}{LINES}").open("rb") as file:
            file.seek(there.read)
            data = file.read(PIECE_BYTES)
        there.read += len(data)
        return there.lines.of(data), len(data) < PIECE_BYTES

    def _clear_away(self, there: SlurmShard) -> None:
        for end in (ARCHIVE, LINES, ENDED):
            (there.machine.folder / f"{there.name}{end}").unlink(missing_ok=True)


def _listed(folder: Path) -> frozenset[str]:
    """The names in a folder; none if it is gone."""
    try:
        return frozenset(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()
