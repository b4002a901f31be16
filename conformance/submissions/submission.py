"""What a student handed in, once it is recognised."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.submissions.recipe import Recipe

if TYPE_CHECKING:
    from conformance.submissions.lacking import Lack
    from conformance.submissions.made import Made


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
    looked: tuple[Made, tuple[Lack, ...] | None] | None = None
    """Of one that needs no build: what there is to start, and what that may miss. None where it was
    not looked for, or not found: then `build` looks for it."""


def one_line(title: str) -> str:
    """A student's name, without line breaks."""
    return re.sub(r"\s+", " ", title)
