"""Sixty columns are enough for every report: half a laptop's screen, beside an editor."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from conformance.cli import main
from conformance.contract.catalog import load
from kit.desk import Desk
from kit.terminal import at_a_terminal, ended

COLUMNS = 60
GOLDEN = Path(__file__).resolve().parents[1] / "golden"
STORED = sorted((GOLDEN / "runs").glob("*.jsonl"))
COPIED = re.compile(
    r"  (see it yourself|run it again|see it in Wireshark|show it again) |"
    r"  +\S+\.pcap(ng)?$|  +\d · "
)
"""What is to be copied as it is, and so is never wrapped."""


def said(*words: object) -> list[str]:
    """The lines that `conformance` prints on a page of sixty columns."""
    came = CliRunner(env={"COLUMNS": str(COLUMNS)}).invoke(main, [*map(str, words)])
    assert came.exit_code in (0, 1, 3), came.output
    return came.stdout.splitlines()


def too_long(lines: list[str]) -> list[str]:
    return [line for line in lines if cell_len(line) > COLUMNS and not COPIED.match(line)]


@pytest.mark.parametrize("stored", STORED, ids=lambda path: path.stem)
def test_a_run(stored: Path) -> None:
    lines = said("report", stored)
    assert lines[0].startswith(stored.stem.rpartition("-")[0].split("-")[0])
    assert too_long(lines) == []


def test_a_name_is_cut_where_it_does_not_fit_and_not_before() -> None:
    lines = said("report", GOLDEN / "runs" / "presence-udp-bad.jsonl")
    assert "  ✗ 2.2   takes a repeated hello for a sign of… MUST     0/1" in lines
    assert "  ✓ 2.1   tells everyone who came               MUST     3/3" in lines


def test_a_class(tmp_path: Path) -> None:
    shutil.copytree(GOLDEN / "class" / "results", tmp_path / "results")
    lines = said("report", tmp_path / "results")
    assert "Points (of students)" in lines
    assert too_long(lines) == []


def on_a_terminal(desk: Desk, *words: str) -> list[str]:
    """The lines that `conformance` prints at a terminal of sixty columns."""
    with at_a_terminal(desk, *words, columns=COLUMNS) as child:
        assert ended(child) == 0
    text = re.sub(r"\x1b\[[0-9;]*m", "", child.logfile_read.text)
    return [line.rstrip() for line in text.splitlines()]


def test_the_labs(desk: Desk) -> None:
    lines = on_a_terminal(desk, "labs")
    assert too_long(lines) == []
    assert lines[1].split()[:3] == ["echo", "TCP", "2323"]
    assert lines[2] == "        a TCP server that shouts back"


@pytest.mark.parametrize(
    "words",
    [
        *(["labs", lab] for lab in sorted(load().labs)),
        ["explain", "echo"],
        ["explain", "echo", "3.1"],
        ["explain", "presence-udp"],
    ],
    ids=" ".join,
)
def test_a_lab_and_its_contract(desk: Desk, words: list[str]) -> None:
    lines = on_a_terminal(desk, *words)
    assert len(lines) > 5
    assert too_long(lines) == []
