"""result.json of Classroom 50, which its runner reads from the workspace.

Whose result it is, the runner says in the environment, and is repeated as it was said. Only clauses
that count are tests. What is open is in no sum; the status of `check` is 3 then, and the ready
script hands it on, so that the runner records an error instead of a grade.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.reports.platforms.scored import points_of, scored
from conformance.reports.text.file import put_in_place
from conformance.verdict.model import Run

SCHEMA = "classroom50/result/v1"
_SAID = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}
"""Keys of the document, by the variables of the environment."""

_SAID_IF_KNOWN = {"assignment_type": "ASSIGNMENT_TYPE", "owner": "OWNER"}
"""The runner writes these itself; repeated where it says them."""


def to_json(run: Run, environment: Mapping[str, str]) -> dict[str, Any]:
    """The document, as values for `json`."""
    said = {key: environment.get(variable, "") for key, variable in _SAID.items()}
    known = {
        key: environment[name] for key, name in _SAID_IF_KNOWN.items() if environment.get(name)
    }
    said["assignment"] = said["assignment"] or run.lab
    said["review"] = said["review"] or said["commit"]
    clauses = [each for each in scored(run) if each.is_known]
    points, possible = points_of(clauses)
    return {
        "schema": SCHEMA,
        **said,
        **known,
        "datetime": run.started[: len("2026-06-01T14:32:01")] + "Z",
        "score": points,
        "max-score": possible,
        "tests": [
            {
                "test-name": each.name,
                "passed": each.passed,
                "score": each.points,
                "max-score": each.possible,
                "message": each.message,
            }
            for each in clauses
        ],
    }


def write_run(run: Run, path: Path) -> None:
    """Writes the document. Raises WrongCall if that fails."""
    document = to_json(run, os.environ)
    put_in_place(path, json.dumps(document, ensure_ascii=True, indent=1) + "\n")
