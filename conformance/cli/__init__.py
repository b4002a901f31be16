"""The command line. Heavy imports wait until a command needs them: `--help` is quick."""

from __future__ import annotations

import click

from conformance import __version__
from conformance.cli.alike import alike
from conformance.cli.check import check, report
from conformance.cli.diff import diff
from conformance.cli.grade import grade
from conformance.cli.gradebook import gradebook
from conformance.cli.labs import explain, labs
from conformance.cli.lay import lay
from conformance.cli.merge import merge
from conformance.cli.new_lab import new_lab
from conformance.cli.note import note
from conformance.cli.override import override
from conformance.cli.receipt import receipt
from conformance.cli.shard import shard
from conformance.cli.suite import doctor, samples, selfcheck, serve
from conformance.cli.verify import verify
from conformance.cli.watch import watch


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="conformance")
def main() -> None:
    """Checks servers of a network programming course against the contract of their lab.

    Exit status: 0 all that counts holds; 1 something does not; 2 the call was wrong;
    3 something that counts could not be judged.
    """


for command in (
    *(check, watch, grade, merge, override, note, gradebook, alike),
    *(report, diff, receipt, verify),
    *(labs, explain, new_lab),
    *(serve, lay, samples, doctor, selfcheck),
    shard,
):
    main.add_command(command)
