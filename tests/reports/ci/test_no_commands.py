"""What a program says, prints or is called is no command to any runner, in no report."""

from __future__ import annotations

import re

import pytest

from conformance.reports.ci import step_summary, tap
from conformance.reports.ci.annotations import commands
from conformance.reports.run import junit
from conformance.verdict.model import Run
from kit.runs import printed
from reports.ci.samples import RUNS

COMMANDS = ("##[", "##vso[", "##teamcity[", "[[ATTACHMENT|/etc")


def lines_of(run: Run) -> dict[str, list[str]]:
    """The lines of each report, but those that are commands on purpose."""
    told = [line.partition(" ")[2] for line in commands(run)]
    texts = {
        "console": printed(run, verbose=True),
        "junit": junit.to_xml([run]),
        "tap": "\n".join(tap.lines(run)),
        "summary": step_summary.markdown(run),
        "annotations": "\n".join(told),
    }
    return {name: text.split("\n") for name, text in texts.items()}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_no_line_of_any_report_is_a_command(run: Run) -> None:
    for name, lines in lines_of(run).items():
        for line in lines:
            assert not re.match(r"\s*::", line), (name, line)
            assert not any(command in line for command in COMMANDS), (name, line)
            assert not {"\r", "\x1b", "\0"} & {*line}, (name, line)
