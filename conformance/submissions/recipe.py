"""How a folder is built and started, before it has a student's name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance.verdict.model import WrongCall


@dataclass(frozen=True)
class Recipe:
    """What a recogniser makes of a folder; the fields are those of `Submission`."""

    kind: str
    root: Path
    command: tuple[str, ...] = ()
    build: tuple[tuple[str, ...], ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    folder: str = "."
    doubt: str = ""


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
