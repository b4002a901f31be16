"""pytest-xdist: one judge for all workers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from kit.door import Door
from kit.installation import STUB, Installation


def test_the_gate_and_a_shared_conversation_are_held_once_a_run(
    installation: Installation, door: Door, tmp_path: Path
) -> None:
    done = installation.run(
        *("--connect", door.address, "--lab", "stub", "--labs", STUB),
        *("--clauses", "1,2.1,3", "-n", "4", "--dist", "each", "-v"),
        cwd=tmp_path,
    )
    assert "16 passed" in done  # each of the four workers ran all four items
    assert Counter(door.all_heard()) == {"gate": 1, "holds": 1, "conversation": 1}


def test_x_ends_a_run_on_workers(installation: Installation, door: Door, tmp_path: Path) -> None:
    done = installation.run(
        *("--connect", door.address, "--lab", "stub", "--labs", STUB, "-x", "-n", "2"), cwd=tmp_path
    )
    assert done.status == 2  # as pytest-xdist has it
    assert "stopping after 1 failures" in done
