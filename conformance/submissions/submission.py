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
    """How it is started, relative to `root`; `{port}` stands for the lab's port."""
    build: tuple[tuple[str, ...], ...] = ()
    """Commands that build it, one after another, in `root`; none for most scripts."""
    lab: str | None = None
    """The lab that its manifest names."""
    port: int | None = None
    """The port that its manifest says it listens on, instead of the lab's own."""
    environment: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    """What a reader of the report should know about how it was recognised."""
    folder: str = "."
    """Where it is started, below `root`; its command is as seen from there."""
    doubt: str = ""
    """That something else could be meant as well: a sentence for the teacher, too."""
    arguments: tuple[str, ...] | None = None
    """What it is started with, where its manifest says so; None: what the call says."""
