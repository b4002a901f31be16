"""The lab of CONTRIBUTING.md, taken from the page and run as the page says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kit.pages import TOP, file_in, section, text_of


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the page."""
    page = section(text_of("CONTRIBUTING.md"), "A lab of your own")
    folder = tmp_path_factory.mktemp("desk")
    (folder / "my_labs").mkdir()
    for name in ("my_labs/adder.md", "my_labs/adder.py", "adder_server.py"):
        (folder / name).write_text(file_in(page, name), encoding="utf-8")
    return folder


def conformance(desk: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance", *words, "--labs", "my_labs"],
        cwd=desk,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": str(TOP), "LC_ALL": "C.UTF-8"},
        text=True,
        capture_output=True,
        timeout=240,
        check=False,
    )


def outcomes(desk: Path, server: str) -> dict[str, str]:
    done = conformance(desk, "check", server, "--lab", "adder", "--json", "-")
    run: dict[str, Any] = json.loads(done.stdout)
    return {verdict["clause"]: verdict["outcome"] for verdict in run["verdicts"]}


def test_the_lab_is_listed_and_explained(desk: Path) -> None:
    assert "a TCP server that adds up" in conformance(desk, "labs").stdout
    told = conformance(desk, "explain", "adder", "2.2", "--source").stdout
    assert "keeps clients apart" in told
    assert "async def keeps_clients_apart(server):" in told


def test_the_server_of_the_page_conforms(desk: Path) -> None:
    done = conformance(desk, "check", "adder_server.py", "--lab", "adder")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 of 7 points" in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "failing"),
    [
        pytest.param("                return\n", "                continue\n", {"2.3"}, id="end"),
        pytest.param("total += int(word)", "total = int(word)", {"2.1"}, id="sum"),
        pytest.param("        total = 0\n", "        global total\n", {"2.2"}, id="one-sum"),
        pytest.param('word.lstrip("-").isdigit()', "True", {"2.4"}, id="no-number"),
    ],
)
def test_each_mistake_fails_its_own_clause(
    desk: Path, old: str, new: str, failing: set[str]
) -> None:
    source = (desk / "adder_server.py").read_text(encoding="utf-8")
    assert source.count(old) == 1
    beginning = "total = 0\n" if "global" in new else ""
    broken = desk / f"broken_{min(failing).replace('.', '_')}.py"
    broken.write_text(beginning + source.replace(old, new), encoding="utf-8")
    found = outcomes(desk, broken.name)
    assert {number for number, outcome in found.items() if outcome == "failed"} == failing
