"""The grader killed at any moment: nothing is lost, nothing doubled, nothing left."""

from __future__ import annotations

import contextlib
import random
import subprocess
import time

import pytest

from kit.classroom import ANSWERS_WRONG, ENDS_AT_ONCE, NEVER_LISTENS, Classroom

KILLS = 20


@pytest.fixture
def five(classroom: Classroom) -> Classroom:
    classroom.describe(only="1.1,1.2,3.1,3.3,3.7")
    for student in ("ann", "dora", "emil"):
        classroom.hand_in(student)
    classroom.hand_in("bob", ANSWERS_WRONG)
    classroom.hand_in("cleo", program=ENDS_AT_ONCE)
    return classroom


def results(classroom: Classroom) -> dict[str, object]:
    return {name: classroom.outcomes(name) for name in ("ann", "bob", "cleo", "dora", "emil")}


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_as_undisturbed(five: Classroom) -> None:
    began = time.monotonic()
    five.grade("--seed", "7")
    whole = time.monotonic() - began
    undisturbed, rows = results(five), five.gradebook()
    five.forget_results()
    moments = random.Random(20261122)
    five.desk.killed = True
    for _ in range(KILLS):
        process = five.desk.start(*five.words("--seed", "7"))
        try:
            process.communicate(timeout=moments.uniform(0.0, whole))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        for kept in five.out.glob("runs/*/*.jsonl"):
            assert kept.read_text().splitlines()[-1].startswith('{"event":"end"'), "never half"
    five.grade("--seed", "7")
    assert results(five) == undisturbed
    assert five.gradebook() == rows
    assert not list(five.out.glob("runs/*/*.part"))


def has_begun(classroom: Classroom) -> bool:
    """Whether something of a run is written; or the run is there already."""
    for part in classroom.out.glob("runs/*/*.part"):
        with contextlib.suppress(FileNotFoundError):  # kept since it was listed
            if part.stat().st_size:
                return True
    return bool(list(classroom.out.glob("runs/*/*.jsonl")))


def test_the_next_call_sweeps_what_a_killed_one_left(five: Classroom) -> None:
    process = five.desk.start(*five.words())
    deadline = time.monotonic() + 60
    while not has_begun(five):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.communicate()
    five.desk.killed = True
    five.grade()
    assert [folder.name for folder in five.desk.tmp.iterdir()] == []


def test_interrupted_it_says_how_to_go_on(five: Classroom) -> None:
    five.hand_in("zoe", program=NEVER_LISTENS)
    process = five.desk.start(*five.words())
    deadline = time.monotonic() + 60
    while not list(five.out.glob("runs/*/*.jsonl")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.terminate()
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "goes on where it stopped" in stderr
    assert (five.out / "grades.csv").exists()
    kept = five.settled_files()
    five.hand_in("zoe", program=ENDS_AT_ONCE)
    five.grade()
    assert {name: five.run_files()[name] for name in kept} == kept
