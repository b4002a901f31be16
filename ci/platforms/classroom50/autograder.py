#!/usr/bin/env python3
"""The autograder of an assignment on Classroom 50: CLASSROOM/autograders/ASSIGNMENT/autograder.py,
with feedback.toml beside it. The runner calls it in the student's checkout, and reads result.json.

Exit status: 0 where all was judged, whatever came of it; else not 0: the runner records an error
then, and no grade.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

LAB = os.environ.get("LAB", "echo")
TIER = os.environ.get("TIER", "full")
OPTIONS = shlex.split(os.environ.get("OPTIONS", ""))
SUITE = os.environ.get("SUITE", "https://github.com/my-course/conformance.git")
REF = os.environ.get("REF", "main")
WITHIN = 1_200.0
"""Seconds for the check; installing takes a few minutes more."""

HERE = Path(__file__).resolve().parent
RESULT = Path("result.json")
RESTRICTION = "kernel/apparmor_restrict_unprivileged_userns"
"""Ubuntu 24.04 forbids user namespaces to programs without an AppArmor profile."""


def installed() -> str:
    """The command `conformance`, installed if it is not there yet."""
    if given := os.environ.get("CONFORMANCE"):
        return given
    place = Path(os.environ.get("RUNNER_TEMP", "/tmp")) / "conformance"
    if Path("/proc/sys", RESTRICTION).exists():
        subprocess.run(["sudo", "sysctl", "-w", f"{RESTRICTION}=0"], check=True)
    clone = ["git", "clone", "--quiet", "--depth", "1", "--branch", REF, SUITE, str(place)]
    subprocess.run(clone, check=True)
    subprocess.run([str(place / "ci/provision.sh")], check=True)
    return str(place / ".venv/bin/conformance")


def remove_students_own() -> None:
    """A student's repository may hold a result.json of its own."""
    if RESULT.is_dir() and not RESULT.is_symlink():
        shutil.rmtree(RESULT)
    else:
        RESULT.unlink(missing_ok=True)


def main() -> int:
    remove_students_own()
    words = [
        *(installed(), "check", ".", "--lab", LAB, "--require-tier", TIER),
        *("--classroom50", str(RESULT), "--feedback", str(HERE / "feedback.toml"), *OPTIONS),
    ]
    done = subprocess.run(words, timeout=WITHIN, check=False)
    judged = done.returncode in (0, 1) and RESULT.is_file()
    return 0 if judged else 3


if __name__ == "__main__":
    sys.exit(main())
