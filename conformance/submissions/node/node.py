"""Node: a script, or a folder with or without package.json."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.submissions import entry, texts, workplace
from conformance.submissions.entry import Opens, Unit
from conformance.submissions.intake.clutter import NODE_LOCKS
from conformance.submissions.node import libraries as node_libraries
from conformance.submissions.node.libraries import table
from conformance.submissions.recipe import Recipe, ambiguous
from conformance.submissions.role import Role
from conformance.submissions.toolchain import tool
from conformance.verdict.model import WrongCall

SUFFIXES = (".js", ".mjs", ".cjs")
OBVIOUS = ("index", "server", "app", "main")
NOT_THE_PROGRAM = re.compile(
    r"(^|/)(node_modules|tests?|__tests__)/|\.(test|spec|config)\.[cm]?js$"
)

COMMENTS = re.compile(r"/\*.*?(?:\*/|\Z)|(?<![:\w])//[^\n]*", re.DOTALL)
"""A URL in a string is no comment. Strings are kept, because imports use them."""
LINE_COMMENTS = re.compile(r"(?<![:\w])//[^\n]*")
STRINGS = re.compile(r'"(?:[^"\\\n]|\\.)*+("?)' r"|'(?:[^'\\\n]|\\.)*+('?)", re.DOTALL)
"""Strings, and what only begins like one, to the end of its line, so that the search stays
linear."""
LISTENING = re.compile(
    r"\b(createServer|createSecureServer|createSocket|WebSocketServer)\s*\(|\.listen\s*\("
    r"|new\s+(\w+\.)?Server\s*\("
)
IMPORTS = re.compile(
    r"""(?:\brequire\s*\(\s*|\bfrom\s+|\bimport\s*(?:\(\s*)?)["'](\.{1,2}/[^"']+)["']"""
)
PLAIN_START = re.compile(r"^node(js)?(\s+[\w@%+=:,./-]+)+$")
"""A start script that needs no shell, so that node is the program and not a grandchild of npm."""
WATCHED = re.compile(r"^(?:npx\s+)?nodemon\s+(?=[\w./])")
"""A start script that restarts the program when its source changes, which it does not here."""
LONGEST_START = 1_000
"""Characters of a start script that needs no shell."""


def recognise(root: Path, role: Role | None = None) -> Recipe | None:
    """The recipe of a Node folder, None if it holds no JavaScript, or none that could be that
    `role`. Raises WrongCall if package.json is not JSON; Ambiguous if several files could be the
    server."""
    recoded = texts.recode(_readable_by_node(root), root)
    package = _package(root)
    units = read_tree(root)
    if package is None and not units:
        return None
    package = package or {}
    scripts = table(package, "scripts")
    script = _script(scripts, role, units)
    start = scripts.get(script)
    if isinstance(start, str) and start.strip():
        files = [word for word in start.split() if word.endswith(SUFFIXES)]
        made = "build" in scripts and not all(texts.is_file(root / name) for name in files)
        start = _without_example(WATCHED.sub("node ", start.strip()), role)
        build = _install(root, package, units, tools=made or not _is_plain(start))
        if made:
            build += ((tool("npm", "a Node project"), "run", "build"),)
        return Recipe("node", root, _start(start, script), build, note=recoded)
    if role and not role.pick(units):
        return None
    build = _install(root, package, units, tools=False)
    chosen = _entry(package, units, role)
    note = f"started at {chosen}" if len(units) > 1 else ""
    by_name = {unit.name: unit for unit in units}
    used = entry.reached(by_name[chosen], by_name)
    names = workplace.named_in(unit.path for unit in used)
    folder, why = workplace.place(root, (root / chosen).parent, names)
    command = (tool("node", "a Node program"), workplace.seen_from(folder, chosen))
    note = "; ".join(filter(None, (note, why, recoded)))
    doubt = "" if package.get("main") else entry.doubt(by_name[chosen], units, role)
    return Recipe("node", root, command, build, note=note, folder=folder, doubt=doubt)


def _script(scripts: Mapping[str, Any], role: Role | None, units: Sequence[Unit]) -> str:
    """The name of npm's script that starts the program; "" if a file says it better."""
    if role is None:
        return "start"
    if any(unit.path.name == role.starts_at for unit in units):
        return ""
    named = [name for name in scripts if role.is_named_in(name)]
    starting = [name for name in named if name == role.name or "start" in name]
    if found := starting or named[:2]:
        return min(found, key=len) if len(named) == 1 or starting else ""
    return "start" if role.at_home else ""


def _without_example(start: str, role: Role | None) -> str:
    """The script without the words behind its file: for a program of several, they are an example
    of those that we give it (`node musician.js piano`)."""
    if role is None or not _is_plain(start):
        return start
    words = start.split()
    file = next((n for n, word in enumerate(words) if n and not word.startswith("-")), len(words))
    return " ".join(words[: file + 1])


def _readable_by_node(root: Path) -> list[Path]:
    """The files that Node itself reads, and which must be UTF-8."""
    scripts = [path for path in sorted(root.rglob("*")) if path.suffix in SUFFIXES]
    return [root / "package.json", *(p for p in scripts if "node_modules" not in p.parts)]


def read_tree(root: Path) -> list[Unit]:
    """Every module below `root` that is the student's own, without its tests."""
    paths = [p for p in sorted(root.rglob("*")) if p.suffix in SUFFIXES and p.is_file()]
    kept = [p for p in paths if not NOT_THE_PROGRAM.search(p.relative_to(root).as_posix())]
    return [_unit(path, root) for path in kept]


def _unit(path: Path, root: Path) -> Unit:
    text = _plain(path)
    code = STRINGS.sub(lambda found: "''" if found[1] or found[2] else found[0], text)
    return Unit(
        name=path.relative_to(root).as_posix(),
        path=path,
        starts=True,
        opens=Opens.LISTENING if LISTENING.search(code) else Opens.NOTHING,
        uses=frozenset(_uses(text, path, root)),
    )


def _blank(found: re.Match[str]) -> str:
    """Blanks a comment. What begins like one without an end is none: a path with a star in a
    string."""
    comment = found[0]
    if comment.startswith("/*") and not (len(comment) > 3 and comment.endswith("*/")):
        return LINE_COMMENTS.sub(" ", comment)
    return " "


def _uses(text: str, path: Path, root: Path) -> Iterator[str]:
    for wanted in dict.fromkeys(IMPORTS.findall(text)):
        stem = path.parent / wanted
        for file in (stem, *(Path(f"{stem}{s}") for s in SUFFIXES), stem / "index.js"):
            if not texts.is_file(file):
                continue
            real = Path(*file.parts).resolve()
            if real.is_relative_to(root.resolve()):
                yield real.relative_to(root.resolve()).as_posix()
                break


def _package(root: Path) -> dict[str, Any] | None:
    file = root / "package.json"
    if not file.is_file():
        return None
    try:
        package = json.loads(texts.manifest(file)[0])
    except RecursionError:
        raise WrongCall("package.json is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise WrongCall(f"package.json is not JSON: {error}") from None
    except ValueError:
        raise WrongCall("package.json has a number of thousands of digits") from None
    if not isinstance(package, dict):
        raise WrongCall("package.json is not a JSON object")
    return package


def _install(
    root: Path, package: dict[str, Any], units: Sequence[Unit], *, tools: bool
) -> tuple[tuple[str, ...], ...]:
    """npm ci with a lock file, npm install without one, if libraries are loaded that were not
    handed in. `tools`: an npm script calls installed programs by name."""
    stated = {**table(package, "devDependencies"), **table(package, "dependencies")}
    loaded = node_libraries.loaded(_plain(unit.path) for unit in units)
    locked = any((root / name).is_file() for name in NODE_LOCKS)
    needed = loaded.names if locked else loaded.names & {*stated}
    every = tools or loaded.unknown
    if not (stated or locked) or not (needed or every):
        return ()
    if node_libraries.are_whole(root, stated if every else needed):
        return ()
    npm = tool("npm", "a Node project")
    quiet = ("--no-audit", "--no-fund")  # both would query the registry for nothing
    if locked:
        developing = every or needed & {*table(package, "devDependencies")}
        return ((npm, "ci", *(() if developing else ("--omit=dev",)), *quiet),)
    if not every:
        _state_only(root, package, needed)
    return ((npm, "install", *quiet),)


def _state_only(root: Path, package: dict[str, Any], needed: Collection[str]) -> None:
    """Makes our copy's package.json name only those libraries."""
    keys = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
    fewer = dict(package)
    for key in keys:
        if isinstance(stated := package.get(key), dict):
            fewer[key] = {name: stated[name] for name in stated if name in needed}
    if fewer != package:
        (root / "package.json").write_text(json.dumps(fewer, indent=2), encoding="utf-8")


def _plain(path: Path) -> str:
    """A source without its comments."""
    return COMMENTS.sub(_blank, texts.source(path))


def _is_plain(script: str) -> bool:
    return len(script) < LONGEST_START and bool(PLAIN_START.match(script.strip()))


def _start(script: str, name: str) -> tuple[str, ...]:
    if _is_plain(script):
        return (tool("node", "a Node program"), *shlex.split(script)[1:])
    how = ("start",) if name == "start" else ("run", name)
    return (tool("npm", "a Node project"), *how, "--silent")


def _entry(package: dict[str, Any], units: Sequence[Unit], role: Role | None) -> str:
    """package.json's main, the file with an obvious name, or the only one that listens."""
    by_name = {unit.name: unit for unit in units}
    if role:
        units = role.pick(units)
    main = package.get("main")
    if isinstance(main, str):
        for name in (main, f"{main}.js", f"{main}/index.js"):
            plain = name.removeprefix("./")
            if any(unit.name == plain for unit in units):
                return plain
    if len(units) == 1:
        return units[0].name
    obvious = [name + suffix for name in OBVIOUS for suffix in SUFFIXES]
    named = [unit for name in obvious for unit in units if unit.name == name]
    named = entry.possible(named, by_name)
    leading = [unit for unit in named if entry.reaches(unit, by_name, Opens.LISTENING)]
    if leading or len(named) == 1:
        return (leading or named)[0].name
    imported = {name for unit in units for name in unit.uses}
    among = [unit for unit in units if unit.name not in imported] or list(units)
    found = entry.servers(among, role)
    if len(found) == 1:
        return found[0].name
    if not found:
        raise WrongCall("package.json names no start script and no main file that is there")
    what = role.name if role else "server"
    several = f"several JavaScript files could be the {what}"
    raise ambiguous(several, (unit.name for unit in found))
