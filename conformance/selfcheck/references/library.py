"""References, mutants, pairs of mutants, and impostors. Each can be written to a folder (`plant`)
and checked there like a submission."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path, PurePath


@dataclass(frozen=True)
class Example:
    """A program that is checked unchanged."""

    name: str
    """A reference's language and file, `python/thread_per_client`; an impostor's file."""
    group: str
    """The lab in whose folder it stands."""
    path: Path
    """The file, or the folder, as a student would hand it in."""
    variant: str
    """The lab or variant that it implements."""
    settings: Mapping[str, str]
    """The parameters that differ from the defaults."""

    @property
    def language(self) -> str:
        folder, in_folder, _ = self.name.partition("/")
        return folder if in_folder else _LANGUAGES.get(self.path.suffix, "")

    def plant(self, folder: Path) -> Path:
        return self.path


@dataclass(frozen=True)
class Reference(Example):
    """A server that conforms to its lab."""

    leaves: Mapping[str, str]
    """SHOULD clauses that it leaves to the student: number -> why."""


@dataclass(frozen=True)
class Impostor(Example):
    """A program that implements nothing of the lab."""

    pretends: str
    """What it does instead, in a sentence."""


@dataclass(frozen=True)
class Mutant:
    """A reference with one edit that a student might have made."""

    name: str
    reference: Reference
    file: Path
    """The edited file, relative to the reference's path; `.` if that is the file itself."""
    old: str
    new: str
    fails: tuple[str, ...]
    """The clauses that it must fail."""
    idea: str
    """What the student had in mind."""
    costs: str = ""
    """Why it loses more than a tenth of the lab's points on other clauses, if it does."""
    stands: tuple[str, ...] | None = None
    """Where it hangs: a piece of the line itself, then of other lines that may be named in its
    place, such as its callers. Empty if it hangs in no line of its own; None if nothing is said."""
    symptom: str = ""
    """The name of the lab's cause that a report must tell first; "" if it must tell none."""

    def plant(self, folder: Path) -> Path:
        """Puts an edited copy of the reference into the folder; returns its path."""
        return _plant(self.reference, [self], folder)

    def start(self) -> int:
        """Where the edit begins, in characters from the beginning of the unedited file."""
        return (self.reference.path / self.file).read_text(encoding="utf-8").index(self.old)

    def edited(self) -> str:
        """The text of the file, after the edit."""
        text, start = (self.reference.path / self.file).read_text(encoding="utf-8"), self.start()
        return text[:start] + self.new + text[start + len(self.old) :]

    def is_where_it_hangs(self, file: str, line: int) -> bool:
        """Whether a line of the planted program, counted from 1, is one that `stands` allows."""
        lines = self.edited().splitlines()
        if PurePath(file).name != (self.reference.path / self.file).name or line > len(lines):
            return False
        return line > 0 and any(piece in lines[line - 1] for piece in self.stands or ())

    def lines(self) -> range:
        """The lines of the unedited file that the edit touches, counted from 0."""
        text = (self.reference.path / self.file).read_text(encoding="utf-8")
        first = text.count("\n", 0, text.index(self.old))
        return range(first, first + self.old.count("\n") + 1)


@dataclass(frozen=True)
class Pair:
    """A reference with the edits of two mutants at once."""

    one: Mutant
    other: Mutant
    cancels: str = ""
    """Why the one edit undoes the fault of the other; "" if it does not."""

    @property
    def name(self) -> str:
        return f"{self.one.name} + {self.other.name}"

    @property
    def reference(self) -> Reference:
        return self.one.reference

    def plant(self, folder: Path) -> Path:
        """Puts a copy of the reference with both edits into the folder; returns its path."""
        return _plant(self.reference, [self.one, self.other], folder)


@dataclass
class Library:
    """All references, mutants and impostors, in the order of their folders and files."""

    references: list[Reference] = field(default_factory=list)
    mutants: list[Mutant] = field(default_factory=list)
    impostors: list[Impostor] = field(default_factory=list)
    cancels: dict[tuple[str, frozenset[str]], str] = field(default_factory=dict)
    """Lab and names of two mutants whose faults undo each other -> why."""

    def pairs(self) -> Iterator[Pair]:
        """Every two mutants of one file that touch different lines of it."""
        files: dict[Path, list[tuple[Mutant, range]]] = {}
        for mutant in self.mutants:
            file = mutant.reference.path / mutant.file
            files.setdefault(file, []).append((mutant, mutant.lines()))
        for found in files.values():
            for (one, lines), (other, others) in combinations(found, 2):
                if not set(lines) & set(others):
                    both = (one.reference.group, frozenset({one.name, other.name}))
                    yield Pair(one, other, self.cancels.get(both, ""))


_LANGUAGES = {".py": "python", ".java": "java", ".js": "node", ".mjs": "node", ".c": "c"}


def _plant(reference: Reference, edits: Sequence[Mutant], folder: Path) -> Path:
    copy = folder / reference.path.name
    if reference.path.is_dir():
        shutil.copytree(reference.path, copy)
    else:
        shutil.copy(reference.path, copy)
    # From the end of the file: an edit moves all that follows, and the new text
    # of one edit may hold the old text of another.
    for edit in sorted(edits, key=Mutant.start, reverse=True):
        target, start = copy / edit.file, edit.start()
        text = target.read_text(encoding="utf-8")
        edited = text[:start] + edit.new + text[start + len(edit.old) :]
        target.write_text(edited, encoding="utf-8")
    return copy
