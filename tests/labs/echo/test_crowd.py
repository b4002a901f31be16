"""Clause 5.4 with a crowd that a class has made large."""

from __future__ import annotations

from kit.desk import REFERENCES, Desk

CROWD = 1_500
"""More clients than one batch, and than a process may usually have files open."""


def test_a_large_crowd_is_answered_and_measured(desk: Desk) -> None:
    server = REFERENCES / "echo" / "python" / "asyncio_streams.py"
    checked = desk.check(server, "--only", "5.4", "--set", f"crowd={CROWD}")
    verdict = checked.verdicts["5.4"]
    assert verdict["outcome"] == "passed", checked.stdout
    note = verdict["notes"][0]
    assert note.startswith("1,500 clients connected in ")
    assert "lines a second" in note
    assert "threads then, and takes" in note
