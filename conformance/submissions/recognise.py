"""Recognises what kind of submission a folder is, and which of several is meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from conformance.submissions import entry
from conformance.submissions.intake import archive
from conformance.submissions.intake.working_copy import is_program, visible
from conformance.submissions.java import java, maven
from conformance.submissions.java import source as java_source
from conformance.submissions.native import executable, make
from conformance.submissions.node import node
from conformance.submissions.python import python
from conformance.submissions.recipe import Ambiguous, Recipe, ambiguous
from conformance.submissions.role import Role
from conformance.verdict.model import WrongCall

GRADLE = ("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts")
PROJECT_FILES = ("submission.toml", "pom.xml", "package.json", *make.MAKEFILES, *GRADLE)

DOCUMENTS = {
    ".md", ".txt", ".pdf", ".html", ".doc", ".docx", ".odt", ".rtf", ".pptx", ".xlsx",
    ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".heic",
}  # fmt: skip
"""Suffixes of reports beside the program; requirements.txt is none, see `is_document`."""

LOOKED_FOR = (
    "submission.toml, pom.xml, package.json, Makefile, .py, .java, .jar, .js or .c files, "
    "or an executable"
)

UNKNOWN = {
    ".go": "Go", ".rs": "Rust", ".cs": "C#", ".kt": "Kotlin", ".scala": "Scala", ".rb": "Ruby",
    ".php": "PHP", ".ts": "TypeScript", ".swift": "Swift", ".hs": "Haskell", ".pl": "Perl",
}  # fmt: skip
"""Languages that are recognised, but not supported."""

FOREIGN_ARCHIVE = "such an archive cannot be opened here: hand in a .zip or a .tar.gz"


def is_document(path: Path) -> bool:
    """Whether a file is about the program and not a part of it."""
    plain = path.name.upper().startswith(("README", "LICENSE", "LICENCE"))
    return plain or (path.suffix.lower() in DOCUMENTS and path.name != "requirements.txt")


def project_below(top: Path) -> Path:
    """The only project below a folder that also holds other things (screenshots, data); the folder
    itself if it is a project, has sources of its own, or holds several."""
    sources = {".py", ".java", ".jar", *node.SUFFIXES, *executable.COMPILERS}
    if any((top / name).exists() for name in PROJECT_FILES):
        return top
    outermost = _projects(top)
    if len(outermost) != 1:
        return top
    [home] = outermost
    outside = (path for path in top.rglob("*") if not path.is_relative_to(home))
    return top if any(path.suffix in sources for path in outside) else home


def _projects(top: Path) -> list[Path]:
    """The folders below `top` that are projects and not inside another."""
    homes = {
        path.parent
        for path in top.rglob("*")
        if path.name in PROJECT_FILES and "node_modules" not in path.parts
    }
    return [home for home in homes if not any(parent in homes for parent in home.parents)]


def folder(root: Path) -> Recipe:
    """The recipe of a folder without manifest. Raises WrongCall if there is none; Ambiguous if
    several."""
    project = maven.recognise(root)
    if project is not None:
        return project
    if any((root / name).exists() for name in GRADLE):
        raise WrongCall(
            "Gradle projects are not supported: hand in a jar, or add a submission.toml with the "
            "commands that build and start the program"
        )
    if (root / "package.json").is_file():
        return _certain(node.recognise(root))
    if make.compiles(root):
        project = make.recognise(root)
        if project is not None:
            return project
    return sources(root) or _last_resort(root)


def of_role(root: Path, role: Role) -> Recipe | None:
    """The recipe of that program of several; None if nothing is called after it. Raises Ambiguous
    if several could be it."""
    found = _project_of_role(root, role)
    for recognise in (
        _sources_of_role, java.recognise_jars, _made_for_role, executable.recognise_c,
        _program_of_role,
    ):  # fmt: skip
        found = found or recognise(root, role=role)
    return found and replace(found, role=role)


def _project_of_role(root: Path, role: Role) -> Recipe | None:
    if (root / "pom.xml").is_file() and maven.classes_of(root, role):
        return maven.recognise(root)
    if role.at_home and any((root / name).exists() for name in GRADLE):
        raise WrongCall(
            f"{root.name}: Gradle projects are not supported: hand in a jar, or add a"
            " submission.toml with the commands that build and start the programs"
        )
    if (root / "package.json").is_file() and (found := node.recognise(root, role)):
        return found
    return make.recognise(root, role) if role.at_home and make.compiles(root) else None


def _made_for_role(root: Path, role: Role) -> Recipe | None:
    """One of the programs that a Makefile makes."""
    return make.recognise(root, role) if make.makes(root, role) else None


def _sources_of_role(root: Path, role: Role) -> Recipe | None:
    """The program in whichever language it is written; the other one may be in another."""
    languages: dict[str, tuple[Callable[..., Recipe | None], list[entry.Unit]]] = {
        "Java": (java.recognise_sources, java_source.units(java.read_tree(root))),
        "Python": (python.recognise, python.read_tree(root)),
        "JavaScript": (node.recognise, node.read_tree(root)),
    }
    picked = {name: role.pick(units) for name, (_, units) in languages.items()}
    present = {name: units for name, units in picked.items() if units}
    clearest = max((role.claims(u.path) for units in present.values() for u in units), default=0)
    chosen = [
        name
        for name, units in present.items()
        if any(role.claims(unit.path) == clearest for unit in units)
    ]
    if len(chosen) > 1:
        raise Ambiguous(
            f"the {role.name} could be a program in {' or in '.join(chosen)}: name its command in a"
            f" submission.toml, in the table [{role.name}]"
        )
    return languages[chosen[0]][0](root, role=role) if chosen else None


def _program_of_role(root: Path, role: Role) -> Recipe | None:
    """An executable, also a script, that is named after the program."""
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink()]
    programs = role.pick_files([path for path in files if is_program(path)])
    if len(programs) > 1:
        raise ambiguous(f"several executables could be the {role.name}", (p.name for p in programs))
    return executable.of_file(programs[0]) if programs else None


def sources(root: Path) -> Recipe | None:
    """The recipe of a folder of sources, in whichever language its server is written."""
    languages: dict[str, tuple[Callable[[Path], Recipe | None], list[entry.Unit]]] = {
        "Java": (java.recognise_sources, java_source.units(java.read_tree(root))),
        "Python": (python.recognise, python.read_tree(root)),
        "JavaScript": (node.recognise, node.read_tree(root)),
    }
    present = {name: found for name, found in languages.items() if found[1]}
    likely = {name: found for name, found in present.items() if entry.holds_one(found[1])}
    chosen = likely or present
    if len(chosen) > 1:
        raise Ambiguous(
            f"the folder holds programs in {' and in '.join(chosen)}: hand in the one that is "
            "meant, or name its command in a submission.toml"
        )
    for recognise, _ in chosen.values():
        return recognise(root)
    return None


def _last_resort(root: Path) -> Recipe:
    """The recipe of a folder without sources of a language that we interpret or compile."""
    unclear: Ambiguous | None = None
    for recognise in (
        java.recognise_jars, executable.recognise_c, executable.recognise, make.recognise,
    ):  # fmt: skip
        try:
            recipe = recognise(root)
        except Ambiguous as several:
            if recognise is not executable.recognise_c:
                raise
            unclear = several  # their compiled program may be beside them
            continue
        if recipe is not None:
            return recipe
    raise unclear or _nothing(root)


def _certain(recipe: Recipe | None) -> Recipe:
    if recipe is None:
        raise WrongCall(f"nothing that can be started was found; looked for {LOOKED_FOR}")
    return recipe


def file(root: Path, path: Path) -> Recipe:
    """The recipe of the file that was handed in; `root` holds only that and its siblings."""
    suffix = path.suffix.lower()
    if suffix == ".java":
        renamed, note = java.name_after_public_type(path)
        recipe = _certain(java.recognise_sources(root, only=renamed))
        return replace(recipe, note="; ".join(filter(None, (recipe.note, note))))
    if suffix == ".py":
        return _certain(python.recognise(root))
    if suffix == ".jar":
        return _certain(java.recognise_jars(root))
    if suffix in node.SUFFIXES:
        return _certain(node.recognise(root))
    if suffix in executable.COMPILERS:
        return _certain(executable.recognise_c(root))
    return _last_resort(root)


def _nothing(root: Path) -> WrongCall:
    """The error for a folder in which nothing is recognised; Ambiguous if several candidates
    are."""
    names = [path.name + "/" * path.is_dir() for path in visible(root)]
    projects = [str(path.relative_to(root)) for path in _projects(root)]
    if len(projects) > 1:
        return ambiguous("several projects could be the server", projects)
    if any(path.is_file() and archive.suffix(path) for path in visible(root)):
        return ambiguous("several files could be what was handed in", names)
    everything = [path.name for path in root.rglob("*")]
    if any(name.endswith(".class") for name in everything):
        return WrongCall(
            "only compiled .class files were found: hand in the .java sources, or a jar with a "
            "Main-Class"
        )
    if any(name.lower().endswith(".exe") for name in everything):
        return WrongCall("only a Windows program (.exe) was found: hand in its sources")
    if not names:
        return WrongCall("the submission is empty: there is no file in it")
    shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    if foreign := [name for name in names if name.lower().endswith(archive.FOREIGN)]:
        return WrongCall(f"{foreign[0]}: {FOREIGN_ARCHIVE}")
    files = [path for path in root.rglob("*") if path.is_file()]
    if files and all(map(is_document, files)):
        return WrongCall(
            f"only documents were handed in, and no program: {shown}; hand in the program itself,"
            " and the report beside it"
        )
    if languages := {UNKNOWN[path.suffix] for path in files if path.suffix in UNKNOWN}:
        return WrongCall(
            f"{shown}: a program in {' and '.join(sorted(languages))} is not recognised by itself:"
            " add a submission.toml with the commands that build and start it"
        )
    return WrongCall(f"nothing that can be started was found in {shown}; looked for {LOOKED_FOR}")
