"""`conformance check` and `conformance report`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.browser import OPEN, open_page, page_to_open
from conformance.cli.formats import (
    FEEDBACK,
    JUNIT_DIALECT,
    SOURCE_ROOT,
    STDOUT,
    chosen,
    chosen_files,
    fills_stdout,
    report_files,
    suppose,
)
from conformance.cli.language import LANGUAGE, asked_language
from conformance.cli.last_time import recall, remember
from conformance.cli.options import FILE, OF_A_REQUEST, OF_ITS_FILES, SEARCH, VERBOSE, all_of
from conformance.cli.output import new_console, require_places, say, speaking_plainly
from conformance.cli.report_files import event_writer, print_reports, write_reports
from conformance.cli.request import asked_for
from conformance.cli.student_view import (
    as_seen,
    hides,
    require_a_try,
    require_right_call,
    telling_platforms,
    write_while_it_goes_on,
)

if TYPE_CHECKING:
    from conformance.verdict.model import Run, Verdict


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--connect",
    metavar="HOST:PORT",
    help="Talk to a server that is already running, instead of starting PATH.",
)
@all_of(*OF_A_REQUEST, SEARCH)
@click.option("--json", "json_file", metavar="FILE", help="Also as JSON; - for stdout.")
@report_files
@OPEN
@all_of(*OF_ITS_FILES)
@click.option(
    "--submission-metadata",
    "metadata",
    type=FILE,
    metavar="FILE",
    help="Gradescope's submission_metadata.json: earlier tries, for the cooldown of --feedback.",
)
@VERBOSE
@LANGUAGE
def check(
    json_file: str | None,
    open_it: bool,
    events_file: Path | None,
    metadata: Path | None,
    verbose: bool,
    **asked: Any,
) -> None:
    """Check one submission. It is a file, a folder or an archive (PATH), or a server that
    runs already (--connect).
    """
    from conformance.reports.run.console import NOTHING_LEFT, ConsoleReporter, render
    from conformance.reports.run.progress import progress_line
    from conformance.verdict.points import status
    from conformance.words import _

    with speaking_plainly(), telling_platforms(asked["lab"]), contextlib.ExitStack() as stack:
        page = page_to_open(open_it)
        request, catalog = asked_for(**asked)
        require_a_try(metadata, request)
        _require_one_on_stdout(json_file)
        suppose(SOURCE_ROOT, _source_root(asked["path"]))
        console = new_console(sys.stderr if json_file == "-" or fills_stdout() else None)
        reporter = ConsoleReporter(console, verbose)
        require_places(*chosen_files().values(), json_file)
        write_event = event_writer(request, catalog, events_file, stack)
        so_far: Run | None = None

        def began(run: Run, numbers: Sequence[str]) -> None:
            nonlocal so_far
            so_far = run
            if not hides():
                reporter.plan = numbers
                reporter.began(run)

        def judged(verdict: Verdict) -> None:
            nonlocal so_far
            if not hides():
                reporter.judged(verdict)
            if so_far is not None:
                so_far = replace(so_far, verdicts=(*so_far.verdicts, verdict))
                write_while_it_goes_on(so_far)

        from conformance.run.check import check as check_one
        from conformance.sandbox import Isolation, Tier, preload, probe
        from conformance.session.forked import terminable

        stack.enter_context(terminable())
        preload()  # before anything is forked
        if request.search:
            from conformance.session.search.loading import load

            load()
        isolation = Isolation(Tier.NONE) if request.connect else probe()
        require_right_call(request, catalog, isolation)
        with progress_line(console, shown=json_file != "-" and not fills_stdout()) as turned:
            run = check_one(
                request,
                catalog,
                isolation,
                began=began,
                told=judged,
                events=write_event,
                turned=turned,
            )
        remember(asked["path"] or asked["connect"], run)
        write_reports(run, json_file)
        run = as_seen(run)
        if hides():
            render(run, verbose=verbose, console=console)
        else:
            reporter.ended(run)
            if asked["failed"] and recall(asked["path"] or asked["connect"]).get(run.lab) == []:
                say(_(NOTHING_LEFT))
        print_reports(run)
        open_page(page)
        raise SystemExit(int(status(run)))


def _require_one_on_stdout(json_file: str | None) -> None:
    """Raises WrongCall if JSON is not all that would be printed on stdout."""
    from conformance.verdict.model import WrongCall

    others = [each.option for each, path in chosen_files().items() if path == STDOUT]
    if json_file == "-" and others:
        raise WrongCall(f"--json - and {others[0]} - both want stdout: give one of them a file")


def _source_root(path: Path | None) -> str:
    """The folder that what was handed in lies in, relative to where the suite was called; "" where
    that is here, or elsewhere."""
    if path is None or not path.exists():
        return ""
    folder = path if path.is_dir() else path.parent
    here = Path.cwd()
    whole = folder.resolve()
    return whole.relative_to(here).as_posix() if whole.is_relative_to(here) else ""


@click.command()
@click.argument("events", type=click.Path(path_type=Path))
@click.option("--json", "json_file", metavar="FILE", help="As JSON; - for stdout.")
@report_files
@OPEN
@click.option(
    "--moodle-feedback",
    "moodle",
    type=FILE,
    metavar="ZIP",
    help="Of a class: the students' pages as a zip that Moodle takes as feedback files.",
)
@click.option(
    "--moodle-lab",
    metavar="LAB",
    help="The lab whose assignment that is, where a class has several.",
)
@VERBOSE
@LANGUAGE
def report(
    events: Path,
    json_file: str | None,
    open_it: bool,
    moodle: Path | None,
    moodle_lab: str | None,
    verbose: bool,
) -> None:
    """Render a run again. EVENTS is a run.jsonl (--keep, --events), of now or of a year
    ago; or the folder of a class (grade --out), whose reports are all written anew.
    """
    from conformance.reports.run.console import render
    from conformance.verdict.events import from_lines, replay
    from conformance.verdict.model import WrongCall
    from conformance.verdict.points import status

    with speaking_plainly():
        _require_one_on_stdout(json_file)
        if events.is_dir():
            others = [each.option for each in chosen_files() if not each.of_class]
            asked = others + ["--json"] * bool(json_file)
            asked += [FEEDBACK.option] * hides()
            if asked:
                told = f"{' and '.join(asked)} {'is' if len(asked) == 1 else 'are'} of a single run"
                raise WrongCall(f"{told}: a class has its own files")
            pages = next((path for each, path in chosen_files().items() if each.of_class), None)
            status_of_class = _report_class(events, chosen(JUNIT_DIALECT), pages)
            if moodle is not None:
                _hand_to_moodle(events, moodle, moodle_lab)
            open_page((pages or events) / "index.html" if open_it else None)
            raise SystemExit(status_of_class)
        if moodle is not None:
            raise WrongCall(f"--moodle-feedback is of a class; {events} is no folder of one")
        page = page_to_open(open_it)
        try:
            with events.open(encoding="ascii", errors="backslashreplace") as file:
                run = replay(from_lines(file))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise WrongCall(f"{events} is damaged: its events are not those of a run") from None
        except OSError as error:
            raise WrongCall(f"cannot read {events}: {error.strerror}") from None
        write_reports(run, json_file)
        run = as_seen(run)
        if json_file != "-":
            console = new_console(sys.stderr if fills_stdout() else None)
            render(run, verbose=verbose, console=console)
        print_reports(run)
        open_page(page)
        raise SystemExit(int(status(run)))


def _report_class(folder: Path, junit_dialect: str | None, pages: Path | None) -> int:
    """Writes all reports of a class anew, its pages also into the folder `pages`, and prints the
    summary. Returns the exit status."""
    from conformance.classes.results.ledger import Ledger
    from conformance.reports.class_folder import render as render_class
    from conformance.reports.classes.summary import render as summarise

    language = asked_language()
    rendered = render_class(
        Ledger(folder), junit_dialect=junit_dialect, pages=pages, language=language
    )
    console = new_console()
    summarise(rendered.graded, rendered.results, rendered.grades, console=console)
    return int(rendered.status)


def _hand_to_moodle(folder: Path, file: Path, lab: str | None) -> None:
    """Writes the students' pages, which are rendered, as a zip for Moodle. Raises WrongCall."""
    from conformance.classes.results.ledger import Ledger
    from conformance.reports.class_folder import STUDENTS
    from conformance.reports.classes.moodle_feedback import feedback_zip
    from conformance.reports.text.file import put_in_place

    zipped, left_out = feedback_zip(Ledger(folder).shown, folder / STUDENTS, lab)
    put_in_place(file, zipped)
    for sentence in left_out:
        say(f"no feedback for {sentence}")
