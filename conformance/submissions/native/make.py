"""Makefile projects: the program is what `make` has made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from conformance.submissions import texts
from conformance.submissions.intake.working_copy import is_program
from conformance.submissions.native.executable import COMPILERS, c_files
from conformance.submissions.recipe import Recipe, ambiguous
from conformance.submissions.role import Role
from conformance.submissions.submission import Submission
from conformance.submissions.toolchain import tool

MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
BUILDING = ("all", "server", "build")
NOT_BUILDING = frozenset({"run", "start", "test", "clean", "install", "help"})
NOT_PROGRAMS = frozenset({".o", ".a", ".so", ".py", ".sh", ".js"})

Snapshot = Mapping[Path, tuple[int, int]]


def recognise(root: Path, role: Role | None = None) -> Recipe | None:
    """A folder with a Makefile; its program (or that one of several) is known once it is made."""
    makefile = next((root / name for name in MAKEFILES if (root / name).is_file()), None)
    if makefile is None:
        return None
    # -B because objects and programs that were handed in come from another machine.
    build = (tool("make", "a Makefile project"), "-B", *_goal(makefile, role))
    note = texts.recode([makefile, *c_files(root)], root)
    return Recipe("make", root, (), (build,), note=note)


def compiles(root: Path) -> bool:
    """Whether the Makefile has something to compile, so that it builds the project."""
    return any(path.suffix in {*COMPILERS, ".rs", ".go"} for path in root.rglob("*"))


def makes(root: Path, role: Role) -> bool:
    """Whether the Makefile compiles a program that is named after that role: one of its goals is,
    or a source."""
    makefile = next((root / name for name in MAKEFILES if (root / name).is_file()), None)
    if makefile is None or not compiles(root):
        return False
    named = [root / goal for goal in _goals(makefile)]
    return any(role.claims(path) for path in (*named, *c_files(root)))


def _goals(makefile: Path) -> list[str]:
    """What it can make, in its order."""
    text, _ = texts.manifest(makefile)
    goals = re.findall(r"^([\w./-]+)[ \t]*:(?!=)", text, re.MULTILINE)
    return [goal for goal in goals if not goal.startswith(".")]


def _goal(makefile: Path, role: Role | None) -> tuple[str, ...]:
    """The goal for make: none, unless the first one would start or clean something and another
    builds; of several programs that one, where the first goal is one of them alone."""
    plain = _goals(makefile)
    if role is not None and plain and role.is_one_of_them(plain[0]):
        return tuple(goal for goal in plain if role.is_named_in(goal))[:1]
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
    role = submission.role
    after = programs(submission.root)
    new = [path for path, seen in after.items() if before.get(path) != seen]
    if role is not None and new and not (new := role.pick_files(new)):
        raise LookupError(f"make ended well, but made no {role.name}")
    names = [path.relative_to(submission.root).as_posix() for path in new]
    if not names:
        raise LookupError("make ended well, but made no executable")
    wanted = {"server", "main", submission.root.name.lower(), submission.name.lower()}
    by_name = [name for name in names if Path(name).stem.lower() in wanted]
    by_word = [name for name in names if "serv" in Path(name).name.lower()]
    for choice in (names, by_name, by_word):
        if len(choice) == 1:
            return (f"./{choice[0]}",)
    meant = role.name if role else "server"
    raise ambiguous(f"make produces several programs that could be the {meant}", names)
