"""`grade --on local:N`: the same results as on one machine, whatever happens to the workers."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from conformance.sandbox import Tier, probe
from kit.classroom import ANSWERS_WRONG, ENDS_AT_ONCE, NEVER_LISTENS, Classroom
from kit.same_gradings import captures, without_races

WITHIN = 600.0
"""Seconds for what is waited for, many times what it takes."""

CRASHES = """
    def answer(client, text):
        raise ValueError(text)
"""
NOT_C = "int main( { return 0; }\n"
ROSTER = "id,name\nann,Ann A\nbob,Bob B\ncleo,Cleo C\ndora,Dora D\nemil,\nfred,\ngina,Gina G\n"


@pytest.fixture(autouse=True)
def _hosts() -> None:
    if probe().tier is Tier.NONE:
        pytest.skip("without network namespaces one server runs at a time")


@pytest.fixture
def mixed(classroom: Classroom) -> Classroom:
    """One who is right, and all others in another way."""
    classroom.describe(only="1.1,3.1", more='roster = "roster.csv"')
    (classroom.folder / "roster.csv").write_text(ROSTER)
    classroom.hand_in("ann")
    classroom.hand_in("bob", ANSWERS_WRONG)
    classroom.hand_in("cleo", program=ENDS_AT_ONCE)
    classroom.hand_in("dora", CRASHES)
    (classroom.folder / "emil.c").write_text(NOT_C)
    (classroom.folder / "fred.zip").write_bytes(b"PK\3\4 and then nothing")
    return classroom  # and gina hands in nothing


ALIKE = ("clause", "level", "outcome", "points", "max_points", "expected", "again")
"""What is the same of a verdict wherever it was found. What exactly a client sees of a program that
ends, a reset or a close, is a race on any machine."""


def judged(out: Path) -> dict[str, list[dict[str, Any]]]:
    """What the runs say, but for when: by author, the verdicts."""
    found = {}
    for file in sorted(out.glob("runs/*/*.jsonl")):
        events = [json.loads(line) for line in file.read_text().splitlines()]
        events.sort(key=lambda event: event.get("clause", ""))  # several are judged at a time
        found[file.parent.name] = [
            {key: event[key] for key in ALIKE} for event in events if event["event"] == "verdict"
        ]
    return found


def pages(out: Path) -> dict[str, str]:
    """What students read, but for races; and but for dora, whose program ends."""
    return {
        path.name: without_races(path.read_text())
        for path in sorted(out.glob("students/*.txt"))
        if path.stem != "dora"
    }


@pytest.mark.slow
def test_two_processes_find_what_one_machine_finds(mixed: Classroom) -> None:
    here = mixed.grade("--seed", "7")
    expected, rows, read = judged(mixed.out), mixed.gradebook(), pages(mixed.out)
    evidence = captures(mixed.out)
    assert evidence
    mixed.forget_results()
    there = mixed.grade("--seed", "7", "--on", "local:2")
    assert there.status == here.status, there.stdout + there.stderr
    assert judged(mixed.out) == expected
    assert {"ann", "bob", "cleo", "dora", "emil"} == expected.keys()
    assert mixed.gradebook() == rows
    for name, page in pages(mixed.out).items():
        assert page == read[name], name
    assert captures(mixed.out) == evidence
    for run in mixed.out.glob("runs/*/*.jsonl"):
        assert "/shard/" not in run.read_text(), "no path of another machine"
    for machine in ("local-1", "local-2"):
        assert f"{machine} is there" in there.stdout
        assert f"on {machine}" in there.stdout
    assert "fred" in there.stdout
    again = mixed.grade()
    assert "to grade, 5 results still hold" in again.stdout, "fingerprints are those of here"


@pytest.fixture
def six(classroom: Classroom) -> Classroom:
    """The last of them takes long: something is under way when the first has ended."""
    classroom.describe(only="1.1,1.2,3.1,3.3")
    for student in ("ann", "bob", "cleo", "dora"):
        classroom.hand_in(student)
    for student in ("yan", "zoe"):
        classroom.hand_in(student, program=NEVER_LISTENS)
    return classroom


def await_until(seen: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + WITHIN
    while not seen():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def shards(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes that grade shards now."""
    return [each for each in psutil.Process(process.pid).children() if "shard" in each.cmdline()]


def has_result(classroom: Classroom) -> bool:
    return bool(list(classroom.out.glob("runs/*/*.jsonl")))


@pytest.mark.slow
def test_a_worker_that_is_killed_takes_all_along_and_loses_nothing(six: Classroom) -> None:
    six.desk.killed = True
    process = six.desk.start(*six.words("--seed", "7", "--on", "local:2"))
    await_until(lambda: has_result(six) and bool(shards(process)), process)
    killed = shards(process)
    orphans = [child for worker in killed for child in worker.children(recursive=True)]
    for worker in killed:
        worker.kill()
    _, alive = psutil.wait_procs(orphans, timeout=20)
    assert not alive, "what a worker has started dies with it"
    assert process.poll() is None, "the class goes on"
    graded = six.end_of(process, "--seed", "7")
    assert graded.status == 1, graded.stdout + graded.stderr
    assert graded.stdout.count("has lost its part (killed by signal 9)") == len(killed)
    whole, grades, evidence = judged(six.out), six.grades(), captures(six.out)
    assert len(whole) == 6
    assert len([line for line in graded.stdout.splitlines() if re.match(r" *\d/6 ", line)]) == 6
    six.forget_results()
    six.grade("--seed", "7")
    assert six.grades() == grades
    assert captures(six.out) == evidence
    for author, verdicts in judged(six.out).items():
        for verdict, before in zip(verdicts, whole[author], strict=True):
            assert verdict == before, author


@pytest.mark.slow
def test_interrupted_it_goes_on_where_it_stopped(six: Classroom) -> None:
    process = six.desk.start(*six.words("--seed", "7", "--on", "local:2"))
    await_until(lambda: has_result(six), process)
    below = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=WITHIN)
    assert process.returncode == 3, stdout + stderr
    assert "the same call goes on where it stopped" in stderr
    assert not psutil.wait_procs(below, timeout=20)[1]
    assert 0 < len(six.run_files()) < 6
    kept = six.settled_files()
    six.hand_in("yan", program=ENDS_AT_ONCE)
    six.hand_in("zoe", program=ENDS_AT_ONCE)
    again = six.grade("--on", "local:2")
    assert again.status == 1, again.stdout + again.stderr
    assert len(judged(six.out)) == 6
    assert {name: six.run_files()[name] for name in kept} == kept


def test_the_coordinator_that_is_killed_leaves_no_worker(six: Classroom) -> None:
    six.desk.killed = True
    process = six.desk.start(*six.words("--on", "local:2"))
    await_until(lambda: bool(shards(process)), process)
    below = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    assert not psutil.wait_procs(below, timeout=20)[1]


def test_a_machine_with_a_lower_tier_is_refused(classroom: Classroom) -> None:
    classroom.hand_in("ann")
    graded = classroom.grade(
        "--on", "local:1", "--require-tier", "network", CONFORMANCE_TIER="none"
    )
    assert graded.status == 2, graded.stdout + graded.stderr
    assert "local-1: its tier is none, and network is asked for" in graded.stderr
    assert not list(classroom.out.glob("runs/*/*.jsonl"))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("local", "how many processes"),
        ("local:", "how many processes"),
        ("local:x", "how many processes"),
        ("local:0", "from 1 to"),
        ("local:1000", "from 1 to"),
        ("moon:3", "there is no such engine"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused(
    classroom: Classroom, address: str, told: str
) -> None:
    classroom.hand_in("ann")
    graded = classroom.grade("--on", address)
    assert graded.status == 2
    assert told in graded.stderr
    assert not classroom.out.exists()


def test_what_is_about_this_machine_is_not_for_others(classroom: Classroom) -> None:
    classroom.hand_in("ann")
    graded = classroom.grade("--on", "local:1", "--starts", "2")
    assert graded.status == 2
    assert "not with --on" in graded.stderr
