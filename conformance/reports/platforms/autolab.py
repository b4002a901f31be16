"""What Autolab reads of an autograder's output: its last two lines, both JSON.

Above them stands the report in plain text, which Autolab shows. The score is that of a problem,
which is called like the lab: Echo. Where a last line has no score, Autolab writes a zero; so what
is open has the score null, which leaves the problem without one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from conformance.reports.platforms.scored import (
    Ungraded,
    is_unsettled,
    overall,
    plain,
    points_of,
    put,
    scored,
)
from conformance.verdict.model import Run

UNKNOWN = "conformance"
"""Stands for the lab where the call does not name it."""


def to_text(run: Run) -> str:
    """The output: the account of what did not pass, then the two lines."""
    return "\n".join([*_account(run), *_last_lines(run)]) + "\n"


def _account(run: Run) -> Iterator[str]:
    yield from overall(run)
    for each in scored(run):
        if each.text:
            yield from ("", each.heading, *each.text.split("\n"))
    yield ""


def _last_lines(run: Run) -> Iterator[str]:
    clauses = scored(run)
    stage = {
        each.name: {"passed": each.passed, "hint": "" if each.passed else each.message}
        for each in clauses
        if each.is_known
    }
    lab = plain(run.lab)
    yield json.dumps({"_presentation": "semantic", "stages": [lab], lab: stage}, ensure_ascii=True)
    points: int | None = points_of(clauses)[0]
    yield _scores(run.lab, None if is_unsettled(run) else points)


def _scores(lab: str, points: int | None) -> str:
    return json.dumps({"scores": {plain(lab).capitalize(): points}}, ensure_ascii=True)


def write_run(run: Run, path: Path) -> None:
    """Writes the output. Raises WrongCall if that fails."""
    put(path, to_text(run))


def write_without_run(why: Ungraded, path: Path) -> None:
    """Writes why there is no run, and no score."""
    presented = json.dumps({"_presentation": "semantic", "stages": []})
    put(path, f"{why.told}\n{presented}\n{_scores(why.lab or UNKNOWN, None)}\n")
