"""How this machine's user calls a command that only root may."""

from __future__ import annotations

import os
import shutil


def by_root(command: str) -> str:
    """The command as it is for root, with sudo where there is one; else with who may call it."""
    if os.geteuid() == 0:
        return command
    return f"sudo {command}" if shutil.which("sudo") else f"as root: {command}"
