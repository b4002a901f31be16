"""Python: a script, a folder with one obvious entry, a package; its requirements."""

from __future__ import annotations

import ast
import codecs
import re
import sys
import tomllib
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from conformance.submissions import entry, texts, workplace
from conformance.submissions.entry import Opens, Unit
from conformance.submissions.python import modules as python_modules
from conformance.submissions.python.modules import Wanted, is_there, last_name
from conformance.submissions.recipe import Recipe, ambiguous
from conformance.submissions.role import Role
from conformance.submissions.texts import Encoding
from conformance.submissions.toolchain import python
from conformance.verdict.model import WrongCall

OBVIOUS = ("__main__.py", "main.py", "server.py", "app.py")
VENV = ".venv"
NEEDED = ".needed-requirements.txt"
"""The requirements that the program imports, of those in requirements.txt."""

LISTENING_CALLS = frozenset({
    "listen", "create_server", "start_server", "create_datagram_endpoint", "bind", "TCPServer",
    "ThreadingTCPServer", "ForkingTCPServer", "UDPServer", "ThreadingUDPServer", "serve_forever",
    "ForkingUDPServer", "HTTPServer", "ThreadingHTTPServer",
})  # fmt: skip
SERVER_BASES = frozenset({"TCPServer", "UDPServer", "DatagramProtocol", "StreamRequestHandler",
                          "DatagramRequestHandler", "BaseRequestHandler"})  # fmt: skip
MAX_MODULE_BYTES = 1 << 20
"""Bytes of a module that is parsed, which takes a few hundred times as much memory."""
MAX_PACKAGE_DEPTH = 20
"""Nested packages that are looked for."""
COOKIE = re.compile(rb"(?:[^\r\n]*(?:\r\n?|\n))?[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)")
"""A comment in one of the first two lines that names the encoding."""
NOT_THE_PROGRAM = re.compile(r"(^|/)(tests?/|test_[^/]*$|[^/]*_test\.py$|conftest\.py$|setup\.py$)")

LIBRARIES = re.compile(r"(^|/)(vendor(ed)?|third[_-]?party|site-packages)/")
"""Folders of other people's modules, which are imported, not started."""


def recognise(root: Path, role: Role | None = None) -> Recipe | None:
    """The recipe of a Python folder, None if it holds no Python. `role`: the program that is
    started there. Raises Ambiguous if more than one file could be the server."""
    modules = [path for path in sorted(root.rglob("*.py")) if texts.is_file(path)]
    misread = [path for path in modules if not _names_its_encoding(path)]
    recoded = texts.recode(misread, root, legible={Encoding.UTF_8, Encoding.MARKED})
    units = read_tree(root)
    if not units:
        return None
    chosen = _entry(units, role)
    used = entry.reached(chosen, {unit.name: unit for unit in units})
    imports = python_modules.wanted(filter(None, (_parse(unit.path) for unit in used)))
    names = workplace.named_in(unit.path for unit in used)
    root, base, command, above = _start(root, chosen)
    places = [base / above] if command[0] == "-m" else [chosen.path.parent]
    found, missing = python_modules.handed_in(imports, root, places, _parse)
    folder, why = workplace.place(base, (root / chosen.name).parent, names)
    path = [each.relative_to(base).as_posix() for each in found]
    if command[0] != "-m":
        command = (workplace.seen_from(folder, chosen.name),)
    elif folder != "." and python_modules.hides(base / folder):
        folder, why = ".", ""
    if command[0] == "-m" and (folder != "." or above != "."):
        path = [above, *path]
    path = [workplace.seen_from(folder, each) for each in path]
    build, interpreter = _requirements(root, base, missing)
    note = f"started at {chosen.name}" if len(units) > 1 else ""
    notes = "; ".join(filter(None, (note, why, recoded)))
    environment = {"PYTHONPATH": ":".join(path)} if path else {}
    command, doubt = (interpreter, *command), entry.doubt(chosen, units, role)
    return Recipe("python", base, command, build, environment, notes, folder, doubt)


def read_tree(root: Path) -> list[Unit]:
    """Every module below `root`, without its tests (unless there is nothing else)."""
    paths = [path for path in sorted(root.rglob("*.py")) if path.is_file()]
    kept = [p for p in paths if not NOT_THE_PROGRAM.search(p.relative_to(root).as_posix())]
    units = [_unit(path, root) for path in kept or paths]
    imported = {name for unit in units for name in unit.uses}
    # A library may run code at its top level without being a program.
    units = [
        unit if unit.starts or unit.name in imported else replace(unit, starts=_is_script(unit))
        for unit in units
    ]
    others = [replace(u, starts=u.starts and not LIBRARIES.search(u.name)) for u in units]
    return others if any(unit.starts for unit in others) else units


def _names_its_encoding(path: Path) -> bool:
    """Whether a module names an encoding other than UTF-8 that Python knows."""
    with path.open("rb") as reader:
        found = COOKIE.match(reader.read(1000))
    try:
        return found is not None and codecs.lookup(found[1].decode()).name != "utf-8"
    except (LookupError, ValueError):
        return False


def _unit(path: Path, root: Path) -> Unit:
    tree = _parse(path)
    nodes = list(ast.walk(tree)) if tree else []
    return Unit(
        name=path.relative_to(root).as_posix(),
        path=path,
        # What cannot be parsed is started all the same, so that the student sees the traceback.
        starts=tree is None or path.name == "__main__.py" or any(map(_is_guard, tree.body)),
        opens=max(map(_opens, nodes), default=Opens.NOTHING),
        uses=frozenset(_uses(nodes, path, root)),
    )


def _parse(path: Path) -> ast.Module | None:
    if path.stat().st_size > MAX_MODULE_BYTES:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a student's "\d" must not print a warning
        try:
            return ast.parse(path.read_bytes())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _is_script(unit: Unit) -> bool:
    """Whether a module without a guard does something when it is started."""
    tree = _parse(unit.path)
    doing = (ast.While, ast.For, ast.With, ast.Try)
    return tree is not None and any(
        isinstance(node, doing) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
        for node in tree.body
    )


def _is_guard(node: ast.stmt) -> bool:
    """`if __name__ == "__main__":`"""
    return isinstance(node, ast.If) and any(
        isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test)
    )


def _opens(node: ast.AST) -> Opens:
    if isinstance(node, ast.ClassDef):
        bases = {last_name(base) for base in node.bases}
        return Opens.LISTENING if bases & SERVER_BASES else Opens.NOTHING
    if not isinstance(node, ast.Call):
        return Opens.NOTHING
    name = last_name(node.func)
    if name == "socket":
        return Opens.ANY
    if name == "bind" and (len(node.args) != 1 or _is_any_port(node.args[0])):
        return Opens.NOTHING  # a widget's bind(event, handler), a client's bind(("", 0))
    return Opens.LISTENING if name in LISTENING_CALLS else Opens.NOTHING


def _is_any_port(address: ast.expr) -> bool:
    if not isinstance(address, ast.Tuple) or len(address.elts) < 2:
        return False
    port = address.elts[1]
    return isinstance(port, ast.Constant) and port.value == 0


def _uses(nodes: Sequence[ast.AST], path: Path, root: Path) -> Iterator[str]:
    """The files of the tree that a module imports."""
    places = [path.parent, root, root / "src", root.parent]
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _modules(alias.name, places, root)
        elif isinstance(node, ast.ImportFrom):
            where = places
            if node.level:
                where = [path.parents[node.level - 1]] if node.level <= len(path.parents) else []
            base = f"{node.module}." if node.module else ""
            for alias in node.names:
                yield from _modules(f"{base}{alias.name}", where, root)


def _modules(dotted: str, places: Sequence[Path], root: Path) -> Iterator[str]:
    """The files that `import a.b.c` can read: a.py or a/__init__.py, a/b.py, …"""
    parts = dotted.split(".")[:MAX_PACKAGE_DEPTH]
    for length in range(1, len(parts) + 1):
        for place in places:
            stem = place.joinpath(*parts[:length])
            for file in (stem.with_name(f"{stem.name}.py"), stem / "__init__.py"):
                if file.is_relative_to(root) and texts.is_file(file):
                    yield file.relative_to(root).as_posix()


def _entry(units: Sequence[Unit], role: Role | None) -> Unit:
    """The file with an obvious name, else the one that is the server, else Ambiguous."""
    among = role.pick(units) if role else units
    if len(among) == 1:
        return among[0]
    by_name = {unit.name: unit for unit in units}
    for folder in ("", "src/"):
        obvious = [folder + name for name in OBVIOUS]
        named = [unit for name in obvious for unit in among if unit.name == name]
        named = entry.possible(named, by_name)
        leading = [u for u in named if entry.reaches(u, by_name, Opens.LISTENING)]
        if leading or len(named) == 1:
            return (leading or named)[0]
    found = entry.servers(units, role)
    if len(found) > 1:  # one that another imports is part of that
        imported = {name for unit in units for name in unit.uses}
        found = [unit for unit in found if unit.name not in imported] or found
    if len(found) == 1:
        return found[0]
    what = role.name if role else "server"
    raise ambiguous(f"several Python files could be the {what}", (u.name for u in found or units))


def _start(root: Path, chosen: Unit) -> tuple[Path, Path, tuple[str, ...], str]:
    """How the entry is started, as a script or as a module of its package. Returns the folder
    handed in (which may be renamed), the top of what is copied, the words of the command, and the
    folder below where packages are looked for."""
    folder = chosen.path.parent
    if not _belongs_to_package(chosen.path):
        return root, root, (chosen.name,), "."
    top = folder
    while top != root and (top.parent / "__init__.py").is_file():
        top = top.parent
    if top == root:
        # `bob-lab1` cannot be imported, and `http` would be Python's own.
        if not root.name.isidentifier() or root.name in sys.stdlib_module_names:
            root = root.rename(root.with_name("_" + re.sub(r"\W", "_", root.name)))
        base, package = root.parent, root
    else:
        base, package = root, top
    inside = chosen.path.relative_to(top).with_suffix("")
    parts = [part for part in (package.name, *inside.parts) if part != "__main__"]
    above = package.parent.relative_to(base).as_posix()
    return root, base, ("-m", ".".join(parts)), above


def _belongs_to_package(path: Path) -> bool:
    """Whether a file must be started with -m: it, or a package's __main__, imports as a part of a
    package does. Many students put an __init__.py beside a plain script; that makes no package."""
    folder = path.parent
    tree = _parse(path)
    nodes = list(ast.walk(tree)) if tree else []
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in froms if not node.level]
    absolute = {name.split(".")[0] for name in names}
    if any(node.level for node in froms):
        return True
    # What stands beside a script, or is Python's own, is found before its folder is.
    elsewhere = folder.name in sys.stdlib_module_names or is_there(folder.name, folder)
    if folder.name in absolute and not elsewhere:
        return True
    beside = any(texts.is_file(folder / f"{name}.py") for name in absolute)
    return path.name == "__main__.py" and (folder / "__init__.py").is_file() and not beside


def _requirements(
    root: Path, base: Path, missing: Wanted
) -> tuple[tuple[tuple[str, ...], ...], str]:
    """The commands that make a virtual environment with what is missing, and its interpreter."""
    wanted: tuple[str, ...] = ()
    files = [file for folder in (root, base) if (file := folder / "requirements.txt").is_file()]
    if files:
        lines = texts.manifest(files[0])[0].splitlines()
        if needed := python_modules.needed_of(lines, missing):
            (base / NEEDED).write_text("\n".join(needed) + "\n", encoding="utf-8")
            wanted = ("-r", NEEDED)
    elif (root / "pyproject.toml").is_file():
        stated = _dependencies(root / "pyproject.toml")
        wanted = tuple(python_modules.needed_of(stated, missing))
    if not wanted:
        return (), python()
    inside = f"{VENV}/bin/python"
    # Without -I, Python would import modules from the submission's folder, such as a queue.py.
    pip = (inside, "-I", "-m", "pip", "install", "--quiet", "--no-input", *wanted)
    return ((python(with_venv=True), "-I", "-m", "venv", VENV), pip), inside


def _dependencies(pyproject: Path) -> tuple[str, ...]:
    try:
        project = tomllib.loads(texts.manifest(pyproject)[0]).get("project", {})
        found = [word for word in project.get("dependencies", []) if isinstance(word, str)]
    except (ValueError, RecursionError, AttributeError, TypeError, WrongCall):
        return ()
    # Options of pip, and unprintable text, are no requirements.
    return tuple(word for word in found if word.isprintable() and not word.startswith("-"))
