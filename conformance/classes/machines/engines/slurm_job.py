"""What a job of Slurm does: it stays, and runs the shards that it finds in a folder.

The folder lies on a disk that all nodes share, and nothing else joins a job and whoever waits for
it. Each job has a folder of its own in there, a new one each time it starts. Whatever is written in
one piece appears in one piece. Where it is NFS, a file is known to be there only to who lists its
folder anew, and its newest bytes only to who opens it anew: so do both sides.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import subprocess
import tempfile
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from conformance.classes.machines.engines.engine import shard_command
from conformance.sandbox import die_with_parent

PULSE, OVER = "pulse", "over"
"""Files of the folder: what changes as long as there is somebody who waits; that nothing more is to
be done."""

HOST, BEAT, LEFT = "host", "beat", "left"
"""Files of a job: the name of its node, which says that it takes shards; what changes as long as it
goes on; that it has ended by itself."""

ARCHIVE, LINES, STOP, ENDED = ".tar", ".lines", ".stop", ".ended"
"""What the files of a shard end in: what it is, what it tells, that it is to end, how it has."""

LOOK_SECONDS = 0.5
"""Seconds between two looks into the folder, where nothing else is heard from each other."""

BEAT_SECONDS = 2.0
"""Seconds between two signs that a job goes on."""

UNHEARD_SECONDS = 120.0
"""Seconds without a pulse after which nobody waits any more: a shared disk may stand still for a
while."""

END_SECONDS = 5.0
"""Seconds that a shard has to end once it is told to; then it is killed."""

COMPLAINT_BYTES = 2000
"""Bytes that are told of the end of what a shard writes to its standard error."""

PIPE_BYTES = 1 << 20
"""Bytes that are read at a time, since each time the disk has to be waited for."""


def write_whole(path: Path, text: str) -> None:
    """Writes a file that appears in one piece."""
    part = path.with_name(f".{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read_whole(path: Path) -> str:
    """What such a file holds; "" if there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


class Changing:
    """A file that changes as long as somebody lives. Only that it changes says something: the
    clocks of two machines do not agree."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told = 0
        self._told_at = float("-inf")
        self._seen = ""
        self._seen_at = time.monotonic()

    def tell(self, every: float) -> None:
        """Changes it, if that was not done for `every` seconds."""
        if time.monotonic() - self._told_at >= every:
            self._told += 1
            write_whole(self._path, str(self._told))
            self._told_at = time.monotonic()

    @property
    def silent_for(self) -> float:
        """Seconds for which it is known not to have changed, from the first look on."""
        seen = read_whole(self._path)
        if seen != self._seen:
            self._seen, self._seen_at = seen, time.monotonic()
        return time.monotonic() - self._seen_at


@dataclass(eq=False)
class JobHere:
    """This job."""

    shared: Path
    here: Path
    pulse: Changing
    beat: Changing
    looked_at: float = float("-inf")
    names: frozenset[str] = frozenset()
    """What its folder holds, as it was seen last."""
    over: bool = False

    def look(self) -> None:
        """Looks at what is wanted, if some time has passed."""
        if self.over or time.monotonic() - self.looked_at < LOOK_SECONDS:
            return
        try:
            self.beat.tell(BEAT_SECONDS)
            self.over = OVER in os.listdir(self.shared) or self.pulse.silent_for > UNHEARD_SECONDS
            self.names = frozenset(os.listdir(self.here))
        except FileNotFoundError:  # the folder was taken away: so nobody waits
            self.over = True
        self.looked_at = time.monotonic()

    def wants(self, shard: str) -> bool:
        self.look()
        return not self.over and shard + STOP not in self.names

    def next(self, done: set[str]) -> str | None:
        """A shard that was not run yet."""
        self.look()
        given = {name.removesuffix(ARCHIVE) for name in self.names if name.endswith(ARCHIVE)}
        return min(given - done, default=None)


def hold_machine(folder: str) -> None:
    """The function of a job: runs shards until nothing more is to be done."""
    if os.environ.get("SUBMITIT_EXECUTOR") == "local":
        # Slurm ends what is left of a job; on this machine nobody would.
        die_with_parent()
    shared = Path(folder)
    number = os.environ.get("SLURM_JOB_ID") or os.environ.get("SUBMITIT_LOCAL_JOB_ID") or "0"
    if task := os.environ.get("SLURM_ARRAY_TASK_ID"):
        number = f"{os.environ['SLURM_ARRAY_JOB_ID']}_{task}"
    here = shared / f"{number}-{uuid.uuid4().hex[:8]}"
    here.mkdir()
    job = JobHere(shared, here, Changing(shared / PULSE), Changing(here / BEAT))
    job.look()
    write_whole(here / HOST, socket.gethostname())
    done: set[str] = set()
    while not job.over:
        if (shard := job.next(done)) is None:
            time.sleep(LOOK_SECONDS)
            continue
        done.add(shard)
        _run(job, shard)
    with suppress(FileNotFoundError):
        write_whole(here / LEFT, "")


def _run(job: JobHere, shard: str) -> None:
    """Runs a shard to its end, or until it is not wanted any more."""
    # Of a node that is shared with others, Slurm gives a job some cores only.
    command = [*shard_command(), "--starts", str(len(os.sched_getaffinity(0)))]
    with (
        (job.here / f"{shard}{ARCHIVE}").open("rb") as archive,
        (job.here / f"{shard}{LINES}").open("wb") as lines,
        tempfile.TemporaryFile() as complaints,
    ):
        process = subprocess.Popen(
            command, stdin=archive, stdout=subprocess.PIPE, stderr=complaints,
            pipesize=PIPE_BYTES,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            with process.stdout:
                if not _copy(job, shard, process.stdout, lines):
                    process.terminate()
        finally:
            status = _end(process)
        size = complaints.seek(0, os.SEEK_END)
        complaints.seek(max(0, size - COMPLAINT_BYTES))
        complaint = complaints.read().decode(errors="replace").strip()
    ended = json.dumps({"status": status, "complaint": complaint})
    write_whole(job.here / f"{shard}{ENDED}", ended)


def _copy(job: JobHere, shard: str, told: IO[bytes], lines: IO[bytes]) -> bool:
    """Writes down what a shard tells, so that others see it at once. Returns whether it has told
    all; if not, it is not wanted any more."""
    with selectors.DefaultSelector() as selector:
        selector.register(told, selectors.EVENT_READ)
        while job.wants(shard):
            if not selector.select(LOOK_SECONDS):
                continue
            data = os.read(told.fileno(), PIPE_BYTES)
            if not data:
                return True
            lines.write(data)
            lines.flush()
            os.fsync(lines.fileno())
    return False


def _end(process: subprocess.Popen[bytes]) -> int:
    """Waits until the process is gone; it has closed its output, or is not wanted any more."""
    try:
        return process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.terminate()
    try:
        return process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
    return process.wait()
