"""The options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance.contract.lab import BUDGET

Command = TypeVar("Command", bound=Callable[..., Any])

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
VERBOSE = click.option("-v", "--verbose", is_flag=True, help="Conversations of what passed, too.")
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
REFERENCES = click.option(
    "--references",
    type=FOLDER,
    metavar="DIR",
    help="The reference servers, instead of those that come with the suite.",
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
