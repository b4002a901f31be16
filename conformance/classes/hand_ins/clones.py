"""What the clones of one assignment are called before the students' names begin."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from conformance.classes.file_names import prefixes
from conformance.classes.hand_ins.sites import Knows


def beginning(folder: Path, clones: Mapping[str, Path], knows: Knows) -> str:
    """What stands before the students' names: where the export's folder says so, where
    students of the class are behind it, or where nobody knows better and all are clones."""
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
