"""Without a capture: by how much a time of ours may be wrong, and never by less."""

from __future__ import annotations

import asyncio
import time

import pytest

from conformance.session.loop_lag import TICK, LoopLag
from conformance.verdict.violation import Violation
from conformance.wire.capture import stamping
from conformance.wire.lines import Reads
from conformance.wire.recorder import Recorder, rounded_up
from kit.peers import meeting, together


def test_the_last_line_of_a_read_is_exact_and_those_before_it_are_not() -> None:
    async def work() -> None:
        recorder = Recorder(delay=lambda: 0.073)
        with stamping():
            async with meeting(recorder=recorder) as (client, peer):
                await peer.say(b"alone\n")
                await client.watch(lambda: len(client.lines) == 1)
                client.stop_reading()
                await asyncio.sleep(0.2)
                await peer.say(b"one\n", b"two\n")
                client.start_reading()
                await client.watch(lambda: len(client.lines) == 3)
        alone, one, two = client.lines
        assert one.seen == two.seen, "they came in one read"
        assert client.stamped_by == "kernel"
        assert client.uncertainty(alone) == client.uncertainty(two) == 0.0
        assert client.uncertainty(one) == 0.08, "no more than we were late to read"
        assert client.clock_error == recorder.clock_error == 0.08
        assert recorder.transcript().clock_error == 0.08

    together(work)


def test_it_came_after_the_read_before() -> None:
    """Where that is nearer than we may have been late."""
    reads = Reads()
    reads.add(10, 1_000)
    reads.add(30, 5_000)
    assert reads.earliest(10, 0) == 1_000
    assert reads.earliest(20, 0) == 1_000
    assert reads.earliest(30, 0) == 5_000
    assert reads.earliest(5, 700) == 700, "not before the connection"
    assert [reads.seen(end) for end in (5, 10, 11, 30)] == [1_000, 1_000, 5_000, 5_000]


def test_no_socket_tells_when_the_close_came() -> None:
    async def work() -> None:
        async with meeting(recorder=Recorder(delay=lambda: 0.31)) as (client, peer):
            assert client.close_error == 0.0
            peer.close()
            await client.expect_close()
            assert client.close_error == 0.31

    together(work)


def test_a_close_in_doubt_is_in_time() -> None:
    """The time limit is wider by our own delay, and no wider."""

    async def work() -> None:
        async with meeting(recorder=Recorder(delay=lambda: 60.0)) as (client, peer):
            peer.close()
            await client.expect_close(within=0.0)
        async with meeting() as (client, peer):
            peer.close()
            with pytest.raises(Violation, match="closes the connection within 0 s"):
                await client.expect_close(within=0.0)

    together(work)


@pytest.mark.parametrize(("seconds", "told"), [(0.0, 0.0), (0.0501, 0.06), (0.2, 0.2)])
def test_an_error_is_rounded_up(seconds: float, told: float) -> None:
    assert rounded_up(seconds) == told


def test_a_tick_that_is_overdue_counts_before_it_comes() -> None:
    async def work() -> None:
        lag = LoopLag()
        assert lag.delay == TICK, "what nobody could have felt"
        async with lag.measuring():
            await asyncio.sleep(0)
            lag.begin()
            time.sleep(TICK + 0.2)  # the loop stands still, and the beat waits with it
            assert lag.delay >= 0.2
            await asyncio.sleep(TICK)
            assert lag.delay >= 0.2 + TICK - 0.01
            lag.begin()

    together(work)
