"""What Moodle's VPL reads of an evaluation: a line a comment, then the grade.

Every line begins with VPL's own mark, so that no line of a program's output can be one: neither a
grade, nor the end of a block of comments. There is no grade where something is open: VPL then
leaves the hand-in without one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from conformance.classes.results.scale import rounded
from conformance.reports.platforms.scored import (
    Ungraded,
    is_unsettled,
    overall,
    points_of,
    put,
    scored,
)
from conformance.verdict.model import Run

COMMENT = "Comment :=>>"
GRADE = "Grade :=>>"
MOST = "VPL_GRADEMAX"
"""The variable that vpl_environment.sh sets to the activity's maximum grade."""


def to_text(run: Run, environment: Mapping[str, str]) -> str:
    return "".join(f"{line}\n" for line in _lines(run, environment))


def _lines(run: Run, environment: Mapping[str, str]) -> Iterator[str]:
    for sentence in overall(run):
        yield f"{COMMENT}{sentence}"
    for each in scored(run):
        yield f"{COMMENT}-{each.heading}"  # a heading to VPL
        for line in filter(None, each.text.split("\n")):
            yield f"{COMMENT}>{line}"  # in a fixed font
    if not is_unsettled(run):
        yield f"{GRADE} {_grade(run, environment)}"


def _grade(run: Run, environment: Mapping[str, str]) -> Decimal | int:
    """The points; or their share of the activity's maximum grade, where that is known."""
    points, possible = points_of(scored(run))
    try:
        most = Fraction(environment.get(MOST, ""))
    except (ValueError, ZeroDivisionError):
        return points
    return Decimal(rounded(most * points / possible, 2)) if possible and most > 0 else points


def write_run(run: Run, path: Path) -> None:
    """Writes the lines. Raises WrongCall if that fails."""
    put(path, to_text(run, os.environ))


def write_without_run(why: Ungraded, path: Path) -> None:
    """Writes why there is no run, and no grade."""
    put(path, f"{COMMENT}{why.told}\n")
