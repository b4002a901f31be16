"""What a student handed in, once it is recognised."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.submissions.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Submission(Recipe):
    """What a student handed in, recognised: how it is built and how it is started."""

    name: str
    plays: str = "server"
    """What it is: a "server", or a "client"."""
    lab: str | None = None
    """The lab that its manifest names."""
    port: int | None = None
    """The port that its manifest names, instead of the lab's own."""
    arguments: tuple[str, ...] | None = None
    """Its arguments, if its manifest names them; None: those of the call."""
    others: Mapping[str, Submission] = field(default_factory=dict)
    """The other programs of a submission of several, by role; this one is the server."""


def one_line(title: str) -> str:
    """A student's name, without line breaks."""
    return re.sub(r"\s+", " ", title)
