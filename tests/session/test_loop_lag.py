"""What the pulse feels of a machine that stands still, and of a session that does."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable

import pytest

from conformance.session.loop_lag import BEAT, NOTICED, STANDSTILL, Pulse


def beats(pulse: Pulse, meanwhile: Callable[[], None]) -> None:
    """Holds the event loop up by something, and lets the pulse feel it."""

    async def work() -> None:
        async with pulse.beating():
            await asyncio.sleep(0)
            meanwhile()
            await asyncio.sleep(BEAT)

    asyncio.run(work())


def test_who_neither_runs_nor_waits_stands_still() -> None:
    pulse = Pulse()
    beats(pulse, lambda: time.sleep(STANDSTILL + 2 * BEAT))
    assert pulse.standstill >= STANDSTILL
    assert pulse.delayed >= STANDSTILL - BEAT


def test_what_we_run_ourselves_is_not_the_machines_doing() -> None:
    pulse = Pulse()

    def run() -> None:
        until = time.thread_time() + STANDSTILL + 2 * BEAT
        while time.thread_time() < until:
            pass

    began, ran = time.monotonic(), time.thread_time()
    beats(pulse, run)
    passed, ran = time.monotonic() - began, time.thread_time() - ran
    assert pulse.delay >= STANDSTILL, "what came was read late all the same"
    assert pulse.standstill <= passed - ran
    assert pulse.delayed <= passed - ran + NOTICED


def test_what_is_done_at_each_beat_ends_with_the_block() -> None:
    async def work() -> None:
        felt: list[float] = []
        enough = asyncio.Event()

        def each() -> None:
            felt.append(time.monotonic())
            if len(felt) > 2:
                enough.set()

        pulse = Pulse(each)
        async with pulse.beating():
            await enough.wait()
        count = len(felt)
        assert all(later - earlier > BEAT / 2 for earlier, later in itertools.pairwise(felt))
        await asyncio.sleep(2 * BEAT)
        assert len(felt) == count
        assert pulse.delay >= BEAT

    asyncio.run(work())


def test_a_kernel_that_does_not_say_what_we_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then all that was late counts as the machine's."""

    def nothing(*_: object) -> int:
        raise FileNotFoundError

    monkeypatch.setattr("conformance.session.loop_lag.os.open", nothing)
    pulse = Pulse()
    beats(pulse, lambda: time.sleep(STANDSTILL + 2 * BEAT))
    assert pulse.delayed >= STANDSTILL
