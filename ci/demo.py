"""Checks a reference server and the sample class, and compares with what is expected of
each (tests/submissions/sample_class.toml)."""

import subprocess
import sys
import tomllib
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
CONFORMANCE = str(Path(sys.executable).parent / "conformance")


def check(path: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs `conformance check` as a teacher would."""
    command = [CONFORMANCE, "check", path, *options]
    print(f"\n$ conformance {' '.join(command[1:])}", flush=True)
    return subprocess.run(command, cwd=TOP, text=True, capture_output=True, check=False)


def main() -> int:
    wrong = []
    reference = check("reference_servers/echo/python/thread_per_client.py", "--lab", "echo")
    print(reference.stdout + reference.stderr)
    if reference.returncode != 0:
        wrong.append(f"the reference server: status {reference.returncode}")
    sample = tomllib.loads((TOP / "tests/submissions/sample_class.toml").read_text("utf-8"))
    for student in sample["student"]:
        entry = f"student_submissions/{student['entry']}"
        run = check(entry, "--lab", student["lab"], "--fetch-dependencies")  # one is Maven's
        print(run.stdout[-1_500:].split("\n\n", 1)[-1] + run.stderr)
        if run.returncode != student["status"]:
            wrong.append(f"{student['entry']}: status {run.returncode}, not {student['status']}")
    print("\nAll as expected." if not wrong else "\nNot as expected: " + "; ".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
