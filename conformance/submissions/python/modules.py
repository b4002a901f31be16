"""The modules that a Python program imports: which of them were handed in, and which
requirements it really needs.

A requirement that nothing imports (`pip freeze` lists a whole machine) is not installed: if it were
unavailable, a program that does not need it would fail.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

Parse = Callable[[Path], ast.Module | None]

MAX_FILES = 2_000
"""Files of handed-in libraries that are searched for what these need themselves."""
MAX_MODULE_NAME = 200
"""Characters of a module's name, as many as a file's name may have."""

OTHER_NAMES = {
    "attr": ("attrs",),
    "bs4": ("beautifulsoup4",),
    "Crypto": ("pycryptodome", "pycrypto"),
    "cv2": ("opencv-python", "opencv-python-headless", "opencv-contrib-python"),
    "dateutil": ("python-dateutil",),
    "dotenv": ("python-dotenv",),
    "git": ("gitpython",),
    "jwt": ("pyjwt",),
    "MySQLdb": ("mysqlclient",),
    "mysql": ("mysql-connector-python", "mysql-connector"),
    "nacl": ("pynacl",),
    "OpenSSL": ("pyopenssl",),
    "PIL": ("pillow",),
    "pkg_resources": ("setuptools",),
    "psycopg2": ("psycopg2-binary",),
    "serial": ("pyserial",),
    "skimage": ("scikit-image",),
    "sklearn": ("scikit-learn",),
    "socketio": ("python-socketio",),
    "websocket": ("websocket-client",),
    "yaml": ("pyyaml",),
    "zmq": ("pyzmq",),
}
"""Modules whose name differs from that of their package."""

REQUIREMENT = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[|[<>=!~;@(]|$)")
PURE_WHEEL = re.compile(r"([A-Za-z0-9_.]+)-[^-]+(?:-\d[^-]*)?-py3?[^-]*-none-any\.whl$")

ASIDE = frozenset({"node_modules", "tests", "test", "__pycache__"})


@dataclass(frozen=True)
class Wanted:
    """What sources import by absolute names: `yaml`, `google.protobuf`."""

    needed: frozenset[str]
    """Imports without which the program cannot run."""
    perhaps: frozenset[str] = frozenset()
    """Imports that may fail, in a `try`."""
    unknown: bool = False
    """Whether something is imported by a name that is computed at run time."""

    def __or__(self, other: Wanted) -> Wanted:
        needed, perhaps = self.needed | other.needed, self.perhaps | other.perhaps
        return Wanted(needed, perhaps, self.unknown or other.unknown)


def wanted(trees: Iterable[ast.Module]) -> Wanted:
    """What these modules import, all together."""
    needed: set[str] = set()
    perhaps: set[str] = set()
    unknown = False
    for tree in trees:
        tried = {id(node) for each in ast.walk(tree) if isinstance(each, ast.Try)
                 for part in each.body for node in ast.walk(part)}  # fmt: skip
        for node in ast.walk(tree):
            (perhaps if id(node) in tried else needed).update(_imported(node))
            unknown = unknown or _imports_by_name(node)
    return Wanted(frozenset(needed), frozenset(perhaps - needed), unknown)


def _imported(node: ast.AST) -> list[str]:
    names: list[str] = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
        names = [node.module]
    return [name for name in names if len(name) < MAX_MODULE_NAME]


def _imports_by_name(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    constant = bool(node.args) and isinstance(node.args[0], ast.Constant)
    return last_name(node.func) in ("__import__", "import_module") and not constant


def last_name(node: ast.expr) -> str:
    """`server` for `server` and for `http.server`; "" for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def top(name: str) -> str:
    return name.partition(".")[0]


def is_there(name: str, folder: Path) -> bool:
    """Whether `import name` finds a module or a package in that folder."""
    stem = folder / top(name)
    if stem.with_name(f"{stem.name}.py").is_file() or (stem / "__init__.py").is_file():
        return True
    return stem.is_dir() and bool(list(stem.glob("*.py")))


def hides(folder: Path) -> bool:
    """Whether a module in the folder would replace one of Python's own."""
    return any(is_there(own, folder) for own in sys.stdlib_module_names)


def _from_outside(found: Iterable[str], places: Sequence[Path]) -> set[str]:
    """The names that neither Python itself nor one of these folders has."""
    others = {name for name in found if top(name) not in sys.stdlib_module_names}
    return {name for name in others if not any(is_there(name, place) for place in places)}


def handed_in(
    imports: Wanted, root: Path, places: Sequence[Path], parse: Parse
) -> tuple[list[Path], Wanted]:
    """The folders and wheels below `root` with modules that are in none of the `places` where
    Python looks by itself; and what is still missing then."""
    found: list[Path] = []
    missing = Wanted(
        frozenset(_from_outside(imports.needed, places)),
        frozenset(_from_outside(imports.perhaps, places)),
        imports.unknown,
    )
    tree = _HandedIn(root)
    queue = sorted({top(name) for name in missing.needed | missing.perhaps})
    queued = {*queue}
    for name in queue:  # modules that those found need are appended
        place = tree.place_of(name)
        if place is None:
            continue
        found += [place] if place not in found else []
        if place.is_dir():  # add what the module needs itself and is not there
            own = wanted(filter(None, map(parse, tree.sources(place, name))))
            others = _from_outside(own.needed | own.perhaps, [*places, *found])
            missing |= Wanted(frozenset(), frozenset(others))
            new = sorted({top(other) for other in others} - queued)
            queue += new
            queued.update(new)
        missing = Wanted(
            frozenset(each for each in missing.needed if top(each) != name),
            frozenset(each for each in missing.perhaps if top(each) != name),
            missing.unknown,
        )
    return found, missing


class _HandedIn:
    """What can be imported from below a folder, by name; the folder is walked once."""

    def __init__(self, root: Path) -> None:
        self._folders: dict[str, list[Path]] = {}
        """By name, where a module or package is."""
        self._wheels: list[tuple[str, Path]] = []
        self._hide: dict[Path, bool] = {}
        self._left = MAX_FILES
        for parent, folders, files in os.walk(root):
            here = Path(parent)
            folders[:] = [name for name in folders if name not in ASIDE and name[0] != "."]
            modules = [name.removesuffix(".py") for name in files if name.endswith(".py")]
            for name in (*folders, *modules):
                self._folders.setdefault(name, []).append(here)
            wheels = ((PURE_WHEEL.match(name), here / name) for name in files)
            self._wheels += [(_normal(called[1]), path) for called, path in wheels if called]

    def place_of(self, name: str) -> Path | None:
        """The outermost folder that has a module, or a wheel that needs no unpacking; none that
        would hide one of Python's own modules."""
        folders = [folder for folder in self._folders.get(name, []) if is_there(name, folder)]
        for folder in sorted(folders, key=lambda folder: (len(folder.parts), str(folder))):
            if folder not in self._hide:
                self._hide[folder] = hides(folder)
            if not self._hide[folder]:
                return folder
        called = _distributions(name)
        return next((path for of, path in sorted(self._wheels) if of in called), None)

    def sources(self, place: Path, name: str) -> list[Path]:
        """The sources of a module in that place, up to a limit for all calls together."""
        alone = place / f"{name}.py"
        paths = [alone] if alone.is_file() else sorted((place / name).rglob("*.py"))
        paths = paths[: self._left]
        self._left -= len(paths)
        return paths


# -- requirements ----------------------------------------------------------------------


def needed_of(lines: Sequence[str], missing: Wanted) -> list[str]:
    """The lines of a requirements.txt that the program needs; all if that is uncertain, none if
    nothing is missing."""
    if not missing.needed and not missing.perhaps and not missing.unknown:
        return []
    stated = [line for line in _joined(lines) if line]
    named = {line: _name(line) for line in stated}
    told = {name for name in named.values() if name}
    sure = all(told & _distributions(name) for name in missing.needed)
    hashed = any("--hash" in line for line in stated)
    if missing.unknown or not sure or hashed:
        return stated
    use = set().union(*map(_distributions, missing.needed | missing.perhaps))
    kept = [line for line, name in named.items() if name in use]
    # A line that is no plain name (an option, a path, an address) may mean anything.
    return [line for line, name in named.items() if name is None or name in use] if kept else []


def _joined(lines: Sequence[str]) -> Iterator[str]:
    """The lines without comments, each requirement on one line."""
    text = "\n".join(lines).replace("\\\n", " ")
    plain = (re.sub(r"(^|\s)#.*", "", line) for line in text.split("\n"))
    return (" ".join(line.split()) for line in plain)


def _name(line: str) -> str | None:
    """The package that a line asks for; None if it is no plain name."""
    found = REQUIREMENT.match(line)
    plain = found is not None and "/" not in line.partition("@")[0]
    return _normal(found[1]) if found and plain else None


def _normal(name: str) -> str:
    """As PyPI compares names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _distributions(module: str) -> set[str]:
    """Packages that a module may come from: its own name, known others, usual variants."""
    parts = module.split(".")
    own = {_normal("-".join(parts[: n + 1])) for n in range(len(parts))}
    own |= {_normal(parts[1])} if len(parts) > 1 else set()
    first = _normal(parts[0])
    usual = {f"python-{first}", f"py{first}", f"{first}-python", f"{first}-py"}
    return own | usual | {_normal(name) for name in OTHER_NAMES.get(parts[0], ())}
