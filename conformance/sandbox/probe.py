"""What this machine allows, found out by trying it."""

from __future__ import annotations

import functools
import json
import os
import platform
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from conformance.sandbox import kernel, system_calls
from conformance.sandbox.hosts.world import World
from conformance.sandbox.kernel import die_with_parent, forking
from conformance.sandbox.limits import Limits
from conformance.sandbox.process.start import start_program
from conformance.sandbox.tier import Isolation, Tier
from conformance.sandbox.uids import others_may_read
from conformance.verdict.model import WrongCall

FORCE_VARIABLE = "CONFORMANCE_TIER"
"""An environment variable: "network" or "none" asks for less than the machine can do."""

_OPTIONS = ("--disable-userns", "--size")
"""Options that not every bubblewrap has; 0.6 (Ubuntu 22.04) lacks the first."""

_TRY_SECONDS = 30.0
"""Seconds for a trial. A session takes about 50 ms to set up; a machine that needs this long is of
no use."""

_TRIAL = (
    """
while read -r name mode; do
    case "$name $mode" in "Seccomp: 2") exit 8;; esac
done < /proc/self/status
exit 7
"""
    """Its exit status says whether a filter of system calls is in force (proc_pid_status(5))."""
)

_APT = "apt-get install bubblewrap"


@functools.cache
def probe() -> Isolation:
    """The best tier that works here, tried once, in a forked child as a session would. Raises
    WrongCall where CONFORMANCE_TIER, which asks for less, names no tier."""
    wish = os.environ.get(FORCE_VARIABLE, "").strip()
    if wish and wish not in list(Tier):
        raise WrongCall(f"{FORCE_VARIABLE} is {wish!r}: it can be {', '.join(Tier)}")
    best = Tier(wish) if wish else Tier.FULL
    unfiltered = _unfiltered()
    if best is Tier.NONE:
        return Isolation(Tier.NONE, f"{FORCE_VARIABLE} asks for {wish}", unfiltered=unfiltered)
    if not sys.platform.startswith("linux"):
        why = "network namespaces exist on Linux only"
        return Isolation(Tier.NONE, why, "vagrant up", unfiltered=unfiltered)
    tried: list[str] = []
    for isolation in _candidates(best, tried):
        known = replace(isolation, unfiltered=unfiltered)
        failure = _try(known)
        if failure and not unfiltered and not _try(replace(known, unfiltered="tried without")):
            known, failure = replace(known, unfiltered=f"this machine refuses one: {failure}"), ""
        if not failure:
            return _explained(known, wish, tried)
        tried.append(f"{_name(isolation)}: {failure}")
    return _explained(Isolation(Tier.NONE, unfiltered=unfiltered), wish, tried)


def _unfiltered() -> str:
    """Why this machine has no filter of system calls; "" if it has one."""
    if system_calls.here() is None:
        return f"none is known for {platform.system()} on {platform.machine()}"
    return "" if kernel.filters_system_calls() else "the kernel knows none"


def _candidates(best: Tier, tried: list[str]) -> list[Isolation]:
    found = [Isolation(Tier.NETWORK), Isolation(Tier.NETWORK, user_namespace=False)]
    if os.geteuid() != 0:
        found.pop()
    if best is not Tier.FULL:
        return found
    if shutil.which("bwrap") is None:
        tried.append("full: bubblewrap is not installed")
        return found
    return [Isolation(Tier.FULL, bubblewrap=bubblewrap_options()), *found]


def bubblewrap_options() -> tuple[str, ...]:
    """The options of `_OPTIONS` that the installed bubblewrap has."""
    asked = subprocess.run(
        ["bwrap", "--help"], capture_output=True, text=True, timeout=_TRY_SECONDS, check=False
    )
    words = set((asked.stdout + asked.stderr).split())
    return tuple(option for option in _OPTIONS if option in words)


def _try(isolation: Isolation) -> str:
    """Why a session of this kind does not work here; "" when it does."""
    reading, writing = os.pipe()
    prefix = "conformance-probe-"
    with tempfile.TemporaryDirectory(prefix=prefix) as folder, others_may_read():
        os.chmod(folder, 0o711)
        scratch = Path(folder, "scratch")
        scratch.mkdir()
        parent = os.getpid()
        with forking():
            child = os.fork()
        if child == 0:
            os.close(reading)
            die_with_parent(parent)
            with suppress(BaseException):
                os.write(writing, json.dumps(_hold_session(isolation, scratch)).encode())
            os._exit(0)
        os.close(writing)
        try:
            ready = select.select([reading], [], [], _TRY_SECONDS)[0]
            answer = os.read(reading, 65_536) if ready else b'"it took too long"'
        finally:
            os.close(reading)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return str(json.loads(answer)) if answer else "the trial broke down"


def _hold_session(isolation: Isolation, scratch: Path) -> str:
    """Makes hosts, runs a program on one, and lists its listeners; returns why that fails, or
    ""."""
    work = scratch / "work"
    work.mkdir()
    try:
        with World(isolation, scratch) as world:
            process = start_program(world, ["/bin/sh", "-c", _TRIAL], work, {}, Limits())
            select.select([process], [], [], _TRY_SECONDS / 2)
            world.listeners()
            wanted = 7 if isolation.unfiltered else 8
            if process.poll() not in (wanted, 8):
                return f"a trial program did not run: {process.output.tail()}"
            if not process.terminate(grace=0):
                return "a trial program could not be ended"
    except Exception as error:
        return str(error)
    return ""


def _name(isolation: Isolation) -> str:
    return isolation.tier if isolation.user_namespace else f"{isolation.tier}, by root"


def _explained(isolation: Isolation, wish: str, tried: list[str]) -> Isolation:
    """The isolation, with the reason why it is not better and what would fix that."""
    if isolation.tier is Tier.FULL:
        return isolation
    reason = tried[0].partition(": ")[2] if tried else f"{FORCE_VARIABLE} asks for {wish}"
    remedy = _remedy(reason) if tried else ""  # a tier that was asked for needs no remedy
    return replace(isolation, reason=reason, remedy=remedy, tried=tuple(tried))


def by_root(command: str) -> str:
    """The command: unchanged for root, with sudo if that is installed, else "as root: …"."""
    if os.geteuid() == 0:
        return command
    return f"sudo {command}" if shutil.which("sudo") else f"as root: {command}"


def _remedy(reason: str) -> str:
    if "not installed" in reason:
        return by_root(_APT)
    for name, closed, open_ in (
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "0"),
        ("kernel/unprivileged_userns_clone", "0", "1"),
        ("user/max_user_namespaces", "0", "15000"),
        ("user/max_net_namespaces", "0", "15000"),
    ):
        with suppress(OSError):
            if Path("/proc/sys", name).read_text().strip() == closed:
                return by_root(f"sysctl -w {name.replace('/', '.')}={open_}")
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        options = "--security-opt seccomp=unconfined --security-opt systempaths=unconfined"
        return f"docker run {options} …"
    return ""
