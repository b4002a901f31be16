"""The contents of one entry: its part for a lab, its time, and its manifest.

An entry that cannot be read is no error here: it is reported when it is taken in.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from conformance.classes.file_names import lab_word, readable
from conformance.submissions import NESTING, manifest, plain_name
from conformance.submissions.apart import Enter, Raised, Step, each_apart
from conformance.submissions.intake.archive import suffix
from conformance.submissions.intake.clutter import CLUTTER, is_leftover
from conformance.submissions.intake.working_copy import visible
from conformance.submissions.recognise import is_document
from conformance.verdict.model import WrongCall

READ_WITHIN = 2.0
"""Seconds for one manifest, a hundred times what a page takes. A class may have many bad ones."""


def unwrapped(path: Path) -> Path:
    """The archive, if a folder holds nothing but that and documents; else the path itself."""
    inside = _works(path)
    if len(inside) == 1 and inside[0].is_file() and suffix(inside[0]):
        return inside[0]
    return path


def for_lab(path: Path, lab: str, labs: Iterable[str]) -> tuple[Path | None, str]:
    """The part of an entry that is for this lab, in a class with several; or None, and the reason
    if that is not clear.

    An entry is divided by labs if it holds only folders or archives, and one of them is named after
    a lab of the class. The part is the one named after this lab. If there is none, nothing was
    handed in; but if some are named after no lab, that is unclear. Any other entry is judged for
    each lab as a whole: a folder `echo` beside a `main.py` may be part of the program.
    """
    inside = _works(path)
    wanted = {lab_word(each) for each in labs}
    words = [lab_word(readable(plain_name(p))) for p in inside]
    if not all(p.is_dir() or suffix(p) for p in inside) or not wanted & {*words}:
        return path, ""
    found = [p for p, word in zip(inside, words, strict=True) if word == lab_word(lab)]
    others = [p for p, word in zip(inside, words, strict=True) if word not in wanted]
    if len(found) == 1:
        return unwrapped(found[0]), ""
    unclear = found or others
    if not unclear:
        return None, ""
    there = ", ".join(readable(p.name) for p in unclear)
    return None, f"it cannot be told what in {readable(path.name)} is for {lab}: {there}"


def part_for(path: Path, lab: str, alike: Mapping[str, Collection[str]]) -> Path:
    """The part of a folder to be checked for this lab, if one student's work for several labs is in
    it.

    Nobody says here which labs there are. So it is only divided if it holds nothing but folders and
    archives, of which two are named after labs. `alike`: for each lab, the names of its variants; a
    folder named after one of them is for the others, too. Raises WrongCall if nothing is for this
    lab.
    """
    words = {lab_word(readable(plain_name(p))) for p in _works(path)}
    named = [each for each in alike if lab_word(each) in words]
    if len(named) < 2:
        return path
    family = [each for each in named if each in alike[lab]]
    called = family[0] if lab not in named and len(family) == 1 else lab
    found, problem = for_lab(path, called, alike)
    if found is None:
        there = f"it is divided by labs: {', '.join(named)}"
        raise WrongCall(problem or f"{path.name} holds nothing for {lab}: {there}")
    return found


def _works(path: Path) -> list[Path]:
    """The contents of a folder except clutter and documents."""
    try:
        if path.is_symlink() or not path.is_dir():
            return []
        inside = [p for p in visible(path) if p.name not in CLUTTER and not p.is_symlink()]
        inside = [p for p in inside if not is_leftover(p.name, folder=p.is_dir())]
        return [p for p in inside if p.is_dir() or not is_document(p)]
    except OSError:
        return []


def is_empty(path: Path) -> bool:
    """Whether a folder holds no files at all. Those that tools leave behind count: ignoring them
    could be our mistake. So do empty files: unpacking an export onto a full disk makes such."""
    try:
        return path.is_dir() and not any(
            files or any(os.path.islink(os.path.join(where, name)) for name in folders)
            for where, folders, files in os.walk(path, onerror=_raise)
        )
    except (OSError, RecursionError):
        return False


def _raise(error: OSError) -> None:
    """Fails the walk: a folder that cannot be entered may not be empty."""
    raise error


def unreadable(path: Path) -> str:
    """Why a file or a folder cannot be read, in the system's words; "" if it can."""
    try:
        if path.is_dir():
            with os.scandir(path) as inside:
                for entry in inside:  # a folder may allow listing, but not entering
                    entry.stat(follow_symlinks=False)
        elif path.is_file():  # opening a pipe would block
            with path.open("rb"):
                pass
    except OSError as error:
        return error.strerror or str(error)
    return ""


def is_clone(path: Path) -> bool:
    """Whether it is a Git clone, whose files have the time of cloning."""
    return any(os.path.exists(folder / ".git") for folder in _wrapped(path))


def named_labs(paths: Iterable[Path]) -> dict[Path, str]:
    """The labs that manifests name, by folder. Folders without one, or with a bad one, are left
    out: the error is reported when the hand-in is taken in.

    Students wrote the manifests, so they are read in a process of its own, for a bounded time.
    Raises WrongCall if no process can be started.
    """
    found = {path: file for path in dict.fromkeys(paths) if (file := _manifest(path))}
    reading = [partial(_lab, file) for file in found.values()]
    try:
        labs = list(each_apart(reading, Step("a manifest could not be read", READ_WITHIN)))
    except OSError as error:
        raise WrongCall(f"there is no room for another process: {error.strerror}") from None
    told = zip(found, labs, strict=True)
    return {path: lab for path, lab in told if lab and not isinstance(lab, Raised)}


def _manifest(path: Path) -> Path | None:
    """The manifest of a folder, or of the only folder in it."""
    for folder in _wrapped(path):
        file = folder / manifest.NAME
        try:
            if file.is_file() and not file.is_symlink():
                return file
        except OSError:
            return None
    return None


def _lab(file: Path, enter: Enter) -> str:
    return manifest.read(file).lab or ""


def _wrapped(path: Path) -> Iterator[Path]:
    """The folder, then the only folder in it, and so on."""
    for _ in range(NESTING):
        yield path
        inside = _works(path)
        if len(inside) != 1 or suffix(inside[0]):
            return
        [path] = inside


def modified(path: Path) -> datetime | None:
    """When a file, or the newest file in a folder, was changed; None if not known."""
    try:
        files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
        newest = max((p.lstat().st_mtime for p in files if ".git" not in p.parts), default=None)
    except (OSError, RecursionError):  # too many folders in one another
        return None
    return None if newest is None else datetime.fromtimestamp(newest, UTC)
