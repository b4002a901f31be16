"""Files that course sites add to the work: Blackboard's receipts, and those in Sakai's folders.

Nothing that a student could have written is believed here.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from conformance.classes.file_names import Author, identity, readable
from conformance.classes.hand_ins.sites import BLACKBOARD, read_name
from conformance.submissions.intake.working_copy import visible

ATTACHED = ("submission attachment(s)", "student attachment(s)")
FEEDBACK = "feedback attachment(s)"
"""Sakai's folders in English, in lower case. In other languages they have other names."""
_SAKAI_FILES = ("timestamp.txt", "feedbackText.html", "comments.txt")
_TEXT = "_submissionText.html"

START = 2_000
"""Bytes read of a receipt, whose first line has the owner."""

_OWNER = re.compile(r"[^:]{1,40}: *(?P<who>.+) \((?P<login>[^()]+)\)")
"""`Name: Ann Smith (asmith)`, in whatever language."""


def receipts(paths: Iterable[Path]) -> dict[str, Author]:
    """The authors of Blackboard's attempts, by `Name.head`, as its receipts say.

    Only Blackboard can have named such a file: a student's own file name follows the time.
    """
    found: dict[str, Author] = {}
    for path in paths:
        name = read_name(path.name) if path.suffix == ".txt" else None
        if name is None or name.site != BLACKBOARD or not name.receipt or not path.is_file():
            continue
        with contextlib.suppress(OSError), path.open("rb") as file:
            first = file.read(START).decode("utf-8-sig", "replace").partition("\n")[0]
            owner = _OWNER.fullmatch(first.strip())
            if owner and name.head.endswith(f"_{owner['login']}"):
                found[name.head] = Author(identity(owner["login"]), identity(owner["who"]))
    return found


def is_of_sakai(folder: Path) -> bool:
    """Whether Sakai has made a folder: it then holds files of Sakai's own."""
    folders = (*ATTACHED, FEEDBACK)
    with contextlib.suppress(OSError):
        inside = [path.name for path in visible(folder)]
        return any(_is_its_own(name, folder) or name.lower() in folders for name in inside)
    return False


def _is_its_own(name: str, folder: Path) -> bool:
    return name in _SAKAI_FILES or name == f"{folder.name}{_TEXT}"


def of_sakai(folder: Path) -> tuple[Path | None, str]:
    """The part of a Sakai folder that was handed in; or None, and the reason why it is not clear
    ("" if nothing was handed in). Raises OSError if it cannot be read."""
    there = [path for path in visible(folder) if not path.is_symlink()]
    folders = [path for path in there if path.is_dir()]
    known = [path for path in folders if path.name.lower() in ATTACHED]
    if not known and any(p.is_file() and not _is_its_own(p.name, folder) for p in there):
        return folder, ""  # a teacher has removed the folders in between
    # In another language, the folder for feedback is still empty.
    others = [path for path in folders if path.name.lower() != FEEDBACK]
    holding = [path for path in known or others if any(path.iterdir())]
    if len(holding) > 1:
        told = ", ".join(readable(path.name) for path in holding)
        return None, f"it cannot be told which of its folders holds what was handed in: {told}"
    if holding:
        return holding[0], ""
    text = folder / f"{folder.name}{_TEXT}"
    if os.path.isfile(text) and _says_something(text):
        return None, "a text was handed in, and no file"
    return None, ""


def _says_something(page: Path) -> bool:
    with page.open("rb") as file:
        start = file.read(START).decode("utf-8", "replace")
    return bool(re.sub(r"<[^>]*>|&nbsp;|\s", "", start))
