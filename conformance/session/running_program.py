"""A program of the submission that we have started: whether it runs, how it ended, what it has
printed, and what it uses."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from conformance.sandbox import Disk, Process, SandboxError, Tier, Usage, World
from conformance.sandbox.bubblewrap import HOME
from conformance.session.limits_reached import limits_reached
from conformance.session.own_files import own_files
from conformance.submissions import Program, lacking
from conformance.verdict.serving import ThreadWait
from conformance.verdict.thrown.choice import Printed
from conformance.verdict.thrown.own_files import OwnPaths


class RunningProgram:
    """What is asked of a program, from its start until after its end. `SubmissionHost` starts and
    stops it."""

    name = ""
    """What reports call it, if it is one of several programs."""

    def __init__(self, world: World, program: Program, scratch: Path) -> None:
        """`scratch`: a folder of its own."""
        self._world = world
        self._program = program
        self.scratch = scratch
        self._home = scratch / "home"
        """Its private working copy."""
        self._disk: Disk | None = None
        self._process: Process | None = None
        self._listened = False
        """Whether it has been seen to listen since it was last started."""
        self.others: list[RunningProgram] = []
        """Other programs of the submission that run beside it, on hosts of their own."""

    @property
    def arguments(self) -> Sequence[str]:
        return self._program.arguments

    @property
    def process(self) -> Process | None:
        return self._process

    @property
    def world(self) -> World:
        return self._world

    @property
    def program(self) -> Program:
        return self._program

    @property
    def own_network(self) -> bool:
        """Whether nothing else listens on its host."""
        return self._world.tier is not Tier.NONE

    @property
    def directory(self) -> Path:
        """What was handed in, and built."""
        return self._program.directory

    def kill(self) -> None:
        """Kills the program and all that it started, and those beside it; waits until they are
        gone."""
        for other in self.others:
            other.kill()
        if self._process is not None and self._process.output.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._process.output.fileno())
            self._process.terminate(grace=0)

    def ended(self) -> str:
        """How the program ended: "the program has ended: exit status 1"; "" while it lives."""
        if self._process is None or self._process.poll() is None:
            return ""
        return f"the program has ended: {self._process.describe_end()}"

    def exit_status(self) -> int | None:
        """The program's exit status, 128 + n if signal n ended it; None while it runs."""
        return None if self._process is None else self._process.poll()

    def last_output(self) -> str:
        """The last lines that it wrote to stdout and stderr."""
        if self._process is None:
            return ""
        self._process.output.drain()
        return self._process.output.tail(12)

    def take_output(self) -> None:
        """Reads what it has written until now, so that it is known to be older than what comes."""
        if self._process is not None:
            self._process.output.drain()

    def printed(self, began: int, failed: int) -> Printed:
        """What it wrote to stdout and stderr, divided by these moments (ns since 1970)."""
        if self._process is None:
            return Printed()
        output = self._process.output
        output.drain()
        first, last = output.written_by(began), output.written_by(failed)
        return Printed(
            output.between(0, first),
            output.between(first, last),
            output.between(last, output.total),
        )

    def own_files(self) -> OwnPaths:
        """The files of the student's that a place in its output, or in a stack, may mean."""
        return own_files(self._program, HOME, str(self._home), str(self._home.resolve()))

    def missed(self) -> str:
        """What the program lacked on this machine, judging by its last output; "" if nothing."""
        if lacked := next(filter(None, (other.missed() for other in self.others)), ""):
            return lacked
        if self._process is None or not self._program.lacks:
            return ""
        self._process.output.drain()
        said = self._process.output.tail(lacking.LINES)
        return lacking.missed(said, self._program.lacks, started=self._listened)

    def remarks(self) -> Sequence[str]:
        """Limits that the program has reached: no fault, but helpful to a reader."""
        written = self._process.output.total if self._process is not None else 0
        return limits_reached(self._disk, written)

    def threads(self) -> list[ThreadWait]:
        """All threads of the program, and the sockets that each of them waits for."""
        return self._process.threads() if self._process is not None else []

    def rests(self) -> bool:
        """Whether none of its threads has anything to do now."""
        return all(thread.asleep for thread in self.threads())

    def usage(self) -> Usage:
        if self._process is None:
            raise SandboxError("the program was never started")
        used = self._process.usage()
        if used.hidden:
            raise SandboxError("a process of the program does not show what it has open")
        return used

    def pids(self) -> Sequence[int]:
        """All processes of the submission, by their pids outside its namespace."""
        own = self._process.pids() if self._process is not None else []
        return [*own, *(pid for other in self.others for pid in other.pids())]
