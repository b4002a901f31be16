"""`conformance shard`: what another machine, or another process of this one, runs for `grade --on`.
It is no command for people, and `--help` does not list it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from conformance.cli.options import count


@click.command(hidden=True)
@click.argument(
    "archive",
    metavar="[ARCHIVE]",
    required=False,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--probe", is_flag=True, help="Only say what this machine is.")
@count("--starts", "Programs that start at a time (default: one for each core).")
@count("--jobs", "Servers at a time (default: what memory and process limits hold).")
def shard(archive: Path | None, probe: bool, starts: int | None, jobs: int | None) -> None:
    """Grade a part of a class for `conformance grade --on`, on this machine.

    The part comes in ARCHIVE, or from standard input; what comes of it goes to standard output, as
    lines of JSON. It ends when the process that has started it does.
    """
    from conformance.sandbox import die_with_parent, is_heard

    die_with_parent()
    if not is_heard(1):  # it died while Python started
        raise SystemExit(3)
    lines = os.dup(1)
    os.dup2(2, 1)  # nothing but messages goes to the lines

    from conformance.classes.grading.capacity import Pace
    from conformance.classes.machines.messages import Message, to_message_line
    from conformance.classes.machines.worker import grade_shard, probed
    from conformance.verdict.model import WrongCall

    def tell(message: Message) -> None:
        data = to_message_line(message)
        while data:
            data = data[os.write(lines, data) :]

    try:
        if probe:
            tell(probed())
            return
        pace = Pace.of_this_machine(starts, jobs)
        if archive is None:
            grade_shard(sys.stdin.buffer, pace, tell)
        else:
            with archive.open("rb") as file:
                grade_shard(file, pace, tell)
    except KeyboardInterrupt:
        raise SystemExit(3) from None
    except BrokenPipeError:  # nobody listens any more
        raise SystemExit(3) from None
    except WrongCall as wrong:
        raise click.ClickException(str(wrong)) from None
