"""Building a submission: one command, in a working copy, within a time limit.

What a student hands in runs here for the first time (an annotation processor,
a Makefile, a setup.py), so it is confined as its server will be later, except
that it may use the network, to fetch what it depends on.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.sandbox import confinement, identity, launch, reach
from conformance.sandbox.confinement import Limits
from conformance.sandbox.keeper import Orders
from conformance.sandbox.launch import Launched
from conformance.sandbox.placement import require_installed
from conformance.sandbox.probe import probe
from conformance.sandbox.process import Process
from conformance.sandbox.tier import Isolation, Tier

_CACHE = "/home/cache"
_LIMITS = Limits(file_bytes=1024 * confinement.MIB)
"""As a server's; a jar with all that it depends on may be larger than any file of a server."""


@dataclass(frozen=True)
class BuildResult:
    """How a build command ended."""

    status: int
    """0 when it succeeded; 128 + n when signal n ended it."""
    output: str
    """What it wrote on stdout and stderr; of too much, the beginning and the end."""
    timed_out: bool = False
    """It was still running at the end of its time, and was killed with all it had started."""


def run_build(
    command: Sequence[str],
    directory: Path,
    timeout: float,
    output_limit: int = 128 * 1024,
    environment: Mapping[str, str] | None = None,
    *,
    cache: Path | None = None,
    readable: Sequence[Path] = (),
    isolation: Isolation | None = None,
) -> BuildResult:
    """Run one build command in `directory`, a working copy, for at most `timeout` seconds.

    In the full tier the copy is /home/student, as it will be when the program
    runs; only it and `cache` (which becomes HOME) can be written to. Root gives
    both folders to the user that builds. Raises SandboxError when the sandbox
    fails or the command is not installed: no fault of the submission.
    """
    isolation = isolation or probe()
    directory = directory.resolve()
    shown = tuple(dict.fromkeys([*readable, *confinement.toolchain(command[0])]))
    full = isolation.tier is Tier.FULL
    work, home = (confinement.HOME, _CACHE) if full else (str(directory), str(cache or directory))
    variables = confinement.environment(environment or {}, _LIMITS, home, shown)
    require_installed(command[0], directory, variables["PATH"])
    uid = _builder()
    with tempfile.TemporaryDirectory(prefix="conformance-build-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        places = reach.plan(shown, folder) if full and uid is not None else {}
        empty = folder / "home"
        empty.mkdir()
        for given in (directory, cache or empty):
            if uid is not None:
                identity.give(given, uid)
        if full:
            binds = [(str(directory), work), (str((cache or empty).resolve()), home)]
            launched = _confined(isolation, command, binds, variables, places, shown)
        else:
            launched = _kept(command, directory, variables, uid)
        return _attend(Process(launched, own_pids=full), timeout, output_limit)


def _attend(process: Process, timeout: float, output_limit: int) -> BuildResult:
    process.output.kept = output_limit // 2
    try:
        status = process.wait(within=timeout)
    finally:
        process.terminate(grace=0)
    ended = process.poll() if status is None else status
    return BuildResult(137 if ended is None else ended, process.output.text(), status is None)


def _builder() -> int | None:
    """Whom root builds as."""
    return identity.BUILD_UID if identity.is_real_root() else None


def _confined(
    isolation: Isolation,
    command: Sequence[str],
    binds: Sequence[tuple[str, str]],
    variables: Mapping[str, str],
    places: Mapping[Path, Path],
    shown: Sequence[Path],
) -> Launched:
    uid = _builder()
    read_only = [(path, path) for path in confinement.BUILD_SYSTEM if os.path.exists(path)]
    # A link into /run on many systems: what it leads to is shown in its place.
    read_only.append((os.path.realpath("/etc/resolv.conf"), "/etc/resolv.conf"))
    read_only += [(str(places.get(path, path)), str(path)) for path in shown]
    call = confinement.bubblewrap(
        isolation.bubblewrap,
        binds=binds,
        read_only=read_only,
        chdir=confinement.HOME,
        variables=variables,
    )
    limits = confinement.prlimit(_LIMITS.resources(processes_apart=True))
    return launch.in_bubblewrap(call, [*limits, *command], uid=uid, places=places)


def _kept(
    command: Sequence[str], directory: Path, variables: Mapping[str, str], uid: int | None
) -> Launched:
    resources = _LIMITS.resources(processes_apart=uid is not None)
    return launch.under_keeper(Orders(tuple(command), directory, variables, resources, uid))
