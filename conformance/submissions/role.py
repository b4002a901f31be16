"""One of several programs of a submission: the auditor, the musician.

A file or folder belongs to a program if its name says so: `auditor.py`, `AuditorMain.java`,
`image-auditor/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.submissions.entry import Unit

OWN_NAME, PART_OF_NAME, FOLDER, NOTHING = 3, 2, 1, 0
"""How clearly a path says whose it is: `auditor.js`, `my-auditor.js`, `auditor/index.js`."""


@dataclass(frozen=True)
class Role:
    """The program that is looked for below `root`."""

    name: str
    root: Path
    others: tuple[str, ...] = ()
    """The other programs of the submission: what is called after one of them is not this one."""
    at_home: bool = False
    """Whether `root` holds this program alone."""
    starts_at: str = ""
    """The name of the file that its Dockerfile starts; "" if unknown."""

    def is_named_in(self, part: str) -> bool:
        """Whether a name says that it is this program, and none of the others."""
        plain = part.lower()
        return self.name in plain and not any(other in plain for other in self.others)

    def is_one_of_them(self, part: str) -> bool:
        """Whether a name says that it is this program alone, or one of the others alone."""
        plain = part.lower()
        return sum(name in plain for name in (self.name, *self.others)) == 1

    def claims(self, path: Path) -> int:
        """How clearly that path says that it is this program: the innermost name that says
        anything decides."""
        *folders, _ = path.relative_to(self.root).parts
        for number, part in enumerate([path.stem, *reversed(folders)]):
            if self.is_named_in(part):
                if number:
                    return FOLDER
                return OWN_NAME if part.lower() == self.name else PART_OF_NAME
            if any(name in part.lower() for name in (self.name, *self.others)):
                return NOTHING
        return NOTHING

    def pick(self, units: Sequence[Unit]) -> list[Unit]:
        """The units that may be this program: those that its Dockerfile starts, else those whose
        path says it most clearly and that no other of them uses; at home, else all that start."""
        starting = [unit for unit in units if unit.starts]
        if named := [unit for unit in starting if unit.path.name == self.starts_at]:
            return named
        clarity = {unit.name: self.claims(unit.path) for unit in starting}
        best = max(clarity.values(), default=NOTHING)
        if best == NOTHING:
            return starting if self.at_home else []
        claiming = [unit for unit in starting if clarity[unit.name] == best]
        used = {name for unit in claiming for name in unit.uses}
        return [unit for unit in claiming if unit.name not in used] or claiming

    def pick_files(self, paths: Sequence[Path]) -> list[Path]:
        """The same of files that are programs by themselves."""
        if named := [path for path in paths if path.name == self.starts_at]:
            return named
        best = max(map(self.claims, paths), default=NOTHING)
        if best == NOTHING:
            return list(paths) if self.at_home else []
        return [path for path in paths if self.claims(path) == best]
