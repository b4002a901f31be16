"""Which clauses did not pass when a submission was checked last, for `--failed`.

It is remembered in one small file of the user's cache folder, never beside the submission. Where
that cannot be read or written, nothing is remembered, and nothing else goes wrong.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.verdict.model import Run

FILE = "last_checks.json"

MOST = 100
"""Submissions and labs that are remembered; those that were checked longest ago are forgotten."""

LARGEST = 1 << 20
"""Bytes of a file that we can have written; a larger one is not read."""


def recall(subject: Path | str) -> Mapping[str, Sequence[str]]:
    """Lab -> the clauses that did not pass, of this path, or HOST:PORT."""
    return {entry["lab"]: entry["failed"] for entry in _entries() if entry["of"] == _named(subject)}


def remember(subject: Path | str, run: Run) -> None:
    """Keeps what did not pass in this run. What the run has not judged stays as it was."""
    judged = {verdict.clause.number for verdict in run.verdicts if not verdict.left_out}
    failed = {
        verdict.clause.number
        for verdict in run.verdicts
        if verdict.clause.number in judged and verdict.outcome.value != "passed"
    }
    if not judged:
        return
    of = _named(subject)
    before = recall(subject).get(run.lab, ())
    failed.update(number for number in before if number not in judged)
    others = [entry for entry in _entries() if (entry["of"], entry["lab"]) != (of, run.lab)]
    entry = {"of": of, "lab": run.lab, "failed": sorted(failed)}
    with contextlib.suppress(OSError, RuntimeError):
        _write([*others[1 - MOST :], entry])


def _named(subject: Path | str) -> str:
    return subject if isinstance(subject, str) else os.path.realpath(subject)


def _file() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("conformance") / FILE


def _entries() -> list[dict[str, Any]]:
    """What is remembered, the oldest first; nothing if the file is not one of ours, or the user has
    no home."""
    import json

    try:
        with _file().open(encoding="ascii") as file:
            entries = json.loads(file.read(LARGEST))
        return [entry for entry in entries if _is_entry(entry)]
    except (OSError, ValueError, TypeError, RuntimeError):
        return []


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("of"), str)
        and isinstance(entry.get("lab"), str)
        and isinstance(entry.get("failed"), list)
        and all(isinstance(number, str) for number in entry["failed"])
    )


def _write(entries: Sequence[Mapping[str, Any]]) -> None:
    """Writes the file as a whole: who reads it at the same time finds the old one or the new."""
    import json
    import tempfile

    file = _file()
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=FILE, dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as new:
            json.dump(entries, new)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
