"""The lab of CONTRIBUTING.md, taken from the page and tried as the page says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kit.pages import TOP, file_in, section, text_of

FILES = ("adder.md", "adder.py", "python/reference.py", "mutants.toml")
"""Those that the page changes, of what `new-lab` has written."""

PAGE = section(text_of("CONTRIBUTING.md"), "A lab of your own")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the lab of the page."""
    folder = tmp_path_factory.mktemp("desk")
    done = conformance(folder, *command("new-lab"))
    assert done.returncode == 0, done.stderr
    for name in FILES:
        (folder / "my_labs/adder" / name).write_text(file_in(PAGE, f"my_labs/adder/{name}"))
    return folder


def command(name: str) -> list[str]:
    """The first call of that command on the page."""
    found = next(line for line in PAGE.splitlines() if line.startswith(f"conformance {name} "))
    return found.split("#")[0].split()[1:]


def conformance(desk: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance", *words],
        cwd=desk,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": str(TOP), "LC_ALL": "C.UTF-8"},
        text=True,
        capture_output=True,
        timeout=240,
        check=False,
    )


def test_the_lab_is_listed_and_explained(desk: Path) -> None:
    assert "a TCP server that adds up" in conformance(desk, *command("labs")).stdout
    told = conformance(desk, *command("explain")).stdout
    assert "keeps clients apart" in told
    assert "async def keeps_clients_apart(server):" in told


def test_the_reference_of_the_page_conforms(desk: Path) -> None:
    done = conformance(desk, *command("check"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 of 7 points" in done.stdout


def test_each_mistake_fails_its_own_clause_and_no_impostor_gets_far(desk: Path) -> None:
    done = conformance(desk, *command("selfcheck"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 mutants, 2 impostors: all as they should be" in done.stdout
    assert "no mutant fails" not in done.stdout
