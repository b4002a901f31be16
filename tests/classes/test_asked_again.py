"""When a test asks a grading again: where the machine was too busy to tell, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from kit.classroom import Classroom
from kit.desk import Checked


class Calls:
    """A desk whose gradings leave in `runs/ann/echo.jsonl` one reason after the other, and "" for a
    clause that passed."""

    def __init__(self, classroom: Classroom, reasons: Sequence[str]) -> None:
        self.classroom, self.reasons = classroom, list(reasons)

    def __call__(self, *arguments: object, **_: Any) -> Checked:
        reason = self.reasons.pop(0)
        outcome = "inconclusive" if reason else "passed"
        event = {"event": "verdict", "outcome": outcome, "reason": reason}
        run = self.classroom.out / "runs" / "ann" / "echo.jsonl"
        run.parent.mkdir(parents=True, exist_ok=True)
        run.write_text(json.dumps(event) + "\n")
        return Checked(3 if reason else 0, f"said {reason}\n", "")


STILL = "the machine stood still for 0.62 s during the conversation"
FAILED = "the suite's own worker failed: it ended early"


@pytest.mark.parametrize(
    ("reasons", "left", "status"),
    [
        ([""], 0, 0),
        ([STILL, ""], 0, 0),
        ([STILL, FAILED, ""], 1, 3),
        ([FAILED, ""], 1, 3),
        ([STILL, STILL, STILL, ""], 1, 3),
    ],
)
def test_only_what_the_machine_left_open_is_asked_again_and_not_for_ever(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch,
    reasons: list[str], left: int, status: int,
) -> None:  # fmt: skip
    calls = Calls(classroom, reasons)
    monkeypatch.setattr(classroom.desk, "call", calls)
    graded = classroom.grade()
    assert graded.status == status
    assert len(calls.reasons) == left
    assert graded.stdout == "".join(f"said {each}\n" for each in reasons[: len(reasons) - left])
