"""The wheel, installed where there is no checkout: all that a user of pip, pipx or uvx has."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.sandbox import Tier, probe

PROJECT = Path(__file__).resolve().parents[2]
SUPPLIED = ("reference_servers", "student_submissions")

WITHIN = 240.0
"""Seconds for one command: a bound, many times what the longest takes on an idle machine."""


@dataclass(frozen=True)
class Installed:
    """An environment that holds the wheel, and a folder outside the checkout to work in."""

    python: Path
    folder: Path

    def environment(self) -> dict[str, str]:
        dropped = ("PYTHON", "CONFORMANCE_", "PYTEST_", "VIRTUAL_ENV", "XDG_")
        kept = {name: v for name, v in os.environ.items() if not name.startswith(dropped)}
        return {**kept, "TMPDIR": str(self.folder / "tmp"), "LC_ALL": "C.UTF-8", "COLUMNS": "100"}

    def command(self, *words: object) -> list[str]:
        return [str(self.python.with_name("conformance")), *map(str, words)]

    def call(self, *words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words), cwd=self.folder, env=self.environment(), timeout=WITHIN,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `pip install git+https://…` builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=PROJECT, timeout=WITHIN, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Iterator[Installed]:
    """With no more of this Python than the packages that the wheel asks for."""
    folder = Path(tempfile.mkdtemp(prefix="installed-"))
    folder.chmod(0o711)  # pytest's own folders are for one user, and programs run as another
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    python = folder / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    done = subprocess.run(
        [*pip, "--no-deps", "--no-index", str(wheel)],
        cwd=folder, timeout=WITHIN, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    paths = sysconfig.get_paths(vars={"base": str(folder / "venv")}, scheme="venv")
    # A folder that is named here is searched, but its own .pth files are not read: this
    # project, which is installed there, is not found.
    needed = Path(paths["purelib"], "needed.pth")
    needed.write_text(sysconfig.get_path("purelib") + "\n")
    (folder / "tmp").mkdir(mode=0o1777)
    yield Installed(python, folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def tier() -> Tier:
    return probe().tier


def handed_over(name: str) -> dict[str, bytes]:
    """What git has of a folder of the checkout, by path."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", name],
        cwd=PROJECT, timeout=WITHIN, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode != 0:
        pytest.skip("this is no checkout")
    return {path: (PROJECT / path).read_bytes() for path in listed.stdout.split("\0") if path}


@pytest.mark.parametrize("name", SUPPLIED)
def test_the_wheel_holds_every_file_and_no_other(wheel: Path, name: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = {
            path.removeprefix("conformance/"): archive.read(path)
            for path in archive.namelist()
            if path.startswith(f"conformance/{name}/")
        }
    assert inside == handed_over(name)
    assert inside


def test_an_editable_installation_reads_the_checkout() -> None:
    """Where this one is one: it holds no copy that could be older."""
    here = Path(sysconfig.get_path("purelib"))
    if not here.is_relative_to(PROJECT):
        pytest.skip("this is not the environment of ci/provision.sh")
    assert not (here / "conformance").exists()
    assert not any((PROJECT / "conformance" / name).exists() for name in SUPPLIED)


def test_it_is_the_installed_one(installed: Installed) -> None:
    done = subprocess.run(
        [installed.python, "-c", "import conformance; print(conformance.__file__)"],
        cwd=installed.folder, env=installed.environment(), timeout=WITHIN,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert Path(done.stdout.strip()).is_relative_to(installed.folder), done.stdout + done.stderr


def test_the_references_pass(installed: Installed) -> None:
    """Of the variant whose references are the fewest."""
    done = installed.call("selfcheck", "echo-sequential", "--no-mutants")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^[1-9]\d* programs to check", done.stderr, re.MULTILINE), done.stderr


def test_a_sample_is_written_and_checked(installed: Installed) -> None:
    written = installed.call("samples", "class")
    assert written.returncode == 0, written.stderr
    assert written.stderr.startswith("12 hand-ins")
    folder = installed.folder / "class"
    assert not list(folder.rglob("__pycache__"))
    done = installed.call(
        "check", "class/giulia", "--lab", "echo", "--only", "3.1,3.8", "--json", "-"
    )
    assert done.returncode == 1, done.stdout + done.stderr
    outcomes = {each["clause"]: each["outcome"] for each in json.loads(done.stdout)["verdicts"]}
    assert outcomes == {"3.1": "passed", "3.8": "failed"}


def test_samples_are_written_over_nothing(installed: Installed) -> None:
    (installed.folder / "mine").mkdir()
    done = installed.call("samples", "mine")
    assert (done.returncode, done.stderr) == (
        2, "conformance: mine is there already: name a new folder\n"
    )  # fmt: skip
    assert not list((installed.folder / "mine").iterdir())


def test_a_lab_is_written_and_found(installed: Installed) -> None:
    written = installed.call("new-lab", "lease")
    assert written.returncode == 0, written.stderr
    assert "greets each by name" in installed.call("labs", "lease", "--labs", ".").stdout


def test_a_reference_is_served(installed: Installed, tier: Tier) -> None:
    """On a network of its own, where its port is free."""
    if tier not in (Tier.FULL, Tier.NETWORK):
        pytest.skip(f"this machine has tier {tier} only")
    alone = ["unshare", "--user", "--map-root-user", "--net"]
    process = subprocess.Popen(
        [*alone, *installed.command("serve", "echo-sequential")],
        cwd=installed.folder, env=installed.environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    told, deadline = b"", time.monotonic() + WITHIN
    try:
        while b"Ctrl-C ends it." not in told:
            left = deadline - time.monotonic()
            assert left > 0, told
            assert select.select([process.stderr], [], [], left)[0], told
            more = os.read(process.stderr.fileno(), 65_536)
            assert more, told
            told += more
        process.terminate()  # a TERM ends it as Ctrl-C does
        process.wait(WITHIN)
    finally:
        process.kill()
        process.communicate()
    assert b"on port 2424" in told
