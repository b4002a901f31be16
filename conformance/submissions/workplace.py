"""The folder in which a program is started: the one that holds the files it names.

Students start their programs at the top of the project (in a terminal) or in the source's folder
(in some IDEs). We use the top, unless none of the files that the sources name is there, and a
folder on the way down to the source has some.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from pathlib import Path

MAX_BYTES = 1024 * 1024
"""Bytes searched of each source: names of files are in what people write by hand."""
MAX_SOURCES = 500
MAX_NAMES = 500

LITERAL = re.compile(r""""([^"\n]{1,120})"|'([^'\n]{1,120})'|`([^`\n]{1,120})`""")
NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)*")
LOADED = re.compile(r"""\b(?:require\s*\(|from|import(?:\s*\()?)\s*["'][^"'\n]*["']""")
"""A JavaScript module: found relative to the source that names it, wherever that was started."""

COMPILED = frozenset({".c", ".cc", ".cpp", ".cxx"})
SOURCES = frozenset(
    {".py", ".java", ".class", ".jar", ".js", ".mjs", ".cjs", ".ts", ".c", ".cc", ".cpp", ".cxx",
     ".h", ".hh", ".hpp"}
)  # fmt: skip


def named_in(sources: Iterable[Path]) -> frozenset[str]:
    """Names in these sources that may be files: `config.json`, `data/users.txt`."""
    names: set[str] = set()
    for path in list(sources)[:MAX_SOURCES]:
        try:
            with path.open("rb") as file:
                text = file.read(MAX_BYTES).decode("utf-8", "replace")
        except OSError:
            continue
        for literal in LITERAL.findall(LOADED.sub(" ", text)):
            said = next(filter(None, literal), "")
            if NAME.fullmatch(said) and ("." in said or "/" in said) and said.strip("./"):
                names.add(said)
        if len(names) > MAX_NAMES:
            break
    return frozenset(names)


def below(folder: Path) -> list[Path]:
    found = (p for p in sorted(folder.rglob("*")) if p.suffix in SOURCES and p.is_file())
    return [path for path in found if "node_modules" not in path.parts]


def place(root: Path, beside: Path, names: Collection[str]) -> tuple[str, str]:
    """The folder below `root` (".": the top) in which to start a program whose source lies in
    `beside`, and, if it is not the top, why."""
    if not beside.is_relative_to(root):
        return ".", ""
    between = [folder for folder in (beside, *beside.parents) if folder.is_relative_to(root)]
    if any(_has(root, name, root) for name in names):
        return ".", ""
    for folder in between[:-1]:
        there = sorted(name for name in names if _has(folder, name, root))
        if there:
            where = folder.relative_to(root).as_posix()
            others = " and others" if len(there) > 1 else ""
            return where, f"started in {where}/, where {there[0]}{others} is"
    return ".", ""


def of_make(root: Path, program: str) -> tuple[str, str, str]:
    """For a program that make has made: the folder, the command relative to it, and why."""
    names = named_in(path for path in below(root) if path.suffix in COMPILED)
    folder, why = place(root, (root / program).parent, names)
    seen = seen_from(folder, program)
    return folder, seen if "/" in seen else f"./{seen}", why


def of_maven(root: Path, class_path: str) -> tuple[str, str, str]:
    """For a jar or class path that Maven has packaged: the folder, the path relative to it, and
    why."""
    module = root / class_path.partition("target/")[0]
    folder, why = place(root, module, named_in(below(module / "src/main")))
    return folder, ":".join(seen_from(folder, part) for part in class_path.split(":")), why


def _has(folder: Path, name: str, root: Path) -> bool:
    """Whether a program started in that folder finds such a file, or the folder to create it."""
    path = Path(os.path.normpath(folder / name))
    if not path.is_relative_to(root) or path == root or path.suffix in SOURCES:
        return False
    in_a_folder = "/" in name.removeprefix("./") and path.parent not in (folder, root)
    return path.is_file() or (in_a_folder and path.parent.is_dir())


def seen_from(folder: str, path: str) -> str:
    """A path below the top, as seen from that folder."""
    return path if folder == "." else os.path.relpath(path, folder)
