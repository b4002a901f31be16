"""What was handed in: found, copied, recognised, built.

Rules of this package: the student's own folder is only read. Nothing is written before the whole
list of what was handed in has been judged. Nothing of it is imported or run here; the caller's
`run` builds it, in its sandbox. If it is not recognised, one sentence names what was found.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from conformance.submissions import by_role, entry, manifest, recognise, workplace
from conformance.submissions.apart import RECOGNISED_WITHIN, Enter, Raised, Step, apart, each_apart
from conformance.submissions.build import BuildFailed, BuildResult, Run, build
from conformance.submissions.declared import ask_tools
from conformance.submissions.intake import archive
from conformance.submissions.intake.clutter import is_leftover
from conformance.submissions.intake.limits import Intake
from conformance.submissions.intake.safe_paths import MAX_DEPTH
from conformance.submissions.intake.working_copy import (
    copy_file,
    copy_folder,
    is_program,
    tidy,
    unreadable,
    visible,
)
from conformance.submissions.java import java
from conformance.submissions.made import UNSEEN, Made, looks
from conformance.submissions.program import Program
from conformance.submissions.recipe import Ambiguous, TooMuch
from conformance.submissions.submission import Submission, one_line
from conformance.submissions.toolchain import MissingTool
from conformance.submissions.toolchain import for_build as readable_by
from conformance.verdict.model import WrongCall

__all__ = [
    "Ambiguous",
    "BuildFailed",
    "BuildResult",
    "MissingTool",
    "Program",
    "Run",
    "TooMuch",
    "ask_tools",
    "build",
    "open_submission",
    "read_all",
    "readable_by",
]

NESTING = MAX_DEPTH
"""Nested wrapper folders that are entered, as deep as any submission may be."""
ARCHIVES = 6
"""Nested archives that are entered. A course site's download may hold a student's folder, which
holds a zip, which holds the project: three levels."""

T = TypeVar("T")

Roles = Callable[[str | None], Sequence[str]]
"""By the lab that a manifest names, if it does: the programs of a submission, the server first.
None: it is one program, which has no name."""
Plays = Callable[[str | None], str]
"""In the same way: whether what is looked for is a "server" or a "client"."""

TAKEN_IN_WITHIN = 180.0
"""Seconds for copying or unpacking what was handed in, at most 500 MiB of it, on a slow disk."""


def open_submission(
    path: Path,
    scratch: Path,
    *,
    name: str | None = None,
    alone: bool = False,
    plays: Plays = lambda lab: "server",
    within: float = RECOGNISED_WITHIN,
    roles: Roles = lambda lab: (),
    to_be_built: bool = False,
) -> Submission:
    """Copies or unpacks what was handed in into `scratch`, and recognises it.

    `name` is the student's name, instead of the file's or folder's. `alone`: Java sources beside a
    single one belong to other students. `within`: seconds for recognising it. `to_be_built`: it
    will be, at once and as it is now, so that what needs no build is looked at already. Raises
    WrongCall with one sentence; Ambiguous, MissingTool, TooMuch and Unread prove nothing against
    it.
    """
    path = Path(os.path.abspath(path))
    scratch = Path(os.path.abspath(scratch))
    recognising = Step(f"{path.name} could not be recognised", within)

    opened: list[Submission] = []

    def work(enter: Enter) -> Submission:
        taken_in = partial(enter, recognising)
        opened.append(
            _open(path, scratch, name, alone=alone, taken_in=taken_in, plays=plays, roles=roles)
        )
        return opened[0]

    def as_it_is() -> Submission | None:
        """In the process that has opened it: the submission, if there is nothing to build."""
        simple = bool(opened) and not opened[0].build and not opened[0].others
        return opened[0] if simple else None

    taking_in = Step(f"{path.name} could not be taken in", TAKEN_IN_WITHIN)
    if not to_be_built:
        return apart(work, taking_in)
    look = looks(as_it_is, {}, Step(UNSEEN, within))
    submission, made, lacks = each_apart([work, look.made, look.lacks], taking_in)
    if isinstance(submission, Raised):
        raise submission.error
    assert isinstance(submission, Submission), "the first of three pieces of work"
    if not isinstance(made, Made):
        return submission
    return replace(submission, looked=(made, lacks if isinstance(lacks, tuple) else None))


def read_all(
    paths: Sequence[Path], scratch: Path, reads: Sequence[Callable[[Path], T]], reading: Step
) -> Iterator[T | Raised]:
    """What each of `reads` makes of the folder that one of `paths` was taken into, in order; or why
    it could not. Nothing is recognised. What is read is gone from `scratch` afterwards.

    It runs in processes of their own, as a hand-in may end the one that reads it; `reading` bounds
    each.
    """
    works = [
        partial(_read, Path(os.path.abspath(path)), scratch / f"read-{number}", read, reading)
        for number, (path, read) in enumerate(zip(paths, reads, strict=True))
    ]
    return each_apart(works, Step("it could not be taken in", TAKEN_IN_WITHIN))


def _read(path: Path, folder: Path, read: Callable[[Path], T], reading: Step, enter: Enter) -> T:
    """Runs in a process of its own."""
    try:
        intake = Intake(path.name)
        top, single = _take_in(path, folder / "handed-in", intake, alone=True)
        top, _ = _unwrap(top, single, folder, intake)
        enter(reading)
        return read(top)
    except OSError as error:
        raise unreadable(error, path) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _open(
    path: Path,
    scratch: Path,
    name: str | None,
    *,
    alone: bool,
    taken_in: Callable[[], None],
    plays: Plays,
    roles: Roles,
) -> Submission:
    """Runs in a process of its own. Calls `taken_in` when all is copied, before reading it."""
    title = name or plain_name(path)
    intake = Intake(path.name)
    if scratch.is_relative_to(path):
        raise WrongCall(f"the scratch folder {scratch} lies inside the submission {path}")
    try:
        formers = (scratch / "handed-in", *scratch.glob("unpacked-*"), scratch / "others")
        for former in formers:
            shutil.rmtree(former, ignore_errors=True)  # of an earlier call
        top, single = _take_in(path, scratch / "handed-in", intake, alone=alone)
        tidy(top)
        root, single = _unwrap(top, single, scratch, intake)
        taken_in()
        inner = root if single else recognise.project_below(root)
        said = manifest.Manifest()
        if single is None and (inner / manifest.NAME).is_file():
            said = manifest.read(inner / manifest.NAME)
        programs = roles(said.lab)
        said.require(programs)
        if programs:
            root = inner if said.programs else root
            return by_role.submission(root, said, programs, scratch / "others", title, intake)
        with entry.looking_for(plays(said.lab)):
            return _recognise(inner, single, said, title, intake)
    except OSError as error:
        raise unreadable(error, path) from None
    except WrongCall as error:
        named = str(error).startswith((path.name, str(path)))
        raise type(error)(str(error) if named else f"{path.name}: {error}") from None


def plain_name(path: Path) -> str:
    """`chloe` for chloe.zip, chloe.tar.gz, chloe.py and chloe/."""
    if path.is_dir():
        return path.name
    ending = archive.suffix(path)
    return path.name[: -len(ending)] if ending else path.stem


def _folder_name(path: Path) -> str:
    """A name for the folder made from a file, also from one called `...zip`."""
    name = plain_name(path)
    return "submission" if name in ("", ".", "..") else name


def _take_in(path: Path, into: Path, intake: Intake, *, alone: bool) -> tuple[Path, Path | None]:
    """The working copy's folder, which keeps its name (a Python package needs it), and the file
    in it if a file was handed in."""
    if not path.exists():
        raise WrongCall(f"there is no file or folder {path}")
    if path.is_dir():
        target = into / (path.name or "submission")
        copy_folder(path, target, intake)
        if not any(target.iterdir()):
            raise WrongCall(_empty(path))
        return target, None
    if not path.is_file():
        raise WrongCall("this is neither a file nor a folder")
    path = path.resolve()
    target = into / _folder_name(path)
    return target, _take_file(path, target, intake, alone=alone)


def _empty(folder: Path) -> str:
    """The sentence for a folder that holds nothing worth copying."""
    there = sorted(os.listdir(folder))
    if not there:
        return "the folder is empty: nothing was handed in"
    shown = ", ".join(there[:5]) + (", …" if len(there) > 5 else "")
    return f"the folder holds no program, only what tools leave behind: {shown}"


def _take_file(path: Path, target: Path, intake: Intake, *, alone: bool) -> Path | None:
    """Copies a file, with the sources beside it if it is Java and not `alone`; returns its copy.
    An archive is unpacked instead: None."""
    if archive.suffix(path):
        archive.unpack(path, target, intake)
        return None
    if path.name.lower().endswith(archive.FOREIGN):
        raise WrongCall(recognise.FOREIGN_ARCHIVE)
    with_others = path.suffix == ".java" and not alone
    root, beside = java.siblings(path) if with_others else (path.parent, ())
    for file in (path, *(other for other in beside if not is_leftover(other.name))):
        intake.count(entries=1)
        copy_file(file, target / file.relative_to(root), intake)
    return target / path.relative_to(root)


def _unwrap(
    top: Path, single: Path | None, scratch: Path, intake: Intake
) -> tuple[Path, Path | None]:
    """Enters folders and archives that only wrap the work, having nothing beside them."""
    unpacked = 0
    while not single and (inner := _wrapped(top)):
        if inner.is_dir():
            top = inner
        elif archive.suffix(inner):
            if unpacked == ARCHIVES:
                raise TooMuch(f"more than {ARCHIVES} archives wrapped in one another")
            unpacked += 1
            top = scratch / f"unpacked-{unpacked}" / _folder_name(inner)
            archive.unpack(inner, top, intake)
            tidy(top)
        else:
            return top, inner
    return top, single


def _wrapped(folder: Path) -> Path | None:
    """The only entry of a folder that counts; None if there are several, or it is part of a
    program."""
    inside = [p for p in visible(folder) if p.is_dir() or not recognise.is_document(p)]
    if len(inside) != 1 or inside[0].is_symlink():
        return None
    [alone] = inside
    if alone.is_dir() and _names_what_lies_beside(alone):
        return None
    if alone.is_file():
        return alone if _is_whole(alone) else None
    package = (alone / "__init__.py").exists() or (alone / "__main__.py").exists()
    return None if package or alone.name in ("src", "lib") else alone


def _names_what_lies_beside(folder: Path) -> bool:
    """Whether the folder's sources name a document beside it: the program reads that one."""
    beside = {p.name for p in visible(folder.parent) if p.is_file()}
    names = workplace.named_in(workplace.below(folder)) if beside else ()
    return any(Path(name).name in beside for name in names)


def _is_whole(file: Path) -> bool:
    """Whether a file is a submission by itself; a manifest or a pom needs its folder."""
    wholes = (".py", ".java", ".jar", ".js", ".mjs", ".cjs")
    return bool(archive.suffix(file)) or file.suffix in wholes or is_program(file)


def _recognise(
    root: Path, single: Path | None, said: manifest.Manifest, title: str, intake: Intake
) -> Submission:
    recipe, arguments = said.started(root)
    if recipe is None:
        recipe = recognise.file(root, single) if single else recognise.folder(root)
    notes = "; ".join(filter(None, (recipe.note, recipe.doubt, *intake.notes, said.note)))
    made = vars(replace(recipe, note=notes))
    return Submission(
        name=one_line(title),
        plays=entry.looked_for(),
        lab=said.lab,
        port=said.port,
        arguments=arguments,
        **made,
    )
