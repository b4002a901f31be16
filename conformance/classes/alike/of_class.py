"""Compares the hand-ins of a class, lab by lab."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from conformance.classes.alike.compare import LabComparison, compare
from conformance.classes.alike.sources import Sources, read_works
from conformance.classes.model import Class, LabPlan
from conformance.run.scratch import scratch_folder


def compare_class(
    graded: Class, references: Mapping[str, Sequence[Path]], base: Sequence[Path] = ()
) -> Iterator[LabComparison]:
    """What came of comparing the hand-ins for each lab of the class.

    `references`: programs that conform, by lab. `base`: what the teacher has handed out, whose
    passages are nobody's own. Where labs share their hand-ins, all are compared once, under the
    names of these labs.
    """
    with scratch_folder() as scratch:
        given = list(read_works([(path.name, path) for path in base], scratch))
        names = _names(graded)
        for labs, named in _by_lab(graded).items():
            read_of_them = [*read_works(named, scratch), *_without_path(graded, labs)]
            works = [replace(work, person=names.get(work.name, "")) for work in read_of_them]
            works.sort(key=lambda work: work.name)
            theirs = [path for lab in labs for path in references.get(lab, ())]
            known = dict.fromkeys(theirs)
            programs = [(f"{path.parent.name}/{path.name}", path) for path in known]
            read = list(read_works(programs, scratch, references=True))
            yield compare(", ".join(labs), works, read, given)


def _names(graded: Class) -> dict[str, str]:
    """The names of each author, as the roster has them."""
    found: dict[str, list[str]] = {}
    for student in graded.students:
        if student.name and student.name.casefold() != student.id.casefold():
            found.setdefault(graded.author_of(student), []).append(student.name)
    names = {author: ", ".join(each) for author, each in found.items()}
    several = [(h.author, path) for h in graded.hand_ins for path in h.unclear]
    return names | {_one_of(*each): names.get(each[0], "") for each in several}


def _one_of(author: str, path: Path) -> str:
    """What one of several entries of an author is called."""
    return f"{author}, {path.name}"


def _without_path(graded: Class, labs: Collection[str]) -> Iterator[Sources]:
    """Whose work for these labs is not known where it is: none of it is compared, and that has to
    be said."""
    found: dict[str, str] = {}
    for hand_in in graded.hand_ins:
        if hand_in.lab not in labs or hand_in.path is not None or hand_in.unclear:
            continue
        if hand_in.problem and not hand_in.missing:
            found.setdefault(hand_in.author, hand_in.problem)
    yield from (Sources(author, trouble=problem) for author, problem in found.items())


def _unclear(graded: Class, plan: LabPlan) -> tuple[tuple[str, Path], ...]:
    """What is not graded, as it is not clear whose it is or what is meant: it may be a copy."""
    several = tuple(
        (_one_of(hand_in.author, path), path)
        for hand_in in graded.hand_ins
        if hand_in.lab == plan.name
        for path in hand_in.unclear
    )
    return several + tuple(
        (f"nobody's {path.name}", path) for folder, path in graded.unowned if folder == plan.folder
    )


def _by_lab(graded: Class) -> dict[tuple[str, ...], list[tuple[str, Path]]]:
    """The authors and paths of the hand-ins, by the labs that they are for."""
    found: dict[tuple[tuple[str, Path], ...], list[str]] = {}
    for plan in graded.labs:
        theirs = tuple(
            (hand_in.author, hand_in.path)
            for hand_in in graded.hand_ins
            if hand_in.lab == plan.name and hand_in.path is not None
        )
        theirs += _unclear(graded, plan)
        found.setdefault(theirs, []).append(plan.name)
    return {tuple(labs): list(named) for named, labs in found.items()}
