"""What a run was made on, as far as it may matter to a verdict: the machine, and the programs that
build and run submissions. It is recorded with a run, so that two can be compared."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import subprocess
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from conformance.submissions import toolchain
from conformance.verdict.model import WrongCall

ASK_SECONDS = 10.0
"""Seconds for a tool to print its version; a JVM on a cold machine takes one."""

MAX_VERSION = 80
"""Characters of a version that are kept."""

_TOOLS: Mapping[str, Mapping[str, Callable[[], list[str]]]] = {
    "python": {"python": lambda: [toolchain.python(), "--version"]},
    "java": {"java": lambda: [toolchain.java(), "-version"]},
    "node": {"node": lambda: [toolchain.tool("node", "a Node program"), "--version"]},
    "c": {"cc": lambda: [toolchain.tool("cc", "a C program"), "--version"]},
}
"""By the language of a submission, what its programs are built and run with."""


def this_machine(language: str) -> Mapping[str, str]:
    """What this machine is to a submission in that language, by name: `kernel`, `java`, …"""
    return {**_itself(), **_versions(language)}


@cache
def _itself() -> Mapping[str, str]:
    told = {"kernel": platform.release(), "architecture": platform.machine()}
    with contextlib.suppress(OSError):
        told["system"] = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    told["processor"] = _processor()
    told["cores"] = str(os.cpu_count() or "")
    told["the suite's Python"] = platform.python_version()
    return {name: value for name, value in told.items() if value}


def _processor() -> str:
    """The processor's model; "" where the kernel does not say."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    found = re.search(r"^model name[ \t]*:[ \t]*(.+)$", told, re.MULTILINE)
    return " ".join(found[1].split()) if found else ""


@cache
def _versions(language: str) -> Mapping[str, str]:
    """The versions of the tools of a language, as far as they answer."""
    found = {}
    for name, command in _TOOLS.get(language, {}).items():
        with contextlib.suppress(WrongCall, OSError, subprocess.TimeoutExpired):
            done = subprocess.run(
                command(), capture_output=True, text=True, errors="replace",
                stdin=subprocess.DEVNULL, timeout=ASK_SECONDS, check=True,
            )  # fmt: skip
            # The JVM prints what it was told by the environment first, and its version last.
            said = done.stdout + done.stderr
            version = re.search(r"(?<!\d)\d{1,9}(?:\.\d{1,9}){1,9}[\w.+~-]{0,99}", said)
            found[name] = version[0][:MAX_VERSION] if version else ""
    return {name: version for name, version in found.items() if version}
