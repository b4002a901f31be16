"""The options that several commands have."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance.contract.budget import BUDGET

Command = TypeVar("Command", bound=Callable[..., Any])

MAX_SEARCH = 3_600
"""Seconds of a search at most."""

FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
SCALE = click.option(
    "--timeout-scale",
    "scale",
    type=click.FloatRange(min=0.1, max=100),
    metavar="X",
    help="Stretches every deadline (default: as this machine is slow).",
)
REQUIRE_TIER = click.option(
    "--require-tier",
    type=click.Choice(["full", "network", "none"]),
    help="Refuse to run with less isolation than this.",
)
VERBOSE = click.option("-v", "--verbose", is_flag=True, help="All of it: also what passed.")
LABS = click.option(
    "--labs", multiple=True, type=FOLDER, metavar="DIR", help="Also the labs in this folder."
)
SETTINGS = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the lab (see `conformance labs`).",
)
NETWORK = click.option(
    "--network",
    metavar="CONDITIONS",
    help='Have the wire behave like a network: "delay 50ms jitter 10ms loss 2% duplicate 1%'
    ' reorder 5%", or some of it.',
)
REFERENCES = click.option(
    "--references",
    type=FOLDER,
    metavar="DIR",
    help="The reference servers, instead of those that come with the suite.",
)


def _seconds(context: click.Context, option: click.Parameter, value: str | None) -> float:
    """The seconds of a time: 20, 20s, 2m; 0.0 where none is given."""
    if value is None:
        return 0.0
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)(s|m|)", value)
    seconds = float(found[1]) * (60 if found[2] == "m" else 1) if found else 0.0
    if not 1 <= seconds <= MAX_SEARCH:
        raise click.BadParameter(f"{value!r} is no time from 1s to {MAX_SEARCH // 60}m")
    return seconds


SEARCH = click.option(
    "--search",
    callback=_seconds,
    metavar="TIME",
    help="Then also look, for so long (20s), for a conversation that breaks the contract and"
    " that no clause holds. It costs no points.",
)


def count(option: str, help_text: str) -> Callable[[Command], Command]:
    """An option that takes a number of at least 1."""
    return click.option(option, type=click.IntRange(min=1), metavar="N", help=help_text)


def budget(help_text: str) -> Callable[[Command], Command]:
    return click.option(
        "--budget",
        type=click.FloatRange(min=1),
        default=BUDGET,
        metavar="SECONDS",
        help=help_text,
    )


def all_of(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """These options, in their order."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


OF_A_REQUEST = (
    click.option("--lab", metavar="LAB", help="The lab (may stand in submission.toml)."),
    click.option("--only", metavar="4.1,5", help="Only these clauses or sections."),
    click.option("--except", "without", metavar="6.5,7", help="Not these clauses or sections."),
    click.option("--must", is_flag=True, help="Only MUST clauses."),
    click.option("--failed", is_flag=True, help="Only what did not pass last time."),
    click.option("--strict", is_flag=True, help="SHOULD clauses count too."),
    SETTINGS,
    click.option(
        "--arguments",
        metavar="WORDS",
        help="What the program is started with; {port} stands for the port, {host} for the host"
        " that a client connects to.",
    ),
    click.option("--seed", type=int, help="Repeats the payloads of a former run."),
    SCALE,
    budget("Conversation that a submission may take before it is given up (600)."),
    count("--jobs", "Servers at a time (default: two for each core)."),
    REQUIRE_TIER,
    NETWORK,
    click.option(
        "--fetch-dependencies",
        "fetch",
        is_flag=True,
        help="Let the build reach the registries of Maven, npm and pip that this machine"
        " is configured for; without it, a build has no network.",
    ),
    LABS,
)
"""What is to be checked, and how."""

OF_ITS_FILES = (
    click.option(
        "--events",
        "events_file",
        type=FILE,
        metavar="FILE",
        help="Also the events, as they come: JSON lines for `report`.",
    ),
    click.option(
        "--keep",
        multiple=True,
        metavar="DIR|all",
        help="Keep run.jsonl, and a capture of each conversation that did not pass, in DIR; with"
        " `--keep all` also of those that passed (without a DIR, in evidence). May be repeated.",
    ),
)
"""What is written of a run."""
