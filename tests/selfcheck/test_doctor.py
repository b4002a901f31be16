"""What the doctor finds of a machine, told of machines that have this and lack that."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.sandbox import Isolation, Tier, kernel
from conformance.sandbox.measure.exhaustion import Left
from conformance.sandbox.measure.slowness import Slowness
from conformance.selfcheck import doctor
from conformance.selfcheck.doctor import Examined, examine, install, is_fit
from conformance.submissions import toolchain

Put = Callable[[str, str], None]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are looked for: empty."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def tool(path: Path) -> Put:
    """Puts a program there, a script of the shell."""

    def put(name: str, script: str) -> None:
        (path / name).write_text(f"#!/bin/sh\n{script}\n")
        (path / name).chmod(0o755)

    return put


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has everything; to try that takes seconds, and is tried elsewhere."""
    monkeypatch.setattr(doctor, "preload", lambda: None)
    monkeypatch.setattr(doctor, "probe", lambda: Isolation(Tier.FULL))
    monkeypatch.setattr(doctor, "measure", lambda: Slowness(1.0))
    monkeypatch.setattr(doctor, "processes_left", lambda: Left(100_000, "RLIMIT_NPROC"))
    monkeypatch.setattr(toolchain, "python", lambda *, with_venv=False: sys.executable)


def found(name: str) -> Examined:
    (finding,) = [each for each in examine() if each.name == name]
    return finding


def test_what_is_needed_comes_first_and_each_thing_once(path: Path) -> None:
    names = [finding.name for finding in examine()]
    assert names[:4] == ["Python", "venv", "isolation", "bubblewrap"]
    assert len(names) == len({*names})
    assert {tool.name for tool in doctor.TOOLS} < {*names}


def test_a_tool_that_is_there_has_its_version(tool: Put) -> None:
    tool("gcc", "echo 'gcc (Debian 12.2.0-14) 12.2.0'; echo 'Copyright 2022'")
    assert found("gcc").ok
    assert found("gcc").said == "12.2.0-14"
    tool("make", "echo 'GNU Make, of nobody knows when'")
    assert (found("make").ok, found("make").said) == (True, "installed")


def test_a_version_may_be_told_as_an_error(tool: Put) -> None:
    tool("java", "echo 'openjdk version \"17.0.13\" 2024-10-15' >&2")
    assert (found("java").ok, found("java").said) == (True, "17.0.13")


def test_one_that_would_begin_to_talk_is_not_started(tool: Put, tmp_path: Path) -> None:
    tool("telnet", f": > {tmp_path}/started")
    assert (found("telnet").ok, found("telnet").said) == (True, "installed")
    assert not (tmp_path / "started").exists()


def test_netcat_shows_its_help_with_status_1(tool: Put) -> None:
    tool("nc", "echo 'OpenBSD netcat (Debian patchlevel 1.219-1)' >&2; exit 1")
    assert (found("nc").ok, found("nc").said) == (True, "1.219-1")
    tool("npm", "echo 10.2.4; exit 1")
    assert (found("npm").ok, found("npm").said) == (False, "is there, but does not work")


def test_one_that_cannot_be_executed_does_not_work(path: Path) -> None:
    (path / "gcc").write_bytes(b"\x7fELF, and nothing else")
    (path / "gcc").chmod(0o755)
    assert (found("gcc").ok, found("gcc").said) == (False, "is there, but does not work")


def test_one_that_does_not_answer_may_work_all_the_same(
    tool: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "ASK_SECONDS", 0.2)
    tool("mvn", "exec /bin/sleep 600")
    maven = found("mvn")
    assert (maven.ok, maven.said, maven.remedy) == (False, "did not answer within 0 s", "")


@pytest.mark.parametrize(
    ("manager", "platform", "remedy"),
    [
        ("apt-get", "linux", "apt-get install maven"),
        ("", "darwin", "brew install maven"),
        ("", "linux", ""),
    ],
)
def test_what_is_missing_comes_with_the_command_that_installs_it(
    tool: Put, monkeypatch: pytest.MonkeyPatch, manager: str, platform: str, remedy: str
) -> None:
    if manager:
        tool(manager, "exit 0")
    monkeypatch.setattr(sys, "platform", platform)
    assert install("maven", "maven").endswith(remedy)
    assert bool(install("maven", "maven")) is bool(remedy)
    assert install("bubblewrap").endswith(remedy.replace("maven", "bubblewrap")) or not manager


def test_a_missing_tool_is_told_so(tool: Put) -> None:
    tool("apt-get", "exit 0")
    maven = found("mvn")
    assert (maven.ok, maven.said) == (False, "not installed")
    assert maven.remedy.endswith("apt-get install maven")


def test_who_lacks_a_needed_thing_is_not_fit_and_who_lacks_another_is(path: Path) -> None:
    whole = Examined("a", True, "1.0", "b", needed=True)
    assert is_fit([whole, Examined("c", False, "not installed", "d")])
    assert not is_fit([whole, Examined("c", False, "not installed", "d", needed=True)])
    bubblewrap = found("bubblewrap")
    assert bubblewrap.needed
    assert not is_fit([bubblewrap])


def test_a_lower_tier_is_told_with_its_reason_and_what_mends_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lower = Isolation(
        Tier.NETWORK, reason="there is no bwrap", remedy="install it", unfiltered="an odd machine"
    )
    monkeypatch.setattr(doctor, "probe", lambda: lower)
    tier = found("isolation")
    assert not tier.ok
    assert tier.said == (
        "network only: there is no bwrap; without a filter of system calls: an odd machine"
    )
    assert tier.remedy == "install it"
    assert tier.needed


def test_a_python_that_makes_no_environment(tool: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    tool("apt-get", "exit 0")
    monkeypatch.setattr(toolchain, "python", lambda *, with_venv=False: "/bin/false")
    venv = found("venv")
    assert (venv.ok, venv.said) == (False, "/bin/false cannot make one")
    assert venv.remedy.endswith("apt-get install python3-venv")


def test_a_python_that_does_not_answer(
    tool: Put, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "ASK_SECONDS", 0.2)
    tool("python3", "exec /bin/sleep 600")
    silent = str(path / "python3")
    monkeypatch.setattr(toolchain, "python", lambda *, with_venv=False: silent)
    assert (found("venv").ok, found("venv").said) == (False, f"{silent} did not answer")


@pytest.mark.parametrize(
    ("left", "ok", "said"),
    [
        (Left(100_000, "kernel.pid_max"), True, "100,000 may start (kernel.pid_max)"),
        (Left(80, "pids.max of /x"), False, "only 80 may start (pids.max of /x)"),
        (Left(10_000), True, "10,000 may start"),
    ],
)
def test_how_many_processes_may_start(
    path: Path, monkeypatch: pytest.MonkeyPatch, left: Left, ok: bool, said: str
) -> None:
    monkeypatch.setattr(doctor, "processes_left", lambda: left)
    assert (found("processes").ok, found("processes").said) == (ok, said)


def test_a_slow_machine_is_no_fault(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "measure", lambda: Slowness(8.0))
    assert found("speed").ok
    assert "8.0 times as slow" in found("speed").said


def test_what_the_kernel_refuses_is_told_in_its_words(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(flags: int) -> None:
        raise PermissionError(1, os.strerror(1))

    monkeypatch.setattr(doctor, "probe", lambda: Isolation(Tier.NONE, remedy="ask its owner"))
    monkeypatch.setattr(kernel, "unshare", refuse)
    namespaces = found("user namespaces")
    assert not namespaces.ok
    assert "Operation not permitted" in namespaces.said
    assert namespaces.remedy == "ask its owner"


def test_without_linux_there_are_no_namespaces(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert (found("namespaces").ok, found("namespaces").remedy) == (False, "vagrant up")


def test_on_this_machine_it_agrees_with_its_exit_status() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "doctor"],
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    cannot = "Python submissions cannot be checked in full isolation" in done.stdout
    assert done.returncode == (1 if cannot else 0), done.stderr
