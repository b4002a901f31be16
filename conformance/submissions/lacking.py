"""What a program needs and this machine lacks, and how it shows that the program missed it.

The program's output alone proves nothing. A `Lack` is derived from the submission's files; the
output of a failing program only shows which lack stopped it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LINES = 400
"""Lines of output that are looked through, from the end: a stack trace has its reason first."""
MAX_OUTPUT = 32 * 1024
"""Characters of these lines: a search through endless lines would take seconds."""


@dataclass(frozen=True)
class Lack:
    """Something that this machine lacks."""

    said: str
    """A regular expression: what a program prints if it misses this."""
    sentence: str
    """What is needed and what to install."""
    at_start: bool = False
    """Whether it only explains why a program does not listen."""


def missed(output: str, lacks: Sequence[Lack], *, started: bool) -> str:
    """Which lack the last output shows, as a sentence, or "". `started`: it has listened."""
    text = "\n".join(output[-MAX_OUTPUT:].split("\n")[-LINES:])
    for lack in lacks:
        if not (started and lack.at_start) and re.search(lack.said, text, re.MULTILINE):
            return lack.sentence
    return ""
