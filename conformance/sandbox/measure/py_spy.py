"""py-spy, which looks into running Python programs: found, opened, and called.

It is a program of its own, and optional: where it is missing, there is nothing to read.
"""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

MAX_BYTES = 4 * 2**20
"""Bytes that are read of it."""


@functools.cache
def opened() -> int | None:
    """py-spy, opened; None where it is not installed. A session may be a user by then who cannot
    reach it, so it is opened before the fork (`preload`)."""
    beside = Path(sys.executable).parent / "py-spy"
    path = beside if beside.exists() else shutil.which("py-spy")
    with suppress(OSError):
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC) if path else None
    return None


async def call(arguments: Sequence[str]) -> str:
    """What py-spy writes; "" where it is missing, or fails."""
    handle = opened()
    if handle is None:
        return ""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    called = subprocess.Popen(
        ["py-spy", *arguments],
        executable=f"/proc/self/fd/{handle}",
        pass_fds=[handle],
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.DEVNULL,
        env={},
    )
    try:
        os.close(writing)
        return (await _read_all(reading)).decode("utf-8", "replace")
    finally:
        os.close(reading)
        called.kill()
        called.wait()


async def _read_all(pipe: int) -> bytes:
    """All that comes through the pipe, up to a bound."""
    loop, readable, data = asyncio.get_running_loop(), asyncio.Event(), b""
    loop.add_reader(pipe, readable.set)
    try:
        while len(data) < MAX_BYTES:
            await readable.wait()
            readable.clear()
            with suppress(BlockingIOError):
                if not (piece := os.read(pipe, 65_536)):
                    break
                data += piece
    finally:
        loop.remove_reader(pipe)
    return data
