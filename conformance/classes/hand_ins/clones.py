"""The common prefix of the clones of one assignment, after which the student's name follows."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from conformance.classes.file_names import prefixes
from conformance.classes.hand_ins.sites import Knows


def beginning(folder: Path, clones: Mapping[str, Path], knows: Knows) -> str:
    """The prefix: the name of the export's folder; else the one after which most known students
    follow; else, if all are Git clones and nobody is known, the longest common one. "" if none."""
    strangers = [name for name in clones if not knows(name)]
    assignment = folder.name.removesuffix("-submissions")
    if assignment != folder.name and any(n.startswith(f"{assignment}-") for n in strangers):
        return f"{assignment}-"
    behind: dict[str, int] = {}
    for name in strangers:
        for end in (place + 1 for place, letter in enumerate(name) if letter == "-"):
            behind[name[:end]] = behind.get(name[:end], 0) + knows(name[end:])
    best = max(behind, key=lambda start: (behind[start], len(start)), default="")
    if best and behind[best] > (0 if len(strangers) == 1 else 1):
        return best
    git = [name for name, path in clones.items() if os.path.exists(path / ".git")]
    if len(git) > 1 and len(git) == len(clones) and not any(map(knows, clones)):
        return next(prefixes(git), "")
    return ""
