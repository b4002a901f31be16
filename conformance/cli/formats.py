"""The formats that a run can be written in: one table, from which `check`, `watch` and `report`
have their options. A format is a module of `conformance.reports` with

    write_run(run: Run, path: Path) -> None

which raises OSError or WrongCall where it cannot be written. It is imported when it is asked for.
What can be chosen of a format (`FormatOption`) is passed to it by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from conformance.reports.platforms.scored import Ungraded
    from conformance.verdict.model import Run

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class FormatOption:
    """An option on how a format is written."""

    option: str
    """As it is typed: `--junit-dialect`."""
    name: str
    """The argument of `write_run` that is given what was chosen; where nothing was, it is not."""
    help: str
    among: tuple[str, ...] = ()
    """What it can be; (): a path."""
    metavar: str | None = None


@dataclass(frozen=True)
class Format:
    option: str
    """As it is typed: `--junit`."""
    help: str
    module: str
    """The module that writes it."""
    choices: tuple[FormatOption, ...] = ()
    of_class: bool = False
    """Whether a class has it, too: then it goes into a folder."""
    to_stdout: bool = False
    """Whether `-` stands for stdout, behind what else is printed."""
    fills_stdout: bool = False
    """Whether nothing else may be printed on stdout where it is."""
    live: bool = False
    """Whether it is also written after every verdict, of the run so far."""
    whole: bool = False
    """Whether it is given what the class hides, too, and tells the platform that it is hidden."""
    writes_without_run: bool = False
    """Whether its module also has `write_without_run(why: Ungraded, path)`, for a platform that has
    to be told that something was not judged."""

    def write(self, run: Run, path: Path) -> None:
        import_module(self.module).write_run(run, path, **_made(self.choices))

    def write_without_run(self, why: Ungraded, path: Path) -> None:
        import_module(self.module).write_without_run(why, path)

    def write_kept(
        self, sentence: str, results: Mapping[str, Any], score: float | None, path: Path
    ) -> None:
        """Writes that this try was not judged, and the results of the last that was, where the
        platform can be told so."""
        module = import_module(self.module)
        if hasattr(module, "write_kept"):
            module.write_kept(sentence, results, score, path)


JUNIT_DIALECT = FormatOption(
    "--junit-dialect",
    "dialect",
    "JUnit XML as these readers want it (common).",
    among=("common", "jenkins", "ant"),
)

SOURCE_ROOT = FormatOption(
    "--source-root",
    "root",
    "Where the submission stands in the repository, for annotations.",
    metavar="DIR",
)

FEEDBACK = FormatOption(
    "--feedback",
    "feedback",
    "A feedback.toml or class.toml: show only what it lets students see.",
    metavar="FILE",
)

_PLATFORMS = "conformance.reports.platforms"

FORMATS = (
    Format(
        "--html",
        "As a page for a browser, in one file; of a class, in a folder.",
        "conformance.reports.pages.run_page",
        of_class=True,
    ),
    Format("--junit", "As JUnit XML.", "conformance.reports.run.junit", (JUNIT_DIALECT,)),
    Format("--ctrf", "As JSON in the Common Test Report Format.", "conformance.reports.ci.ctrf"),
    Format("--tap", "As TAP 14.", "conformance.reports.ci.tap"),
    Format(
        "--annotations",
        "As annotations for GitHub's runner; - for stdout.",
        "conformance.reports.ci.annotations",
        (SOURCE_ROOT,),
        to_stdout=True,
    ),
    Format(
        "--summary",
        "As Markdown, for $GITHUB_STEP_SUMMARY.",
        "conformance.reports.ci.step_summary",
    ),
    Format(
        "--gradescope",
        "As Gradescope's results.json.",
        f"{_PLATFORMS}.gradescope",
        (FEEDBACK,),
        live=True,
        whole=True,
        writes_without_run=True,
    ),
    Format("--classroom50", "As Classroom 50's result.json.", f"{_PLATFORMS}.classroom50"),
    Format(
        "--github-classroom",
        "Adds a result for GitHub Classroom's reporter: give $GITHUB_OUTPUT.",
        f"{_PLATFORMS}.github_classroom",
    ),
    Format(
        "--prairielearn",
        "As PrairieLearn's results.json.",
        f"{_PLATFORMS}.prairielearn",
        writes_without_run=True,
    ),
    Format(
        "--autolab",
        "As the output that Autolab reads; - for stdout.",
        f"{_PLATFORMS}.autolab",
        to_stdout=True,
        fills_stdout=True,
        writes_without_run=True,
    ),
    Format(
        "--vpl",
        "As the output that Moodle's VPL reads; - for stdout.",
        f"{_PLATFORMS}.vpl",
        to_stdout=True,
        fills_stdout=True,
        writes_without_run=True,
    ),
)

STDOUT = Path("-")

_CHOSEN = "conformance.formats"
_MADE = "conformance.choices"


def _keep(format_: Format) -> Callable[[click.Context, click.Parameter, Path | None], None]:
    def keep(context: click.Context, option: click.Parameter, value: Path | None) -> None:
        if value is not None:
            context.meta.setdefault(_CHOSEN, {})[format_] = value

    return keep


def _note(choice: FormatOption) -> Callable[[click.Context, click.Parameter, str | None], None]:
    def note(context: click.Context, option: click.Parameter, value: str | None) -> None:
        if value is not None:
            context.meta.setdefault(_MADE, {})[choice] = value

    return note


def _made(choices: Iterable[FormatOption]) -> dict[str, str]:
    """What was chosen, by the names of the arguments."""
    made: Mapping[FormatOption, str] = click.get_current_context().meta.get(_MADE, {})
    return {choice.name: made[choice] for choice in choices if choice in made}


def with_choice(command: Command, choice: FormatOption) -> Command:
    """Gives a command the option; `chosen` says what was chosen."""
    return click.option(
        choice.option,
        type=click.Choice(choice.among) if choice.among else str,
        metavar=choice.metavar,
        help=choice.help,
        expose_value=False,
        callback=_note(choice),
    )(command)


def report_files(command: Command) -> Command:
    """Gives a command the options of each format; `chosen_files` says what was asked for."""
    for format_ in reversed(FORMATS):
        for choice in reversed(format_.choices):
            command = with_choice(command, choice)
        command = click.option(
            format_.option,
            type=click.Path(
                dir_okay=format_.of_class, allow_dash=format_.to_stdout, path_type=Path
            ),
            metavar="FILE",
            help=format_.help,
            expose_value=False,
            callback=_keep(format_),
        )(command)
    return command


def chosen_files() -> Mapping[Format, Path]:
    """The formats that the command was asked for, and where each goes."""
    chosen: dict[Format, Path] = click.get_current_context().meta.get(_CHOSEN, {})
    return chosen


def suppose(choice: FormatOption, value: str) -> None:
    """Has the choice, if none was made."""
    click.get_current_context().meta.setdefault(_MADE, {}).setdefault(choice, value)


def fills_stdout() -> bool:
    """Whether a format that was asked for wants stdout for itself."""
    return any(each.fills_stdout and path == STDOUT for each, path in chosen_files().items())


def chosen(choice: FormatOption) -> str | None:
    """What was chosen; None where nothing was."""
    return _made([choice]).get(choice.name)
