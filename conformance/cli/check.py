"""`conformance check` and `conformance report`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.options import (
    FILE,
    LABS,
    REQUIRE_TIER,
    SCALE,
    SETTINGS,
    VERBOSE,
    budget,
    count,
)
from conformance.cli.output import new_console, require_places, speaking_plainly

EVIDENCE = "evidence"
"""The folder of `--keep all`, if none is named."""

if TYPE_CHECKING:
    from conformance.contract.catalog import Catalog
    from conformance.run.plan import Request
    from conformance.verdict.model import Run


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--lab", metavar="LAB", help="The lab (may stand in submission.toml).")
@click.option(
    "--connect",
    metavar="HOST:PORT",
    help="Talk to a server that is already running, instead of starting PATH.",
)
@click.option("--only", metavar="4.1,5", help="Only these clauses or sections.")
@click.option("--strict", is_flag=True, help="SHOULD clauses count too.")
@SETTINGS
@click.option(
    "--arguments",
    metavar="WORDS",
    help="What the program is started with; {port} stands for the port.",
)
@click.option("--seed", type=int, help="Repeats the payloads of a former run.")
@SCALE
@budget("Conversation that a submission may take before it is given up (600).")
@count("--jobs", "Servers at a time (default: two for each core).")
@REQUIRE_TIER
@click.option(
    "--fetch-dependencies",
    "fetch",
    is_flag=True,
    help="Let the build reach the registries of Maven, npm and pip that this machine"
    " is configured for; without it, a build has no network.",
)
@LABS
@click.option("--json", "json_file", metavar="FILE", help="Also as JSON; - for stdout.")
@click.option("--junit", type=FILE, metavar="FILE", help="Also as JUnit XML.")
@click.option(
    "--events",
    "events_file",
    type=FILE,
    metavar="FILE",
    help="Also the events, as they come: JSON lines for `report`.",
)
@click.option(
    "--keep",
    multiple=True,
    metavar="DIR|all",
    help="Keep run.jsonl, and a capture of each conversation that did not pass, in DIR; with"
    " `--keep all` also of those that passed (without a DIR, in evidence). May be repeated.",
)
@VERBOSE
def check(
    json_file: str | None,
    junit: Path | None,
    events_file: Path | None,
    verbose: bool,
    **asked: Any,
) -> None:
    """Check one submission. It is a file, a folder or an archive (PATH), or a server that
    runs already (--connect).
    """
    from conformance.reports.run.console import ConsoleReporter
    from conformance.verdict.points import status

    with speaking_plainly(), contextlib.ExitStack() as stack:
        request, catalog = _request(**asked)
        console = new_console(sys.stderr if json_file == "-" else None)
        reporter = ConsoleReporter(console, verbose)
        require_places(junit, json_file)
        write_event = _event_writer(request, events_file, stack)

        def began(run: Run, numbers: Sequence[str]) -> None:
            reporter.plan = numbers
            reporter.began(run)

        from conformance.run.check import check as check_one
        from conformance.sandbox import Isolation, Tier, preload, probe
        from conformance.session.forked import terminable

        stack.enter_context(terminable())
        preload()  # before anything is forked
        run = check_one(
            request,
            catalog,
            Isolation(Tier.NONE) if request.connect else probe(),
            began=began,
            told=reporter.judged,
            events=write_event,
        )
        _write(run, json_file, junit)
        reporter.ended(run)
        raise SystemExit(int(status(run)))


def _keep(words: Sequence[str]) -> tuple[Path | None, bool]:
    """The folder for evidence (None: none is kept), and whether passes keep theirs, too."""
    from conformance.verdict.model import WrongCall

    folders = [word for word in words if word != "all"]
    if len(folders) > 1:
        raise WrongCall(f"--keep takes one folder, and the word all; not {' and '.join(folders)}")
    if not words:
        return None, False
    folder = Path(folders[0] if folders else EVIDENCE)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongCall(f"cannot make the folder {folder}: {error.strerror}") from None
    return folder, "all" in words


def _request(**asked: Any) -> tuple[Request, Catalog]:
    """The request, and the catalog of labs. Raises WrongCall."""
    from conformance.contract.catalog import load
    from conformance.run.prepare import read_request
    from conformance.verdict.model import WrongCall

    if asked["path"] is None and not asked["connect"]:
        raise WrongCall("what is to be checked? Give a PATH, or --connect HOST:PORT")
    if asked["only"] is not None and not asked["only"].strip(", "):
        raise WrongCall("--only names no clause")
    asked["only"] = asked["only"] or ""
    asked["keep"], asked["keep_all"] = _keep(asked["keep"])
    request = read_request(**asked)
    catalog = load(request.labs)
    return _for_its_lab(request, catalog), catalog


def _for_its_lab(request: Request, catalog: Catalog) -> Request:
    """The request. If its folder is divided by labs, the request is for the part of its lab."""
    from dataclasses import replace

    from conformance.classes.hand_ins.contents import part_for
    from conformance.submissions import plain_name

    if request.path is None or request.lab not in catalog.labs or not request.path.is_dir():
        return request
    labs = catalog.labs
    alike = {name: [other for other in labs if labs[other] is labs[name]] for name in labs}
    part = part_for(request.path, request.lab, alike)
    if part == request.path:
        return request
    return replace(request, path=part, name=plain_name(request.path.absolute()))


def _event_writer(
    request: Request, events_file: Path | None, stack: contextlib.ExitStack
) -> Callable[[dict[str, Any]], None]:
    """A function that writes each event at once to all files that were asked for."""
    from conformance.verdict.events import to_line
    from conformance.verdict.model import WrongCall

    paths = [path for path in (events_file, request.keep and request.keep / "run.jsonl") if path]
    try:
        files = [stack.enter_context(path.open("w", encoding="ascii")) for path in paths]
    except OSError as error:
        raise WrongCall(f"cannot write {error.filename}: {error.strerror}") from None

    def write(event: dict[str, Any]) -> None:
        for file in files:
            file.write(to_line(event))
            file.flush()

    return write


def _write(run: Run, json_file: str | None, junit: Path | None) -> None:
    """Writes the reports that were asked for, to files or to stdout."""
    from conformance.reports.run import json_report
    from conformance.verdict.model import WrongCall

    try:
        if junit is not None:
            from conformance.reports.run import junit as junit_report

            junit_report.write([run], junit)
        if json_file == "-":
            sys.stdout.write(json_report.to_text(run))
        elif json_file is not None:
            json_report.write(run, Path(json_file))
    except OSError as error:
        raise WrongCall(f"cannot write {error.filename}: {error.strerror}") from None


@click.command()
@click.argument("events", type=click.Path(path_type=Path))
@click.option("--json", "json_file", metavar="FILE", help="As JSON; - for stdout.")
@click.option("--junit", type=FILE, metavar="FILE", help="As JUnit XML.")
@VERBOSE
def report(events: Path, json_file: str | None, junit: Path | None, verbose: bool) -> None:
    """Render a run again. EVENTS is a run.jsonl (--keep, --events), of now or of a year
    ago; or the folder of a class (grade --out), whose reports are all written anew.
    """
    from conformance.reports.run.console import render
    from conformance.verdict.events import from_lines, replay
    from conformance.verdict.model import WrongCall
    from conformance.verdict.points import status

    with speaking_plainly():
        if events.is_dir():
            if junit or json_file:
                raise WrongCall("--junit and --json are of a single run: a class has its own files")
            raise SystemExit(_report_class(events))
        try:
            with events.open(encoding="ascii", errors="backslashreplace") as file:
                run = replay(from_lines(file))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise WrongCall(f"{events} is damaged: its events are not those of a run") from None
        except OSError as error:
            raise WrongCall(f"cannot read {events}: {error.strerror}") from None
        _write(run, json_file, junit)
        if json_file != "-":
            render(run, verbose=verbose, console=new_console())
        raise SystemExit(int(status(run)))


def _report_class(folder: Path) -> int:
    """Writes all reports of a class anew, and prints the summary. Returns the exit status."""
    from conformance.classes.results.ledger import Ledger
    from conformance.reports.classes.folder import render as render_class
    from conformance.reports.classes.summary import render as summarise

    rendered = render_class(Ledger(folder))
    console = new_console()
    summarise(rendered.graded, rendered.results, rendered.grades, console=console)
    return int(rendered.status)
