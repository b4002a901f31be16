"""What differs between stored runs, and between two states of the stored class, is told as it
always was."""

from __future__ import annotations

from pathlib import Path

from golden.rendering import (
    HERE,
    RUNS,
    copied_results,
    correct,
    render_diff,
    require_same,
)

CHANGES = HERE / "changes"


def test_two_runs_are_compared_as_before(tmp_path: Path) -> None:
    rendered = render_diff(RUNS / "echo-good.jsonl", RUNS / "echo-bad.jsonl", tmp_path)
    require_same(rendered, CHANGES / "runs")


def test_a_class_is_compared_as_before(tmp_path: Path) -> None:
    former, now = (copied_results(tmp_path / name) for name in ("former", "now"))
    correct(now, "bob", "echo", "3.1", points=1, because="half of it is right")
    require_same(render_diff(former, now, tmp_path), CHANGES / "class")
