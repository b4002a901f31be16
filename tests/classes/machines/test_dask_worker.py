"""What a Dask worker does with a shard, without Dask."""

from __future__ import annotations

import asyncio
import sys

import pytest

from conformance.classes.machines.engines import dask_worker
from conformance.classes.machines.engines.dask_worker import HELD_BYTES, ShardHere

TELLS_ON_AND_ON = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    os.write(1, b"x" * 65536)
"""


def test_a_shard_that_tells_on_and_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_worker, "END_SECONDS", 0.2)

    async def ends() -> int | None:
        pipe = asyncio.subprocess.PIPE
        here = ShardHere(
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", TELLS_ON_AND_ON, stdout=pipe, stderr=pipe
            )
        )
        reading = asyncio.create_task(here.read())
        async with here.changed:
            await here.changed.wait_for(lambda: len(here.held) >= HELD_BYTES)
        await asyncio.sleep(0.3)  # until the pipe is full, too
        reading.cancel()
        await asyncio.wait([reading])
        async with asyncio.timeout(20):
            await here.end()
        return here.process.returncode

    assert asyncio.run(ends()) == -9
