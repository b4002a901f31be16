"""What lies in one entry: which part is for a lab, when it was changed, what it says of itself.

Nothing here fails because an entry cannot be read: whoever takes it in says so.
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
"""Seconds for one manifest, which is no longer than a page: a hundred times what it takes. What
takes longer is no manifest, and a class may hold a hundred of them."""


def unwrapped(path: Path) -> Path:
    """The archive, where a folder holds just that, and perhaps a document beside it."""
    inside = _works(path)
    if len(inside) == 1 and inside[0].is_file() and suffix(inside[0]):
        return inside[0]
    return path


def for_lab(path: Path, lab: str, labs: Iterable[str]) -> tuple[Path | None, str]:
    """What of an entry is for this lab, in a class with several; and why that cannot be told.

    A folder that holds folders or archives only, one of them called like a lab of the class,
    is divided by labs: what is called like this one. None is nothing handed in, unless there
    is something that is called like none of them: that is a problem. Anything else is judged
    for each lab as it is, for a folder `echo` beside a `main.py` may be a part of the program.
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
    """What of a folder is checked for this lab, where it is one student's for several: as in a
    class, but that nobody says which labs there are. So it takes two folders called like labs,
    and nothing but folders and archives, for one to be divided. `alike`: of each lab, the names
    of its variants; a folder called like one of them is for the other, too.

    Raises WrongCall where there is none for this lab.
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
    """What lies in a folder and is neither clutter nor a document."""
    try:
        if path.is_symlink() or not path.is_dir():
            return []
        inside = [p for p in visible(path) if p.name not in CLUTTER and not p.is_symlink()]
        inside = [p for p in inside if not is_leftover(p.name, folder=p.is_dir())]
        return [p for p in inside if p.is_dir() or not is_document(p)]
    except OSError:
        return []


def is_empty(path: Path) -> bool:
    """Whether there is nothing at all in a folder, but for folders. What tools leave behind is
    something: to take it for nothing could be our mistake. A file of no bytes is something,
    too: a disk that was full when the export was unpacked makes such."""
    try:
        return path.is_dir() and not any(
            files or any(os.path.islink(os.path.join(where, name)) for name in folders)
            for where, folders, files in os.walk(path, onerror=_raise)
        )
    except (OSError, RecursionError):
        return False


def _raise(error: OSError) -> None:
    """A folder that cannot be entered is not empty."""
    raise error


def unreadable(path: Path) -> str:
    """Why a file or a folder cannot be read, in the system's words; "" where it can."""
    try:
        if path.is_dir():
            with os.scandir(path) as inside:
                for entry in inside:  # a folder may be listed, and not be entered
                    entry.stat(follow_symlinks=False)
        elif path.is_file():  # a pipe would keep us waiting
            with path.open("rb"):
                pass
    except OSError as error:
        return error.strerror or str(error)
    return ""


def is_clone(path: Path) -> bool:
    """Whether it is a Git clone, whose files have the time of cloning for their own."""
    return any(os.path.exists(folder / ".git") for folder in _wrapped(path))


def named_labs(paths: Iterable[Path]) -> dict[Path, str]:
    """The labs that the manifests of folders name, by folder; none for those that have no
    manifest, or a bad one: whoever takes it in says so.

    They are read in a process of their own, one after another: what students wrote must not
    end the class, nor keep it waiting. Raises WrongCall where there is no room for it.
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
    """The manifest of a folder, or of what it only wraps."""
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
    """The folder, and each that is alone in the one before it: what only wraps the work."""
    for _ in range(NESTING):
        yield path
        inside = _works(path)
        if len(inside) != 1 or suffix(inside[0]):
            return
        [path] = inside


def modified(path: Path) -> datetime | None:
    """When a file, or the newest file in a folder, was last changed."""
    try:
        files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
        newest = max((p.lstat().st_mtime for p in files if ".git" not in p.parts), default=None)
    except (OSError, RecursionError):  # folders in folders, deeper than Python goes
        return None
    return None if newest is None else datetime.fromtimestamp(newest, UTC)
