"""What lies in a folder of submissions: each author's entry, and what of it was handed in."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from conformance.classes.contents import unreadable, unwrapped
from conformance.classes.gradescope import Handed, read_metadata
from conformance.classes.ledger import CLASS_FILE
from conformance.classes.names import (
    METADATA,
    Author,
    Name,
    canvas_folder,
    is_entry,
    prefix_of_lab,
    prefixes,
    read_name,
    readable,
)
from conformance.model import WrongCall
from conformance.submissions.archive import FOREIGN, suffix
from conformance.submissions.intake import is_program, visible
from conformance.submissions.recognise import is_document

SOURCES = frozenset(
    {".py", ".java", ".jar", ".js", ".mjs", ".cjs", ".ts", ".c", ".cc", ".cpp", ".go", ".rs", ".sh"}
)

OF_TEACHERS = frozenset({".toml", ".yml", ".yaml", ".json", ".log", ".db", ".xls", ".xlsx", ".ods"})
"""Settings, lists and logs, which nobody hands in."""

Knows = Callable[[str], bool]
"""Whether a name is that of somebody in the class."""


@dataclass(frozen=True)
class Entry:
    """What one author, or several together, handed in."""

    name: str
    """Of the file or folder, for messages."""
    authors: tuple[Author, ...]
    path: Path | None
    site: str = ""
    """The course site that it comes from; its number says nothing to others."""
    submitted: datetime | None = None
    remarks: tuple[str, ...] = ()
    problem: str = ""
    """Why it cannot be told what was handed in."""
    aside: bool = False
    """No program, and of nobody who is known: it may be the teacher's own. It is not graded."""


def read_entries(
    folder: Path, knows: Knows, beside: Collection[str] = (), labs: Collection[str] = ()
) -> tuple[list[Entry], list[str]]:
    """The entries in the folder, but for those called as in `beside` (other labs' folders),
    and sentences about what was left aside. `labs` are those of the class.

    An entry that cannot be read is a problem of its own. Raises WrongCall where the folder
    cannot be.
    """
    try:
        paths = [path for path in visible(folder) if is_entry(path.name)]
    except OSError as error:
        raise WrongCall(f"the folder {folder} cannot be read: {error.strerror}") from None
    paths = [path for path in paths if path.name not in beside]
    told: list[str] = []
    entries: list[Entry] = []
    handed = read_metadata(folder) if (folder / METADATA).is_file() else {}
    of_a_site: dict[tuple[str, str], list[tuple[Name, Path]]] = {}
    plain: list[tuple[Name, Path]] = []
    named = _names(paths)
    for name, path in named:
        if _holds_results(path) and not knows(name.author.id):
            told.append(f"{readable(path.name)} holds the results of a class: left aside")
        elif path.name in handed:
            entries.append(_of_gradescope(path, handed[path.name]))
        elif name.site:
            of_a_site.setdefault((name.site, name.author.id), []).append((name, path))
        elif _is_work(path) or knows(name.author.id):
            plain.append((name, path))
        elif _is_the_teachers(path):
            told.append(left_aside(readable(path.name)))
        else:
            entries.append(Entry(readable(path.name), (name.author,), path, aside=True))
    missing = sorted(handed.keys() - {path.name for path in paths})
    for folder_name in missing:
        problem = f"{folder_name} stands in {METADATA}, but there is no such folder"
        who = tuple(handed[folder_name].authors)
        entries.append(Entry(readable(folder_name), who, None, problem=problem))
        told.append(problem)
    entries += [_of_site(files) for files in of_a_site.values()]
    entries += _plain(folder, plain, knows, labs)
    return [_legible(entry) for entry in entries], told


def _names(paths: Sequence[Path]) -> list[tuple[Name, Path]]:
    """What the names tell. Files of Canvas that came apart may lie in a folder, which is
    called as they begin; a plain `team_3` is none."""
    named = [(read_name(path.name, folder=os.path.isdir(path)), path) for path in paths]
    canvas = any(name.site == "Canvas" for name, _ in named)
    told = []
    for name, path in named:
        if not name.site and os.path.isdir(path) and (canvas or _holds_files_of_canvas(path)):
            name = canvas_folder(path.name) or name
        told.append((name, path))
    return told


def _holds_files_of_canvas(folder: Path) -> bool:
    """Whether files in it still have the names that Canvas gave them, beginning like it."""
    try:
        inside = [path.name for path in visible(folder)]
    except OSError:
        return False
    return any(
        name.startswith(f"{folder.name}_") and read_name(name).site == "Canvas" for name in inside
    )


def _holds_results(path: Path) -> bool:
    return os.path.isfile(path / CLASS_FILE)


def _legible(entry: Entry) -> Entry:
    """The entry; where it cannot be read, that is its problem."""
    why = unreadable(entry.path) if entry.path else ""
    if not why:
        return entry
    return replace(entry, path=None, problem=f"{entry.name} cannot be read: {why}")


def _is_work(path: Path) -> bool:
    """Whether it looks like something handed in, and not like a list of the teacher's."""
    if os.path.isdir(path):
        return True
    if suffix(path) or path.name.lower().endswith(FOREIGN):
        return True
    if not os.path.isfile(path):
        return False
    try:
        return path.suffix.lower() in SOURCES or is_program(path)
    except OSError:
        return not path.suffix  # it may be a program, and to leave it aside costs all points


def _is_the_teachers(path: Path) -> bool:
    """Whether nobody hands in something of that name, by itself."""
    return path.suffix.lower() in OF_TEACHERS or path.name.upper().startswith("README")


def left_aside(name: str) -> str:
    """The sentence about what is no entry."""
    return f"{name} is no program and nobody's: left aside"


def _of_gradescope(path: Path, handed: Handed) -> Entry:
    return Entry(
        readable(path.name),
        tuple(handed.authors),
        unwrapped(path),
        submitted=handed.submitted,
    )


def _of_site(files: Sequence[tuple[Name, Path]]) -> Entry:
    """What one author's files of a course site amount to."""
    first = files[0][0]
    name = readable(files[0][1].name)
    remarks = [f"{first.site} marks it as late"] if any(n.late for n, _ in files) else []
    real = [(n, p) for n, p in files if not n.no_file]
    if not real:
        problem = f"{' and '.join(n.no_file for n, _ in files)} was handed in, and no file"
        return Entry(name, (first.author,), None, first.site, None, tuple(remarks), problem)
    last: dict[str, tuple[Name, Path]] = {}
    for each in sorted(real, key=lambda each: each[0].number):
        last[each[0].file or each[1].name] = each
    paths = [path for _, path in last.values()]
    if len(paths) < len(real):
        newest = ", ".join(readable(path.name) for path in paths)
        remarks.append(f"of {len(real)} files, attempts at the same, the last was taken: {newest}")
    chosen = _the_one(paths)
    if chosen is None:
        several = ", ".join(readable(path.name) for path in paths)
        into = f"{first.author.name or 'anon'}_{first.author.id}"
        if first.site == "Moodle":
            into += "_assignsubmission_file_"
        own = ", ".join(n.file for n, _ in last.values())
        problem = (
            f"{len(paths)} files came apart: put {several} into one folder {into},"
            f" under their own names: {own}"
        )
        return Entry(name, (first.author,), None, first.site, None, tuple(remarks), problem)
    aside = [readable(path.name) for path in paths if path != chosen]
    remarks += [f"left aside: {', '.join(aside)}"] if aside else []
    path = unwrapped(chosen)
    return Entry(name, (first.author,), path, first.site, None, tuple(remarks))


def _the_one(paths: Sequence[Path]) -> Path | None:
    """The only one; else the only archive; else the only one that is no document."""
    archives = [path for path in paths if path.is_file() and suffix(path)]
    works = [path for path in paths if path.is_dir() or not is_document(path)]
    for some in (paths, archives, works):
        if len(some) == 1:
            return some[0]
    return None


def _plain(
    folder: Path, found: Sequence[tuple[Name, Path]], knows: Knows, labs: Collection[str]
) -> Iterator[Entry]:
    """Entries by their own names, without what all of an assignment's clones begin with."""
    clones = {name.author.id: path for name, path in found if os.path.isdir(path)}
    start = _prefix(folder, clones, knows)
    if not start and len(clones) == len(found) and not any(map(knows, clones)):
        start = prefix_of_lab(clones, labs)
    for name, path in found:
        who = name.author.id
        if start and os.path.isdir(path) and who.startswith(start) and len(who) > len(start):
            who = who[len(start) :]
        yield Entry(readable(path.name), (Author(who),), unwrapped(path))


def _prefix(folder: Path, clones: dict[str, Path], knows: Knows) -> str:
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
