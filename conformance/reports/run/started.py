"""A sentence that says how the program was started, so that a student can do the same."""

from __future__ import annotations

import shlex

from conformance.verdict.model import Run


def how_started(run: Run) -> str:
    """The command with its arguments, and the folder; "" if the program was not started."""
    if not run.command:
        return ""
    where = f"in {run.folder}/ of" if run.folder != "." else "in the folder of"
    return f"Started as `{shlex.join(run.command)}`, {where} what was handed in."
