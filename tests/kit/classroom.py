"""A place where a test sets up a class, grades it, and reads the results."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.desk import Checked, Desk

ANSWERS_WRONG = """
    def answer(client, text):
        client.sendall(f"{text.upper()}\\n".encode())
"""
ENDS_AT_ONCE = "import sys\nsys.exit(0)\n"
NEVER_LISTENS = "import time\ntime.sleep(1000)\n"
"""It takes twenty seconds to grade: for tests that need a grading under way."""

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
        return self.desk.call(*self.words(*arguments), command=(), **environment)

    def words(self, *arguments: object) -> list[object]:
        return ["grade", self.folder, "--out", self.out, *arguments]

    def gradebook(self) -> dict[str, dict[str, str]]:
        """The rows of grades.csv by the student's id."""
        with (self.out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
            return {row["id"]: row for row in csv.DictReader(file)}

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

    def forget_results(self) -> None:
        shutil.rmtree(self.out)
