"""The gradebooks of four sites, in four encodings, are filled as before, byte by byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from golden.rendering import CLASS, copied_results, fill_gradebook, require_same

EXPORTS = CLASS / "gradebooks"
WORDS = {"moodle.csv": ["--feedback"], "blackboard.xls": ["--feedback"]}


@pytest.mark.parametrize("name", ["canvas.csv", "moodle.csv", "blackboard.xls", "brightspace.csv"])
def test_a_gradebook_is_filled_as_before(name: str, tmp_path: Path) -> None:
    filled = fill_gradebook(copied_results(tmp_path), EXPORTS / name, *WORDS.get(name, []))
    require_same(filled, CLASS / "expected" / "gradebooks" / name.partition(".")[0])
