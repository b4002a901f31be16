"""What a student handed in, once it is recognised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Submission:
    """What a student handed in, recognised: how it is built and how it is started."""

    name: str
    root: Path
    """A working copy of ours; the student's own folder is never written to."""
    kind: str
    """"python", "jar", "java", "maven", "node", "make", "executable", or "manifest"."""
    command: tuple[str, ...] = ()
    """The command that starts it, relative to `root`; `{port}` stands for the lab's port."""
    build: tuple[tuple[str, ...], ...] = ()
    """Commands that build it, one after another, in `root`; none for most scripts."""
    lab: str | None = None
    """The lab that its manifest names."""
    port: int | None = None
    """The port that its manifest names, instead of the lab's own."""
    environment: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    """What a reader of the report should know about how it was recognised."""
    folder: str = "."
    """The folder below `root` in which it is started; its command is relative to that."""
    doubt: str = ""
    """A sentence, also for the teacher, if something else could be meant as well."""
    arguments: tuple[str, ...] | None = None
    """Its arguments, if its manifest names them; None: those of the call."""
