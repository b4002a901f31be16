"""Runs work that changes its own process in a forked child of the test."""

from __future__ import annotations

import os
import pickle
import select
import signal
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from conformance.sandbox import (
    Isolation,
    Limits,
    Process,
    Tier,
    World,
    kernel,
    probe,
    start_program,
)

WITHIN = 60.0
"""Seconds for the child's work, many times what it takes."""


def apart(work: Callable[[], Any]) -> Any:
    """Does `work` in a forked child; returns its result, or raises its failure with the
    traceback."""
    reading, writing = os.pipe()
    with kernel.forking():
        child = os.fork()
    if child == 0:
        _answer(work, writing)
    os.close(writing)
    try:
        data = b""
        while select.select([reading], [], [], WITHIN)[0] and (chunk := os.read(reading, 65536)):
            data += chunk
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert data, "the child died, or took too long"
    well, result = pickle.loads(data)
    assert well, result
    return result


def _answer(work: Callable[[], Any], writing: int) -> None:
    try:
        try:
            answer = pickle.dumps((True, work()))
        except BaseException:
            answer = pickle.dumps((False, traceback.format_exc()))
        with open(writing, "wb") as pipe:
            pipe.write(answer)
    finally:
        os._exit(0)


def isolation_of(tier: Tier) -> Isolation:
    """This tier on this machine; skips if it is not available, and fails in CI."""
    best = probe()
    if best.tier is tier:
        return best
    if tier is Tier.NONE:
        return Isolation(tier, "asked for")
    if best.tier is Tier.FULL:
        return Isolation(tier, "asked for", user_namespace=best.user_namespace)
    message = f"this machine has no tier {tier}: {best.reason}; {best.remedy}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def until_says(process: Process, words: str) -> None:
    """Waits until the program has written a line that ends with `words`."""
    while f"{words}\n" not in process.output.head():
        assert not process.output.ended, f"it ended: {process.output.tail()}"
        ready = select.select([process.output], [], [], WITHIN)[0]
        assert ready, f"it never said {words!r}: {process.output.tail()}"
        process.output.drain()


def python(world: World, source: str, **more: Any) -> Process:
    """Starts a Python program with this source."""
    work = world.scratch / "work"
    (work / "main.py").write_text(source)
    limits = more.pop("limits", Limits())
    environment = more.pop("environment", {})
    command = ["/usr/bin/python3", "main.py"]
    return start_program(world, command, work, environment, limits, **more)
