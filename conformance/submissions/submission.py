"""What a student handed in, once it is recognised."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.submissions.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Submission(Recipe):
    """What a student handed in, recognised: how it is built and how it is started."""

    name: str
    lab: str | None = None
    """The lab that its manifest names."""
    port: int | None = None
    """The port that its manifest names, instead of the lab's own."""
    arguments: tuple[str, ...] | None = None
    """Its arguments, if its manifest names them; None: those of the call."""
