"""Where a machine is slow, deadlines are stretched: no right program loses by it. What is to be
done at a pace that the contract names keeps that pace."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kit.desk import REFERENCES, Desk, clean_desk

SLOW = "3"
"""More than the time after which a silent person is gone, by that between two signs of life."""

RIGHT = {
    "echo": "python/select_loop.py",
    "streaming-time": "python/threads.py",
    "presence": "python/threads.py",
    "presence-udp": "python/event_loop.py",
    "roulette": "python/threads.py",
    "http-client": "python/sockets.py",
}


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A folder to work in; afterwards nothing of the checks may be left."""
    with clean_desk() as desk:
        yield desk


@pytest.mark.slow
@pytest.mark.parametrize("lab", RIGHT)
def test_a_right_program_passes_on_a_slow_machine(desk: Desk, lab: str) -> None:
    checked = desk.check(REFERENCES / lab / RIGHT[lab], "--timeout-scale", SLOW, lab=lab)
    assert set(checked.outcomes.values()) <= {"passed"}, checked.stdout
    assert checked.status == 0
