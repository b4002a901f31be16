"""What the monitor does about a program that takes too much, and how often it looks."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast

import pytest

from conformance.sandbox import Limits, Usage
from conformance.sandbox.measure import proc
from conformance.sandbox.measure.wait_meter import WaitMeter
from conformance.session import monitor
from conformance.session.loop_lag import TICK
from conformance.session.monitor import CHECK_EVERY, CHECK_LARGE_EVERY, LISTED_ONCE, Monitor
from kit.stand_in_host import StandInHost


class Watched:
    """A program whose use is put into it, a clock that is set by hand, and its monitor."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.host = StandInHost()
        self.host.processes = [7]
        self.used = Usage(processes=1, threads=1)
        self.samples: list[list[int]] = []
        self.now = 0.0
        patch.setattr(monitor, "time", SimpleNamespace(monotonic=lambda: self.now))
        patch.setattr(proc, "memory", lambda pids: self.used.memory_bytes)
        patch.setattr(proc, "usage", lambda pids, memory: self.used)
        meter = SimpleNamespace(look=lambda pids: self.samples.append([*pids]))
        self.monitor = Monitor(self.host.as_host(), cast(WaitMeter, meter))

    def checks(self, seconds: Sequence[float]) -> list[float]:
        """At which of these times it looked, called at each of them."""
        looked = []
        for self.now in seconds:
            before = len(self.samples)
            self.monitor.check_if_due()
            looked += [self.now] * (len(self.samples) - before)
        return looked


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch)


TICKS = [number * TICK for number in range(41)]


def test_it_looks_while_the_program_runs_and_no_longer(watched: Watched) -> None:
    assert watched.checks(TICKS) == []
    watched.now = 0.0
    watched.monitor.begin()
    assert watched.checks(TICKS) == pytest.approx([CHECK_EVERY * n for n in range(1, 5)])
    watched.monitor.end()
    assert watched.checks([100.0]) == []


def test_it_looks_more_often_at_a_large_one(watched: Watched) -> None:
    watched.used = Usage(processes=1, memory_bytes=Limits().memory_bytes * 3 // 4)
    watched.monitor.begin()
    times = watched.checks(TICKS)
    assert times[:3] == pytest.approx([CHECK_EVERY + CHECK_LARGE_EVERY * n for n in range(3)])


@pytest.mark.parametrize(
    ("used", "sentence"),
    [
        (Usage(processes=2, threads=Limits().processes), "1,024 processes and threads"),
        (Usage(processes=1, memory_bytes=3 * 2**30), "3.0 GiB of memory"),
    ],
)
def test_it_ends_one_that_takes_too_much_once(watched: Watched, used: Usage, sentence: str) -> None:
    watched.monitor.begin()
    watched.used = used
    assert watched.checks(TICKS) == []
    assert sentence in watched.monitor.exceeded
    assert watched.host.kills == 1


def test_many_processes_are_listed_again_before_they_are_counted(watched: Watched) -> None:
    lists = iter([[*range(LISTED_ONCE + 1)], [*range(LISTED_ONCE + 5)]])
    watched.host.pids = lambda: next(lists)  # type: ignore[method-assign]
    watched.monitor.begin()
    watched.checks([CHECK_EVERY])
    assert watched.samples == [[*range(LISTED_ONCE + 5)]]


def test_a_process_that_is_gone_meanwhile_is_no_error(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: object) -> int:
        raise ProcessLookupError

    monkeypatch.setattr(proc, "memory", gone)
    watched.monitor.begin()
    assert watched.checks(TICKS) == []
    assert watched.monitor.exceeded == ""
    assert watched.host.kills == 0
