"""A check on a machine that refuses processes while others of the check live."""

from __future__ import annotations

from kit.crowded import crowded
from kit.desk import Desk


def test_a_session_that_finds_no_room_starts_when_another_has_ended(desk: Desk) -> None:
    words = ("check", desk.echo(), "--lab", "echo", "--only", "3.11,6.7", "--jobs", "4")
    checked, refused = crowded(desk, *words)
    assert refused == {"session"}
    assert checked.status == 0, checked.stdout + checked.stderr
