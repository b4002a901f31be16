"""The result that GitHub Classroom's reporter reads: `result=` and base64, as an output of a step.

The file is the runner's ($GITHUB_OUTPUT) and holds the outputs of other steps: the line is added to
it. The reporter prints the messages to the job's log, where a line could be a command: `disarm` is
over each. An open clause is an error without a score.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from conformance.reports.platforms.scored import Scored, is_unsettled, points_of, scored
from conformance.reports.text.visible import shorten_middle
from conformance.verdict.model import Run, WrongCall

MAX_TEXT = 4_000
"""Characters of a clause's account. All outputs of a job together may be a megabyte."""


def to_json(run: Run) -> dict[str, Any]:
    """The document, as values for `json`."""
    clauses = [each for each in scored(run) if each.verdict.counts]
    _, possible = points_of(clauses)
    failed = "fail" if any(each.failed for each in clauses) else "pass"
    return {
        "version": 1,
        "status": "error" if is_unsettled(run) else failed,
        "max_score": possible,
        "tests": [_test(each) for each in clauses if not each.verdict.is_hidden],
    }


def _test(clause: Scored) -> dict[str, Any]:
    known = {"score": clause.points, "max_score": clause.possible} if clause.is_known else {}
    status = "pass" if clause.passed else "fail"
    return {
        "name": clause.name,
        "status": status if clause.is_known else "error",
        **known,
        "message": shorten_middle(clause.text, MAX_TEXT),
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "duration": round(clause.verdict.seconds * 1_000),
    }


def to_line(run: Run) -> str:
    document = json.dumps(to_json(run), ensure_ascii=True)
    return f"result={base64.b64encode(document.encode()).decode()}\n"


def write_run(run: Run, path: Path) -> None:
    """Adds the line to the file. Raises WrongCall if that fails."""
    try:
        with path.open("a", encoding="ascii") as file:
            file.write(to_line(run))
    except OSError as error:
        raise WrongCall(f"cannot write the report {path}: {error.strerror}") from error
