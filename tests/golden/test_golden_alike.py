"""Similar hand-ins of the stored class are listed as before."""

from __future__ import annotations

from pathlib import Path

from golden.rendering import CLASS, list_alike, require_same


def test_similar_hand_ins_are_listed_as_before(tmp_path: Path) -> None:
    require_same(list_alike(tmp_path), CLASS / "expected" / "alike")
