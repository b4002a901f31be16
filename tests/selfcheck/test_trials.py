"""Real references and mutants, a few of them: `conformance selfcheck` itself runs them all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

WITHIN = 300.0
"""Seconds for whatever a test awaits: a bound; the longest takes forty on an idle machine."""

NEVER = """\
\"\"\"Opens no port, for ever.

Lab: echo
Leaves to the student: nothing
\"\"\"
import time
time.sleep(1000)
"""
EDIT = """\
[[mutant]]
name = "ends-at-once"
file = "python/never.py"
old = "time.sleep(1000)"
new = "time.sleep(0)"
fails = ["1.1", "4.1"]
idea = "Zero is a number."
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own, which is closed to others: root's sessions run as another user."""
    with tempfile.TemporaryDirectory(prefix="selfcheck-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def selfcheck(folder: Path, *words: str) -> subprocess.Popen[str]:
    """With a temporary folder of its own, to see what it leaves there."""
    (folder / "tmp").mkdir()
    (folder / "tmp").chmod(0o711)  # a session's user passes through it
    return subprocess.Popen(
        [sys.executable, "-m", "conformance", "selfcheck", *words],
        env={**os.environ, "TMPDIR": str(folder / "tmp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_mutant_is_caught(folder: Path) -> None:
    file = folder / "matrix.json"
    running = selfcheck(
        folder, "echo", "--mutant", "calls-a-coroutine-without-running-it", "--json", str(file)
    )
    out, err = running.communicate(timeout=WITHIN)
    assert running.returncode == 0, out + err
    [found] = json.loads(file.read_text())["labs"]["echo"]["mutants"]
    assert found["outcomes"]["1.1"] == "failed"
    assert set(found["outcomes"].values()) == {"failed", "not_run"}
    assert list((folder / "tmp").iterdir()) == []


@pytest.mark.slow
def test_accused_references_and_surviving_mutants_are_told(folder: Path) -> None:
    lab = folder / "references" / "echo"
    (lab / "python").mkdir(parents=True)
    (lab / "python/never.py").write_text(NEVER)
    (lab / "mutants.toml").write_text(EDIT)
    running = selfcheck(folder, "echo", "--references", str(lab.parent))
    out, err = running.communicate(timeout=WITHIN)
    assert running.returncode == 3, out + err  # a reference of which little was judged
    assert "# 1.1 listens MUST: fails, and should not" in out, out
    assert "o 4.1 hangs_up_after_bye MUST: should fail, and does not" in out


def test_interrupted_it_leaves_nothing(folder: Path) -> None:
    running = selfcheck(folder, "echo", "--no-mutants", "--jobs", "3")
    assert running.stderr is not None
    running.stderr.readline()
    started = psutil.Process(running.pid)
    until = time.monotonic() + WITHIN
    while len(started.children(recursive=True)) < 6:
        assert running.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)  # to look takes a core, which those who shall start need
    below = started.children(recursive=True)
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=WITHIN)
    assert running.returncode == 3
    assert "interrupted" in err
    assert "programs not tried" in out, "what was found is told, and what was not"
    _, alive = psutil.wait_procs(below, timeout=WITHIN)
    assert alive == []
    assert list((folder / "tmp").iterdir()) == []
