"""How the user of this machine runs a command that needs root."""

from __future__ import annotations

import os
import shutil


def by_root(command: str) -> str:
    """The command: unchanged for root, with sudo if that is installed, else "as root: …"."""
    if os.geteuid() == 0:
        return command
    return f"sudo {command}" if shutil.which("sudo") else f"as root: {command}"
