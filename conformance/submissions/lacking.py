"""What a program needs and this machine has not, and how one sees that it was missed.

Nobody's word is taken for it: a `Lack` is made from what was handed in, and only where this
machine has not what it asks for. What the program says as it fails then tells which lack it
was that stopped it. A program that prints such words without a lack is judged as any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LINES = 400
"""Lines of output that are looked through, from the end: a stack trace has its reason first."""

MAX_OUTPUT = 32 * 1024
"""Characters of them: who writes lines without end is not looked through for seconds."""


@dataclass(frozen=True)
class Lack:
    """Something that this machine has not."""

    said: str
    """A regular expression: what a program says that has missed it."""
    sentence: str
    """What is needed and what to install."""
    at_start: bool = False
    """Whether it explains only that a program has not come to listen."""


def missed(output: str, lacks: Sequence[Lack], *, started: bool) -> str:
    """What a program has missed, as a sentence, by its last output; "" where nothing of it.
    `started`: it has listened."""
    text = "\n".join(output[-MAX_OUTPUT:].split("\n")[-LINES:])
    for lack in lacks:
        if not (started and lack.at_start) and re.search(lack.said, text, re.MULTILINE):
            return lack.sentence
    return ""
