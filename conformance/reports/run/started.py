"""How the program was started, in a sentence: what a student needs to start it like that."""

from __future__ import annotations

import shlex

from conformance.verdict.model import Run


def how_started(run: Run) -> str:
    """The command with its arguments, and the folder; "" where it was not started."""
    if not run.command:
        return ""
    where = f"in {run.folder}/ of" if run.folder != "." else "in the folder of"
    return f"Started as `{shlex.join(run.command)}`, {where} what was handed in."
