"""Where and how a program of a session is started, as its tier allows."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.sandbox import bubblewrap
from conformance.sandbox.bubblewrap import Limits
from conformance.sandbox.hosts.world import World
from conformance.sandbox.kernel import SandboxError
from conformance.sandbox.process import launch
from conformance.sandbox.process.keeper import Orders
from conformance.sandbox.process.launch import Launched
from conformance.sandbox.tier import Tier


@dataclass(frozen=True)
class Program:
    """What is to be started; the parameters of `Process.start`."""

    command: Sequence[str]
    directory: Path
    environment: Mapping[str, str]
    limits: Limits
    readable: Sequence[Path] = ()

    def shown(self, world: World) -> tuple[Path, ...]:
        """The folders outside the system that it can read."""
        return tuple(dict.fromkeys([*world.readable, *self.readable]))

    def variables(self, home: str, shown: Sequence[Path]) -> dict[str, str]:
        return bubblewrap.environment(self.environment, self.limits, home, shown)


def place(world: World, program: Program) -> Launched:
    """Start it on the submission's host. Raises SandboxError as `Process.start` says."""
    shown = program.shown(world)
    variables = program.variables(bubblewrap.HOME, shown)
    command, search = program.command[0], variables["PATH"]
    for path, where in world.places.items():  # what only root can reach is looked for there
        search = search.replace(f"{path}/", f"{where}/")
        if Path(command).is_relative_to(path):
            command = str(where / Path(command).relative_to(path))
    require_installed(command, program.directory, search)
    if world.tier is Tier.FULL:
        return _confined(world, program, shown, variables)
    return _kept(world, program, shown)


def require_installed(program: str, directory: Path, path: str) -> None:
    """Raise SandboxError for a program that this machine, not the submission, lacks.

    A bare name is looked up in `path`, a PATH.
    """
    if "/" not in program:
        if shutil.which(program, path=path) is None:
            raise SandboxError(f"{program} is not installed (looked for in {path})")
    elif (
        os.path.isabs(program)
        and not program.startswith((bubblewrap.HOME, str(directory)))
        and not os.path.lexists(program)
    ):
        raise SandboxError(f"{program} is not installed")


def _confined(
    world: World, program: Program, shown: Sequence[Path], variables: Mapping[str, str]
) -> Launched:
    """In bubblewrap."""
    assert world.etc is not None
    call = bubblewrap.bubblewrap(
        world.isolation.bubblewrap,
        binds=[(str(program.directory), bubblewrap.HOME)],
        read_only=[
            *((f"{world.etc}/{name}", f"/etc/{name}") for name in sorted(os.listdir(world.etc))),
            *((str(world.places.get(path, path)), str(path)) for path in shown),
            *bubblewrap.in_place_of_private(world.nothing),
        ],
        chdir=bubblewrap.HOME,
        variables=variables,
    )
    limits = bubblewrap.prlimit(program.limits.resources(processes_apart=True))
    return launch.in_bubblewrap(
        call,
        [*limits, *program.command],
        network=world.submission_network,
        system_calls=world.isolation.system_calls,
    )


def _kept(world: World, program: Program, shown: Sequence[Path]) -> Launched:
    """Under a keeper."""
    alone = world.tier is not Tier.NONE
    # Without a user namespace of its own, a user's other programs count too.
    apart = (alone and world.isolation.user_namespace) or world.program_uid is not None
    return launch.under_keeper(
        Orders(
            command=tuple(program.command),
            directory=program.directory,
            environment=program.variables(str(program.directory), shown),
            resources=program.limits.resources(processes_apart=apart),
            uid=world.program_uid,
            network=world.submission_network,
            process_one=alone,
            etc=world.etc if alone else None,
            system_calls=world.isolation.system_calls,
        )
    )
