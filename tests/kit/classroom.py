"""A place where a test sets up a class, grades it, and reads the results."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.desk import TOO_BUSY, Checked, Desk

ANSWERS_WRONG = """
    def answer(client, text):
        client.sendall(f"{text.upper()}\\n".encode())
"""
ENDS_AT_ONCE = "import sys\nsys.exit(0)\n"
NEVER_LISTENS = "import time\ntime.sleep(1000)\n"
"""It takes twenty seconds to grade: for tests that need a grading under way."""

ENDED_WITHIN = 600.0
"""Seconds for a grading, many times what it takes."""

GRADED = (0, 1, 3)
"""Statuses of a grading that went through: all earned, points lost, something open."""

THE_MACHINES_DOING = (*TOO_BUSY, "it may have been the machine", "that explains the ")
"""What a verdict says that the machine has left open."""

CLASS = """\
title = "A small class"
scale = "linear 1..6"
{more}
[[lab]]
name = "echo"
only = "{only}"
"""


@dataclass
class Classroom:
    """A class, and the folder that it is graded into."""

    desk: Desk

    def __post_init__(self) -> None:
        self.folder = self.desk.folder / "class"
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.out = self.desk.folder / "out"
        self.describe()

    def describe(self, *, only: str = "1.1,3.1", more: str = "") -> None:
        (self.folder / "class.toml").write_text(CLASS.format(only=only, more=more))

    def hand_in(self, student: str, changes: str = "", *, program: str = "") -> Path:
        """A correct echo server, or one with these changes, or another program."""
        if program:
            return self.desk.program(program, name=f"class/{student}.py")
        return self.desk.echo(changes, name=f"class/{student}.py")

    def grade(self, *arguments: object, **environment: str) -> Checked:
        """Grades the class; and again, as `Desk.check` does, what the machine was too busy to tell:
        a test is of what the suite says when it can tell."""
        first = self.desk.call(*self.words(*arguments), command=(), **environment)
        return self.settle(first, *arguments, **environment)

    def settle(self, graded: Checked, *arguments: object, **environment: str) -> Checked:
        """Asks a grading that has ended again, by the same call, while the machine has left
        something open, for as many tries as a check has. Returns what all of them said, and the
        status of the last."""
        for _ in range(self.desk.tries - 1):
            if graded.status not in GRADED or not self.left_open():
                break
            again = self.desk.call(*self.words(*arguments), command=(), **environment)
            graded = Checked(
                again.status, graded.stdout + again.stdout, graded.stderr + again.stderr
            )
        return graded

    def end_of(self, grading: subprocess.Popen[str], *arguments: object) -> Checked:
        """Waits until a grading that was started has ended, and settles it."""
        stdout, stderr = grading.communicate(timeout=ENDED_WITHIN)
        return self.settle(Checked(grading.returncode, stdout, stderr), *arguments)

    def left_open(self) -> set[str]:
        """The students of whom a verdict says that it was the machine: the next call runs them
        again."""
        return {
            file.parent.name
            for file in self.out.glob("runs/*/*.jsonl")
            for event in map(json.loads, file.read_text().splitlines())
            if event["event"] == "verdict" and event["outcome"] == "inconclusive"
            if any(told in event["reason"] for told in THE_MACHINES_DOING)
        }

    def words(self, *arguments: object) -> list[object]:
        return ["grade", self.folder, "--out", self.out, *arguments]

    def gradebook(self) -> dict[str, dict[str, str]]:
        """The rows of grades.csv by the student's id."""
        with (self.out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
            return {row["id"]: row for row in csv.DictReader(file)}

    def grades(self) -> dict[str, dict[str, str]]:
        """The same without remarks: of a program that never listens, these tell how long it was
        waited for, and how much of that was the machine's."""
        return {
            who: {column: cell for column, cell in row.items() if column != "remarks"}
            for who, row in self.gradebook().items()
        }

    def events(self, student: str, lab: str = "echo") -> list[dict[str, Any]]:
        file = self.out / "runs" / student / f"{lab}.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()]

    def outcomes(self, student: str, lab: str = "echo") -> dict[str, tuple[str, Any]]:
        """By clause, the outcome and points in the run that counts."""
        verdicts = [e for e in self.events(student, lab) if e["event"] == "verdict"]
        assert len({v["clause"] for v in verdicts}) == len(verdicts)
        return {v["clause"]: (v["outcome"], v["points"]) for v in verdicts}

    def run_files(self) -> dict[str, tuple[int, int]]:
        """Times and sizes of the run files, which show whether a run was made again."""
        return {
            file.parent.name: (file.stat().st_ino, file.stat().st_mtime_ns)
            for file in self.out.glob("runs/*/*.jsonl")
        }

    def settled_files(self) -> dict[str, tuple[int, int]]:
        """The same, of those whose run the next call leaves alone."""
        left_open = self.left_open()
        return {who: found for who, found in self.run_files().items() if who not in left_open}

    def forget_results(self) -> None:
        shutil.rmtree(self.out)
