"""`conformance watch`: checks a submission again whenever one of its files changes."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.formats import FEEDBACK, STDOUT, chosen, chosen_files, report_files
from conformance.cli.language import LANGUAGE
from conformance.cli.last_time import remember
from conformance.cli.options import FILE, OF_A_REQUEST, OF_ITS_FILES, all_of
from conformance.cli.output import new_console, require_places, say, speaking_plainly
from conformance.cli.report_files import event_writer, write_reports
from conformance.cli.request import asked_for
from conformance.verdict.points import Status, status
from conformance.words import said

if TYPE_CHECKING:
    from conformance.cli.file_changes import FileChanges
    from conformance.contract.catalog import Catalog
    from conformance.reports.run.watching import WatchReporter
    from conformance.run.doing import Doing
    from conformance.run.plan import Request
    from conformance.sandbox import Isolation
    from conformance.verdict.model import Run

LOOK_EVERY = 60.0
"""Seconds after which the wait for a change is begun anew."""


class _Changed(Exception):  # noqa: N818 - what has happened, not a failure
    """Files have changed while they were checked."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(names)
        self.names = names


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@all_of(*OF_A_REQUEST)
@click.option("--json", "json_file", type=FILE, metavar="FILE", help="Also as JSON.")
@report_files
@all_of(*OF_ITS_FILES)
@click.option(
    "--poll",
    is_flag=True,
    help="Look at the files twice a second. (This is done without it in a folder that is shared"
    " with another machine.)",
)
@LANGUAGE
def watch(json_file: Path | None, events_file: Path | None, poll: bool, **asked: Any) -> None:
    """Check one submission again whenever it changes. PATH is a file, a folder or an archive.

    What did not pass before is judged first. Ctrl-C ends it, with the status of the last check.
    """
    from conformance.reports.run.watching import WatchReporter
    from conformance.run.scratch import scratch_folder
    from conformance.sandbox import preload, probe
    from conformance.session.forked import terminable
    from conformance.verdict.model import WrongCall

    given: Path = asked["path"]
    last = Status.NOT_JUDGED
    with speaking_plainly(), contextlib.ExitStack() as stack:
        if str(json_file) == "-":
            raise WrongCall("--json wants a file: what `watch` prints has no end")
        files = chosen_files()
        if alone := [each.option for each, path in files.items() if path == STDOUT]:
            raise WrongCall(f"{alone[0]} wants a file: what `watch` prints has no end")
        request, catalog = asked_for(connect=None, **asked)
        if request.path is None or not request.path.exists():
            raise WrongCall(f"there is no file or folder {given}")
        if chosen(FEEDBACK) is not None:
            raise WrongCall(f"{FEEDBACK.option} is for `check` and `report`: `watch` shows all")
        require_places(*files.values(), json_file, events_file)
        from conformance.cli.file_changes import FileChanges
        from conformance.run.check import check  # noqa: F401 - before anything is forked

        stack.enter_context(terminable())
        preload()
        isolation = probe()
        reporter = WatchReporter(new_console())
        written = [*files.values(), *filter(None, (json_file, events_file, request.keep))]
        scratch = stack.enter_context(scratch_folder())
        changes = FileChanges(request.path, scratch, poll=poll, but=written)
        stack.callback(changes.close)
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                request = replace(request, first=reporter.failing)
                try:
                    run = _run(request, catalog, isolation, reporter, changes, events_file)
                except _Changed as changed:
                    names = changed.names
                except WrongCall as wrong:
                    if not reporter.has_begun:
                        raise
                    say(f"conformance: {said(str(wrong))}")
                    names = _next_change(reporter, changes)
                else:
                    if run.interrupted:
                        break
                    last = status(run)
                    remember(given, run)
                    write_reports(run, str(json_file) if json_file else None)
                    reporter.ended(run)
                    names = _next_change(reporter, changes)
                reporter.changed(names, f"{datetime.now():%H:%M:%S}")
    raise SystemExit(int(last))


def _run(
    request: Request,
    catalog: Catalog,
    isolation: Isolation,
    reporter: WatchReporter,
    changes: FileChanges,
    events_file: Path | None,
) -> Run:
    """One check; raises _Changed as soon as a file changes, and WrongCall."""
    from conformance.reports.run.progress import progress_line
    from conformance.run.check import check

    with contextlib.ExitStack() as stack:
        show = stack.enter_context(progress_line(reporter.console))

        def turned(doing: Doing) -> None:
            if names := changes.take():
                raise _Changed(names)
            show(doing)

        return check(
            request,
            catalog,
            isolation,
            began=lambda run, numbers: reporter.began(run),
            told=reporter.judged,
            events=event_writer(request, catalog, events_file, stack),
            turned=turned,
        )


def _next_change(reporter: WatchReporter, changes: FileChanges) -> list[str]:
    """The files that change next, however long that takes."""
    reporter.waits()
    while not (names := changes.wait(LOOK_EVERY)):
        pass
    return names
