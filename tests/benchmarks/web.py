"""One web server checked by the suite, and by what courses use: pytest with requests. How many
verdicts a minute, how many of a set of planted mistakes each sees; and, where ab is installed, how
many requests a second the server answers.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .handed_in import REFERENCES
from .tables import Sizes, Table, say

LAB = REFERENCES / "http-server"
REFERENCE = LAB / "python" / "threaded"
PLAIN = Path(__file__).parent / "plain_web"
USUAL = 20
"""Mistakes, spread over those of the reference."""
REQUESTS, AT_A_TIME = 5_000, 100


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    size = sizes.of(USUAL)
    say("web: the reference, by the suite and by pytest")
    ours, plain = _by_the_suite(REFERENCE, folder), _by_pytest(REFERENCE)
    seen = [0, 0]
    mistakes = _mistakes(size)
    for name, edit in mistakes:
        say(f"web: {name}")
        program = folder / name
        shutil.copytree(REFERENCE, program)
        edit(program)
        seen[0] += _by_the_suite(program, folder)[2] > 0
        seen[1] += _by_pytest(program)[2] > 0
    rows = [
        [what, f"{verdicts}", f"{seconds:.1f} s", f"{60 * verdicts / seconds:,.0f}",
         f"{found} of {len(mistakes)}"]
        for what, (verdicts, seconds, _), found in (
            ("conformance check", ours, seen[0]), ("pytest with requests", plain, seen[1]),
        )
    ]  # fmt: skip
    yield Table(
        "One web server (Python, a thread for each client)",
        ["", "verdicts", "time", "verdicts a minute", "mistakes seen"],
        rows,
        [_requests_a_second(folder)],
    )


def _by_the_suite(program: Path, folder: Path) -> tuple[int, float, int]:
    """Verdicts, seconds, and how many clauses it fails."""
    report = folder / "report.json"
    words = [sys.executable, "-m", "conformance", "check", str(program), "--lab", "http-server"]
    began = time.monotonic()
    subprocess.run([*words, "--json", str(report)], stdout=subprocess.DEVNULL, check=False)
    took = time.monotonic() - began
    verdicts = json.loads(report.read_text(encoding="utf-8"))["verdicts"]
    return len(verdicts), took, sum(each["outcome"] == "failed" for each in verdicts)


def _by_pytest(program: Path) -> tuple[int, float, int]:
    began = time.monotonic()
    words = [sys.executable, "-m", "pytest", "-q", "-c", str(PLAIN / "pytest.ini"), str(PLAIN)]
    environment = {**os.environ, "SERVER": str(program)}
    ran = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    took = time.monotonic() - began
    counts = {word: int(count) for count, word in re.findall(r"(\d+) (\w+)", ran.stdout)}
    failed = counts.get("failed", 0) + counts.get("error", 0) + counts.get("errors", 0)
    return counts.get("passed", 0) + failed, took, failed


def _mistakes(size: int) -> list[tuple[str, _Edit]]:
    """Mutants of that reference, spread evenly over its clauses."""
    mutants = tomllib.loads((LAB / "mutants.toml").read_text(encoding="utf-8"))["mutant"]
    own = [each for each in mutants if each["file"].startswith("python/threaded/")]
    chosen = own[:: max(1, len(own) // size)][:size]
    return [(each["name"], _Edit(each)) for each in chosen]


class _Edit:
    def __init__(self, mutant: dict[str, str]) -> None:
        self.mutant = mutant

    def __call__(self, program: Path) -> None:
        file = program / Path(self.mutant["file"]).name
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(self.mutant["old"], self.mutant["new"]), encoding="utf-8")


def _requests_a_second(folder: Path) -> str:
    ab = shutil.which("ab")
    if ab is None:
        return "ab is not installed (apache2-utils): how many requests a second is not known."
    with _running(folder) as url:
        words = [ab, "-q", "-k", "-n", str(REQUESTS), "-c", str(AT_A_TIME), url]
        ran = subprocess.run(words, capture_output=True, text=True, check=False)
    found = re.search(r"Requests per second:\s+([\d.]+)", ran.stdout)
    rate = f"{float(found[1]):,.0f}" if found else "no"
    return f"By ab the server answers {rate} requests a second, {AT_A_TIME} clients at a time."


@contextmanager
def _running(folder: Path) -> Iterator[str]:
    """The reference, for as long as the block."""
    work = folder / "running"
    shutil.copytree(REFERENCE, work)
    (work / "www").mkdir()
    (work / "www" / "hello.txt").write_text("Hello, world!\n")
    server = subprocess.Popen([sys.executable, "server.py"], cwd=work, stderr=subprocess.DEVNULL)
    try:
        _until_it_listens()
        yield "http://localhost:8080/hello.txt"
    finally:
        server.terminate()
        server.wait()


def _until_it_listens() -> None:
    until = time.monotonic() + 10.0
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("localhost", 8080), 1.0):
            return
        time.sleep(0.05)
