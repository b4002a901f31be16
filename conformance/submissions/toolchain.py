"""The interpreters and compilers of this machine, and what they need to run.

A submission sees `/usr` and its own folder, nothing else: a tool that lives
elsewhere (a JDK in a home folder, Debian's JDK, which links into `/etc`) comes
with a list of the folders that it reads.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from conformance.model import WrongCall

SYSTEM = Path("/usr")

INSTALL = {
    "java": "apt install default-jdk-headless",
    "javac": "apt install default-jdk-headless",
    "mvn": "apt install maven",
    "node": "apt install nodejs",
    "npm": "apt install npm",
    "make": "apt install make",
    "cc": "apt install gcc",
    "c++": "apt install g++",
}

PROBE = "import sys; print(sys.version_info >= (3, 8)); import ensurepip, venv"
"""Prints whether it is recent enough; fails where no virtual environment can be made
(Debian without python3-venv)."""

PROBE_SECONDS = 10.0
"""A cold interpreter starts in 0.1 s; a hundred times that is a broken one."""


class MissingTool(WrongCall):
    """This machine lacks what the submission needs: nobody's fault but the machine's."""


def tool(name: str, purpose: str) -> str:
    """The absolute path of a tool. Raises MissingTool: `purpose` needs it, it is not there."""
    for candidate in _on_path(name):
        return str(candidate)
    advice = f" ({INSTALL[name]})" if name in INSTALL else ""
    raise MissingTool(f"{purpose} needs {name}, which this machine does not have{advice}")


def installed(word: str) -> Path | None:
    """The program of this machine that a command's first word means; None where it means
    none, or one of the submission's own."""
    if os.path.isabs(word):
        return Path(word)
    return next(iter(_on_path(word)), None) if is_name(word) else None


def _on_path(name: str) -> list[Path]:
    """Where `name` is, the system's first: a version manager's shim needs its home folder."""
    found = [shutil.which(name, path="/usr/bin:/usr/local/bin"), shutil.which(name)]
    return [Path(path) for path in found if path]


@cache
def python(*, with_venv: bool = False) -> str:
    """The interpreter for submissions: the system's if it is 3.8 or later, else our own base.

    `with_venv`: one that can make virtual environments.
    """
    system = SYSTEM / "bin/python3"
    if system.exists():
        try:
            probe = subprocess.run(
                [str(system), "-I", "-c", PROBE],
                capture_output=True,
                text=True,
                timeout=PROBE_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            probe = None
        recent = probe is not None and probe.stdout.strip() == "True"
        if probe is not None and recent and (probe.returncode == 0 or not with_venv):
            return str(system)
    base = Path(getattr(sys, "_base_executable", sys.executable))
    return str(base.resolve())


def java() -> str:
    """The JVM itself, not the link to it in /usr/bin: /etc/alternatives need not be visible."""
    return os.path.realpath(tool("java", "a Java program"))


def readable(commands: tuple[str, ...]) -> tuple[Path, ...]:
    """The folders outside /usr that these commands (names or absolute paths) read.

    What cannot be found here is left out: it will be missed when it is started.
    """
    folders: set[Path] = set()
    for command in commands:
        found = _on_path(command)
        if not found:
            continue
        real = Path(os.path.realpath(found[0]))
        prefix = real.parent.parent
        if os.path.lexists(prefix / "lib/jvm.cfg"):  # a JDK, and not /usr with java in its bin
            folders |= _linked_from(prefix)
        if not real.is_relative_to(SYSTEM) and prefix != Path("/"):
            folders.add(prefix)
    return tuple(sorted(f for f in folders if not any(f.is_relative_to(o) for o in folders - {f})))


def _linked_from(jdk: Path) -> set[Path]:
    """Debian keeps a JDK's configuration in /etc, and a JVM without it does not start."""
    targets = set()
    for part in ("conf", "lib"):
        for folder, _, names in os.walk(jdk / part):
            for name in names:
                path = Path(folder, name)
                if path.is_symlink():
                    target = path.resolve()
                    if target.exists() and not target.is_relative_to(SYSTEM):
                        targets.add(target.parent)
    return targets


def is_name(word: str) -> bool:
    """Whether a command's first word is a bare name, looked up on the PATH."""
    return re.fullmatch(r"[^/{}]+", word) is not None
