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

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance import __version__
from conformance.cli import main

HERE = Path(__file__).parent
RUNS = HERE / "runs"
CLASS = HERE / "class"

REWRITE = "REWRITE_GOLDEN"
"""The variable of the environment that has the stored renderings written anew."""

WITHIN = 240.0
"""Seconds for a class to be graded: a bound, many times what it takes."""

FORMATS = {
    "--json": "run.json",
    "--junit": "junit.xml",
    "--html": "page.html",
    "--ctrf": "ctrf.json",
    "--tap": "report.tap",
    "--annotations": "annotations.txt",
    "--summary": "summary.md",
    "--gradescope": "gradescope.json",
    "--classroom50": "classroom50.json",
    "--github-classroom": "github-classroom.txt",
    "--prairielearn": "prairielearn.json",
    "--autolab": "autolab.txt",
    "--vpl": "vpl.txt",
}
"""The options that write a run to a file, and how it is called here."""

DIALECTS = ("jenkins", "ant")
"""Of JUnit XML, beside that of `--junit` alone."""

Files = Mapping[str, bytes]
"""What was rendered, by the name of its file."""


def render_run(events: Path, folder: Path) -> Files:
    """What `report` shows and writes of a run; it writes into `folder`."""
    written = {option: folder / name for option, name in FORMATS.items()}
    asked = [word for option, file in written.items() for word in (option, file)]
    shown = _call("report", events, *asked, columns=100)
    for dialect in DIALECTS:
        written[dialect] = folder / f"junit-{dialect}.xml"
        other = ("--junit", written[dialect], "--junit-dialect", dialect)
        _call("report", events, *other, columns=100)
    assert all(file.exists() for file in written.values()), shown.decode()
    return {
        "console.txt": shown,
        "french.txt": _call("report", events, "--lang", "fr", columns=100),
        "verbose.txt": _call("report", events, "--verbose", columns=72),
        **{file.name: _without_style(file.read_bytes()) for file in written.values()},
    }


def render_class(results: Path, *words: str) -> Files:
    """What `report` shows and writes of a class, in the folder of its results."""
    shown = _call("report", results, *words, columns=100)
    names = ("grades.csv", "class.xml", "index.html")
    written = [*(results / name for name in names), *results.glob("students/*")]
    files = {str(f.relative_to(results)): _without_style(f.read_bytes()) for f in written}
    return {**files, "summary.txt": shown, "class.db.txt": _rows(results / "class.db")}


def fill_gradebook(results: Path, export: Path, *words: str) -> Files:
    """What `gradebook` shows, and the filled file, of the class's first lab."""
    copy = results / export.name
    shutil.copy(export, copy)
    filled = results / f"filled{export.suffix}"
    call = ("gradebook", results, "--fill", copy, "--lab", "echo", "--out", filled, *words)
    shown = _call(*call, columns=100).replace(str(results).encode(), b"DIR")
    return {export.name: filled.read_bytes(), f"{export.stem}.txt": shown}


def list_alike(folder: Path) -> Files:
    """What `alike` shows and writes of the class's hand-ins; it writes into `folder`."""
    json_file, page = folder / "alike.json", folder / "alike.html"
    call = ("alike", CLASS / "class.toml", "--json", json_file, "--html", page)
    shown = _call(*call, columns=100)
    written = json_file.read_bytes().replace(__version__.encode(), b"VERSION")
    assert page.exists(), shown.decode()
    return {"console.txt": shown, json_file.name: written}


def render_diff(old: Path, new: Path, folder: Path) -> Files:
    """What `diff` shows and writes, without the paths of this machine."""
    json_file = folder / "diff.json"
    shown = _call("diff", old, new, "--json", json_file, columns=100)
    told = json.loads(json_file.read_text(encoding="ascii"))
    told |= {"old": "OLD", "new": "NEW"}
    return {"diff.txt": shown, json_file.name: f"{json.dumps(told, indent=2)}\n".encode()}


def correct(
    results: Path, student: str, lab: str, clause: str, *, points: int, because: str
) -> None:
    """Corrects a clause of a class by hand."""
    words = ["override", student, lab, clause, "--points", points, "--because", because]
    shown = _call(*words, "--out", results, columns=100)
    assert shown.endswith(b"exit status 0\n"), shown.decode()


def copied_results(folder: Path, *, reveal: str = "hints", language: str = "") -> Path:
    """The stored results in a folder where reports may be written. `language`: what the class says
    that students read."""
    results = folder / "results"
    shutil.copytree(CLASS / "results", results)
    events = results / "class.jsonl"
    told = events.read_text(encoding="ascii")
    assert told.count('"reveal":"hints"') == 1
    if language:
        told = told.replace('"reveal":"hints"', f'"lang":"{language}","reveal":"hints"')
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
        # Decoded, so that a difference is shown as one of lines; what is no UTF-8, in escapes.
        told, before = (
            each.decode(errors="backslashreplace") for each in (data, stored[name].read_bytes())
        )
        assert told == before, f"{expected.name}: {name}"
        assert data == stored[name].read_bytes()


def _call(*words: object, columns: int) -> bytes:
    """What a command shows at a width of so many columns, and its exit status."""
    environment = {"COLUMNS": str(columns)}
    done = CliRunner().invoke(main, list(map(str, words)), env=environment)
    return f"{done.output}exit status {done.exit_code}\n".encode()


def _without_style(page: bytes) -> bytes:
    """A page without its style sheet and its script, and their hashes: how it looks is not
    stored."""
    for tag in (b"style", b"script"):
        page = re.sub(b"<%b>.*?</%b>" % (tag, tag), b"<%b></%b>" % (tag, tag), page, flags=re.S)
    return re.sub(rb"sha256-[A-Za-z0-9+/=]+", b"sha256-", page)


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
