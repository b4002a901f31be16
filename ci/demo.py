"""Checks a reference server, grades the sample class, and compares the results with those expected
(tests/submissions/sample_class.toml). Reports stay in build/demo."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parent.parent
CONFORMANCE = Path(sys.executable).parent / "conformance"
DESK = Path("build/demo")
CLASS = DESK / "class"
REFERENCE = "reference_servers/echo/python/thread_per_client.py"


@dataclass(frozen=True)
class Student:
    """A hand-in of the sample class, and what is expected of it."""

    entry: str
    name: str
    lab: str
    fault: str
    failing: frozenset[str]
    also: frozenset[str]
    lacking: tuple[str, ...]
    """The tools that this machine needs to judge it."""
    fetches: bool
    """Whether its build fetches from a registry."""


@dataclass(frozen=True)
class Seen:
    """The result of a hand-in in a few words, and what of it was not expected."""

    said: str
    amiss: str = ""
    is_open: bool = False


def sample_class() -> list[Student]:
    said = tomllib.loads((TOP / "tests/submissions/sample_class.toml").read_text("utf-8"))

    def student(each: dict[str, Any]) -> Student:
        return Student(
            entry=each["entry"],
            name=each["name"],
            lab=each["lab"],
            fault=each.get("fault", ""),
            failing=frozenset(each["failing"]),
            also=frozenset(each.get("also", ())),
            lacking=tuple(t for t in said["needs"][each["kind"]] if shutil.which(t) is None),
            fetches=each["kind"] in said["fetching"],
        )

    return [student(each) for each in said["student"]]


def conformance(*words: object) -> int:
    """Runs `conformance` as a teacher would; returns its exit status."""
    print(f"\n$ conformance {' '.join(map(str, words))}", flush=True)
    return subprocess.run([CONFORMANCE, *map(str, words)], cwd=TOP, check=False).returncode


def judge(lab: str, students: list[Student]) -> Iterator[tuple[Student, Path]]:
    """Judges what these have handed in for a lab; yields the file of each one's events."""
    fetching = ["--fetch-dependencies"] if any(student.fetches for student in students) else []
    if len(students) == 1:  # a single student has no class report
        [student] = students
        events = DESK / f"{student.name}.jsonl"
        path = f"student_submissions/{student.entry}"
        conformance("check", path, "--lab", lab, "--events", events, *fetching)
        yield student, TOP / events
        return
    for student in students:
        source, copy = (TOP / folder / student.entry for folder in ("student_submissions", CLASS))
        copy.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, copy)
    conformance("grade", CLASS, "--lab", lab, "--out", DESK / "results", *fetching)
    for student in students:
        yield student, TOP / DESK / "results/runs" / student.name / f"{lab}.jsonl"


def seen(student: Student, events: Path) -> Seen:
    """Compares the verdicts with what is known of the hand-in."""
    if not events.exists():
        return Seen("no result", "no result")
    told = [json.loads(line) for line in events.read_text("utf-8").splitlines()]
    verdicts = [each for each in told if each["event"] == "verdict"]
    # Clauses that this machine's tier rules out are not part of the points possible.
    musts = [each for each in verdicts if each["level"] == "MUST" and each["blame"] != "call"]
    unclear = [each for each in musts if each["points"] is None]
    if unclear or not musts:
        reason = (unclear[0]["reason"].splitlines() if unclear else []) or ["nothing was judged"]
        return Seen("open", textwrap.shorten(reason[0], 120, placeholder=" …"), is_open=True)
    lost = {each["clause"] for each in musts if each["outcome"] != "passed"}
    missed = student.failing - lost
    behind = lost if "1.1" in student.failing else student.failing | student.also
    amiss = [f"{number} holds" for number in sorted(missed)]
    amiss += [f"{number} does not hold" for number in sorted(lost - behind)]
    points = sum(each["points"] for each in musts)
    return Seen(f"{points} of {sum(each['max_points'] for each in musts)}", ", ".join(amiss))


def main() -> int:
    began = time.monotonic()
    shutil.rmtree(TOP / DESK, ignore_errors=True)
    (TOP / DESK).mkdir(parents=True)
    wrong, left_out, shown = list[str](), list[str](), list[str]()
    if status := conformance("check", REFERENCE, "--lab", "echo"):
        wrong.append(f"the reference server: status {status}")
    else:
        shown.append(f"{REFERENCE}: a reference server, conforms")
    first = time.monotonic() - began

    print("\nNow the sample class, whose servers are in other languages too.", flush=True)
    subprocess.run([TOP / "ci/provision.sh"], check=False)
    began = time.monotonic()
    present: dict[str, list[Student]] = {}
    for student in sample_class():
        if student.lacking:
            tools = ", ".join(student.lacking)
            left_out.append(f"{student.entry} (this machine has no {tools})")
        else:
            present.setdefault(student.lab, []).append(student)
    for lab, students in present.items():
        for student, events in judge(lab, students):
            came = seen(student, events)
            about = f"{student.entry}, {student.lab}: {came.said}"
            if not came.amiss:
                shown.append(f"{about} · {student.fault or 'conforms'}")
            elif came.is_open and student.fetches:  # the registry's fault, not the suite's
                left_out.append(f"{student.entry} ({came.amiss})")
            else:
                wrong.append(f"{about} · {came.amiss}")

    spent = first + time.monotonic() - began
    print(f"\nShown, in {spent:.0f} s of checking:", *shown, sep="\n  ")
    print(f"What each student reads is in {DESK}/results/students.")
    for why in left_out:
        print(f"Left out: {why}")
    if left_out and os.environ.get("CI"):
        wrong.append("in CI nothing may be left out")
    print(*(["Not as expected:", *wrong] if wrong else ["All as expected."]), sep="\n  ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
