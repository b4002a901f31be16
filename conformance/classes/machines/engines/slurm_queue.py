"""The jobs that Slurm was given for `--on slurm`, and what becomes of them.

One that ends for whatever reason (its time is over, another one had to have its node, the node has
failed) is followed by another, until several in a row have ended before they did anything.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.classes.machines.engines.slurm_job import LOOK_SECONDS, hold_machine
from conformance.verdict.model import WrongCall

WITHOUT = "--on slurm needs submitit, which is not installed here: pip install 'conformance[slurm]'"

MOST_JOBS = 1000
"""Jobs at a time at most."""

MINUTES = 60
"""Minutes for which a job runs at most, where the caller does not say."""

ASK_SECONDS = 10.0
"""Seconds between two questions for the states of the jobs: Slurm has others to serve, too."""

MOST_VAIN = 3
"""Jobs in a row that may end or hang before a shard has started. Then Slurm is given no more."""

LEAVE_SECONDS = 15.0
"""Seconds for the jobs to end what they do."""

_OVER_STATES = frozenset(
    [
        "BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY",
        "PREEMPTED", "REVOKED", "TIMEOUT",
        # Of submitit's local executor:
        "FINISHED", "INTERRUPTED",
    ]
)  # fmt: skip
"""The states of a job that has ended."""

_OURS = frozenset(
    [
        "array", "chdir", "error", "export", "nodes", "ntasks", "ntasks_per_node", "open_mode",
        "output", "requeue", "signal", "wrap",
    ]
)  # fmt: skip
"""Options of sbatch that nobody else may give: a job is one process on one node."""

_PART_OF_A_NODE = frozenset(["cpus_per_task", "exclusive", "mem", "mincpus", "oversubscribe"])
"""Options of sbatch for whoever wants less than a whole node."""


def sbatch_options(given: Sequence[str]) -> dict[str, str | bool]:
    """What sbatch is told, of `KEY=VALUE` or `KEY` each: its own long options. A job has its node
    to itself unless they say otherwise. Raises WrongCall for what is none, or ours to say."""
    options: dict[str, str | bool] = {"time": str(MINUTES)}
    for each in given:
        key, equals, value = each.partition("=")
        key = key.strip().removeprefix("--").replace("-", "_")
        if not key.replace("_", "").isalnum() or not value.isprintable():
            raise WrongCall(f"--slurm {each!r}: give an option of sbatch, as KEY=VALUE or KEY")
        if key in _OURS:
            raise WrongCall(f"--slurm {each}: not this one, for a job is one process on one node")
        options[key] = value if equals else True
    if not options.keys() & _PART_OF_A_NODE:
        options["exclusive"] = True
    return options


@dataclass(eq=False)
class SlurmJob:
    """A job that Slurm was given."""

    job: Any
    """submitit's."""
    number: str
    state: str = "PENDING"
    """As it was told last."""
    over_since: float | None = None
    """Since when it is known to have ended."""
    came_up: bool = False
    hung: bool = False
    """Whether it was ended because it, or a shard in it, did not start."""
    dropped: bool = False
    """Whether it counts as ended, whatever Slurm says."""
    hangs_since: float | None = None
    """Since when Slurm says that it runs, and nothing was heard of it."""
    followed: bool = False
    """Whether another one was to follow it."""

    @property
    def is_over(self) -> bool:
        return self.over_since is not None


class SlurmQueue:
    """The jobs of one grading."""

    def __init__(self, folder: Path, options: Mapping[str, str | bool], *, local: bool) -> None:
        """`folder`: where the jobs find what they are to do. `local`: processes of this machine in
        their place. Raises WrongCall where there is no submitit, or no Slurm."""
        os.environ.setdefault("SUBMITIT_LOG_LEVEL", "CRITICAL")
        try:
            import submitit
        except ModuleNotFoundError as missing:
            if (missing.name or "").partition(".")[0] not in ("submitit", "cloudpickle"):
                raise
            raise WrongCall(WITHOUT) from None
        logging.getLogger("submitit").setLevel(logging.CRITICAL)
        try:
            self._executor = submitit.AutoExecutor(
                folder=folder / "jobs", cluster="local" if local else "slurm"
            )
        except RuntimeError:
            raise WrongCall(
                "--on slurm: there is no Slurm here, for its command srun was not found"
            ) from None
        self._executor.update_parameters(
            name="conformance",
            timeout_min=60 * 24 * 365,  # of Slurm's jobs, the options say it
            slurm_additional_parameters=dict(options),
            # A step of srun would be given one core.
            slurm_use_srun=False,
        )
        self._folder = folder
        self._local = local
        self._vain = 0
        self._asked_at = float("-inf")
        self.jobs: list[SlurmJob] = []

    def add(self, count: int) -> None:
        """Gives Slurm so many more jobs. Raises WrongCall if it does not take them."""
        from submitit.core.utils import UncompletedJobError

        try:
            jobs = self._executor.map_array(hold_machine, [str(self._folder)] * count)
        except (OSError, RuntimeError, subprocess.SubprocessError, UncompletedJobError) as error:
            told = " ".join(str(error).split())[-300:]
            raise WrongCall(f"--on slurm: Slurm has not taken the jobs: {told}") from None
        self.jobs += [SlurmJob(job, str(job.job_id)) for job in jobs]

    def note_up(self, job: SlurmJob) -> None:
        """A job has come up."""
        job.came_up = True

    def note_work(self) -> None:
        """A shard has started in a job."""
        self._vain = 0

    def drop(self, job: SlurmJob, hung: str = "") -> None:
        """Ends a job that does nothing for us any more. `hung`: how it did not start."""
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            job.job.cancel(check=False)
        job.dropped, job.hung = True, bool(hung)
        job.state = f"CANCELLED {hung}".rstrip()
        job.over_since = time.monotonic() - ASK_SECONDS

    def look(self) -> None:
        """Asks for the states of the jobs, if some time has passed."""
        every = LOOK_SECONDS if self._local else ASK_SECONDS
        going = [each for each in self.jobs if not (each.followed or each.dropped)]
        if time.monotonic() - self._asked_at < every or not going:
            return
        if not self._local:
            going[0].job.watcher.update()  # one question for all of them
        self._asked_at = time.monotonic()
        for each in going:
            job = each.job
            told = job.state if self._local else job.watcher.get_state(each.number, "cache")
            each.state = (told.split() or ["UNKNOWN"])[0].rstrip("+").upper()
            if each.state not in _OVER_STATES:
                each.over_since = None
            elif each.over_since is None:
                each.over_since = self._asked_at

    def drop_what_hangs(self, up: Collection[SlurmJob], within: float) -> None:
        """Ends each job that has run for so many seconds and has not come up; `up` are those that
        have. One that waits for its node may do so for as long as Slurm lets it."""
        now = time.monotonic()
        for each in self.jobs:
            if each in up or each.dropped or each.state != "RUNNING":
                each.hangs_since = None
            elif each.hangs_since is None:
                each.hangs_since = now
            elif now - each.hangs_since > within:
                self.drop(each, f"after {within:g} s without a sign of life")

    def follow(self, up: Collection[SlurmJob]) -> None:
        """Has each job that has ended followed by another; `up` are those that go on, whatever is
        told of them. Raises WrongCall where none has ever come up, and none will."""
        # Slurm's accounting is late: of a job that it starts again it tells an end for a while.
        certain = time.monotonic() - (0 if self._local else ASK_SECONDS)
        ended = [
            each
            for each in self.jobs
            if not each.followed and each not in up and (each.over_since or certain + 1) <= certain
        ]
        for each in ended:
            each.followed = True
            self._vain += each.hung or not each.came_up
        if ended and self._vain < MOST_VAIN:
            # If Slurm takes no more, those that are there go on.
            with contextlib.suppress(WrongCall):
                self.add(len(ended))
        if all(each.followed and not each.came_up for each in self.jobs):
            raise WrongCall(f"--on slurm: {self._why_in_vain()}")

    def _why_in_vain(self) -> str:
        last = self.jobs[-1]
        told = ""
        with contextlib.suppress(OSError, RuntimeError):
            told = (last.job.stderr() or "").strip()
        why = told.splitlines()[-1] if told else "is DIR on a disk that all nodes share?"
        return f"no job has come up; the last is {last.state} ({why[:300]})"

    def close(self) -> None:
        """Ends all jobs."""
        if self._local:
            self._await_processes()
        for each in self.jobs:
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                each.job.cancel(check=False)
        if self._local:
            self._await_processes()

    def _await_processes(self) -> None:
        """Gives those time to end by which submitit stands in for Slurm: they are our children."""
        until = time.monotonic() + LEAVE_SECONDS
        while any(each.job.state == "RUNNING" for each in self.jobs) and time.monotonic() < until:
            time.sleep(LOOK_SECONDS / 5)
