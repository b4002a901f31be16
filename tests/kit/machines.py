"""This machine made to look like other machines, with the tools of util-linux."""

from __future__ import annotations

import os
import subprocess

import pytest

from kit.desk import Checked, Desk

FIRST = ("--only", "1.1,3.1")


def works(*command: str) -> bool:
    return subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0


def require(*command: str) -> tuple[str, ...]:
    """A command prefix; skips the test if this machine does not allow it."""
    if not works(*command):
        pytest.skip(f"this machine does not allow {' '.join(command)[:60]}")
    return command


def own_mounts(script: str) -> tuple[str, ...]:
    """A command prefix, for a command that alone is to see what the shell `script` mounts."""
    root = () if os.geteuid() == 0 else ("-r",)
    return require("unshare", *root, "--mount", "sh", "-c", f'{script} && exec "$@"', "sh")


def own_network(script: str = "true") -> tuple[str, ...]:
    """A command prefix, for a command with a network of its own that has loopback only; the shell
    `script` runs on it first."""
    alone = ("unshare", "--user", "--map-root-user", "--net")
    start = f'ip link set lo up && {script} && exec "$@"'
    return require(*alone, "sh", "-c", start, "sh")


def check_here(
    desk: Desk, path: object, *more: object, command: tuple[str, ...] = (), **environment: str
) -> Checked:
    """`check` with its lock in a folder that is removed after the test."""
    environment.setdefault("XDG_RUNTIME_DIR", str(desk.reports))
    return desk.check(path, *(more or FIRST), command=command, **environment)
