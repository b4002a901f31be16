"""The interpreters and compilers of this machine, and what they need to run.

A submission sees only `/usr` and its own folder: a tool that needs more (a JDK in a home folder,
Debian's JDK, which links into `/etc`) comes with a list of the folders that it reads.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from conformance.verdict.model import WrongCall

SYSTEM = Path("/usr")
_SYSTEM = tuple(
    Path(name)
    for name in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store")
)
"""What every submission sees anyway, so that naming a program there reveals nothing."""

TOOLS = re.compile(
    r"(python|pypy|java|javac|jar|kotlinc?|scalac?|groovy|mvn|gradle|ant|sbt|node|nodejs|npm|npx|yarn"
    r"|pnpm|deno|bun|tsc|tsx|gcc|g\+\+|cc|c\+\+|clang|clang\+\+|make|cmake|ninja|meson|go|rustc|cargo"
    r"|ruby|bundle|php|perl|luajit|lua|racket|guile|sbcl|ghc|runghc|stack|cabal|ocaml|dune|erl|escript"
    r"|elixir|mix|dotnet|swift|zig|nim|crystal|julia|Rscript|uv|poetry)[\d.]*(-[\d.]+)?"
)
"""Tools that build and run programs, shown wherever this machine has them. Any other program
outside /usr is private, and so is what is beside it."""

_OF_A_WHOLE = ("lib", "lib64", "libexec", "include", "share", "boot", "jre")
"""Folders beside `bin` that mark an installation."""

_RUN_BY = {"mvn": ("java",), "npm": ("node",), "npx": ("node",), "yarn": ("node",)}
VENV_PROGRAMS = (".venv/bin/", "./.venv/bin/")

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
"""Prints whether it is recent enough; fails on Debian without python3-venv."""
PROBE_SECONDS = 10.0
"""Seconds for the probe; a cold interpreter starts in 0.1 s."""


class MissingTool(WrongCall):
    """This machine lacks what the submission needs. Never the submission's fault."""


def tool(name: str, purpose: str) -> str:
    """The absolute path of a tool. Raises MissingTool, which says that `purpose` needs it."""
    for candidate in on_path(name):
        return str(candidate)
    advice = f" ({INSTALL[name]})" if name in INSTALL else ""
    raise MissingTool(f"{purpose} needs {name}, which this machine does not have{advice}")


def installed(word: str) -> Path | None:
    """The program of this machine that a command's first word means, if submissions see it."""
    if is_name(word):
        found = next(iter(on_path(word)), None)
        usable = found and (_is_in_system(found.resolve()) or TOOLS.fullmatch(word))
        return found if usable else None
    return Path(word) if os.path.isabs(word) and is_shown(word) else None


def is_elsewhere(name: str) -> bool:
    """Whether this machine has such a program, but does not show it to submissions."""
    return bool(on_path(name)) and installed(name) is None


def is_shown(path: str) -> bool:
    """Whether an absolute path leads to a program that every submission may see: one of the
    system's, or one of TOOLS as found on the PATH."""
    if os.path.normpath(path) != path:
        return False
    if _is_in_system(Path(path)) and _is_in_system(Path(os.path.realpath(path))):
        return True
    name = os.path.basename(path)
    found = [str(each) for each in on_path(name)] if TOOLS.fullmatch(name) else []
    own = (python(), python(with_venv=True), _own_base())
    return path in {*found, *map(os.path.realpath, found), *own}


def on_path(name: str) -> list[Path]:
    """Where `name` is, the system's first (a version manager's shim needs its home folder), and
    never in this suite's own virtual environment."""
    listed = os.environ.get("PATH", os.defpath).split(os.pathsep)
    folders = [each for each in listed if os.path.isabs(each)]
    if sys.prefix != sys.base_prefix:
        folders = [each for each in folders if not Path(each).is_relative_to(sys.prefix)]
    places = ("/usr/bin:/usr/local/bin", os.pathsep.join(folders))
    found = [shutil.which(name, path=each) for each in places] if is_name(name) else []
    return [Path(path) for path in found if path]


@cache
def python(*, with_venv: bool = False) -> str:
    """The interpreter for submissions: the system's if it is 3.8 or later (and, `with_venv`, can
    make virtual environments), else the one that runs this suite."""
    system = SYSTEM / "bin/python3"
    if system.exists():
        try:
            probe = subprocess.run(
                [str(system), "-I", "-c", PROBE], capture_output=True, text=True,
                timeout=PROBE_SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return _own_base()
        if probe.stdout.strip() == "True" and (probe.returncode == 0 or not with_venv):
            return str(system)
    return _own_base()


def _own_base() -> str:
    """The interpreter that runs this suite, without its virtual environment."""
    return str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())


def java() -> str:
    """The JVM itself, not the link to it in /usr/bin: /etc/alternatives need not be visible."""
    return os.path.realpath(tool("java", "a Java program"))


def readable(words: Sequence[str]) -> tuple[Path, ...]:
    """The folders outside /usr that these programs (names or absolute paths) read, as far as they
    exist here and submissions may see them."""
    folders: set[Path] = set()
    for word in words:
        found = installed(word)
        if found is None:
            continue
        prefix = Path(os.path.realpath(found)).parent.parent
        if os.path.lexists(prefix / "lib/jvm.cfg"):  # a JDK, and not /usr with java in its bin
            folders |= _linked_from(prefix)
        folders |= _installations(str(found))
    return tuple(sorted(f for f in folders if not any(f.is_relative_to(o) for o in folders - {f})))


def for_build(command: Sequence[str]) -> tuple[Path, ...]:
    """The folders outside /usr that must be readable for a command of a build to run."""
    first = command[0]
    if not os.path.isabs(first) and "/" in first:  # a virtual environment made before
        return readable((python(with_venv=True),)) if first.startswith(VENV_PROGRAMS) else ()
    return readable((first, *_RUN_BY.get(os.path.basename(first), ())))


def _installations(path: str) -> set[Path]:
    """A program's installation outside /usr, at each place that its links lead to."""
    found: set[Path] = set()
    for _ in range(40):  # as many links as the kernel follows
        found |= {_installation(Path(path)), _installation(Path(os.path.realpath(path)))}
        if not os.path.islink(path):
            break
        path = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))
    return {each for each in found if each.parts[1] != "etc" and not _is_in_system(each)}


def _is_in_system(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in _SYSTEM)


def _installation(path: Path) -> Path:
    """The folder above `bin` if that is an installation (a home or /opt holds other things too);
    else only the program."""
    above = path.parent.parent
    if path.parent.name not in ("bin", "shims"):
        return path
    shared = len(above.parts) <= 2 or above.parent == Path("/home") or above == Path.home()
    personal = above.name in (".local", ".cargo", ".config", "bin")
    whole = path.parent.name == "shims" or any((above / name).is_dir() for name in _OF_A_WHOLE)
    return above if whole and not shared and not personal else path


@cache
def _linked_from(jdk: Path) -> set[Path]:
    """Folders that a JDK links to: Debian keeps its configuration in /etc, and a JVM does not start
    without it."""
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
    return re.fullmatch(r"[^/{}]+", word) is not None and word not in (".", "..")
