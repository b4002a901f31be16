"""Starts a program of a session on one of its hosts, as the tier of its world allows."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from conformance.sandbox import bubblewrap
from conformance.sandbox.hosts.world import HostName, World
from conformance.sandbox.kernel import SandboxError
from conformance.sandbox.limits import Limits
from conformance.sandbox.process import launch
from conformance.sandbox.process.keeper import Orders
from conformance.sandbox.process.launch import Launched
from conformance.sandbox.process.process import Process
from conformance.sandbox.tier import Tier


def start_program(
    world: World,
    command: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
    limits: Limits,
    readable: Sequence[Path] = (),
    *,
    host: HostName = "submission",
    terminal: bool = False,
) -> Process:
    """Start `command` on that host in `directory`, a working copy in the world's scratch folder. It
    ends with the world at the latest. In the full tier the program sees the copy as /home/student,
    and beside it only the system and `readable`. `terminal`: its stdin, stdout and stderr are a
    terminal.

    Raises SandboxError when the sandbox fails or this machine lacks the command. A command of the
    working copy that cannot be executed ends with status 126 or 127 and says so in its output."""
    directory = directory.resolve()
    shown = tuple(dict.fromkeys([*world.readable, *readable]))
    full, alone = world.tier is Tier.FULL, world.tier is not Tier.NONE
    home = bubblewrap.HOME if full else str(directory)
    variables = bubblewrap.environment(environment, limits, home, shown)
    _require_installed_in(world, command[0], directory, variables["PATH"])
    if full:
        launched = _in_bubblewrap(
            world, command, directory, variables, limits, shown, host, terminal=terminal
        )
    else:
        # Without a user namespace of its own, a user's other programs count too.
        apart = (alone and world.isolation.user_namespace) or world.program_uid is not None
        orders = Orders(
            command=tuple(command),
            directory=directory,
            environment=variables,
            resources=limits.resources(processes_apart=apart),
            uid=world.program_uid,
            network=world.network_of(host),
            process_one=alone,
            etc=world.etc_of(host),
            system_calls=world.isolation.system_calls,
        )
        launched = launch.under_keeper(orders, terminal=terminal)
    process = Process(launched, own_pids=alone, uid=world.program_uid)
    world.add_program(process.pids, end=lambda: process.terminate(grace=0))
    return process


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


def _require_installed_in(world: World, program: str, directory: Path, search: str) -> None:
    """Like `require_installed`, but looks for what only root can reach where the world has it
    mounted."""
    for path, where in world.places.items():
        search = search.replace(f"{path}/", f"{where}/")
        if Path(program).is_relative_to(path):
            program = str(where / Path(program).relative_to(path))
    require_installed(program, directory, search)


def _in_bubblewrap(
    world: World,
    command: Sequence[str],
    directory: Path,
    variables: Mapping[str, str],
    limits: Limits,
    shown: Sequence[Path],
    host: HostName,
    *,
    terminal: bool,
) -> Launched:
    etc = world.etc_of(host)
    assert etc is not None, "every host of the full tier has one"
    call = bubblewrap.bubblewrap(
        world.isolation.bubblewrap,
        binds=[(str(directory), bubblewrap.HOME)],
        read_only=[
            *((f"{etc}/{name}", f"/etc/{name}") for name in sorted(os.listdir(etc))),
            *((str(world.places.get(path, path)), str(path)) for path in shown),
            *bubblewrap.in_place_of_private(world.nothing),
        ],
        chdir=bubblewrap.HOME,
        variables=variables,
    )
    return launch.in_bubblewrap(
        call,
        [*bubblewrap.prlimit(limits.resources(processes_apart=True)), *command],
        network=world.network_of(host),
        system_calls=world.isolation.system_calls,
        terminal=terminal,
    )
