"""What the loop lag shows of a machine that stands still, and of a session that does."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable

import pytest

from conformance.session.loop_lag import NOTICED, STANDSTILL, TICK, LoopLag


def hold_up(lag: LoopLag, meanwhile: Callable[[], None]) -> None:
    """Holds the event loop up by something, and measures its lag."""

    async def work() -> None:
        async with lag.measuring():
            await asyncio.sleep(0)
            meanwhile()
            await asyncio.sleep(TICK)

    asyncio.run(work())


def test_who_neither_runs_nor_waits_stands_still() -> None:
    lag = LoopLag()
    hold_up(lag, lambda: time.sleep(STANDSTILL + 2 * TICK))
    assert lag.standstill >= STANDSTILL
    assert lag.delayed >= STANDSTILL - TICK


def test_what_we_run_ourselves_is_not_the_machines_doing() -> None:
    lag = LoopLag()

    def run() -> None:
        until = time.thread_time() + STANDSTILL + 2 * TICK
        while time.thread_time() < until:
            pass

    began, ran = time.monotonic(), time.thread_time()
    hold_up(lag, run)
    passed, ran = time.monotonic() - began, time.thread_time() - ran
    assert lag.delay >= STANDSTILL, "what came was read late all the same"
    assert lag.standstill <= passed - ran
    assert lag.delayed <= passed - ran + NOTICED


def test_what_is_done_at_each_tick_ends_with_the_block() -> None:
    async def work() -> None:
        felt: list[float] = []
        enough = asyncio.Event()

        def each() -> None:
            felt.append(time.monotonic())
            if len(felt) > 2:
                enough.set()

        lag = LoopLag(each)
        async with lag.measuring():
            await enough.wait()
        count = len(felt)
        assert all(later - earlier > TICK / 2 for earlier, later in itertools.pairwise(felt))
        await asyncio.sleep(2 * TICK)
        assert len(felt) == count
        assert lag.delay >= TICK

    asyncio.run(work())


def test_a_kernel_that_does_not_say_what_we_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then all that was late counts as the machine's."""

    def nothing(*_: object) -> int:
        raise FileNotFoundError

    monkeypatch.setattr("conformance.session.loop_lag.os.open", nothing)
    lag = LoopLag()
    hold_up(lag, lambda: time.sleep(STANDSTILL + 2 * TICK))
    assert lag.delayed >= STANDSTILL
