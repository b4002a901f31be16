"""How far a beacon may be from its period: what the tolerance allows is no fault."""

from __future__ import annotations

import pytest

from kit.desk import REFERENCES, Desk

PROGRAM = REFERENCES / "presence-udp" / "python" / "event_loop.py"


@pytest.mark.parametrize(("period", "outcome"), [("1.1", "passed"), ("1.3", "failed")])
def test_a_beacon_is_judged_by_the_tolerance(desk: Desk, period: str, outcome: str) -> None:
    text = PROGRAM.read_text(encoding="utf-8")
    assert text.count("BEACON_PERIOD = 1.0\n") == 1
    slower = desk.program(text.replace("BEACON_PERIOD = 1.0\n", f"BEACON_PERIOD = {period}\n"))
    checked = desk.check(slower, "--only", "1.2", lab="presence-udp")
    assert checked.outcomes["1.2"] == outcome
