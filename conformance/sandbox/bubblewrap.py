"""What a program sees of the machine: its environment, and how bubblewrap is called for it."""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from conformance.sandbox.limits import MIB, Limits

HOME = "/home/student"
HOST_NAME = "submission"


def environment(
    given: Mapping[str, str], limits: Limits, home: str, readable: Iterable[Path]
) -> dict[str, str]:
    """The environment of a program: our defaults, overridden by `given`."""
    folders = [str(path.parent if os.path.isfile(path) else path / "bin") for path in readable]
    base = {
        "HOME": home,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        # The leak sanitizer works like a debugger, which is forbidden here: it would report that
        # as a fault, and end the program before its last output is written.
        "LSAN_OPTIONS": "detect_leaks=0",
        "PATH": ":".join([*folders, "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"]),
        # Without it, a killed Python program loses what it has printed.
        "PYTHONUNBUFFERED": "1",
        "TZ": "UTC",
        "USER": "student",
    }
    # A JVM starts with 1/64 of the machine's memory, which on a large machine could exceed the
    # limit. Set only then, since the JVM prints a line about it.
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if memory // 64 > limits.memory_bytes // 4:
        base["JAVA_TOOL_OPTIONS"] = f"-Xmx{limits.memory_bytes // 2 // MIB}m"
    return base | dict(given)


_SYSTEM = (
    "/etc/alternatives", "/etc/ca-certificates", "/etc/crypto-policies", "/etc/host.conf",
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime",
    "/etc/mime.types", "/etc/pki", "/etc/protocols", "/etc/services", "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf", "/nix/store",
)  # fmt: skip
"""What interpreters and libraries read outside /usr. None of it concerns this machine's users."""

BUILD_SYSTEM = ("/etc/maven",)
"""What build tools read as well. Files that may hold credentials for registries are not shown."""

PRIVATE = tuple(
    f"/usr/{place}"
    for place in (
        "etc/npmrc", "local/etc/npmrc", "pip.conf", "local/pip.conf", "etc/gitconfig",
        "local/etc/gitconfig",
    )
)  # fmt: skip
"""Files in folders that are shown, which may hold a password: an empty file replaces each."""

_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")


def in_place_of_private(nothing: Path) -> list[tuple[str, str]]:
    """(here, there) for each file that could hold a password: `nothing`, an empty file, replaces
    it."""
    return [(str(nothing), path) for path in PRIVATE if os.path.exists(path)]


def is_shown(path: Path) -> bool:
    """Whether this path is part of the system that every program sees."""
    return any(path.is_relative_to(folder) for folder in ("/usr", *_SYSTEM))


_OURS = Path(__file__).resolve().parents[1]
"""The folder of this suite's own code."""

_TMP_BYTES = 256 * MIB
"""Bytes for each of /tmp and /dev/shm, which are in memory: as much as a file may have."""


def bubblewrap(
    options: Sequence[str],
    *,
    binds: Iterable[tuple[str, str]],
    read_only: Iterable[tuple[str, str]],
    chdir: str,
    variables: Mapping[str, str],
) -> list[str]:
    """The call of bubblewrap, up to the `--` before the program. `options`: those that the
    installed version knows. `binds` and `read_only`: (here, there). The program gets the caller's
    network."""
    read_only = list(read_only)
    call = list(beginning())
    for name in ("user", "pid", "ipc", "uts", "cgroup-try"):
        call.append(f"--unshare-{name}")
    call += ["--uid", "1000", "--gid", "1000", "--hostname", HOST_NAME, "--cap-drop", "ALL"]
    call += ["--die-with-parent", "--new-session"]
    call += [name for name in ("--disable-userns",) if name in options]
    call += ["--clearenv"]
    for name, value in variables.items():
        call += ["--setenv", name, value]
    size = ["--size", str(_TMP_BYTES)] if "--size" in options else []
    call += ["--proc", "/proc", "--dev", "/dev", *size, "--tmpfs", "/dev/shm"]
    call += ["--remount-ro", "/dev"]  # in memory as well, without a size limit
    call += [*size, "--tmpfs", "/tmp", "--dir", "/var/tmp", "--dir", "/run"]
    for here, there in read_only:
        call += ["--ro-bind", here, there]
    # Where the suite is installed in a folder that is shown, hide it: it holds the scenarios.
    if any(_OURS.is_relative_to(there) for there in ("/usr", *(there for _, there in read_only))):
        call += ["--tmpfs", str(_OURS), "--remount-ro", str(_OURS)]
    for here, there in binds:
        call += ["--bind", here, there]
    return [*call, "--remount-ro", "/", "--chdir", chdir]


@functools.cache
def beginning() -> tuple[str, ...]:
    """bubblewrap, and the options that show the system: the same for all programs, and looked
    up once, by the process that forks the sessions."""
    call = [shutil.which("bwrap") or "bwrap", "--ro-bind", "/usr", "/usr"]
    for name in _LINKS:  # into /usr, or folders of their own on older systems
        path = Path("/") / name
        if path.is_symlink():
            call += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            call += ["--ro-bind", str(path), str(path)]
    for shown in [*_SYSTEM, *map(str, sorted(Path("/etc").glob("java-*")))]:
        call += ["--ro-bind-try", shown, shown]
    return tuple(call)


def prlimit(resources: Mapping[str, int]) -> list[str]:
    """A command prefix that sets limits inside the sandbox, where they apply to it alone."""
    return ["prlimit", *(f"--{name.lower()}={value}" for name, value in resources.items())]
