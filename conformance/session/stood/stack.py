"""The stack of a thread, as the readers of each language's dumps give it."""

from __future__ import annotations

from dataclasses import dataclass

MAIN = "main"
"""The name of the first thread of a program, in every language."""

RUNS = "runs, and waits for nothing"
SLEEPS = "sleeps"


@dataclass(frozen=True)
class Frame:
    file: str
    """As the language names it: a path, a URL, or the bare name of a source file."""
    line: int
    package: str = ""
    """Java: the package of the class, which says in which folder the file is."""


@dataclass(frozen=True)
class Stack:
    """That of one thread."""

    frames: tuple[Frame, ...]
    """The innermost first."""
    name: str = ""
    does: str = ""
    """What it does, where the dump knows better than the kernel's name of a call."""
    lock: str = ""
    """The lock that it waits for, and who holds it: `of a Room, which Thread-2 holds`."""
