"""Finds out what this machine has and lacks, by trying it, and how to mend it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from conformance.run.scratch import scratch_folder
from conformance.sandbox import (
    Isolation,
    Tier,
    World,
    by_root,
    die_with_parent,
    kernel,
    preload,
    probe,
    processes_left,
)
from conformance.sandbox.measure.slowness import measure

ASK_SECONDS = 20.0
"""Seconds for a tool to print its version. Most take 0.1; Maven, on a cold machine, 3."""

FOR_ROOT = "/usr/sbin:/usr/local/sbin"
"""Where Debian installs services, and an ordinary user's PATH does not lead."""

FEW_PROCESSES = 4096
"""Processes. With fewer there is room for a dozen sessions at most, beside one that takes all that
it may."""


@dataclass(frozen=True)
class Examined:
    """One thing that the suite uses."""

    name: str
    ok: bool
    said: str
    """Its version, or why it is missing."""
    purpose: str
    """What needs it."""
    remedy: str = ""
    """The command that would mend it; "" if there is none, or no need."""
    needed: bool = False
    """Whether Python submissions need it to be checked in full isolation."""


@dataclass(frozen=True)
class Tool:
    """A program of this machine, and how it is asked for its version."""

    name: str
    command: tuple[str, ...]
    purpose: str
    apt: str
    brew: str
    needed: bool = False


TOOLS = (
    Tool("bubblewrap", ("bwrap", "--version"), "full isolation", "bubblewrap", "", True),
    Tool("java", ("java", "-version"), "submissions in Java", "default-jdk-headless", "openjdk"),
    Tool("javac", ("javac", "-version"), "Java sources", "default-jdk-headless", "openjdk"),
    Tool("mvn", ("mvn", "-v"), "Maven projects", "maven", "maven"),
    Tool("node", ("node", "--version"), "submissions in JavaScript", "nodejs", "node"),
    Tool("npm", ("npm", "--version"), "Node projects with dependencies", "npm", "node"),
    Tool("gcc", ("gcc", "--version"), "submissions in C", "gcc libc6-dev", "gcc"),
    Tool("c++", ("c++", "--version"), "submissions in C++", "g++", "gcc"),
    Tool("make", ("make", "--version"), "Makefile projects", "make", "make"),
    Tool("nginx", ("nginx", "-v"), "clients against a real web server", "nginx", "nginx"),
    Tool("tshark", ("tshark", "--version"), "reading kept captures", "tshark", "wireshark"),
    Tool("telnet", ("telnet",), "talking to a server oneself", "telnet", "telnet"),
    Tool("nc", ("nc", "-h"), "talking to a server oneself", "netcat-openbsd", "netcat"),
)


def examine() -> list[Examined]:
    """All findings, those that are needed first."""
    preload()  # before forking: the child may have no right to read our Python
    tools = [_tool(tool) for tool in TOOLS]
    needed = [finding for finding in tools if finding.needed]
    machine = [*_namespaces(), _processes()]
    said = f"{platform.python_version()}, {platform.platform(terse=True)}"
    python = Examined("Python", True, said, "the suite itself", needed=True)
    # A slow machine is no fault: the suite waits longer.
    speed = Examined("speed", True, str(measure()), "deadlines that fit this machine")
    optional = [finding for finding in tools if not finding.needed]
    return [python, _venv(), _tier(), *needed, *machine, speed, *optional]


def is_fit(findings: list[Examined]) -> bool:
    """Whether Python submissions can be checked in full isolation."""
    return all(finding.ok for finding in findings if finding.needed)


def install(apt: str, brew: str = "") -> str:
    """The command that installs it here; "" if no package manager is known."""
    if shutil.which("apt-get"):
        return by_root(f"apt-get install {apt}")
    if sys.platform == "darwin" and brew:
        return f"brew install {brew}"
    return ""


def _venv() -> Examined:
    from conformance.submissions.toolchain import PROBE, python

    purpose = "Python submissions with a requirements.txt"
    found = python(with_venv=True)
    try:
        ok = _ask((found, "-I", "-c", PROBE)) is not None
    except subprocess.TimeoutExpired:
        return Examined("venv", False, f"{found} did not answer", purpose)
    remedy = "" if ok else install("python3-venv", "python")
    return Examined("venv", ok, found if ok else f"{found} cannot make one", purpose, remedy)


def _tier() -> Examined:
    isolation = probe()
    full = isolation.tier is Tier.FULL
    said = str(isolation.tier) if full else f"{isolation.tier} only: {isolation.reason}"
    if isolation.unfiltered:
        said += f"; without a filter of system calls: {isolation.unfiltered}"
    purpose = "a host of its own for each submission, and confinement"
    return Examined("isolation", full, said, purpose, isolation.remedy, needed=True)


def _namespaces() -> list[Examined]:
    purpose = "a host of its own for each submission"
    if not sys.platform.startswith("linux"):
        return [Examined("namespaces", False, "they exist on Linux only", purpose, "vagrant up")]
    remedy = probe().remedy
    user = _fails(lambda: kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNET))
    with scratch_folder() as scratch:
        (scratch / "world").mkdir()
        wire = _fails(lambda: _enter_world(scratch / "world"))
    return [
        Examined("user namespaces", not user, user or "work", purpose, remedy if user else ""),
        Examined("network, veth", not wire, wire or "work", purpose, remedy if wire else ""),
    ]


def _processes() -> Examined:
    left = processes_left()
    many = left.processes >= FEW_PROCESSES
    said = f"{'' if many else 'only '}{left.processes:,} may start"
    by = f" ({left.limit})" if left.limit else ""
    return Examined("processes", many, said + by, "many sessions beside one another")


def _enter_world(scratch: Path) -> None:
    with World(Isolation(Tier.NETWORK), scratch):
        pass


def _fails(trial: Callable[[], None]) -> str:
    """Why `trial` fails here; "" if it works. Its namespaces end with a child."""
    reading, writing = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        answer = ""
        try:
            die_with_parent(parent)
            trial()
        except BaseException as error:
            answer = str(error) or type(error).__name__
        finally:
            os.write(writing, answer.encode())
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        return pipe.read().decode()


def _tool(tool: Tool) -> Examined:
    ok, said, remedy = False, "", ""
    program = shutil.which(tool.command[0]) or shutil.which(tool.command[0], path=FOR_ROOT)
    if program is None:
        said, remedy = "not installed", install(tool.apt, tool.brew)
    else:
        try:
            answer = _ask((program, *tool.command[1:])) if len(tool.command) > 1 else ""
        except subprocess.TimeoutExpired:  # it may work: the machine may just be slow
            said = f"did not answer within {ASK_SECONDS:.0f} s"
        else:
            version = re.search(r"\d+(\.\d+)+[\w.+~-]*", answer or "")
            ok = answer is not None
            said = version[0] if version else "installed" if ok else "is there, but does not work"
    return Examined(tool.name, ok, said, tool.purpose, remedy, tool.needed)


def _ask(command: tuple[str, ...]) -> str | None:
    """The output; None if the command fails (but not `nc -h`). Raises TimeoutExpired."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=ASK_SECONDS,
            check=False,
        )
    except OSError:
        return None
    said = done.stdout + done.stderr
    return said if done.returncode == 0 or command[0].endswith("/nc") else None
