"""Programs that are ready to start, and C files without a Makefile, which need a compiler."""

from __future__ import annotations

import re
from pathlib import Path

from conformance.submissions import entry, texts, workplace
from conformance.submissions.intake.working_copy import is_program, visible
from conformance.submissions.native import c_source
from conformance.submissions.recipe import Recipe, ambiguous
from conformance.submissions.role import Role
from conformance.submissions.toolchain import MissingTool, installed, tool

COMPILERS = {".c": "cc", ".cc": "c++", ".cpp": "c++", ".cxx": "c++"}
HEADERS = frozenset({".h", ".hh", ".hpp", ".hxx"})
NOT_THE_PROGRAM = re.compile(r"(^|/)(tests?/|test_[^/]*$|[^/]*_test\.\w+$)")
OUTPUT = "server.out"
FIRST_LINE = 256
"""Bytes of a script's first line that the kernel reads (BINPRM_BUF_SIZE)."""
X86 = {b"\x03\x00", b"\x3e\x00"}
"""e_machine (ELF, System V ABI) of i386 and of x86-64, whose kernels run both."""


def recognise(root: Path) -> Recipe | None:
    """The only executable of a folder. Raises Ambiguous if there are several."""
    programs = [path for path in visible(root) if path.is_file() and is_program(path)]
    if len(programs) > 1:
        raise ambiguous("several executables could be the server", (p.name for p in programs))
    return of_file(programs[0]) if programs else None


def of_file(path: Path) -> Recipe:
    """An executable file, which may have lost its x bit. Raises MissingTool if it is for another
    kind of machine, or for an interpreter that this one does not have."""
    with path.open("rb") as reader:
        start = reader.read(FIRST_LINE)
    if start.startswith(b"#!"):
        words = start[2:].partition(b"\n")[0].decode("utf-8", "replace").split()
        if words[:1] == ["/usr/bin/env"]:
            words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
        if words and not (installed(words[0]) or Path()).is_file():
            raise MissingTool(f"{path.name} needs {words[0]}, which this machine does not have")
    elif _other_processor(start):
        raise MissingTool(
            f"{path.name} is a program for another kind of processor than this machine has: hand"
            " in its sources"
        )
    return Recipe("executable", path.parent, (f"./{path.name}",))


def _other_processor(start: bytes) -> bool:
    """Whether an ELF header names another kind of machine than that of our own interpreter."""
    with open("/proc/self/exe", "rb") as ours:
        own = ours.read(len(start[:20]))
    kinds = {head[18:20] for head in (own, start)}
    return len(start) >= 20 and len(kinds) > 1 and kinds != X86


def c_sources(root: Path) -> list[Path]:
    """The C and C++ files below `root`, without its tests (unless there is nothing else)."""
    paths = [p for p in sorted(root.rglob("*")) if p.suffix in COMPILERS and p.is_file()]
    kept = [p for p in paths if not NOT_THE_PROGRAM.search(p.relative_to(root).as_posix())]
    return kept or paths


def c_files(root: Path) -> list[Path]:
    """The sources and what they include."""
    kinds = {*COMPILERS, *HEADERS}
    return [path for path in sorted(root.rglob("*")) if path.suffix in kinds]


def recognise_c(root: Path, role: Role | None = None) -> Recipe | None:
    """C or C++ files, compiled without a build tool: the `main` of the server (or of that program
    of several) and what belongs to it. Raises Ambiguous if it cannot be found."""
    paths = c_sources(root)
    if not paths:
        return None
    # A compiler takes the bytes of a text as they are, unless it is UTF-16 or UTF-32.
    recoded = texts.recode(c_files(root), root)
    start, files, note, doubt = paths[0], paths, "", ""
    if role is not None and not role.pick(c_source.units(list(map(c_source.read, paths)), root)):
        return None
    if len(paths) > 1:
        start, files, note, doubt = _server_of(root, paths, role)
    c_plus_plus = [path for path in files if COMPILERS[path.suffix] == "c++"]
    mixed = 0 < len(c_plus_plus) < len(files)
    compiler = tool("c++" if len(c_plus_plus) == len(files) else "cc", "a C program")
    headers = {p.parent for p in root.rglob("*") if p.suffix in HEADERS and p.is_file()}
    # Servers most often need -pthread; unused libraries are not linked.
    command = [compiler, "-O1", "-pthread", "-o", OUTPUT]
    command += [f"-I./{folder.relative_to(root)}" for folder in sorted(headers - {root})]
    command += [f"./{path.relative_to(root)}" for path in files]
    command += ["-lstdc++"] if mixed else []
    folder, why = workplace.place(root, start.parent, workplace.named_in(files))
    told = "; ".join(filter(None, (f"compiled by {compiler}", note, why, recoded)))
    program = workplace.seen_from(folder, f"./{OUTPUT}")
    build = ((*command, "-lm"),)
    return Recipe("executable", root, (program,), build, note=told, folder=folder, doubt=doubt)


def _server_of(
    root: Path, paths: list[Path], role: Role | None
) -> tuple[Path, list[Path], str, str]:
    """The file where the server starts, its files, how it was chosen, and which others could be
    meant."""
    sources = [c_source.read(path) for path in paths]
    units = c_source.units(sources, root)
    found = entry.servers(units, role)
    if len(found) != 1:
        names = [unit.name for unit in found or units]
        meant = role.name if role else "server"
        what = f"could be the {meant}" if found else "and none has a main function"
        raise ambiguous(f"several C files {what}", names)
    [unit] = found
    used = {str(each.path) for each in entry.reached(unit, {each.name: each for each in units})}
    [chosen] = [source for source in sources if source.path == unit.path]
    files = c_source.belonging(chosen, sources, frozenset(used))
    names = [path.relative_to(root).as_posix() for path in files]
    several = sum(each.starts for each in units) > 1
    told = f"started at {unit.name}, with {', '.join(names)}" if several else ""
    return unit.path, files, told, entry.doubt(unit, units, role)
