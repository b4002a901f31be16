"""ci/provision.sh, on machines that lack this and that: its apt-get, sudo and id are ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
WITHIN = 60.0
"""Seconds for one run: a bound, it takes a tenth of one."""

OF_THE_SYSTEM = (
    "bash", "env", "cat", "dirname", "find", "mktemp", "rm", "sleep", "tail", "touch", "tr", "true",
)  # fmt: skip
TOOLS = (
    "bwrap", "javac", "mvn", "node", "npm", "gcc", "c++", "make", "nc", "telnet", "tshark", "ip",
    "chromium", "msgfmt",
)  # fmt: skip
"""What the script looks for by name, of its own users and of the tests."""

BRINGS = {
    "bubblewrap": "bwrap", "default-jdk-headless": "javac", "maven": "mvn", "nodejs": "node",
    "npm": "npm", "gcc": "gcc", "g++": "c++", "make": "make", "netcat-openbsd": "nc",
    "telnet": "telnet", "tshark": "tshark", "iproute2": "ip", "chromium": "chromium",
    "gettext": "msgfmt",
}  # fmt: skip

APT = """#!/usr/bin/env python3
import os, sys
from pathlib import Path
brings, bin, log, broken = {brings!r}, Path({bin!r}), Path({log!r}), {broken!r}
with log.open("a") as file:
    print(*sys.argv[1:], file=file)
names = [word for word in sys.argv[2:] if not word.startswith("-") and "::" not in word]
if sys.argv[1] == "install":
    if set(names) & set(broken):
        sys.exit("E: Unable to correct problems, you have held broken packages.")
    print("0 upgraded, 7 newly installed, 0 to remove and 0 not upgraded.")
    for name in names:
        print("Setting up", name)
        if name in brings:
            (bin / brings[name]).touch(0o755)
"""


@dataclass
class Machine:
    """A project whose environment is made already, and a PATH of few programs."""

    folder: Path
    lacking: tuple[str, ...]
    user: int = 0
    sudo: str | None = None
    """What it does: "works", "asks"; None where there is none."""
    broken: tuple[str, ...] = ()
    """The packages that apt cannot install."""
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.folder / "apt.log"
        tools = self.folder / "bin"
        tools.mkdir()
        for name in OF_THE_SYSTEM:
            (tools / name).symlink_to(str(shutil.which(name)))
        (tools / "python3").symlink_to(sys.executable)
        for name in set(TOOLS) - set(self.lacking):
            self.program(name, "exit 0")
        self.program("id", f"echo {self.user}")
        if self.sudo:
            runs = 'shift; exec "$@"' if self.sudo == "works" else "exit 1"
            self.program("sudo", runs)
        apt = APT.format(brings=BRINGS, bin=str(tools), log=str(self.log), broken=self.broken)
        (tools / "apt-get").write_text(apt)
        (tools / "apt-get").chmod(0o755)
        project = self.folder / "project"
        for name in ("ci", ".venv/bin"):
            (project / name).mkdir(parents=True)
        for name in ("ci/provision.sh", "ci/requirements.txt", "pyproject.toml"):
            shutil.copy(PROJECT / name, project / name)
        for name in (".venv/bin/python", ".venv/bin/conformance"):
            (project / name).write_text("#!/bin/sh\necho conformance, version 0\n")
            (project / name).chmod(0o755)
        for name in (".venv/installed", ".venv/installed-tests"):
            (project / name).touch()

    def program(self, name: str, script: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def provision(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", self.folder / "project/ci/provision.sh", *words],
            env={"PATH": str(self.folder / "bin"), "TMPDIR": str(self.folder), **environment},
            timeout=WITHIN, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip

    @property
    def installed(self) -> list[str]:
        """The packages of each call of `apt-get install`, in a line."""
        calls = self.log.read_text().splitlines() if self.log.exists() else []
        return [
            " ".join(word for word in call.split()[1:] if word[0] != "-" and "::" not in word)
            for call in calls
            if call.startswith("install")
        ]


@pytest.fixture(autouse=True)
def _a_python_that_makes_environments() -> None:
    """The script asks the system's own, whatever the PATH."""
    probe = "import ensurepip, pip, sys; sys.exit(sys.version_info < (3, 11))"
    if (
        not os.path.exists("/usr/bin/python3")
        or subprocess.run(
            ["/usr/bin/python3", "-c", probe], timeout=WITHIN, capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("this system's Python has no venv, or no pip")


@pytest.mark.parametrize(
    ("lacking", "packages"),
    [
        ((), []),
        (("telnet",), ["telnet"]),
        (("node",), ["nodejs"]),  # whose npm came from elsewhere
        (("npm",), ["npm"]),  # whose Node did
        (("javac", "mvn"), ["default-jdk-headless maven"]),
        (("bwrap", "c++", "nc"), ["bubblewrap g++ netcat-openbsd"]),
        (("tshark", "ip"), []),  # for the tests only
    ],
)
def test_only_what_is_missing_is_installed(
    tmp_path: Path, lacking: tuple[str, ...], packages: list[str]
) -> None:
    machine = Machine(tmp_path, lacking)
    done = machine.provision()
    assert machine.installed == packages, done.stdout
    assert done.returncode == 0
    assert "ready: conformance, version 0" in done.stdout
    assert "going without" not in done.stdout
    assert ("7 newly installed" in done.stdout) is bool(packages)


def test_the_quick_part_leaves_the_rest(tmp_path: Path) -> None:
    machine = Machine(tmp_path, TOOLS)
    assert machine.provision("--python").returncode == 0
    assert machine.installed == ["bubblewrap"]


def test_tests_want_more(tmp_path: Path) -> None:
    machine = Machine(tmp_path, ("ip", "tshark"))
    assert machine.provision("--tests").returncode == 0
    assert machine.installed == ["tshark iproute2"]


def test_one_package_that_apt_has_not_keeps_no_other_out(tmp_path: Path) -> None:
    machine = Machine(tmp_path, ("npm", "make"), broken=("npm",))
    done = machine.provision()
    assert done.returncode == 0
    assert machine.installed == ["npm make", "npm", "make"]
    assert "held broken packages" in done.stdout
    assert "going without: npm \n" in done.stdout


def test_by_sudo_where_it_asks_for_no_password(tmp_path: Path) -> None:
    machine = Machine(tmp_path, ("make",), user=1000, sudo="works")
    assert machine.provision().returncode == 0
    assert machine.installed == ["make"]


@pytest.mark.parametrize("sudo", ["asks", None])
def test_an_ordinary_user_is_told_what_is_missing(tmp_path: Path, sudo: str | None) -> None:
    machine = Machine(tmp_path, ("make", "mvn"), user=1000, sudo=sudo)
    done = machine.provision()
    assert done.returncode == 0
    assert machine.installed == []
    assert "going without: mvn make" in done.stdout
    assert "apt-get install maven make" in done.stdout
    assert ("sudo" in done.stdout) is bool(sudo)


@pytest.mark.parametrize(("part", "status"), [("--tests", 1), ("", 0)])
def test_in_ci_tests_go_without_nothing(tmp_path: Path, part: str, status: int) -> None:
    machine = Machine(tmp_path, ("mvn",), broken=("maven",))
    done = machine.provision(*part.split(), CI="true")
    assert done.returncode == status, done.stdout


def test_a_word_that_it_does_not_know(tmp_path: Path) -> None:
    done = Machine(tmp_path, ()).provision("--test")
    assert (done.returncode, done.stdout) == (2, "provision: there is no --test\n")
