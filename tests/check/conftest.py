"""`conformance check` as a user calls it: a process of its own, in a folder of its own,
after which nothing may be left."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from desk import Desk

from conformance.sandbox import kernel

GONE_WITHIN = 20.0
"""Seconds for what a killed suite had started to be gone: the kernel does it at once,
but the namespaces of a busy machine take their time."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes long on a small machine")


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A folder to work in, which other users can reach, and which has its own /tmp.

    Afterwards no process, mount or temporary folder of the checks may be left. What
    they had started, and lost, would be ours: orphans come to the nearest reaper.
    """
    kernel.adopt_orphans()
    before = set(psutil.Process().children(recursive=True))
    folder = Path(tempfile.mkdtemp(prefix="check-test-"))
    folder.chmod(0o711)
    desk = Desk(folder)
    try:
        yield desk
        left = [p for p in psutil.Process().children(recursive=True) if p not in before]
        if desk.killed:
            left = psutil.wait_procs(left, timeout=GONE_WITHIN)[1]
        told = [" ".join(process.cmdline()) for process in left if _is_alive(process)]
        assert not told, f"left running: {told}"
        assert str(folder) not in Path("/proc/self/mountinfo").read_text()
        if not desk.killed:
            assert [path.name for path in desk.tmp.iterdir()] == []
    finally:
        desk.close()
        _reap(before)
        shutil.rmtree(folder)


def _is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def _reap(before: set[psutil.Process]) -> None:
    """Buries what came to us as an orphan."""
    for process in psutil.Process().children():
        if process not in before and process.status() == psutil.STATUS_ZOMBIE:
            os.waitpid(process.pid, 0)
