"""`--open`: shows the page that a command has written in the reader's browser."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from conformance.cli.formats import chosen_files
from conformance.cli.output import say

OPEN = click.option(
    "--open", "open_it", is_flag=True, help="Show what --html writes in the browser."
)


def page_to_open(open_it: bool) -> Path | None:
    """The page that will be opened; None where nobody asked. Raises WrongCall where no page is
    written."""
    from conformance.verdict.model import WrongCall

    if not open_it:
        return None
    for format_, path in chosen_files().items():
        if format_.option == "--html":
            return path
    raise WrongCall("--open opens the page that --html writes: add --html FILE")


def open_page(path: Path | None) -> None:
    """Opens it; where that is not possible, says so."""
    if path is None:
        return
    if not _has_display():
        say(f"--open: there is no display here, so nothing was opened. The page is {path}")
        return
    import webbrowser

    if not webbrowser.open(path.resolve().as_uri()):
        say(f"--open: no browser was found, so nothing was opened. The page is {path}")


def _has_display() -> bool:
    """Whether a browser has where to show itself. Without a display, one of text would take the
    terminal."""
    chosen = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform == "darwin" or any(os.environ.get(name) for name in chosen)
