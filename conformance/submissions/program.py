"""What a submission was built to: a program that can be launched, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from conformance.submissions.lacking import Lack

ELSEWHERE = ("/bin/sh", "-c", 'cd "$0" && exec "$@"')
"""Enters the folder given first, and becomes the command that follows."""


@dataclass(frozen=True)
class Program:
    directory: Path
    """To be copied for each launch; the command runs in the copy."""
    command: tuple[str, ...]
    """The command, relative to `folder` in the copy; `{port}` stands for the lab's port."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """To be added to the environment; relative paths are relative to `folder`."""
    readable: tuple[Path, ...] = ()
    """Folders outside /usr that it reads, at these very paths."""
    note: str = ""
    doubt: str = ""
    """See `Submission`."""
    folder: str = "."
    """The folder in which it is started, below the copy."""
    arguments: tuple[str, ...] = ()
    """Arguments after the command; `{port}` stands for the port here, too."""
    lacks: tuple[Lack, ...] = ()
    """What it may miss on this machine."""

    def given(self, arguments: Sequence[str]) -> Program:
        """The program, started with these arguments."""
        words = tuple(arguments)
        if words and Path(self.command[0]).name == "npm":
            words = ("--", *words)  # npm takes words before `--` for its own
        return replace(self, arguments=words)

    def call(self, port: int) -> list[str]:
        """The command that starts it from the top of the copy, to listen on that port."""
        elsewhere = (*ELSEWHERE, self.folder) if self.folder != "." else ()
        return [*elsewhere, *self._words(port)]

    def told(self, port: int) -> tuple[str, ...]:
        """The command that starts it in its folder, for reports: tools by name, not by path."""
        first, *others = self._words(port)
        return (Path(first).name if first.startswith("/") else first, *others)

    def _words(self, port: int) -> list[str]:
        return [word.replace("{port}", str(port)) for word in (*self.command, *self.arguments)]
