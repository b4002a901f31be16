"""How the commands speak: on stdout, on stderr, in files, and by their status."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from conformance.words import said

if TYPE_CHECKING:
    from rich.console import Console


@contextlib.contextmanager
def speaking_plainly() -> Iterator[None]:
    """Turns errors into a sentence and an exit status: 2 for a wrong call, else 3."""
    from conformance.sandbox import SandboxError
    from conformance.verdict.model import WrongCall

    try:
        yield
    except WrongCall as wrong:
        say(f"conformance: {said(str(wrong))}")
        raise SystemExit(2) from None
    except PermissionError as error:
        say(f"conformance: {error.filename}: {(error.strerror or 'not permitted').lower()}")
        raise SystemExit(2) from None
    except SandboxError as error:
        say(f"conformance: this machine does not let a submission be run: {error}")
        raise SystemExit(3) from None
    except KeyboardInterrupt:
        say("conformance: interrupted")
        raise SystemExit(3) from None
    except BrokenPipeError:
        raise  # the reader is gone: click ends quietly
    except OSError as error:
        about = f"{error.filename}: " if error.filename else ""
        say(f"conformance: {about}{(error.strerror or str(error)).lower()}")
        raise SystemExit(3) from None


def say(sentence: str) -> None:
    """Prints sentences to stderr, without anything that a terminal would obey."""
    from conformance.reports.text.visible import disarm, visible

    with contextlib.suppress(BrokenPipeError):
        for line in sentence.split("\n  "):  # the suite's own lists are indented like this
            print(disarm(visible(line)), file=sys.stderr)


def write_text(text: str, file: Path) -> None:
    """Writes `text` to `file`, or to stdout if that is `-`. Raises WrongCall if that fails."""
    from conformance.verdict.model import WrongCall

    try:
        if str(file) == "-":
            sys.stdout.write(text)
        else:
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WrongCall(f"cannot write {file}: {error.strerror}") from None


def new_console(file: TextIO | None = None) -> Console:
    """A console for stdout, or for `file`. Once the reader is gone (`| head`), its output is
    dropped, and the command goes on. GitHub's runner obeys nothing that is printed on it."""
    import os

    from rich.console import Console

    class Patient(Console):
        def on_broken_pipe(self) -> None:
            self.quiet = True
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())  # else the flush at exit fails
            os.close(nowhere)

    _stop_commands(file or sys.stdout)
    return Patient(file=file, highlight=False, markup=False, emoji=False, soft_wrap=False)


_STOPPED = "conformance.stopped_commands"


def _stop_commands(stream: TextIO) -> None:
    """Under GitHub's runner: from here to the end of the command, lines that look like commands of
    the runner are text. What ends that is a word that nobody can guess."""
    import os
    import secrets

    context = click.get_current_context(silent=True)
    if os.environ.get("GITHUB_ACTIONS") != "true" or context is None or _STOPPED in context.meta:
        return
    word = secrets.token_hex(16)
    stopped = contextlib.ExitStack()
    context.meta[_STOPPED] = stopped
    context.call_on_close(stopped.close)
    _print(f"::stop-commands::{word}", stream)
    stopped.callback(_print, f"::{word}::", stream)


def _print(line: str, stream: TextIO) -> None:
    with contextlib.suppress(OSError, ValueError):  # the reader is gone
        print(line, file=stream, flush=True)


def resume_commands() -> None:
    """From here on GitHub's runner obeys again what is printed."""
    stopped = click.get_current_context().meta.get(_STOPPED)
    if stopped is not None:
        stopped.close()


def require_places(*files: Path | str | None) -> None:
    """Raises WrongCall if a report could not be written: before the run, and not after it."""
    import os

    from conformance.verdict.model import WrongCall

    for file in (Path(file) for file in files if file not in (None, "-")):
        if file.is_dir():
            raise WrongCall(f"cannot write {file}: it is a folder")
        if file.exists() and not file.is_file():
            continue  # a device, or a pipe
        if not file.parent.is_dir():
            raise WrongCall(f"cannot write {file}: there is no folder {file.parent}")
        if not os.access(file.parent, os.W_OK):
            raise WrongCall(f"cannot write {file}: no permission to write in {file.parent}")
