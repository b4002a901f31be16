"""The entries in a folder of submissions: their authors, and what they handed in."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from conformance.classes.file_names import (
    METADATA,
    SOURCES,
    Author,
    Name,
    is_entry,
    prefix_of_lab,
    readable,
    squeezed,
)
from conformance.classes.hand_ins.beside_the_work import is_of_sakai, of_sakai, receipts
from conformance.classes.hand_ins.clones import beginning
from conformance.classes.hand_ins.contents import unreadable, unwrapped
from conformance.classes.hand_ins.gradescope import read_metadata
from conformance.classes.hand_ins.sites import (
    BRIGHTSPACE,
    SAKAI,
    Knows,
    canvas_folder,
    read_name,
    read_names,
    sakai_folder,
)
from conformance.classes.results.class_log import CLASS_FILE
from conformance.submissions.intake.archive import FOREIGN, suffix
from conformance.submissions.intake.working_copy import is_program, visible
from conformance.submissions.recognise import is_document
from conformance.verdict.model import WrongCall

OF_TEACHERS = frozenset({".toml", ".yml", ".yaml", ".json", ".log", ".db", ".xls", ".xlsx", ".ods"})
"""Suffixes of settings, lists and logs, which nobody hands in."""

Found = tuple[Name, Path]

_RESULTS = "{} holds the results of a class: left aside"


@dataclass(frozen=True)
class FolderEntry:
    """What one author, or several together, handed in."""

    name: str
    """Name of the file or folder, for messages."""
    authors: tuple[Author, ...]
    path: Path | None
    site: str = ""
    """The course site that exported it; "" if none."""
    submitted: datetime | None = None
    remarks: tuple[str, ...] = ()
    problem: str = ""
    """Why it is not clear what was handed in."""
    aside: bool = False
    """Whether it is no program, and of nobody known: it may be the teacher's. It is not graded."""


def read_entries(
    folder: Path, knows: Knows, beside: Collection[str] = (), labs: Collection[str] = ()
) -> tuple[list[FolderEntry], list[str]]:
    """The entries in the folder, and sentences about what was ignored. `beside` are names that are
    no entries (other labs' folders); `labs` are those of the class.

    An entry that cannot be read has a `problem`. Raises WrongCall if the folder cannot be read.
    """
    try:
        paths = [path for path in visible(folder) if path.name not in beside]
    except OSError as error:
        raise WrongCall(f"the folder {folder} cannot be read: {error.strerror}") from None
    paths = [path for path in paths if _may_be_entry(path.name)]
    told: list[str] = []
    entries: list[FolderEntry] = []
    handed = read_metadata(folder) if (folder / METADATA).is_file() else {}
    of_a_site: dict[tuple[str, str], list[Found]] = {}
    plain: list[Found] = []
    named = _names([path for path in paths if path.name not in handed], knows)
    for path in (path for path in paths if path.name in handed):
        if _holds_results(path):
            told.append(_RESULTS.format(readable(path.name)))
        else:
            said = handed[path.name]
            who, whole = tuple(said.authors), unwrapped(path)
            entries.append(FolderEntry(readable(path.name), who, whole, submitted=said.submitted))
    sites = {name.site for name, _ in named}
    for name, path in named:
        if _holds_results(path) and not knows(name.author.id):
            told.append(_RESULTS.format(readable(path.name)))
        elif name.site:
            of_a_site.setdefault((name.site, name.author.id), []).append((name, path))
        elif _is_work(path) or knows(name.author.id):
            plain.append((name, path))
        elif path.suffix.lower() in OF_TEACHERS or path.name.upper().startswith("README"):
            told.append(left_aside(readable(path.name)))
        elif not (path.name == "index.html" and BRIGHTSPACE in sites):  # Brightspace's list of them
            entries.append(FolderEntry(readable(path.name), (name.author,), path, aside=True))
    for missing in sorted(handed.keys() - {path.name for path in paths}):
        problem = f"{missing} stands in {METADATA}, but there is no such folder"
        who = tuple(handed[missing].authors)
        entries.append(FolderEntry(readable(missing), who, None, problem=problem))
        told.append(problem)
    for files in of_a_site.values():
        entries += _of_persons(files, told)
    entries += _plain(folder, plain, knows, labs)
    return [_legible(entry) for entry in entries], told


def _may_be_entry(name: str) -> bool:
    """Whether it may be an entry. A .csv is the teacher's, unless a site put a student's name
    before its own."""
    return is_entry(name) or (name.lower().endswith(".csv") and bool(read_name(name).site))


def _names(paths: Sequence[Path], knows: Knows) -> list[Found]:
    """What the names say. Folders that a site or a teacher made are recognised, too."""
    folders = {path.name for path in paths if os.path.isdir(path)}
    names = read_names(
        [path.name for path in paths], folders=folders, knows=knows, receipts=receipts(paths)
    )
    canvas = any(name.site == "Canvas" for name in names)
    told = []
    for name, path in zip(names, paths, strict=True):
        if not name.site and path.name in folders:
            name = _by_what_is_inside(path, canvas, knows) or name
        told.append((name, path))
    return told


def _by_what_is_inside(path: Path, canvas: bool, knows: Knows) -> Name | None:
    """What the name of a folder says if its contents, or what lies beside it, show that it is of a
    site. If somebody in the class is called like the folder, it is theirs, whatever they put into
    it."""
    if knows(path.name):
        return None
    name = sakai_folder(path.name)
    if name and (is_of_sakai(path) or knows(name.author.id)):
        return name
    if canvas or _holds_files_of_canvas(path):
        return canvas_folder(path.name)
    return None


def _holds_files_of_canvas(folder: Path) -> bool:
    """Whether it holds files that still have Canvas' names, and begin like the folder's."""
    try:
        inside = [path.name for path in visible(folder)]
    except OSError:
        return False
    return any(
        name.startswith(f"{folder.name}_") and read_name(name).site == "Canvas" for name in inside
    )


def _holds_results(path: Path) -> bool:
    return os.path.isfile(path / CLASS_FILE)


def _legible(entry: FolderEntry) -> FolderEntry:
    """The entry. If it cannot be read, it gets a problem instead of a path."""
    why = unreadable(entry.path) if entry.path else ""
    if not why:
        return entry
    return replace(entry, path=None, problem=f"{entry.name} cannot be read: {why}")


def _is_work(path: Path) -> bool:
    """Whether it looks like a hand-in, and not like the teacher's own file."""
    if os.path.isdir(path):
        return True
    if suffix(path) or path.name.lower().endswith(FOREIGN):
        return True
    if not os.path.isfile(path):
        return False
    try:
        return path.suffix.lower() in SOURCES or is_program(path)
    except OSError:
        return not path.suffix  # it may be a program: ignoring it would cost all points


def left_aside(name: str) -> str:
    """The message about a file that is not an entry."""
    return f"{name} is no program and belongs to nobody: left aside"


def _of_persons(files: Sequence[Found], told: list[str]) -> Iterator[FolderEntry]:
    """The entry of the person with one number of a site. If the number has several names, each of
    them gets a problem, so that nobody is graded for another's work."""
    persons: dict[str, list[Found]] = {}
    for name, path in files:
        persons.setdefault(squeezed(name.author.name), []).append((name, path))
    if len(persons) < 2:
        yield _of_site(files)
        return
    name = files[0][0]
    several = ", ".join(some[0][0].author.name or "nobody" for some in persons.values())
    told.append(
        f"{name.site}'s number {name.author.id} stands beside the names of several, {several}:"
        " the teacher has to say whose each entry is"
    )
    problem = f"{name.site}'s number {name.author.id} stands beside several people's names"
    for some in persons.values():
        yield replace(_of_site(some), path=None, problem=problem)


def _of_site(found: Sequence[Found]) -> FolderEntry:
    """The entry made of one author's files of a course site."""
    first, path = found[0]
    if first.site == SAKAI:
        return _of_sakai(first, path)
    entry = FolderEntry(readable(path.name), (first.author,), None, first.site)
    remarks = [f"{first.site} marks it as late"] if any(n.late for n, _ in found) else []
    real = [(n, p) for n, p in found if not n.no_file and not n.receipt]
    if not real:
        said = dict.fromkeys("a text" if n.receipt else n.no_file for n, _ in found)
        problem = f"{' and '.join(said)} was handed in, and no file"
        return replace(entry, remarks=tuple(remarks), problem=problem)
    attempt = max(name.attempt for name, _ in real)
    files = [each for each in real if each[0].attempt == attempt]
    last: dict[str, Found] = {}
    for each in sorted(files, key=lambda each: each[0].number):
        last[each[0].file or each[1].name] = each
    paths = [path for _, path in last.values()]
    if len(paths) < len(real):
        newest = ", ".join(readable(path.name) for path in paths)
        remarks.append(f"{len(real)} files are attempts at the same: the last was taken: {newest}")
    chosen = _the_one(paths)
    if chosen is None:
        several = ", ".join(readable(path.name) for path in paths)
        own = ", ".join(n.file for n, _ in last.values())
        problem = (
            f"{len(paths)} files were exported one by one: put {several} into one folder"
            f" {files[0][0].folder}, under their own names: {own}"
        )
        return replace(entry, remarks=tuple(remarks), problem=problem)
    aside = [readable(path.name) for path in paths if path != chosen]
    remarks += [f"left aside: {', '.join(aside)}"] if aside else []
    return replace(entry, path=unwrapped(chosen), remarks=tuple(remarks))


def _of_sakai(name: Name, folder: Path) -> FolderEntry:
    entry = FolderEntry(readable(folder.name), (name.author,), None, SAKAI)
    try:
        path, problem = of_sakai(folder)
    except OSError as error:
        why = error.strerror or str(error)
        return replace(entry, problem=f"{entry.name} cannot be read: {why}")
    if path is None and not problem:
        return replace(entry, remarks=("Sakai has a folder for them, and no file in it",))
    return replace(entry, path=unwrapped(path) if path else None, problem=problem)


def _the_one(paths: Sequence[Path]) -> Path | None:
    """The only file; else the only archive; else the only one that is no document."""
    archives = [path for path in paths if path.is_file() and suffix(path)]
    works = [path for path in paths if path.is_dir() or not is_document(path)]
    for some in (paths, archives, works):
        if len(some) == 1:
            return some[0]
    return None


def _plain(
    folder: Path, found: Sequence[Found], knows: Knows, labs: Collection[str]
) -> Iterator[FolderEntry]:
    """Entries by their own names, without the prefix that all clones of an assignment have."""
    clones = {name.author.id: path for name, path in found if os.path.isdir(path)}
    start = beginning(folder, clones, knows)
    if not start and len(clones) == len(found) and not any(map(knows, clones)):
        start = prefix_of_lab(clones, labs)
    for name, path in found:
        who = name.author.id
        if start and os.path.isdir(path) and who.startswith(start) and len(who) > len(start):
            who = who[len(start) :]
        yield FolderEntry(readable(path.name), (Author(who),), unwrapped(path))
