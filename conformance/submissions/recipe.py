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
    """Several things could be the server: which one is meant is not for us to guess, and
    nothing is proven against any of them."""


class TooMuch(WrongCall):
    """A limit of this suite (number, size, depth, time) was met: nothing is proven against
    what was handed in, which somebody has to look at."""


def ambiguous(what: str, candidates: Iterable[str]) -> Ambiguous:
    """Several things could be meant: say which, and how to say which one it is."""
    listed = ", ".join(sorted(candidates))
    return Ambiguous(
        f"{what}: {listed}; hand in the one that is meant, or name its command in a submission.toml"
    )
