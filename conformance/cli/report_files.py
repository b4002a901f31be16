"""The files that a run is written to: its events as they come, and its reports."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.cli.formats import STDOUT, chosen_files
from conformance.cli.output import resume_commands

if TYPE_CHECKING:
    from conformance.contract.catalog import Catalog
    from conformance.run.plan import Request
    from conformance.verdict.model import Run


def event_writer(
    request: Request, catalog: Catalog, events_file: Path | None, stack: contextlib.ExitStack
) -> Callable[[dict[str, Any]], None]:
    """A function that writes each event at once to all files that were asked for; after the first,
    also what the run rests on."""
    from conformance.classes.results.basis import basis_of, work_of_request
    from conformance.verdict.events import to_line
    from conformance.verdict.model import WrongCall

    paths = [path for path in (events_file, request.keep and request.keep / "run.jsonl") if path]
    try:
        files = [stack.enter_context(path.open("w", encoding="ascii")) for path in paths]
    except OSError as error:
        raise WrongCall(f"cannot write {error.filename}: {error.strerror}") from None
    work = work_of_request(request) if files else ""

    def write(event: dict[str, Any]) -> None:
        told = [event]
        if files and event["event"] == "run":
            told.append(basis_of(request, catalog, event, work).event)
        for file in files:
            file.write("".join(map(to_line, told)))
            file.flush()

    return write


def write_reports(run: Run, json_file: str | None) -> None:
    """Writes the reports that were asked for, to files; JSON also to stdout. They show what the
    call lets students see."""
    from conformance.cli.student_view import as_seen
    from conformance.reports.run import json_report
    from conformance.verdict.model import WrongCall

    whole, run = run, as_seen(run)
    try:
        for format_, path in chosen_files().items():
            if path != STDOUT:
                format_.write(whole if format_.whole else run, path)
        if json_file == "-":
            # In JSON `##` can only be in a text; `##[` would be a command to a runner.
            sys.stdout.write(json_report.to_text(run).replace("##", "#\\u0023"))
        elif json_file is not None:
            json_report.write(run, Path(json_file))
    except OSError as error:
        raise WrongCall(f"cannot write {error.filename}: {error.strerror}") from None


def print_reports(run: Run) -> None:
    """Prints the reports that were asked for on stdout, which are commands to the runner of a CI:
    they come when all else has been printed."""
    for format_, path in chosen_files().items():
        if path == STDOUT:
            resume_commands()
            format_.write(run, path)
