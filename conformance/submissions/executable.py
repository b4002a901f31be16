"""Programs that need nothing but being started, and lone C files, which need a compiler."""

from __future__ import annotations

from pathlib import Path

from conformance.submissions.intake import is_program, visible
from conformance.submissions.recipe import Ambiguous, Recipe, ambiguous
from conformance.submissions.toolchain import tool

COMPILERS = {".c": "cc", ".cc": "c++", ".cpp": "c++", ".cxx": "c++"}
OUTPUT = "server.out"


def recognise(root: Path) -> Recipe | None:
    """The one executable of a folder. Raises Ambiguous where there are several."""
    programs = [path for path in visible(root) if path.is_file() and is_program(path)]
    if len(programs) > 1:
        raise ambiguous("several executables could be the server", (p.name for p in programs))
    return of_file(programs[0]) if programs else None


def of_file(path: Path) -> Recipe:
    """An executable file, which need not have kept its x bit."""
    return Recipe("executable", path.parent, (f"./{path.name}",))


def c_sources(root: Path) -> list[Path]:
    return [path for path in sorted(root.rglob("*")) if path.suffix in COMPILERS]


def recognise_c(root: Path) -> Recipe | None:
    """A lone C or C++ file, compiled plainly. Raises Ambiguous where there are several."""
    sources = c_sources(root)
    if not sources:
        return None
    if len(sources) > 1:
        names = ", ".join(str(path.relative_to(root)) for path in sources[:5])
        raise Ambiguous(f"several C files ({names}) but no Makefile that says what to make of them")
    [source] = sources
    compiler = tool(COMPILERS[source.suffix], "a C program")
    # -pthread: what a server most often needs; unused libraries are not linked.
    command = (compiler, "-O1", "-pthread", "-o", OUTPUT, f"./{source.relative_to(root)}", "-lm")
    return Recipe("executable", root, (f"./{OUTPUT}",), (command,), note=f"compiled by {compiler}")
