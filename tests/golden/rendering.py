"""Renders stored runs, and a stored class, by every report that there is.

The modules of the suite may move: what these tests need of it, they take through this file,
and this file takes the command line only.

`runs/NAME.jsonl` are runs as `conformance check --keep` wrote them, shortened: of what passed
there are some clauses only, of long conversations the beginning, and no captures. The programs
were the reference server in Python of each lab (good), the same with four or five faults (bad),
and small ones for what else a report may say: crashes, an interrupted run, a program that could
not be judged for want of its dependencies, a server that was running already (remote).
`class/results` was written by `conformance grade class.toml`, and corrected by hand.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main

HERE = Path(__file__).parent
RUNS = HERE / "runs"
CLASS = HERE / "class"

REWRITE = "REWRITE_GOLDEN"
"""The variable of the environment that has the stored renderings written anew."""

WITHIN = 240.0
"""Seconds for a class to be graded: a bound, many times what it takes."""

Files = Mapping[str, bytes]
"""What was rendered, by the name of its file."""


def render_run(events: Path, folder: Path) -> Files:
    """What `report` shows and writes of a run; it writes into `folder`."""
    json_file, junit = folder / "run.json", folder / "junit.xml"
    shown = _call("report", events, "--json", json_file, "--junit", junit, columns=100)
    assert json_file.exists(), shown.decode()
    return {
        "console.txt": shown,
        "verbose.txt": _call("report", events, "--verbose", columns=72),
        json_file.name: json_file.read_bytes(),
        junit.name: junit.read_bytes(),
    }


def render_class(results: Path) -> Files:
    """What `report` shows and writes of a class, in the folder of its results."""
    shown = _call("report", results, columns=100)
    written = [results / "grades.csv", results / "class.xml", *results.glob("students/*")]
    files = {str(file.relative_to(results)): file.read_bytes() for file in written}
    return {**files, "summary.txt": shown, "class.db.txt": _rows(results / "class.db")}


def copied_results(folder: Path, *, reveal: str = "hints") -> Path:
    """The stored results in a folder where reports may be written."""
    results = folder / "results"
    shutil.copytree(CLASS / "results", results)
    events = results / "class.jsonl"
    told = events.read_text(encoding="ascii")
    assert told.count('"reveal":"hints"') == 1
    events.write_text(told.replace('"reveal":"hints"', f'"reveal":"{reveal}"'), encoding="ascii")
    return results


def grade(class_file: Path, results: Path) -> subprocess.CompletedProcess[str]:
    """Grades a class, to its end."""
    words = ["grade", class_file, "--out", results]
    return subprocess.run(
        [sys.executable, "-m", "conformance", *map(str, words)],
        cwd=class_file.parent, timeout=WITHIN, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


def require_same(rendered: Files, expected: Path) -> None:
    """The rendered files are those of the folder `expected`, byte by byte."""
    if os.environ.get(REWRITE):
        shutil.rmtree(expected, ignore_errors=True)
        for name, data in rendered.items():
            file = expected / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        pytest.skip(f"{expected.relative_to(HERE)} was written anew")
    stored = {str(f.relative_to(expected)): f for f in expected.rglob("*") if f.is_file()}
    assert rendered.keys() == stored.keys()
    for name, data in rendered.items():
        # Decoded, so that a difference is shown as one of lines.
        assert data.decode() == stored[name].read_bytes().decode(), f"{expected.name}: {name}"


def _call(*words: object, columns: int) -> bytes:
    """What a command shows at a width of so many columns, and its exit status."""
    environment = {"COLUMNS": str(columns)}
    done = CliRunner().invoke(main, list(map(str, words)), env=environment)
    return f"{done.output}exit status {done.exit_code}\n".encode()


def _rows(database: Path) -> bytes:
    """All that the index of a class holds, but for the stamps of files, which are this disk's."""
    lines = []
    with closing(sqlite3.connect(database)) as index:
        for table in ("run", "verdict", "override"):
            found = index.execute(f"SELECT * FROM {table} ORDER BY author, lab")
            names = [column[0] for column in found.description]
            rows = [dict(zip(names, row, strict=True)) for row in found]
            lines += [f"{table} {row | {'stamp': '…'} if 'stamp' in row else row}" for row in rows]
    return "".join(f"{line}\n" for line in sorted(lines)).encode()
