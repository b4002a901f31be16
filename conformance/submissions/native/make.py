"""Makefile projects: the program is what `make` has made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from conformance.submissions import texts
from conformance.submissions.intake.working_copy import is_program
from conformance.submissions.native.executable import COMPILERS, c_files
from conformance.submissions.recipe import Recipe, ambiguous
from conformance.submissions.submission import Submission
from conformance.submissions.toolchain import tool

MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
BUILDING = ("all", "server", "build")
NOT_BUILDING = frozenset({"run", "start", "test", "clean", "install", "help"})
NOT_PROGRAMS = frozenset({".o", ".a", ".so", ".py", ".sh", ".js"})

Snapshot = Mapping[Path, tuple[int, int]]


def recognise(root: Path) -> Recipe | None:
    """A folder with a Makefile; its program is known once it is made."""
    makefile = next((root / name for name in MAKEFILES if (root / name).is_file()), None)
    if makefile is None:
        return None
    # -B because objects and programs that were handed in come from another machine.
    build = (tool("make", "a Makefile project"), "-B", *_goal(makefile))
    note = texts.recode([makefile, *c_files(root)], root)
    return Recipe("make", root, (), (build,), note=note)


def compiles(root: Path) -> bool:
    """Whether the Makefile has something to compile, so that it builds the project."""
    return any(path.suffix in {*COMPILERS, ".rs", ".go"} for path in root.rglob("*"))


def _goal(makefile: Path) -> tuple[str, ...]:
    """The goal for make: none, unless the first one would start or clean something and another
    builds."""
    text, _ = texts.manifest(makefile)
    goals = re.findall(r"^([\w.-]+)\s*:(?!=)", text, re.MULTILINE)
    plain = [goal for goal in goals if not goal.startswith(".")]
    if plain and plain[0] in NOT_BUILDING:
        return tuple(goal for goal in BUILDING if goal in plain)[:1]
    return ()


def programs(root: Path) -> Snapshot:
    """Every executable below `root`, with its time and size."""
    found = {}
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.suffix not in NOT_PROGRAMS:
            status = path.stat()
            if status.st_mode & 0o111 and is_program(path):
                found[path] = (status.st_mtime_ns, status.st_size)
    return found


def made(submission: Submission, before: Snapshot) -> tuple[str, ...]:
    """The command for what make has made since `before`. Raises Ambiguous if there are several
    programs whose names do not tell which is the server; LookupError if there is none."""
    after = programs(submission.root)
    new = [path for path, seen in after.items() if before.get(path) != seen]
    names = [path.relative_to(submission.root).as_posix() for path in new]
    if not names:
        raise LookupError("make ended well, but made no executable")
    wanted = {"server", "main", submission.root.name.lower(), submission.name.lower()}
    by_name = [name for name in names if Path(name).stem.lower() in wanted]
    by_word = [name for name in names if "serv" in Path(name).name.lower()]
    for choice in (names, by_name, by_word):
        if len(choice) == 1:
            return (f"./{choice[0]}",)
    raise ambiguous("make produces several programs that could be the server", names)
