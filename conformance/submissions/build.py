"""Builds a submission, once, and finds what the build has made."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from conformance.submissions import compiler_errors, needs, testimony, toolchain
from conformance.submissions.apart import (
    RECOGNISED_WITHIN,
    Raised,
    Step,
    Unread,
    apart,
    each_apart,
)
from conformance.submissions.java import version as java_version
from conformance.submissions.lacking import Lack
from conformance.submissions.made import UNSEEN, Made, Misled, looked_up, looks
from conformance.submissions.native import make
from conformance.submissions.program import Program
from conformance.submissions.python import python
from conformance.submissions.submission import Submission
from conformance.verdict.model import WrongCall

T = TypeVar("T")

LOOK_SECONDS = 60.0
"""Seconds for javac to look at one source, which takes it one or two."""
NEEDS_DEPENDENCIES = "it needs its dependencies"
ADVICE = f"{NEEDS_DEPENDENCIES}: run with --fetch-dependencies"
"""Advice for a build that failed because it had no network."""
OTHER_VERSION = "it needs another version of a tool than this machine has"
"""For a build that failed because of the age of a compiler or a library."""
NOT_BUILT = "does-not-build.txt"
"""Holds the errors of a build, where another program stands for what it should have made."""
LONGEST_TOLD = 300
"""Characters of a command that a report repeats."""


@dataclass(frozen=True)
class BuildResult:
    """What became of one build command."""

    status: int
    """Exit status; negative for a signal."""
    output: str
    """stdout and stderr together."""
    timed_out: bool = False
    exceeded: str = ""
    """Which limit it exceeded, as a sentence, if it was stopped for that."""
    unreached: tuple[str, ...] = ()
    """`host:port` of registries that did not answer."""


Run = Callable[[Sequence[str], Path, float], BuildResult]
"""Runs a command in a folder for at most so many seconds. It may write to that folder."""


class BuildFailed(Exception):  # noqa: N818 - a fact about the submission, not an error of ours
    """The submission could not be built.

    `summary` holds the compiler's first errors, paths relative to the submission. `machine`: the
    network, the time or an old tool is to blame; this proves nothing against the student.
    `command`: what failed, where a student can repeat it.
    """

    def __init__(
        self, summary: str, output: str, *, machine: bool = False, command: Sequence[str] = ()
    ) -> None:
        super().__init__(summary)
        self.summary = summary
        self.output = output
        self.machine = machine
        self.command = tuple(command)

    @property
    def told(self) -> str:
        """The command for reports, its tool by name; "" if there is none, or if it names folders
        of this machine, or is too long to be read."""
        if self.machine or not self.command:
            return ""
        tool, *words = self.command
        told = shlex.join([Path(tool).name, *words])
        here = any(word.startswith("/") or ":/" in word for word in words)
        return "" if here or len(told) > LONGEST_TOLD else told


def build(
    submission: Submission,
    run: Run,
    *,
    timeout: float = 120,
    offline: bool = False,
    within: float = RECOGNISED_WITHIN,
) -> Program:
    """Builds a submission with `run`, all its programs, within `timeout` seconds each.

    The default is long because Maven fetches its plugins on a fresh machine. `offline`: it has no
    network, and no registry. `within`: seconds for finding what it has made. One of the `others`
    that does not build costs what is about it, and no more: in its place stands a program that
    says so, and fails. Raises BuildFailed; WrongCall if the result is ambiguous, or needs a tool
    that is missing.
    """
    server = _build(submission, run, timeout, within, offline=offline)
    others, notes = {}, [server.note] if server.note else []
    for role, other in submission.others.items():
        try:
            built = _build(other, run, timeout, within, offline=offline)
        except BuildFailed as failed:
            summary = f"the {role}: {failed.summary}"
            if failed.machine:
                raise BuildFailed(summary, failed.output, machine=True) from None
            built = _not_built(other, failed)
            notes.append(f"the {role} does not build")
        others[role] = built.given(other.arguments or ())
    return replace(server, others=others, note="; ".join(notes))


def _not_built(submission: Submission, failed: BuildFailed) -> Program:
    """A program that prints why there is none, and fails."""
    said = submission.root / NOT_BUILT
    said.write_text(f"it does not build: {failed.summary}\n", encoding="utf-8", errors="replace")
    return Program(submission.root, ("/bin/sh", "-c", f"cat {NOT_BUILT} >&2; exit 1"), made=False)


def _build(
    submission: Submission, run: Run, timeout: float, within: float, *, offline: bool
) -> Program:
    """Builds one program."""
    before = make.programs(submission.root) if submission.kind == "make" else {}
    output = _run_all(submission, run, time.monotonic() + timeout, timeout, offline=offline)

    found, lacks = submission.looked or _looked_at(submission, before, within, output)
    if found.trouble:
        raise BuildFailed(found.trouble, output, machine=found.machine)
    readable = toolchain.readable(_tools(submission, found.command))
    command = found.placed
    if found.has_venv:
        venv = _set_aside(submission.root)
        command = (str(venv / "bin/python"), *command[1:])
        readable = (*readable, venv)
    _launches(command, submission.root / found.folder, run, output)
    return Program(
        submission.root,
        command,
        dict(submission.environment),
        readable,
        "; ".join(filter(None, (submission.note, found.why))),
        submission.doubt,
        found.folder,
        lacks=lacks
        if lacks is not None
        else _looked_for(
            lambda: needs.of_program(submission.root, command, found.folder), (), within
        ),
    )


def _looked_at(
    submission: Submission, before: make.Snapshot, within: float, output: str
) -> tuple[Made, tuple[Lack, ...] | None]:
    """What the build has made, and what that may miss. Raises BuildFailed, WrongCall."""
    step = Step(UNSEEN, within)
    look = looks(lambda: submission, before, step)
    made, lacks = each_apart([look.made, look.lacks], step)
    if isinstance(made, Raised):
        error = made.error
        if isinstance(error, OSError):  # Folders nested deeper than a path may be long.
            summary = f"{UNSEEN}: {error.strerror or error}"
            raise BuildFailed(summary, output, machine=True) from None
        if isinstance(error, Unread):
            raise BuildFailed(str(error), output, machine=True) from None
        raise error
    assert isinstance(made, Made), "the first of two looks"
    return made, None if isinstance(lacks, Raised | Made) else lacks


def _lacking(result: BuildResult, root: Path) -> str:
    """Why a submission that did not build cannot be built here, as a sentence; "" if it can."""
    return _looked_for(lambda: needs.of_build(result.output, result.status, root), "")


def _looked_for(what: Callable[[], T], nothing: T, within: float = RECOGNISED_WITHIN) -> T:
    """Looks into the sources in a process of its own; `nothing` if that fails."""
    with contextlib.suppress(OSError, WrongCall):
        return apart(lambda enter: what(), Step(UNSEEN, within))
    return nothing


def _run_all(
    submission: Submission, run: Run, deadline: float, timeout: float, *, offline: bool
) -> str:
    """Runs the build commands one after another; returns all their output."""
    outputs = []
    fetched = False
    for step in _steps(submission, offline=offline):
        command = step.command
        if fetched and testimony.is_done(submission.root):
            fetched = False
            continue
        left = max(deadline - time.monotonic(), 0.1)  # start each command at least
        result = run(command, submission.root, left)
        outputs.append(result.output)
        output = "\n".join(outputs)
        if result.exceeded:
            raise BuildFailed(result.exceeded, output, machine=True)
        if result.timed_out:
            words = " ".join((Path(command[0]).name, *command[1:3]))
            summary = f"the build was not done after {timeout:g} s (it was running: {words} …)"
            raise BuildFailed(summary, output, machine=True)  # the limit is ours
        if result.status != 0:
            ended = f"ended with status {result.status}"
            if result.status < 0:
                ended = f"was ended by signal {-result.status}"
            said = compiler_errors.first(result.output, submission.root)
            summary = said or f"the build {ended} and said nothing"
            machine = testimony.blames_machine(step, result.output, offline=offline)
            advice = f"{ADVICE}\n" if machine and offline else ""
            if compiler_errors.is_version(result.output):
                machine, advice = True, f"{OTHER_VERSION}\n"
            if result.unreached and not compiler_errors.is_source(result.output):
                machine, advice = True, f"{', '.join(result.unreached)}: no answer\n"
            if step.fetches_only and not machine:
                continue  # The command itself will say what is wrong with it.
            if lacked := _lacking(result, submission.root):
                machine, advice = True, f"{lacked}\n"
            elif not machine and not compiler_errors.is_source(result.output):
                lacked = _looked_for(lambda: needs.declared_otherwise(submission.root), "")
                machine, advice = bool(lacked), f"{lacked}\n" if lacked else advice
            if not machine and testimony.claims(result.output, offline=offline):
                summary = f"{summary}\n{testimony.DOUBTED}"
            raise BuildFailed(f"{advice}{summary}", output, machine=machine, command=command)
        fetched = step.fetches_only
    return "\n".join(outputs)


def _steps(submission: Submission, *, offline: bool) -> Iterator[testimony.BuildCommand]:
    """The commands of a build; each is looked up after those before it have run."""
    for written in submission.build:
        try:
            command = looked_up(written, submission.root)
        except Misled as misled:
            raise BuildFailed(str(misled), "") from None
        yield from testimony.steps(command, submission.root, offline=offline)


def _launches(command: tuple[str, ...], root: Path, run: Run, output: str) -> None:
    """Has javac read a source that java will compile at its start. Raises BuildFailed only if
    this machine's Java is too old for it: the program shows any other error."""
    source = java_version.launched_source(command, root)
    javac = toolchain.installed("javac")
    if not source or javac is None:
        return
    folder = root / ".launched"
    try:
        result = run([str(javac), "-proc:none", "-d", folder.name, source], root, LOOK_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if result.status != 0 and (lacked := _lacking(result, root)):
        summary = compiler_errors.first(result.output, root)
        raise BuildFailed(f"{lacked}\n{summary}", f"{output}\n{result.output}", machine=True)


def _tools(submission: Submission, command: tuple[str, ...]) -> tuple[str, ...]:
    """The tools whose folders must be readable for the program to run."""
    if submission.kind in ("manifest", "make", "executable"):
        return (command[0], "java")  # a script of theirs may start a JVM
    if command[0] == f"{python.VENV}/bin/python":
        return (toolchain.python(with_venv=True),)
    return (command[0],)


def _set_aside(root: Path) -> Path:
    """Moves the virtual environment out of what is copied for each launch; its interpreter finds it
    all the same. Raises BuildFailed if there is none."""
    made, venv = root / python.VENV, root.with_name(f"{root.name}.venv")
    if made.is_symlink() or not made.is_dir():  # Else the target of a link would be shown instead.
        raise BuildFailed(f"the build has left no virtual environment in {python.VENV}", "")
    if venv.exists():
        shutil.rmtree(venv)
    return made.rename(venv)
