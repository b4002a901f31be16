"""A run as annotations of GitHub's runner: workflow commands on stdout, which the runner shows
beside the lines of source that they name.

A step may show ten errors and ten warnings; of more, the last says which clauses are not shown.
Failures are errors. What could not be judged, and advice, is a warning. What several failures have
in common is one notice.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from conformance.reports.ci.results import ClauseResult, ResultKind, results_of
from conformance.reports.run.listing import numbers
from conformance.reports.run.searched import in_one_sentence
from conformance.reports.text.file import put_in_place
from conformance.reports.text.visible import MAX_WRAPPED, disarm, shorten_middle, visible
from conformance.verdict.model import Run
from conformance.words import _, said

MOST = 10
"""Annotations of one level that a step may show."""

STDOUT = Path("-")


def write_run(run: Run, path: Path, *, root: str = "") -> None:
    """Writes the commands, a line each; `-`: to stdout. `root` is where the submission stands in
    the repository. Raises WrongCall if that fails."""
    text = "".join(f"{line}\n" for line in commands(run, root))
    if path == STDOUT:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        put_in_place(path, text)


def commands(run: Run, root: str = "") -> Iterator[str]:
    """The lines, most important first."""
    results = results_of(run)
    for each in run.common[:MOST]:
        yield _command("notice", {"title": said(each.name)}, said(each.told))
    if run.search is not None and run.search.verdict is not None and len(run.common) < MOST:
        yield _command("notice", {"title": "--search"}, said(in_one_sentence(run.search)))
    by_level = {"error": (ResultKind.FAILED,), "warning": (ResultKind.OPEN, ResultKind.ADVICE)}
    for level, shown in by_level.items():
        which = [result for kind in shown for result in results if result.kind is kind]
        which.sort(key=lambda result: result.verdict is not None)  # that it is interrupted, first
        yield from _of_level(level, which, root)


def _of_level(level: str, results: Sequence[ClauseResult], root: str) -> Iterator[str]:
    shown = results if len(results) <= MOST else results[: MOST - 1]
    for result in shown:
        yield _command(level, _where(result, root) | {"title": _title(result)}, _told(result))
    if left := results[len(shown) :]:
        named = numbers([each.verdict.clause.number for each in left if each.verdict is not None])
        title = _("{number} more").format(number=len(left))
        yield _command(level, {"title": title}, _("Also: {clauses}.").format(clauses=named))


def _title(result: ClauseResult) -> str:
    if result.verdict is None or not result.verdict.counts:
        return result.name
    points = "?" if result.verdict.points is None else result.verdict.points
    told = _("{points} of {possible}").format(points=points, possible=result.verdict.possible)
    return f"{result.name} ({told})"


def _told(result: ClauseResult) -> str:
    """What is wrong, and the hint."""
    hint = said(result.verdict.attempt.hint) if result.verdict else ""
    told = [result.short_message, shorten_middle(visible(hint), MAX_WRAPPED)]
    return "\n".join(filter(None, told))


def _where(result: ClauseResult, root: str) -> dict[str, str]:
    if result.place is None:
        return {}
    file, line = result.place
    return {
        "file": str(PurePosixPath(root) / file),
        **({"line": str(line)} if line else {}),
    }


def _command(level: str, properties: dict[str, str], text: str) -> str:
    """A workflow command. Its text may have several lines; no part of it can be another command, of
    this runner or of another."""
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    lines = (disarm(visible(line)) for line in text.split("\n"))
    return f"::{level} {told}::{_data(chr(10).join(lines))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    shown = disarm(visible(text))
    return _data(shown).replace(":", "%3A").replace(",", "%2C")
