"""results.json of PrairieLearn's external grader, which may be 1 MB at most.

What could not be taken in, recognised or judged is not gradable: PrairieLearn then takes neither
points nor an attempt from the student.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.reports.platforms.scored import (
    Scored,
    Ungraded,
    is_unsettled,
    overall,
    points_of,
    scored,
)
from conformance.reports.text.file import put_in_place
from conformance.reports.text.visible import shorten_middle
from conformance.verdict.model import Run

MAX_BYTES = 900_000
"""Of the file, as ASCII: PrairieLearn takes 1 MB."""

SHARES = (6, 12, 48)
"""Into so many parts a clause's share of the file is cut, tried in turn, for each of which an
account has a character: JSON writes one in up to six bytes, beside a message."""


def to_json(run: Run) -> dict[str, Any]:
    """The document, as values for `json`."""
    clauses = scored(run)
    points, possible = points_of(clauses)
    sentences = list(overall(run))
    told = {"message": "\n".join(sentences), "tests": [_test(each) for each in clauses]}
    if is_unsettled(run):
        return {"gradable": False, "format_errors": sentences, **told}
    return {"gradable": True, "score": points / possible if possible else 0.0, **told}


def _test(clause: Scored) -> dict[str, Any]:
    known = {"points": clause.points, "max_points": clause.possible} if clause.is_known else {}
    return {"name": clause.heading, **known, "message": clause.message, "output": clause.text}


def to_text(run: Run) -> str:
    """The document, whole if it can be, else with shorter accounts."""
    document = to_json(run)
    text = _written(document)
    for part in SHARES:
        if len(text) <= MAX_BYTES:
            break
        room = MAX_BYTES // (part * len(document["tests"]))
        for test in document["tests"]:
            test["output"] = shorten_middle(test["output"], room)
        text = _written(document)
    return text


def _written(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=True, indent=1) + "\n"


def write_run(run: Run, path: Path) -> None:
    """Writes the document. Raises WrongCall if that fails."""
    put_in_place(path, to_text(run))


def write_without_run(why: Ungraded, path: Path) -> None:
    """Writes why there is no run, which costs the student nothing."""
    document = {"gradable": False, "format_errors": [why.told], "message": why.told}
    put_in_place(path, _written(document))
