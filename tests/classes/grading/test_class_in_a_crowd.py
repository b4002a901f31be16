"""A class on a machine that refuses processes while others of the grading live."""

from __future__ import annotations

from kit.classroom import Classroom
from kit.crowded import crowded


def test_what_finds_no_room_starts_when_something_else_has_ended(classroom: Classroom) -> None:
    students = ("ann", "bob", "cleo")
    for student in students:
        classroom.hand_in(student)
    words = classroom.words("--starts", "3", "--jobs", "9")
    graded, refused = crowded(classroom.desk, *words)
    assert refused == {"taking in", "session"}
    assert graded.status == 0, graded.stdout + graded.stderr
    for student in students:
        assert classroom.outcomes(student) == {"1.1": ("passed", 1), "3.1": ("passed", 3)}
