"""What a submission was built to: a program that can be launched, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from conformance.submissions.lacking import Lack

ELSEWHERE = ("/bin/sh", "-c", 'cd "$0" && exec "$@"')
"""Enters the folder given first, and becomes the command that follows."""


_TOOLS = {"python": "python", "java": "java", "node": "node", "npm": "node"}
"""How the name of a program's first word begins, and the language that this tells."""

_OTHERS = {".cpp", ".cc", ".cxx", ".rs", ".go", ".py", ".java", ".js", ".ts"}
"""Files of other languages: what stands beside them may be written in any."""


@dataclass(frozen=True)
class Program:
    directory: Path
    """To be copied for each launch; the command runs in the copy."""
    command: tuple[str, ...]
    """The command, relative to `folder` in the copy; `{port}` stands for the lab's port, and for a
    client `{host}` for the server's host."""
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
    """Arguments after the command; `{port}` and `{host}` stand for the same here."""
    lacks: tuple[Lack, ...] = ()
    """What it may miss on this machine."""
    made: bool = True
    """Whether this is what was handed in; False: it did not build, and this only says so."""
    others: Mapping[str, Program] = field(default_factory=dict)
    """The other programs of a submission of several, by role; this one is the server."""

    @property
    def language(self) -> str:
        """What it is written in, for hints: "python", "java", "node", "c"; "" if that cannot be
        told from how it is started, and what stands beside it."""
        tool = Path(self.command[0]).name
        for name, language in _TOOLS.items():
            if tool.startswith(name):
                return language
        beside = {path.suffix for path in (self.directory / self.folder).rglob("*.[a-z]*")}
        return "c" if ".c" in beside and not beside & _OTHERS else ""

    def given(self, arguments: Sequence[str]) -> Program:
        """The program, started with these arguments."""
        words = tuple(arguments)
        if words and Path(self.command[0]).name == "npm":
            words = ("--", *words)  # npm takes words before `--` for its own
        return replace(self, arguments=words)

    def call(self, port: int, host: str = "") -> list[str]:
        """The command that starts it from the top of the copy, to listen on that port; a client: to
        connect to that port of that host."""
        elsewhere = (*ELSEWHERE, self.folder) if self.folder != "." else ()
        return [*elsewhere, *self._words(port, host)]

    def told(self, port: int, host: str = "") -> tuple[str, ...]:
        """The command that starts it in its folder, for reports: tools by name, not by path."""
        first, *others = self._words(port, host)
        return (Path(first).name if first.startswith("/") else first, *others)

    @property
    def takes_host_and_port(self) -> bool:
        """Whether it is told both when it is started."""
        said = " ".join((*self.command, *self.arguments))
        return "{host}" in said and "{port}" in said

    def _words(self, port: int, host: str) -> list[str]:
        words = [word.replace("{port}", str(port)) for word in (*self.command, *self.arguments)]
        return [word.replace("{host}", host) for word in words] if host else words
