"""Other machines than this one, made of it with the tools of util-linux."""

from __future__ import annotations

import os
import subprocess

import pytest

from kit.desk import Checked, Desk

FIRST = ("--only", "1.1,3.1")


def works(*command: str) -> bool:
    return subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0


def require(*command: str) -> tuple[str, ...]:
    """The command before another; a skip where this machine does not have it."""
    if not works(*command):
        pytest.skip(f"this machine does not allow {' '.join(command)[:60]}")
    return command


def own_mounts(script: str) -> tuple[str, ...]:
    """Before a command that is to see what the shell's `script` mounts, alone."""
    root = () if os.geteuid() == 0 else ("-r",)
    return require("unshare", *root, "--mount", "sh", "-c", f'{script} && exec "$@"', "sh")


def own_network(script: str = "true") -> tuple[str, ...]:
    """Before a command that is to have a network to itself, with loopback only, on which the
    shell's `script` comes first."""
    alone = ("unshare", "--user", "--map-root-user", "--net")
    start = f'ip link set lo up && {script} && exec "$@"'
    return require(*alone, "sh", "-c", start, "sh")


def check_here(
    desk: Desk, path: object, *more: object, command: tuple[str, ...] = (), **environment: str
) -> Checked:
    """`check` with a folder for its lock that is put away with all else."""
    environment.setdefault("XDG_RUNTIME_DIR", str(desk.reports))
    return desk.check(path, *(more or FIRST), command=command, **environment)
