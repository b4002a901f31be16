"""What there is to start once a submission is built, and what that may miss on this machine.

Both are read from the submission's files, so it is done in a process of its own (see `apart`).
Such a process costs more than what it does: one does both. What needs no build is looked at
where it was recognised already.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from conformance.submissions import entry, first_word, missing, needs, toolchain, workplace
from conformance.submissions.apart import Enter, Step, Work
from conformance.submissions.java import maven
from conformance.submissions.java import version as java_version
from conformance.submissions.lacking import Lack
from conformance.submissions.native import binary, make
from conformance.submissions.native.make import Snapshot
from conformance.submissions.python import python
from conformance.submissions.submission import Submission
from conformance.verdict.model import WrongCall

UNSEEN = "what the build has left could not be looked through"


class Misled(Exception):  # noqa: N818 - a fact about the submission, not an error of ours
    """A command leads outside the submission. The message says how."""


@dataclass(frozen=True)
class Made:
    """What a build has made."""

    command: tuple[str, ...] = ()
    """The program, from the top of the copy."""
    folder: str = "."
    """The folder in which it is started."""
    placed: tuple[str, ...] = ()
    """The command, relative to that folder."""
    why: str = ""
    """Why it is started there."""
    trouble: str = ""
    """Why it cannot be started here, as a sentence."""
    machine: bool = True
    """Whether that proves nothing against it."""

    @property
    def has_venv(self) -> bool:
        """Whether the program is started from a virtual environment that the build has made."""
        return self.placed[:1] == (f"{python.VENV}/bin/python",)


@dataclass(frozen=True)
class Looks:
    """Two pieces of work for one process, in this order."""

    made: Work[Made]
    """Raises WrongCall where it is ambiguous, or needs a tool that is missing."""
    lacks: Work[tuple[Lack, ...] | None]
    """What the program may miss; None where that is not known."""


def looks(submission: Callable[[], Submission | None], before: Snapshot, step: Step) -> Looks:
    """How to look for what a submission's build has made. `submission`: asked there; None where
    it is not known. `before`: see `make.programs`. Each look begins with `step`."""
    found: list[Made] = []

    def look(enter: Enter) -> Made:
        enter(step)
        of = submission()
        if of is None:
            raise WrongCall(UNSEEN)
        found.append(_made(of, before))
        return found[0]

    def lacks(enter: Enter) -> tuple[Lack, ...] | None:
        enter(step)
        of = submission()
        if of is None or not found or found[0].trouble or found[0].has_venv:
            return None
        return needs.of_program(of.root, found[0].placed, found[0].folder)

    return Looks(look, lacks)


def _made(submission: Submission, before: Snapshot) -> Made:
    try:
        if submission.kind == "make":
            command = make.made(submission, before)
        elif submission.kind == "maven":
            with entry.looking_for(submission.plays):
                command = maven.made(submission)
        else:
            command = looked_up(submission.command, submission.root, submission.folder)
    except LookupError as error:  # It builds, but we find no program: that proves nothing.
        return Made(trouble=str(error.args[0]))
    except Misled as misled:
        return Made(trouble=str(misled), machine=False)
    elsewhere = java_version.too_new(command, submission.root) or binary.for_another_machine(
        command[0], submission.root, submission.folder
    )
    return Made(command, *_placed(submission, command), elsewhere)


def _placed(submission: Submission, command: tuple[str, ...]) -> tuple[str, tuple[str, ...], str]:
    """The folder, the command relative to it, and why that folder; for some known only once
    built."""
    if submission.kind == "make":
        folder, program, why = workplace.of_make(submission.root, command[0])
        return folder, (program, *command[1:]), why
    if submission.kind == "maven":
        folder, path, why = workplace.of_maven(submission.root, command[2])
        return folder, (*command[:2], path, *command[3:]), why
    return submission.folder, command, ""


def looked_up(command: tuple[str, ...], root: Path, folder: str = ".") -> tuple[str, ...]:
    """The command with its first word looked up. Raises WrongCall if there is no such tool,
    Misled if the build has made it lead outside the submission."""
    first, *rest = command
    if refusal := first_word.refused(first, root, folder):
        raise Misled(refusal)
    found = toolchain.installed(first)
    if not toolchain.is_name(first) or (found and found.is_relative_to(toolchain.SYSTEM)):
        return command
    if first in ("python", "python3"):  # Debian knows python3 only; others have a shim
        return (toolchain.python(), *rest)
    if found:
        return (str(found), *rest)
    if (root / first).is_file():
        return (f"./{first}", *rest)
    if lacked := missing.of_tool(first, root):
        raise toolchain.MissingTool(lacked)
    raise WrongCall(
        f"the command {' '.join(command)!r} starts with {first!r}, which is neither a program of "
        "this machine nor a file of the submission"
    )
