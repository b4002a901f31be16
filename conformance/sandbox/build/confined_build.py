"""Building a submission: one command, in a working copy, within a time limit.

A student's code runs here for the first time (a Makefile, a setup.py), so it is confined like its
server later, on a network of its own. Where it may fetch its dependencies, that network has one
door, to a proxy that leads to the registries of this machine.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import filterfalse
from pathlib import Path

from conformance.sandbox import bubblewrap, uids
from conformance.sandbox.build import maven_settings, registries
from conformance.sandbox.build.fetch import WayOut
from conformance.sandbox.build.registries import Registries
from conformance.sandbox.build.watchdog import watch
from conformance.sandbox.hosts import bind_mounts, etc_files
from conformance.sandbox.hosts.loopback import DOOR
from conformance.sandbox.limits import MIB, Limits
from conformance.sandbox.probe import probe
from conformance.sandbox.process import launch
from conformance.sandbox.process.keeper import NO_EXECUTION, Orders, can_execute
from conformance.sandbox.process.launch import Launched
from conformance.sandbox.process.process import Process
from conformance.sandbox.process.start import require_installed
from conformance.sandbox.tier import Isolation, Tier

_PREFIX = "conformance-build-"
_CACHE = "/home/cache"
_MAVEN = "/run/maven"
"""The home folder for Maven, with our settings."""
_LIMITS = Limits(file_bytes=1024 * MIB, memory_bytes=4096 * MIB)
"""Larger than a server's limits: jars with dependencies are large, and so is a compiler's heap."""
KILLED = 128 + 9
_DENIED = "Permission denied"
"""What shells, make and bubblewrap say of a program that may not be executed."""


@dataclass(frozen=True)
class CommandResult:
    """How a build command ended."""

    status: int
    """0 when it succeeded; 128 + n when signal n ended it."""
    output: str
    """What it wrote on stdout and stderr; of a long output, the beginning and the end."""
    timed_out: bool = False
    """Whether it was still running at the end of its time, and was killed with all its children."""
    refused: tuple[str, ...] = ()
    """`host:port` of what it asked the proxy for, but was not allowed to reach."""
    unreached: tuple[str, ...] = ()
    """`host:port` of registries that did not answer the proxy."""
    exceeded: str = ""
    """What it took too much of and was stopped for, as a sentence; or what the machine ran out of,
    or did not allow."""


def run_build(
    command: Sequence[str],
    directory: Path,
    timeout: float,
    *,
    cache: Path | None = None,
    readable: Sequence[Path] = (),
    isolation: Isolation | None = None,
    fetch: bool = False,
) -> CommandResult:
    """Runs one build command in `directory`, a working copy, for at most `timeout` seconds.

    In the full tier the copy is /home/student. Only it and `cache` (which becomes HOME) can be
    written to; the system and `readable` are shown. Root gives both folders to the user that
    builds. `fetch`: it may reach the registries that this machine is configured for, else nothing
    (in tier none, everything). Raises SandboxError if the sandbox fails or the command is not
    installed, neither of which is the submission's fault."""
    isolation = isolation or probe()
    known = registries.configured(os.environ, Path(os.path.expanduser("~")))
    way = WayOut(known.allowed) if fetch and isolation.tier is not Tier.NONE else None
    # Beside the cache, in a folder that is removed later if we are killed meanwhile.
    beside = cache.parent if cache else None
    with way or nullcontext(), tempfile.TemporaryDirectory(prefix=_PREFIX, dir=beside) as folder:
        build = _Build(
            command=tuple(command),
            directory=directory.resolve(),
            folder=Path(folder),
            cache=cache.resolve() if cache else None,
            isolation=isolation,
            registries=known,
            fetch=fetch,
            door=way.door if way else None,
            uid=uids.BUILD_UID if uids.is_real_root() else None,
        )
        launched = build.launch(readable)
        process = Process(launched, own_pids=isolation.tier is not Tier.NONE)
        folders = [build.directory, *([build.cache] if build.cache else [])]
        end = watch(process, timeout, _LIMITS, folders)
    ended = process.poll() if end.status is None else end.status
    output = process.output.text()
    denied = bool(end.status) and _DENIED in output and not can_execute(directory)
    return CommandResult(
        status=KILLED if ended is None else ended,
        output=output,
        timed_out=end.status is None and not end.exceeded,
        refused=way.refused if way else (),
        unreached=way.unreached if way else (),
        exceeded=f"what was built cannot be run: {NO_EXECUTION}" if denied else end.exceeded,
    )


@dataclass(frozen=True)
class _Build:
    """One build command, and what it gets."""

    command: tuple[str, ...]
    directory: Path
    folder: Path
    """A folder of ours for what is shown to the build."""
    cache: Path | None
    isolation: Isolation
    registries: Registries
    fetch: bool
    door: int | None
    uid: int | None
    """The user that root builds as."""

    @property
    def full(self) -> bool:
        return self.isolation.tier is Tier.FULL

    def launch(self, readable: Sequence[Path]) -> Launched:
        shown = tuple(dict.fromkeys(readable))
        self.folder.chmod(0o755)
        for name in ("home", "etc", "maven"):
            (self.folder / name).mkdir()
        home = self.cache or self.folder / "home"
        for given in (self.directory, home):
            if self.uid is not None:
                uids.give(given, self.uid)
        etc_files.write(self.folder / "etc", [f"127.0.0.1 {bubblewrap.HOST_NAME}"], _CACHE)
        there = _CACHE if self.full else str(self.cache or self.directory)
        tools = self._for_tools(there)
        variables = bubblewrap.environment(tools, _LIMITS, there, shown)
        require_installed(self.command[0], self.directory, variables["PATH"])
        if not self.full:
            return self._kept(variables)
        binds = [(str(self.directory), bubblewrap.HOME), (str(home), _CACHE)]
        return self._confined(binds, variables, shown)

    def _for_tools(self, home: str) -> dict[str, str]:
        """The variables for pip, npm and Maven, and the files that Maven reads."""
        proxied = self.door is not None
        user = self.folder / "maven"
        (user / ".m2").mkdir()
        settings = self.registries.maven.to_xml(fetch=self.fetch, proxied=proxied)
        (user / ".m2/settings.xml").write_bytes(settings)
        words = [f"-Duser.home={_MAVEN if self.full else user}"]
        words += [f"-Dmaven.repo.local={home}/.m2/repository"]
        if proxied:  # for plugins of Maven that fetch by themselves
            for scheme in ("http", "https"):
                words += [f"-D{scheme}.proxyHost={DOOR[0]}", f"-D{scheme}.proxyPort={DOOR[1]}"]
        variables = self.registries.environment(fetch=self.fetch, proxied=proxied)
        return variables | {"MAVEN_OPTS": " ".join(words)}

    def _confined(
        self, binds: Sequence[tuple[str, str]], variables: Mapping[str, str], shown: Sequence[Path]
    ) -> Launched:
        system = [(path, path) for path in bubblewrap.BUILD_SYSTEM if os.path.exists(path)]
        shown = [*shown, *filterfalse(bubblewrap.is_shown, self.registries.readable)]
        places = bind_mounts.plan(shown, self.folder) if self.uid is not None else {}
        call = bubblewrap.bubblewrap(
            self.isolation.bubblewrap,
            binds=binds,
            read_only=[
                *system,
                *((str(file), f"/etc/{file.name}") for file in (self.folder / "etc").iterdir()),
                *((str(places.get(path, path)), str(path)) for path in shown),
                *self._in_place_of_private(),
                (str(self.folder / "maven"), _MAVEN),
            ],
            chdir=bubblewrap.HOME,
            variables=variables,
        )
        return launch.in_bubblewrap(
            call,
            [*bubblewrap.prlimit(_LIMITS.resources(processes_apart=True)), *self.command],
            uid=self.uid,
            places=places,
            door=self.door,
            system_calls=self.isolation.system_calls,
        )

    def _in_place_of_private(self) -> list[tuple[str, str]]:
        """Replacements for private configurations in folders that are shown."""
        nothing, own = self.folder / "nothing", self.folder / "settings.xml"
        nothing.touch()
        own.write_text("<settings/>\n")
        found = bubblewrap.in_place_of_private(nothing)
        return found + [(str(own), str(path.resolve())) for path in maven_settings.conf_settings()]

    def _kept(self, variables: Mapping[str, str]) -> Launched:
        alone = self.isolation.tier is not Tier.NONE
        apart = self.uid is not None or (alone and self.isolation.user_namespace)
        return launch.under_keeper(
            Orders(
                command=self.command,
                directory=self.directory,
                environment=variables,
                resources=_LIMITS.resources(processes_apart=apart),
                uid=self.uid,
                loopback_only=alone,
                door=self.door,
                process_one=alone,
                etc=self.folder / "etc" if alone else None,
                system_calls=self.isolation.system_calls,
            )
        )
