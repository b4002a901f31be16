"""Where in the submission's own source a failure can be looked for."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from conformance.reports.text.visible import disarm, visible
from conformance.verdict.model import Attempt

MAX_PATH = 300
"""Characters of a path. What comes from a program's output may be of any length."""

Place = tuple[str, int]
"""A file, relative to what was handed in, and a line, from 1; 0 where no line is known."""


def place_of(held: Attempt) -> Place | None:
    """Where an exception arose before the failure; else where its only thread that was in a source
    of its own stood. None if neither is known."""
    thrown = held.thrown
    if thrown is not None and not thrown.after and _is_inside(thrown.file):
        return thrown.file, max(thrown.line, 0)
    stood = {(one.file, max(one.line, 0)) for one in held.stood if _is_inside(one.file)}
    return stood.pop() if len(stood) == 1 else None


def _is_inside(file: str) -> bool:
    """Whether it names a file of the submission's, and nothing else: the text is the program's."""
    path = PurePosixPath(file)
    plain = file and len(file) <= MAX_PATH and disarm(visible(file)) == file and "\\" not in file
    inside = not path.is_absolute() and ".." not in path.parts
    return bool(plain) and inside and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", file)
