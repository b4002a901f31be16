"""How a folder is built and started, before it has a student's name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.verdict.model import WrongCall

if TYPE_CHECKING:
    from conformance.submissions.role import Role


@dataclass(frozen=True)
class Recipe:
    """What a recogniser makes of a folder."""

    kind: str
    """"python", "jar", "java", "maven", "node", "make", "executable", or "manifest"."""
    root: Path
    """A working copy of ours; the student's own folder is never written to."""
    command: tuple[str, ...] = ()
    """The command that starts it, relative to `root`; `{port}` stands for the lab's port."""
    build: tuple[tuple[str, ...], ...] = ()
    """Commands that build it, one after another, in `root`; none for most scripts."""
    environment: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    """What a reader of the report should know about how it was recognised."""
    folder: str = "."
    """The folder below `root` in which it is started; its command is relative to that."""
    doubt: str = ""
    """A sentence, also for the teacher, if something else could be meant as well."""
    role: Role | None = None
    """Which of several programs it is; None if the submission is one."""


class Ambiguous(WrongCall):
    """Several files could be the server, which proves nothing against the submission."""


class TooMuch(WrongCall):
    """A limit of this suite (number, size, depth, time) was reached. This proves nothing against
    the submission; a teacher has to look at it."""


def ambiguous(what: str, candidates: Iterable[str]) -> Ambiguous:
    """The error for several candidates; it names them, and says how to choose one."""
    listed = ", ".join(sorted(candidates))
    return Ambiguous(
        f"{what}: {listed}; hand in the one that is meant, or name its command in a submission.toml"
    )
