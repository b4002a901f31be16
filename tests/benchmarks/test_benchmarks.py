"""Each benchmark runs, on a class so small that its figures mean nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from conformance.classes.results.class_log import CLASS_FILE
from conformance.sandbox import Tier, probe
from kit.desk import GONE_WITHIN

REPOSITORY = Path(__file__).resolve().parents[2]
WITHIN = 900.0
"""Seconds: a bound, many times what the longest takes."""

CALLS = {
    "streaming": (["--size", "1", "--lines", "3"], ["conformance grade", "xdist -n 16"]),
    "memory": (["--size", "2", "--lines", "5"], ["ours", "its own alone", "servers"]),
    "echo": (["--size", "1"], ["conformance grade, MUST clauses", "all clauses"]),
    "broken": (["--size", "4"], ["MUST clauses", "all clauses", "mute", "right"]),
    "flat": (["--size", "3"], ["to 1", "to 3", "within 10 %"]),
    "timing": (["--size", "2", "--seconds", "1", "--loops", "1"], ["1 busy loops"]),
    "loaded": (
        ["--size", "2", "--lines", "4", "--loops", "1"],
        ["conforming", "drift of 5 %", "echo, MUST"],
    ),
    "same": (["--size", "2", "--lines", "3", "--loops", "1"], ["echo", "streaming-time"]),
    "machines": (["--size", "2"], ["nothing", "a worker"]),
    "lines": (["--size", "1"], ["1,000"]),
    "parts": (["--size", "4"], ["at once", "part 4", "all parts", "merge"]),
    "page": (["--size", "2"], ["2 × 30"]),
    "scale": (["--size", "32"], ["called again", "4 × 8", "20"]),
    "check": ([], ["check of echo java", "--help"]),
    "web": (["--size", "1"], ["conformance check", "pytest with requests"]),
    "real": ([], ["nginx", "python_http_server", "node_http"]),
    "serving": (["--size", "1", "--loops", "1"], ["echo c/fork", "presence java/PresenceServer"]),
}


def benchmark(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", *arguments],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=WITHIN,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _hosts() -> None:
    if probe().tier is Tier.NONE:
        pytest.skip("without network namespaces one server runs at a time: nothing to compare")


@pytest.mark.parametrize("name", CALLS)
def test_a_benchmark_prints_its_table(name: str) -> None:
    options, rows = CALLS[name]
    ran = benchmark(name, *options)
    assert ran.returncode == 0, ran.stderr
    cells = [line.split(" | ") for line in ran.stdout.splitlines() if line.startswith("| ")]
    assert cells, ran.stdout
    firsts = [row[0].strip("| ") for row in cells]
    for row in rows:
        assert any(row in first for first in firsts), ran.stdout
    assert re.search(r"\d cores, \d+ GiB, Linux", ran.stdout)


def test_a_recorded_grading_ends_with_the_benchmark(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / CLASS_FILE)  # nobody writes: whoever reads it waits
    call = "import sys; from pathlib import Path; from tests.benchmarks.recorded import took"
    call += "; took(Path(sys.argv[1]), 'read', sys.argv[1])"
    parent = psutil.Popen([sys.executable, "-c", call, str(tmp_path)], cwd=REPOSITORY)
    try:
        until = time.monotonic() + WITHIN
        while not (children := parent.children()) and time.monotonic() < until:
            time.sleep(0.02)
        assert children
    finally:
        parent.kill()
        parent.wait()
    left = psutil.wait_procs(children, timeout=GONE_WITHIN)[1]
    for process in left:
        process.kill()
    assert not left


def test_an_unknown_name_is_refused() -> None:
    ran = benchmark("no-such-benchmark")
    assert ran.returncode == 2
    assert "no-such-benchmark" in ran.stderr
