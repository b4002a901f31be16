"""Recognises the programs of a submission that is several: an auditor and its musicians.

Each is looked for in a copy of its own of all that was handed in: in the folder that is named after
it, if that is a project or a Docker image; else among all sources, jars and executables. npm's
scripts are named after them, too.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from conformance.submissions import recognise, texts
from conformance.submissions.intake.limits import Intake
from conformance.submissions.java import maven
from conformance.submissions.manifest import Manifest
from conformance.submissions.recipe import Recipe
from conformance.submissions.role import Role
from conformance.submissions.submission import Submission, one_line
from conformance.verdict.model import WrongCall

DOCKERFILE = "Dockerfile"
MAX_DOCKERFILE_BYTES = 64 << 10
MARKS = (DOCKERFILE, *recognise.PROJECT_FILES)
"""What makes a folder that is named after a program the home of that program."""
BUILT_ONCE = ("java", "node", "maven")
"""The kinds of program whose build makes the same for all of them."""
NOT_HANDED_IN = {"node_modules", "target", "__pycache__"}

INSTRUCTION = re.compile(r"^[ \t]*(?:CMD|ENTRYPOINT)[ \t]+(.+)$", re.IGNORECASE | re.MULTILINE)
STARTED = re.compile(r"[\w@+.-]+\.(?:py|js|mjs|cjs|jar)")


class NotFound(WrongCall):
    """A program of the submission was not found; this says which."""


def submission(
    root: Path,
    said: Manifest,
    roles: Sequence[str],
    others: Path,
    title: str,
    intake: Intake,
) -> Submission:
    """A submission of several programs; the first of the roles is the server. Each of the others
    is recognised in a copy below `others`, because recognising one may change files. Raises
    NotFound, and as `program`."""
    places = {roles[0]: root, **{role: others / role / root.name for role in roles[1:]}}
    for role in roles[1:]:
        shutil.copytree(root, places[role], symlinks=True)
    found: dict[str, Submission] = {}
    for role, place in places.items():
        own = said.programs.get(role, Manifest())
        recipe, arguments = own.started(place)
        recipe = recipe or program(place, role, [other for other in roles if other != role])
        if recipe is not None:
            found[role] = Submission(name=one_line(title), arguments=arguments, **vars(recipe))
    if missing := [role for role in roles if role not in found]:
        raise _not_found(missing, roles)
    told = [f"{role}: {each.note}" for role, each in found.items() if each.note]
    notes = "; ".join(filter(None, (*told, *intake.notes, said.note)))
    server = found.pop(roles[0])
    together = {role: _sharing(server, root, each, places[role]) for role, each in found.items()}
    return replace(server, lab=said.lab, port=said.port, note=notes, others=together)


def _sharing(server: Submission, top: Path, other: Submission, place: Path) -> Submission:
    """The other program; in the server's folder if the same commands build both there. `top` and
    `place`: the copies in which they were found."""
    if server.kind not in BUILT_ONCE or not server.build or server.build != other.build:
        return other
    if server.kind != other.kind or server.root.relative_to(top) != other.root.relative_to(place):
        return other
    return replace(other, root=server.root, build=())


def program(root: Path, name: str, others: Sequence[str]) -> Recipe | None:
    """The recipe of the program of that name; None if nothing is called after it. Raises
    Ambiguous if several could be it, WrongCall if it is known why it cannot be started."""
    role = Role(name, root, tuple(others))
    for home in _homes(role):
        inner = recognise.project_below(home)
        at_home = replace(role, root=inner, at_home=True, starts_at=_started_by_docker(home))
        if found := recognise.of_role(inner, at_home):
            return found
    for place in dict.fromkeys((root, recognise.project_below(root))):
        if found := recognise.of_role(place, replace(role, root=place)):
            return found
    return None


def _not_found(missing: Sequence[str], roles: Sequence[str]) -> NotFound:
    """The error for programs that were not found, in one sentence."""
    others = [role for role in roles if role not in missing]
    tables = " and ".join(f"[{role}]" for role in roles)
    example = missing[0]
    only = f"only the {' and the '.join(others)} was found, and no {' and no '.join(missing)}"
    neither = f"neither {' nor '.join(f'the {role}' for role in missing)} was found"
    return NotFound(
        f"of its {len(roles)} programs {only if others else neither}: name the file or folder"
        f" after it ({example}.py, {example.capitalize()}.java, image-{example}/), or name both"
        f" programs in a submission.toml, in the tables {tables}"
    )


def _homes(role: Role) -> Iterator[Path]:
    """The outermost folders that are named after the program, and are projects or images; images
    first. Modules of a Maven project are built with it."""
    found: list[Path] = []
    whole = (role.root / "pom.xml").is_file() and maven.has_modules(role.root)
    for path in sorted(role.root.rglob("*")):
        parts = path.relative_to(role.root).parts
        hidden = any(part in NOT_HANDED_IN or part.startswith(".") for part in parts)
        if hidden or not path.is_dir() or any(path.is_relative_to(home) for home in found):
            continue
        if role.is_named_in(path.name) and any(_holds(path, mark) for mark in MARKS):
            found.append(path)
    if whole:
        found = [home for home in found if _holds(home, DOCKERFILE)]
    yield from sorted(found, key=lambda home: not _holds(home, DOCKERFILE))


def _holds(folder: Path, mark: str) -> bool:
    """Whether a file of that name is in the folder, or in its `src`."""
    return texts.is_file(folder / mark) or texts.is_file(folder / "src" / mark)


def _started_by_docker(home: Path) -> str:
    """The name of the file that the Dockerfile of this folder starts; "" if there is none."""
    file = next(
        (f for f in (home / DOCKERFILE, home / "src" / DOCKERFILE) if texts.is_file(f)), None
    )
    if file is None or file.stat().st_size > MAX_DOCKERFILE_BYTES:
        return ""
    text = file.read_bytes().decode("utf-8", "replace").replace("\\\n", " ")
    for said in INSTRUCTION.findall(text):
        if names := [
            Path(word).name for word in _words(said) if STARTED.fullmatch(Path(word).name)
        ]:
            return names[0]
    return ""


def _words(said: str) -> list[str]:
    """The words of a command in a Dockerfile: a JSON array, or as a shell has them."""
    try:
        listed = json.loads(said)
        if isinstance(listed, list):
            return [word for word in listed if isinstance(word, str)]
    except (ValueError, RecursionError):
        pass
    try:
        return shlex.split(said)
    except ValueError:
        return said.split()
