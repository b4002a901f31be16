"""Bringing in what was handed in: a working copy of our own, and nothing of it outside.

The student's folder is only read. Links are never followed, special files left
behind, clutter (version control, virtual environments, build outputs) not taken along.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from pathlib import Path

from conformance.model import WrongCall

MAX_BYTES = 500 * 1024 * 1024
"""A lab's program is a few KiB, its libraries a few MiB: this is a disk image, or a bomb."""
MOST_LIBRARIES = 5_000
"""Files of a node_modules folder that are taken along although npm could install it anew: it is
copied for each launch."""
MAX_ENTRIES = 20_000
"""Enough for a node_modules folder of a web framework."""

CLUTTER = frozenset(
    {
        ".git", ".svn", ".hg", "__pycache__", ".idea", ".vscode", ".gradle", ".venv",
        ".mypy_cache", ".pytest_cache", ".ruff_cache", "__MACOSX", ".DS_Store", "Thumbs.db",
        "desktop.ini",
    }
)  # fmt: skip
NODE_LOCKS = frozenset({"package-lock.json", "npm-shrinkwrap.json"})


@dataclass
class Intake:
    """What has been taken in so far, counted against the limits."""

    what: str
    """Name of what was handed in, for messages."""
    size: int = 0
    entries: int = 0
    notes: list[str] = field(default_factory=list)

    def count(self, *, entries: int = 0, size: int = 0) -> None:
        """Raises WrongCall beyond either limit."""
        self.entries += entries
        self.size += size
        if self.entries > MAX_ENTRIES:
            raise WrongCall(f"{self.what} holds more than {MAX_ENTRIES:,} files")
        if self.size > MAX_BYTES:
            raise WrongCall(f"{self.what} holds more than {MAX_BYTES // 1024**2} MiB")


def is_clutter(path: Path, beside: Set[str]) -> bool:
    """Whether `path` is none of the student's work; `beside` names what lies in its folder."""
    if path.name in CLUTTER:
        return True
    if path.name == "target":
        return "pom.xml" in beside
    if path.name == "node_modules":
        return bool(NODE_LOCKS & beside) and not _is_small(path)  # npm ci installs it anew
    return (path / "pyvenv.cfg").is_file()  # a virtual environment, whatever its name


def _is_small(folder: Path) -> bool:
    """Whether a folder of libraries can be taken along: then no registry has to be asked."""
    entries = 0
    for _, folders, files in os.walk(folder):
        entries += len(folders) + len(files)
        if entries > MOST_LIBRARIES:
            return False
    return True


def copy_folder(source: Path, target: Path, intake: Intake) -> None:
    """Copies a folder. Raises WrongCall where something cannot be read, or is too much."""
    real = source.resolve()
    try:
        _copy(source, target, real, intake)
    except OSError as error:
        raise unreadable(error, source) from None


def _copy(source: Path, target: Path, top: Path, intake: Intake) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with os.scandir(source) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    beside = {entry.name for entry in entries}
    for entry in entries:
        path = Path(entry.path)
        if is_clutter(path, beside):
            continue
        intake.count(entries=1)
        if entry.is_symlink():
            _copy_link(path, target / entry.name, top, intake)
        elif entry.is_dir(follow_symlinks=False):
            _copy(path, target / entry.name, top, intake)
        elif entry.is_file(follow_symlinks=False):
            copy_file(path, target / entry.name, intake)
        else:
            intake.notes.append(f"{path.relative_to(source)} is no ordinary file and was left out")


def _copy_link(link: Path, target: Path, top: Path, intake: Intake) -> None:
    """A link is kept if it is relative and stays inside; it is dropped with a note if not."""
    aim = os.readlink(link)
    real = Path(os.path.realpath(link))
    if not os.path.isabs(aim) and real.is_relative_to(top):
        target.symlink_to(aim)
    else:
        intake.notes.append(f"the link {link.name} leads out of the folder and was left out")


def copy_file(source: Path, target: Path, intake: Intake) -> None:
    """Copies a regular file with its times (make looks at them). Raises WrongCall, OSError."""
    # Neither following a link that has just been put there, nor waiting on a pipe.
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as reader:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise WrongCall(f"{source.name} is no ordinary file")
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as writer:
            while chunk := reader.read(1 << 20):
                intake.count(size=len(chunk))
                writer.write(chunk)
    target.chmod(0o755 if status.st_mode & 0o111 else 0o644)
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))


def tidy(folder: Path) -> None:
    """Removes clutter from a working copy, and makes programs executable again.

    Zip files, and the course sites that make them, lose the x bit.
    """
    for parent, folders, files in os.walk(folder):
        here = Path(parent)
        beside = {*folders, *files}
        for name in list(folders):
            if is_clutter(here / name, beside) and not (here / name).is_symlink():
                shutil.rmtree(here / name)
                folders.remove(name)
        for name in files:
            path = here / name
            if name in CLUTTER:
                path.unlink()
            elif not path.is_symlink() and is_program(path):
                path.chmod(0o755)


def is_program(path: Path) -> bool:
    """Whether the system can start the file: ELF, or a script that names its interpreter."""
    with path.open("rb") as reader:
        start = reader.read(4)
    return start == b"\x7fELF" or start[:2] == b"#!"


def visible(folder: Path) -> Iterator[Path]:
    """What lies in a folder, without hidden files, in a fixed order."""
    return (path for path in sorted(folder.iterdir()) if not path.name.startswith("."))


def unreadable(error: OSError, path: Path) -> WrongCall:
    """The sentence for a file that the system does not let us read (or copy)."""
    where = error.filename if isinstance(error.filename, str) else str(path)
    return WrongCall(f"{where} cannot be read: {error.strerror or error}")
