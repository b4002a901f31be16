"""What happens in a Dask worker: it starts shards, and hands out what they tell.

A shard is a task of the scheduler, so that the worker counts as busy and takes no second one. What
the shard tells is asked for from outside, piece by piece: nothing piles up at the scheduler, and a
shard that tells more than is heard has to wait.

All of it runs in the worker's event loop, whose thread lives as long as the worker. A task that is
no coroutine would run in a thread of Dask's executor, and its shard would die with that thread.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field

from conformance.classes.machines.engines.engine import shard_command

PIECE_BYTES = 1 << 20
"""Bytes that one answer has at most."""

HELD_BYTES = 4 << 20
"""Bytes that a shard may have told and nobody heard, before it has to wait."""

UNHEARD_SECONDS = 120.0
"""Seconds for which nobody may ask what a shard tells. Whoever gave it has gone then, and the
shard is ended."""

END_SECONDS = 5.0
"""Seconds that a shard has to end once it is told to; then it is killed."""

COMPLAINT_BYTES = 2000
"""Bytes that are kept of the end of what a shard writes to its standard error."""

PROCESS = uuid.uuid4().hex
"""Which process this is: a worker that was started again may have its predecessor's address."""


class AnotherProcess(Exception):  # noqa: N818 - it describes the worker
    """This is not the process that the shard was given to."""


@dataclass(frozen=True)
class ToldPiece:
    """What a shard has told next."""

    data: bytes
    status: int | None = None
    """How its process has ended (negative: by which signal); None while there is more to come."""
    complaint: str = ""
    """The end of what it has written to its standard error; "" while there is more to come."""


@dataclass(eq=False)
class ShardHere:
    """A shard under way in this worker."""

    process: asyncio.subprocess.Process
    held: bytearray = field(default_factory=bytearray)
    """What it has told, as far as it is not known to have been heard."""
    heard: int = 0
    """Bytes that were heard before that."""
    status: int | None = None
    complaint: bytes = b""
    asked_at: float = field(default_factory=time.monotonic)
    """When somebody last asked what it tells."""
    over: bool = False
    """Whether nobody wants anything more of it: all was told, or it is to end."""
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def read(self) -> None:
        """Reads what the process tells until it has ended, no faster than it is heard."""
        assert self.process.stdout is not None
        complaints = asyncio.create_task(self._read_complaints())
        try:
            while data := await self.process.stdout.read(1 << 16):
                async with self.changed:
                    self.held += data
                    self.changed.notify_all()
                    await self.changed.wait_for(lambda: len(self.held) < HELD_BYTES)
            status = await self.process.wait()
            await complaints
        finally:
            complaints.cancel()
        async with self.changed:
            self.status = status
            self.changed.notify_all()
            await self.changed.wait_for(lambda: self.over)

    async def _read_complaints(self) -> None:
        assert self.process.stderr is not None
        while data := await self.process.stderr.read(1 << 12):
            self.complaint = (self.complaint + data)[-COMPLAINT_BYTES:]

    async def tell(self, after: int, within: float) -> ToldPiece:
        """What comes after the first `after` bytes; waits for it for `within` seconds."""
        self.asked_at = time.monotonic()
        async with self.changed:
            del self.held[: max(0, after - self.heard)]
            self.heard = max(self.heard, after)
            self.changed.notify_all()
            with suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await self.changed.wait_for(lambda: self.held or self.status is not None)
            self.asked_at = time.monotonic()
            data = bytes(self.held[:PIECE_BYTES])
            if self.status is None or len(data) < len(self.held):
                return ToldPiece(data)
            self.over = True
            self.changed.notify_all()
            return ToldPiece(data, self.status, self.complaint.decode(errors="replace").strip())

    async def unheard(self) -> None:
        """Waits until nobody has asked for too long, or nobody is to."""
        while (left := self.asked_at + UNHEARD_SECONDS - time.monotonic()) > 0 and not self.over:
            async with self.changed:
                with suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await self.changed.wait_for(lambda: self.over)

    async def stop(self) -> None:
        async with self.changed:
            self.over = True
            self.changed.notify_all()

    async def end(self) -> None:
        """Ends the process, if it has not ended, and waits until it is gone."""
        if self.process.returncode is not None:
            return
        # asyncio takes a process for gone only when its pipes are read to their ends.
        rest = asyncio.create_task(_read_to_end(self.process.stdout))
        try:
            with suppress(ProcessLookupError):
                self.process.terminate()
            try:
                async with asyncio.timeout(END_SECONDS):
                    await self.process.wait()
            except TimeoutError:
                with suppress(ProcessLookupError):
                    self.process.kill()
                await self.process.wait()
        finally:
            rest.cancel()


async def _read_to_end(told: asyncio.StreamReader | None) -> None:
    """Reads what nobody wants."""
    while told is not None and await told.read(1 << 16):
        pass


_here: dict[str, ShardHere] = {}
"""The shards of this worker, by the names of their tasks."""

_came = asyncio.Condition()
"""Notified when a shard has come."""


async def which_process() -> str:
    """Which process answers."""
    return PROCESS


async def hold_shard(task: str, process: str, archive: bytes) -> None:
    """The task of a shard: runs it to its end, until all that it tells was heard. Raises
    AnotherProcess in any other process than that."""
    if process != PROCESS:
        raise AnotherProcess("the worker was started again")
    with tempfile.TemporaryFile() as file:
        file.write(archive)
        file.seek(0)
        pipe = asyncio.subprocess.PIPE
        here = ShardHere(
            await asyncio.create_subprocess_exec(
                *shard_command(), stdin=file, stdout=pipe, stderr=pipe
            )
        )
    waits = [asyncio.create_task(here.read()), asyncio.create_task(here.unheard())]
    try:
        async with _came:
            _here[task] = here
            _came.notify_all()
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        _here.pop(task, None)
        for each in waits:
            each.cancel()
        await asyncio.wait(waits)  # nobody else reads what `end` reads
        await here.end()


async def tell_shard(task: str, process: str, after: int, within: float) -> ToldPiece | None:
    """What a shard of this worker has told after its first `after` bytes; waits for it for `within`
    seconds. None if there is no such shard, not yet or not any more. Raises AnotherProcess."""
    if process != PROCESS:
        raise AnotherProcess("the worker was started again")
    with suppress(TimeoutError):
        async with asyncio.timeout(within), _came:
            await _came.wait_for(lambda: task in _here)
    return await here.tell(after, within) if (here := _here.get(task)) else None


async def stop_shard(task: str) -> None:
    """Ends a shard of this worker, if there is one by that name. Does not wait for it."""
    if here := _here.get(task):
        await here.stop()
