"""What the kernel counts of the whole machine, read again and again from files that stay open."""

from __future__ import annotations

import os
import select
import time

import psutil
import pytest

from conformance.sandbox.measure import counters

WITHIN = 3.0
"""Seconds, at most, until a core has been idle for some time."""

MOVED = 50_000_000
"""Nanoseconds: the part of it in which a core waits for a disk may also shrink (proc_stat(5))."""

pytestmark = pytest.mark.skipif(not psutil.LINUX, reason="Linux's /proc")


def test_idle_time_is_that_of_now() -> None:
    """What stood in the file at the first reading must not be told again at the next."""
    first, _ = counters.idle_and_stolen()
    until = time.monotonic() + WITHIN
    while idle() <= first + MOVED:
        if time.monotonic() > until:
            pytest.skip("no core of this machine is ever idle")
        select.select([], [], [], 0.01)  # idle, as far as it is up to us
    assert counters.idle_and_stolen()[0] > first


def test_pressure_of_what_the_kernel_does_not_count_is_unknown() -> None:
    assert counters.pressure("nonsense") is None
    assert counters.pressure("nonsense") is None, "nor at the second reading"


@pytest.mark.skipif(counters.pressure("cpu") is None, reason="a kernel without pressure counters")
def test_pressure_is_that_of_now() -> None:
    """Between two readings of the file by its name, as a whole."""
    before = written("cpu")
    told = counters.pressure("cpu")
    assert told is not None
    assert before <= told <= written("cpu")


def written(resource: str) -> int:
    """Nanoseconds, as /proc/pressure has them now."""
    with open(f"/proc/pressure/{resource}", encoding="ascii") as file:
        return int(file.readline().rpartition("total=")[2]) * 1_000


def idle() -> int:
    """Nanoseconds, as /proc/stat has them now."""
    with open("/proc/stat", encoding="ascii") as file:
        return sum(map(int, file.readline().split()[4:6])) * 10**9 // os.sysconf("SC_CLK_TCK")
