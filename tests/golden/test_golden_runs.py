"""Stored runs are rendered as they always were.

    REWRITE_GOLDEN=1 pytest tests/golden

writes the expected renderings anew; what has changed is then to be seen in `git diff`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from golden.rendering import RUNS, render_run, require_same

NAMES = sorted(file.stem for file in RUNS.glob("*.jsonl"))


def test_there_is_a_good_and_a_bad_run_of_each_lab() -> None:
    labs = ("echo", "streaming-time", "presence", "presence-udp")
    assert {f"{lab}-{kind}" for lab in labs for kind in ("good", "bad")} <= {*NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_run_is_rendered_as_before(name: str, tmp_path: Path) -> None:
    require_same(render_run(RUNS / f"{name}.jsonl", tmp_path), RUNS / "expected" / name)
