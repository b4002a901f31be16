"""Which column takes the grades of a lab. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from fractions import Fraction

from conformance.classes.file_names import in_short, same
from conformance.classes.gradebooks.columns import Columns, GradeColumn
from conformance.classes.results.scale import plain
from conformance.verdict.model import WrongCall
from conformance.verdict.points import counted

_BETWEEN = re.compile(r"[\W_]+")
_SAYING_NOTHING = (
    *("lab", "laboratory", "practical", "assignment", "exercise", "homework", "project", "task"),
    *("labor", "praktikum", "aufgabe", "übung", "hausaufgabe", "projekt"),
    *("tp", "devoir", "exercice", "projet", "travail", "compito", "esercizio", "progetto"),
    *("server", "serveur", "protocol", "protokoll", "points", "punkte"),
)
"""Words that may stand beside a lab's name and tell of no other work, with or without a number."""
_BESIDE = rf"(?:{'|'.join(_SAYING_NOTHING)})(?: ?\d{{1,3}})?"


def chosen_column(
    columns: Columns, lab: str, *, named: str = "", labs: Collection[str] = ()
) -> GradeColumn:
    """The column for the grades of `lab`.

    `named`: the heading, or the assignment's name, that the teacher gave. Else it is the column
    that is called like the lab, as "Echo" or "Lab 1: Echo server", but not "Echo bonus", which may
    be something else. `labs`: all labs of the class: what is called like a longer one of them is
    not meant. Raises WrongCall if none or several may be meant.
    """
    there = columns.grades
    if named:
        found = [each for each in there if named in (each.heading, each.name)]
        found = found or [e for e in there if same(named) in (same(e.heading), same(e.name))]
    elif len(there) == 1 and not there[0].name:
        found = list(there)  # a worksheet of one assignment
    else:
        longer = [each for each in labs if _within(lab, each) and each != lab]
        found = [
            each
            for each in there
            if _is_called(lab, each.name) and not any(_within(o, each.name) for o in longer)
        ]
    if len(found) != 1:
        raise WrongCall(_complaint(found, there, lab, named))
    return found[0]


def require_score(column: GradeColumn) -> None:
    """Raises WrongCall if the column takes something else than points, such as a percentage."""
    if column.shown_as:
        raise WrongCall(
            f"the column {column.heading!r} shows {column.shown_as!r}, where points are written:"
            " have the site show its score, and export it anew"
        )


def require_points(column: GradeColumn, lab: str, possible: int) -> None:
    """Raises WrongCall unless the column is worth what the lab is, as far as the file says."""
    if column.possible is not None and column.possible != possible:
        raise WrongCall(
            f"the column {column.heading!r} is worth {_points(column.possible)}, and {lab}"
            f" {_points(Fraction(possible))}: change it on the site, or convert them with --rescale"
        )


def _points(value: Fraction) -> str:
    return counted(int(value)) if value.denominator == 1 else f"{plain(value)} points"


def _within(lab: str, name: str) -> bool:
    """Whether the lab's words stand in a name, one after the other: echo in "Lab 1: Echo"."""
    return f" {_words(lab)} " in f" {_words(name)} "


def _is_called(lab: str, name: str) -> bool:
    """Whether a name is the lab's, with nothing beside it that could make it another's."""
    called = rf"(?:\d{{1,3}} )?(?:{_BESIDE} )*{re.escape(_words(lab))}(?: {_BESIDE})*"
    return re.fullmatch(called, _words(name)) is not None


def _words(text: str) -> str:
    return _BETWEEN.sub(" ", same(text)).strip()


def _complaint(
    found: Sequence[GradeColumn], there: Sequence[GradeColumn], lab: str, named: str
) -> str:
    which = in_short([repr(each.heading) for each in found or there]) or "none"
    if named:
        how = f"{len(found)} columns are" if found else "no column that takes grades is"
        return f"{how} called {named!r}; there are {which}"
    if not found and (perhaps := [repr(e.heading) for e in there if _within(lab, e.name)]):
        return (
            f"no column has just the name of the lab {lab}, and {in_short(perhaps)} may be for"
            f" something else: name the one that is meant with --column; there are {which}"
        )
    how = "several columns have" if found else "no column has"
    return f"{how} the name of the lab {lab}: name one with --column; there are {which}"
