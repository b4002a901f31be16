"""Maven projects: `mvn package`, then the jar or the classes of the server."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from conformance.submissions import entry, texts
from conformance.submissions.java import source as java_source
from conformance.submissions.java import tree as java_tree
from conformance.submissions.java.java import jar_main, recode
from conformance.submissions.recipe import Recipe, ambiguous
from conformance.submissions.role import Role
from conformance.submissions.submission import Submission
from conformance.submissions.texts import Encoding
from conformance.submissions.toolchain import java, tool
from conformance.verdict.model import WrongCall

DEEPEST = 100
"""Nested elements of a pom; a dozen is much."""
PACKAGE = ("-q", "-B", "-DskipTests", "package")
LIBRARIES = ("dependency:copy-dependencies", "-DincludeScope=runtime")
FAT = re.compile(r"(shaded|standalone|jar-with-dependencies|-all|-fat|-uber)\.jar$")
NOT_PROGRAMS = re.compile(r"^original-|-(sources|javadoc|tests)\.jar$")


def has_modules(root: Path) -> bool:
    """Whether the pom of this folder names modules, which are built with it."""
    try:
        return "<module>" in texts.manifest(root / "pom.xml", "pom.xml")[0]
    except WrongCall:
        return False


def classes_of(root: Path, role: Role) -> list[entry.Unit]:
    """The classes of a project that start that program of several."""
    return role.pick(java_source.units(_own_sources(root)))


def recognise(root: Path) -> Recipe | None:
    """The recipe of a folder with a pom.xml; its program is known once it is packaged. Raises
    WrongCall if a pom is not XML."""
    if not (root / "pom.xml").is_file():
        return None
    poms = sorted(path for path in root.rglob("pom.xml") if "target" not in path.parts)
    read = [_text(path, root) for path in poms]
    notes = [note for _, note in read]
    command = [tool("mvn", "a Maven project"), *PACKAGE]
    whole = "\n".join(text for text, _ in read)
    if _names_libraries(whole) and "maven-shade" not in whole and "maven-assembly" not in whole:
        command += LIBRARIES
    if not re.search(r"maven\.compiler\.|<source>|<release>|<relativePath\s*/>", whole):
        # Maven's own default is Java 5, which compilers no longer support: a pom without a version
        # was written in an IDE that sets one. 11 is the oldest in use.
        command += ["-Dmaven.compiler.source=11", "-Dmaven.compiler.target=11"]
    release = re.search(r"<maven\.compiler\.release>\s*(\d+)\s*<", whole)
    if release and "maven.compiler.source" not in whole:
        # Old compiler plugins, such as Debian's, ignore `release` and use Java 5; those that know
        # it ignore the two others.
        level = release.group(1)
        command += [f"-Dmaven.compiler.source={level}", f"-Dmaven.compiler.target={level}"]
    sources = sorted(root.rglob("src/*/java/**/*.java"))
    if "project.build.sourceEncoding" not in whole:
        command += ["-Dproject.build.sourceEncoding=UTF-8"]
    named = re.search(r"(?:project\.build\.sourceEncoding|<encoding)>\s*([\w.:-]+)\s*<", whole)
    if named:
        # With a named encoding, javac reads neither a wide encoding nor a byte order mark.
        legible = texts.BUT_WIDE - {Encoding.MARKED}
        mended = texts.recode(sources, root, legible=legible, into=named[1], done="compiled")
    else:
        mended = recode(sources, root)
    note = "; ".join(filter(None, (*notes, mended)))
    return Recipe("maven", root, (), (tuple(command),), note=note)


def _text(pom: Path, root: Path) -> tuple[str, str]:
    """A pom without its comments, and a note if it had to be rewritten for Maven. Raises WrongCall
    if it is not XML, or much too large or too deep."""
    name = str(pom.relative_to(root))
    note = ""
    plain, _ = texts.manifest(pom, name)
    try:
        tree = _tree(pom.read_bytes(), name)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        try:  # its encoding may differ from the one it names
            tree = _tree(plain, name)
        except (ElementTree.ParseError, LookupError, ValueError):
            raise WrongCall(f"{name} is not XML: {error}") from None
        note = texts.recode([pom], root, legible={Encoding.UTF_8})
    text = ElementTree.tostring(tree, encoding="unicode")
    return re.sub(r"<(/?)\w+:", r"<\1", text), note  # the namespace's prefix, ns0:


def _tree(content: str | bytes, name: str) -> ElementTree.Element:
    """Parses a pom. Raises ElementTree.ParseError; WrongCall if it is too deep. expat reads no
    external entities, and refuses those that expand too far."""
    tree = ElementTree.fromstring(content)
    depth, level = 0, [tree]
    while level:
        depth, level = depth + 1, [child for element in level for child in element]
        if depth > DEEPEST:
            raise WrongCall(f"{name} is nested too deeply")
    return tree


def _names_libraries(poms_text: str) -> bool:
    """Whether the program needs libraries at run time."""
    found = re.findall(r"<dependency>.*?</dependency>", poms_text, re.DOTALL)
    return any(not re.search(r"<scope>\s*(test|provided)", each) for each in found)


def made(submission: Submission) -> tuple[str, ...]:
    """The command for what Maven has packaged.

    The module is the one whose main class is the server. In it, a jar with everything comes first,
    then a jar with a Main-Class, then the classes. Raises Ambiguous if several could be meant;
    LookupError if there is no main class.
    """
    root = submission.root
    sources = _own_sources(root)
    units = java_source.units(sources)
    found = entry.servers(units, submission.role)
    modules = {_module(unit.path, root) for unit in found}
    started = {m: jars for m in sorted(modules) if (jars := runnable(m))}
    if len(found) != 1 and len(started) == 1:  # the pom says which
        [(module, jars)] = started.items()
        return _launch(root, module, jars[0], None)
    unclear = [] if found else sources
    late = [(s, name) for s in unclear for name in java_tree.Source(s.path).late_mains]
    if len(late) == 1:  # only Java 25 starts it; an earlier one says why it does not
        [(source, name)] = late
        main = source.qualified(name or source.path.stem)
        return _launch(root, _module(source.path, root), None, main)
    if not found:
        raise LookupError("Maven packaged the project, but no class in it has a main method")
    if len(modules) > 1 or (len(found) > 1 and not started):
        names = [java_source.main_class(sources, unit) for unit in found]
        what = submission.role.name if submission.role else "server"
        raise ambiguous(f"several classes of the Maven project could be the {what}", names)
    [module] = modules
    jars = started.get(module, [])
    main = java_source.main_class(sources, found[0])
    if submission.role and jars and jar_main(jars[0]) != main:
        return _one_of_several(root, jars[0], main)
    return _launch(root, module, jars[0] if jars else None, main)


def _own_sources(root: Path) -> list[java_source.JavaSource]:
    paths = sorted(root.rglob("src/main/java/**/*.java"))
    return [java_source.read(path) for path in paths if _is_own(path)]


def _one_of_several(root: Path, jar: Path, main: str) -> tuple[str, ...]:
    """The command for a main class that is not the jar's own: of one project with two."""
    beside = sorted(path for path in root.rglob("target/classes"))
    path = [each.relative_to(root).as_posix() for each in (jar, *beside)]
    libraries = jar.parent / "dependency"
    if libraries.is_dir():
        path.append(f"{libraries.relative_to(root).as_posix()}/*")
    return (java(), "-cp", ":".join(path), main)


def _module(source: Path, root: Path) -> Path:
    """The nearest folder above a source that has a pom."""
    return next(folder for folder in source.parents if (folder / "pom.xml").is_file())


def _is_own(path: Path) -> bool:
    """Whether it is a file of the project, not a link to outside or a pipe that would block."""
    return path.is_file() and not path.is_symlink()


def runnable(module: Path) -> list[Path]:
    """The jars of a module that can be started, those with everything in them first."""
    jars = [
        path
        for path in sorted(module.glob("target/*.jar"))
        if _is_own(path) and not NOT_PROGRAMS.search(path.name) and jar_main(path)
    ]
    return sorted(jars, key=lambda jar: (not FAT.search(jar.name), -jar.stat().st_size))


def _launch(root: Path, module: Path, jar: Path | None, main: str | None) -> tuple[str, ...]:
    """`java -jar`, or a class path with the libraries that Maven has put beside it."""
    libraries = module / "target/dependency"
    if jar is not None and not libraries.is_dir():
        return (java(), "-jar", jar.relative_to(root).as_posix())
    if jar is not None:
        main = jar_main(jar)
    first = jar or module / "target/classes"
    others = sorted(path for path in root.rglob("target/classes") if path != first)
    path = [first.relative_to(root).as_posix()]
    path += [other.relative_to(root).as_posix() for other in others]
    if libraries.is_dir():
        path.append(f"{libraries.relative_to(root).as_posix()}/*")
    return (java(), "-cp", ":".join(path), main or "")
