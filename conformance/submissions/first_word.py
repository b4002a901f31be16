"""The first word of a student's command: which program it may start.

Allowed are a bare name, which the suite looks up; a program of the submission; and one below /usr,
which every submission sees. Any other file of this machine may belong to another student.
"""

from __future__ import annotations

import os
from pathlib import Path

from conformance.submissions import toolchain

SEEN_AS = "/home/student"
"""Where the program sees the hand-in in the full tier; links that its build made may point
there."""


def refused(word: str, root: Path, folder: str = ".") -> str:
    """Why a command started in this folder of `root` may not begin with this word, or ""."""
    if toolchain.installed(word):
        return ""
    if os.path.isabs(word):
        if os.path.normpath(word) != word or not Path(word).is_relative_to(SEEN_AS):
            return _sentence(word)
        own = os.path.relpath(word, SEEN_AS)
    else:
        own = word if word.startswith(toolchain.VENV_PROGRAMS) else os.path.join(folder, word)
    if os.path.normpath(own).split("/")[0] in ("..", "."):
        return _sentence(word)
    if toolchain.is_name(word) and not os.path.lexists(root / word):
        return _sentence(word) if toolchain.is_elsewhere(word) else ""
    real = Path(os.path.realpath(root / own))
    inside = any(real.is_relative_to(place) for place in (os.path.realpath(root), SEEN_AS))
    if inside or toolchain.is_shown(str(real)):
        return ""
    return f"{word[:80]!r} leads out of what was handed in, by a link"


def _sentence(word: str) -> str:
    return (
        "a command may begin with the name of a program (java, python3, …), with a path inside of"
        f" what was handed in, or with one below /usr, and not with {word[:80]!r}"
    )
