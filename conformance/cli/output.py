"""How the commands speak: on stdout, on stderr, in files, and by their status."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console


@contextlib.contextmanager
def speaking_plainly() -> Iterator[None]:
    """A wrong call is one clear sentence and status 2, never a traceback; what the machine
    would not do is one, and status 3."""
    from conformance.sandbox import SandboxError
    from conformance.verdict.model import WrongCall

    try:
        yield
    except WrongCall as wrong:
        say(f"conformance: {wrong}")
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
        raise  # nobody reads any more: click ends quietly
    except OSError as error:
        about = f"{error.filename}: " if error.filename else ""
        say(f"conformance: {about}{(error.strerror or str(error)).lower()}")
        raise SystemExit(3) from None


def say(sentence: str) -> None:
    """A sentence on stderr, or a list of some, with nothing in it that a terminal would obey."""
    from conformance.reports.text.visible import visible

    with contextlib.suppress(BrokenPipeError):
        for line in sentence.split("\n  "):  # a list of ours is indented so
            print(visible(line), file=sys.stderr)


def write_text(text: str, file: Path) -> None:
    """Writes to a file; to stdout where it is `-`. Raises WrongCall."""
    from conformance.verdict.model import WrongCall

    try:
        if str(file) == "-":
            sys.stdout.write(text)
        else:
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WrongCall(f"cannot write {file}: {error.strerror}") from None


def new_console(file: TextIO | None = None) -> Console:
    """What is shown on it goes nowhere once nobody reads any more (`| head`): a grading and
    its reports go on."""
    import os

    from rich.console import Console

    class Patient(Console):
        def on_broken_pipe(self) -> None:
            self.quiet = True
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())  # what Python holds back would fail at the end
            os.close(nowhere)

    return Patient(file=file, highlight=False, markup=False, emoji=False, soft_wrap=False)


def require_places(*files: Path | str | None) -> None:
    """Raises WrongCall where a report could not be written: not after the whole run."""
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
