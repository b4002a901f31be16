"""The sample class: complete, small, and recognised as the table says."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.submissions import BuildFailed, Program
from conformance.submissions.submission import Submission

CLASS = Path(__file__).parents[2] / "student_submissions"
SAID = tomllib.loads(Path(__file__).with_name("sample_class.toml").read_text(encoding="utf-8"))
STUDENTS: list[dict[str, Any]] = SAID["student"]


def each_student() -> list[Any]:
    return [
        pytest.param(
            student,
            id=student["name"],
            marks=[
                pytest.mark.needs(*SAID["needs"][student["kind"]]),
                *([pytest.mark.registry] if student["kind"] in SAID["fetching"] else []),
            ],
        )
        for student in STUDENTS
    ]


def test_the_class_is_what_the_table_says() -> None:
    assert sorted(path.name for path in CLASS.iterdir()) == [each["entry"] for each in STUDENTS]


def test_nothing_compiled_is_handed_in() -> None:
    compiled = {".class", ".jar", ".o", ".pyc"}
    assert not [path for path in CLASS.rglob("*") if path.suffix in compiled]
    assert max(path.stat().st_size for path in CLASS.rglob("*")) < 10_000


def test_who_fails_has_a_fault() -> None:
    for student in STUDENTS:
        assert bool(student["failing"]) == bool(student["status"]) == ("fault" in student)


@pytest.mark.parametrize("student", each_student())
def test_it_is_recognised_and_built(
    student: dict[str, Any],
    opened: Callable[..., Submission],
    built: Callable[[Path], Program],
) -> None:
    path = CLASS / student["entry"]
    submission = opened(path)
    assert (submission.name, submission.kind) == (student["name"], student["kind"])
    assert submission.lab in (None, student["lab"])
    if student.get("fault") == "does not compile":
        with pytest.raises(BuildFailed, match=r"^EchoServer\.java:24: error: ';' expected"):
            built(path)
    else:
        assert built(path).command
