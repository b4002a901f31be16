"""Java without a build tool: sources for javac, and jars."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from conformance.submissions import entry, texts, workplace
from conformance.submissions.java import source as java_source
from conformance.submissions.java import tree as java_tree
from conformance.submissions.java.source import JavaSource
from conformance.submissions.java.version import UNREADABLE, main_class
from conformance.submissions.recipe import Recipe, ambiguous
from conformance.submissions.role import Role
from conformance.submissions.texts import Encoding
from conformance.submissions.toolchain import java, tool
from conformance.verdict.model import WrongCall

CLASSES = ".classes"
"""Where javac puts its output: hidden, so that no source folder has that name."""


def read_tree(root: Path) -> list[JavaSource]:
    """Every source below `root`, without unit tests, which need a library."""
    sources = [java_source.read(path) for path in sorted(root.rglob("*.java")) if path.is_file()]
    return [source for source in sources if not source.is_test]


def recognise_sources(
    root: Path, only: Path | None = None, role: Role | None = None
) -> Recipe | None:
    """A tree of sources: compiled by javac, started at the class that is the server, or that
    program of several.

    `only`: the file that was handed in, if it was a single one; files beside it may belong to
    another student. Raises WrongCall if no class can be the server; Ambiguous if more than one can.
    """
    sources = read_tree(root)
    if not sources:
        return None
    units = java_source.units(sources)
    if only is not None:
        units = [unit for unit in units if unit.path == only]
    found = entry.servers(units, role)
    if not found and role is None and (late := _started_late(root, sources, only)):
        return late
    if not found:
        looked_at = [only] if only is not None else [source.path for source in sources[:5]]
        names = ", ".join(str(path.relative_to(root)) for path in looked_at)
        raise WrongCall(f"no class with a main method was found in the Java sources ({names})")
    mains = {java_source.main_class(sources, unit): unit for unit in found}
    if len(mains) > 1:
        what = role.name if role else "server"
        raise ambiguous(f"several Java classes could be the {what}", mains)
    [(main, unit)] = mains.items()
    chosen = next(source for source in sources if source.path == unit.path)
    note = f"started at {main}" if sum(u.starts for u in units) > 1 else ""
    used = entry.reached(unit, {each.name: each for each in units})
    named = workplace.named_in({each.path for each in used})
    recipe = _compile(root, sources, chosen, main, note, alone=only is not None)
    recipe = replace(recipe, doubt=entry.doubt(unit, units, role))
    return _placed(recipe, *workplace.place(root, unit.path.parent, named))


def _placed(recipe: Recipe, folder: str, why: str) -> Recipe:
    java_, option, class_path, main = recipe.command
    seen = ":".join(workplace.seen_from(folder, part) for part in class_path.split(":"))
    note = "; ".join(filter(None, (recipe.note, why)))
    return replace(recipe, command=(java_, option, seen, main), folder=folder, note=note)


def _started_late(root: Path, sources: Sequence[JavaSource], only: Path | None) -> Recipe | None:
    """The recipe of a tree whose main method only Java 25 and later start; None if it has none."""
    mains = {
        source.qualified(name or source.path.stem): source
        for source in sources
        if only in (None, source.path)
        for name in java_tree.Source(source.path).late_mains
    }
    if len(mains) > 1:
        units = java_source.units(sources)
        opening = {unit.path for unit in units if unit.opens is entry.Opens.LISTENING}
        listening = {main: source for main, source in mains.items() if source.path in opening}
        mains = listening or mains
    if len(mains) > 1:
        raise ambiguous("several Java classes could be the server", mains)
    for main, source in mains.items():
        recipe = _compile(root, sources, source, main, "", alone=only is not None)
        named = workplace.named_in({source.path})
        return _placed(recipe, *workplace.place(root, source.path.parent, named))
    return None


def _compile(
    root: Path, sources: Sequence[JavaSource], chosen: JavaSource, main: str, note: str, *,
    alone: bool,
) -> Recipe:  # fmt: skip
    """Compiles the sources beside the main class, and others only if they are used: a client in a
    folder of its own is no part of the server. javac cannot look up sources that are not where
    their packages say; then all are compiled."""
    homes = [source.source_root for source in sources]
    roots = [home for home in homes if home is not None and home.is_relative_to(root)]
    home = chosen.source_root if len(roots) == len(homes) else None
    if home is None:
        files, paths = list(sources), []
    else:
        files = [each for each in sources if each.source_root == home and not alone]
        files = files or [chosen]
        paths = sorted({str(path.relative_to(root)) for path in roots})
    jars = [str(path.relative_to(root)) for path in sorted(root.rglob("*.jar"))]
    notes = [note, recode([source.path for source in sources], root)]
    compile_ = [tool("javac", "a Java program"), "-encoding", "UTF-8", "-d", CLASSES]
    if paths:
        compile_ += ["-sourcepath", ":".join(paths)]
    if jars:
        compile_ += ["-cp", ":".join(jars)]
    compile_ += [f"./{source.path.relative_to(root)}" for source in files]
    resources = str(home.relative_to(root)) if home is not None else "."
    command = (java(), "-cp", ":".join([CLASSES, resources, *jars]), main)
    return Recipe("java", root, command, (tuple(compile_),), note="; ".join(filter(None, notes)))


def recode(paths: Sequence[Path], root: Path) -> str:
    """Rewrites in UTF-8 the sources of our copy that are not; returns a note, "" if there were
    none. One `-encoding` for all would spoil a team's other files; javac accepts no byte order
    mark."""
    return texts.recode(paths, root, legible={Encoding.UTF_8}, done="compiled")


def recognise_jars(root: Path, role: Role | None = None) -> Recipe | None:
    """The jar with a Main-Class; of several programs, that of the `role`. Raises WrongCall if there
    is none; Ambiguous if there are several."""
    jars = sorted(root.rglob("*.jar"))
    if role:
        jars = role.pick_files(jars)
    if not jars:
        return None
    runnable = [jar for jar in jars if jar_main(jar)]
    names = [str(jar.relative_to(root)) for jar in runnable or jars]
    if not runnable:
        raise WrongCall(
            f"{', '.join(names)} has no Main-Class in its manifest, so it cannot be started with "
            "java -jar"
        )
    if len(runnable) > 1:
        raise ambiguous("several jars have a Main-Class", names)
    return Recipe("jar", root, (java(), "-jar", names[0]))


def jar_main(path: Path) -> str | None:
    """The Main-Class of a jar, None if its manifest has none. Raises WrongCall if it is no jar."""
    try:
        with zipfile.ZipFile(path) as jar:
            return main_class(jar)
    except UNREADABLE as error:
        raise WrongCall(f"{path.name} is not a jar that can be read: {error}") from None


def name_after_public_type(path: Path) -> tuple[Path, str]:
    """Renames a single source as javac requires, because course sites rename files. Returns its new
    path and a note, "" if nothing was done."""
    public = java_source.read(path).public_type
    if public is None or public == path.stem:
        return path, ""
    target = path.with_name(f"{public}.java")
    try:
        if target.exists():
            return path, ""
        path.rename(target)
    except OSError:  # no valid file name
        return path, ""
    return target, f"{path.name} was renamed {target.name}, after its public class"


def siblings(path: Path) -> tuple[Path, Iterable[Path]]:
    """The source root of a single `.java` file, and the sources below it that it can refer to. A
    source of the same types is another version of it, or another student's."""
    source = java_source.read(path)
    root = source.source_root or path.parent
    below = root.rglob("*.java") if source.package else root.glob("*.java")
    kept = (other for other in sorted(below) if other.is_file() and not other.is_symlink())
    own = {kind.name for kind in source.types}
    return root, [each for each in kept if each != path and not own & _types_of(each, source)]


def _types_of(path: Path, beside: JavaSource) -> set[str]:
    """The names of the types of another source, if it is of the same package; none where it cannot
    be read."""
    try:
        other = java_source.read(path)
    except (OSError, WrongCall):
        return set()
    return {kind.name for kind in other.types} if other.package == beside.package else set()
