"""Other machines than this one, made of it with the tools of util-linux."""

from __future__ import annotations

import os
import subprocess

import pytest


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
