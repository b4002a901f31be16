"""Runs a reference server in the foreground, on this machine's own network.

The sandbox's keeper runs it, in the lowest tier: when this process ends, so does the server,
with everything that it has started.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from conformance.contract.catalog import Catalog
from conformance.contract.lab import Lab
from conformance.run.plan import Request
from conformance.run.prepare import prepare
from conformance.run.scratch import enterable, scratch_folder
from conformance.sandbox import Isolation, Limits, Output, Process, Tier, World, start_program
from conformance.selfcheck.references.library import Library, Reference
from conformance.session.forked import terminable
from conformance.submissions import Program
from conformance.verdict.model import Parameters, WrongCall

START_WITHIN = 10.0
"""Seconds for it to listen; a JVM on a busy machine takes two."""

GRACE = 2.0
"""Seconds that it has to end after TERM; a JVM takes 0.5."""

POLL = 0.05
"""Seconds between two checks whether it listens yet."""

Say = Callable[[str], None]


def choose(lab: str, implementation: str | None, library: Library) -> Reference:
    """The reference server of that name, by default the first in Python.

    `java/Nio`, `Nio` and `nio` all name the same one. Raises WrongCall if there is none, or more
    than one.
    """
    own = [each for each in library.references if each.variant == lab]
    own = own or library.references  # all its references may be of a variant
    if implementation is None:
        return next((each for each in own if each.language == "python"), own[0])
    wanted = implementation.casefold()
    found = [each for each in own if each.name.casefold() == wanted]
    found = found or [each for each in own if each.path.stem.casefold() == wanted]
    if len(found) == 1:
        return found[0]
    known = ", ".join(each.name for each in own)
    raise WrongCall(f"{lab} has no single implementation {implementation!r}; it has {known}")


def serve(
    lab: str, implementation: str | None, library: Library, catalog: Catalog, say: Say
) -> None:
    """Builds the reference server and runs it until Ctrl-C, or until it ends by itself.

    Raises WrongCall if its port is taken, or it cannot be built here.
    """
    reference = choose(lab, implementation, library)
    contract = catalog[reference.variant]
    parameters = contract.resolve(reference.variant, reference.settings)
    port = parameters[contract.port_parameter]
    alone = Isolation(Tier.NONE, unfiltered="it is ours")
    with (
        terminable(),
        scratch_folder() as scratch,
        World(alone, enterable(scratch / "world")) as world,
    ):
        _require_free(world, contract.protocol, port)
        program = _built(reference, catalog, alone, enterable(scratch / "server"))
        say(f"{reference.variant}: {reference.name}, on port {port}")
        _Serving(world, program, contract, parameters, port).run(say)


def _require_free(world: World, protocol: str, port: int) -> None:
    for listener in world.listeners():
        if (listener.protocol, listener.port) == (protocol, port):
            raise WrongCall(
                f"port {port} is busy: another program listens on {protocol.upper()}"
                f" {listener.address} port {port}; end it first (to see it: ss -l{protocol[0]}np)"
            )


def _built(reference: Reference, catalog: Catalog, isolation: Isolation, scratch: Path) -> Program:
    """Builds the server. Raises WrongCall if that fails."""
    request = Request(reference.path, reference.variant, settings=reference.settings)
    prepared = prepare(request, catalog, isolation, scratch)
    if prepared.program is not None:
        return prepared.program
    failure = prepared.build_failure
    why = (failure.actual or failure.reason) if failure else ""
    raise WrongCall(f"{reference.name} cannot be built here: {why}")


@dataclass
class _Serving:
    world: World
    program: Program
    lab: Lab
    parameters: Parameters
    port: int

    def run(self, say: Say) -> None:
        process = start_program(
            self.world,
            self.program.call(self.port),
            self.program.directory,
            {**self.program.environment, "PORT": str(self.port)},
            Limits(),
            self.program.readable,
        )
        try:
            self._await_listening(process)
            tcp = self.lab.protocol == "tcp"
            ways = [f"telnet localhost {self.port}" if tcp else f"nc -u localhost {self.port}"]
            ways += [self._see()] if self.lab.see else []
            for way in ways:
                say(f"talk to it from another terminal: {way}")
            say("Ctrl-C ends it.")
            self._follow(process, None)
            say(f"the server has ended by itself: {process.describe_end()}")
        except KeyboardInterrupt:
            say("the server is stopped")
        finally:
            process.terminate(GRACE)

    def _see(self) -> str:
        """What the lab advises, with the commands that start the reference's other programs."""
        filled = {name: str(value) for name, value in self.parameters.items()}
        filled["port"] = str(self.port)
        for role, other in self.program.others.items():
            place = other.directory / other.folder
            filled[role] = shlex.join(("env", "-C", str(place), *other.told(self.port)))
        return re.sub(r"\{(\w+)\}", lambda name: filled.get(name[1], name[0]), self.lab.see)

    def _await_listening(self, process: Process) -> None:
        until = time.monotonic() + START_WITHIN
        while not any(
            listener.port == self.port and process.owns(listener.inode)
            for listener in self.world.listeners()
        ):
            if process.poll() is not None or time.monotonic() > until:
                return  # its own output says why
            self._follow(process, POLL)

    def _follow(self, process: Process, seconds: float | None) -> None:
        """Prints what it writes, until it ends or so many seconds have passed."""
        until = None if seconds is None else time.monotonic() + seconds
        while process.poll() is None and (until is None or time.monotonic() < until):
            sources: list[Process | Output] = [process]
            sources += [] if process.output.ended else [process.output]
            left = None if until is None else max(0.0, until - time.monotonic())
            select.select(sources, [], [], left)
            self._show(process)
        self._show(process)

    def _show(self, process: Process) -> None:
        """Prints what it has written since the last time, made safe for a terminal."""
        from conformance.reports.text.visible import visible

        with contextlib.suppress(BlockingIOError):
            while not process.output.ended:
                data = os.read(process.output.fileno(), 65_536)
                if not data:
                    process.output.drain()  # marks the output as ended
                for line in data.decode("utf-8", "backslashreplace").splitlines():
                    print(visible(line), file=sys.stderr, flush=True)
