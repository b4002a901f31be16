"""TAP as tap.py reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tap.parser import Parser  # type: ignore[import-untyped]  # it has no types

from conformance.reports.ci import tap
from conformance.verdict.model import Run
from reports.ci.samples import RUNS


def parsed(run: Run, folder: Path) -> dict[str, list[Any]]:
    """The lines, by their category."""
    path = folder / "report.tap"
    tap.write_run(run, path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("TAP version 14\n")
    found: dict[str, list[Any]] = {}
    for line in Parser().parse_text(text):
        found.setdefault(line.category, []).append(line)
    return found


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_a_report_is_read_as_it_was_meant(run: Run, tmp_path: Path) -> None:
    found = parsed(run, tmp_path)
    tests = found.get("test", [])
    assert "unknown" not in found
    assert len(found["version"]) == len(found["plan"]) == 1
    assert found["plan"][0].expected_tests == len(tests) == len(run.verdicts) + run.interrupted
    assert [test.number for test in tests] == list(range(1, len(tests) + 1))
    assert len(found.get("bail", [])) == run.interrupted
    for test in tests:
        assert (test.yaml_block is None) == test.ok
        if not test.ok:
            assert all(isinstance(line, str) for line in test.yaml_block["text"])


def test_each_outcome_is_what_tap_calls_it(tmp_path: Path) -> None:
    tests = parsed(RUNS["ordinary"], tmp_path)["test"]
    assert [(test.description[2:5], test.ok, test.skip, test.todo) for test in tests] == [
        ("1.1", True, False, False), ("1.2", False, False, True), ("3.1", True, False, False),
        ("3.2", False, False, False), ("4.1", False, False, False), ("5.2", True, True, False),
        ("5.5", True, False, False),
    ]  # fmt: skip
    block = tests[4].yaml_block
    assert (block["message"], block["severity"]) == ("expected > BYE⏎, got > bye⏎", "failed")
    assert (block["level"], block["points"], block["max_points"]) == ("MUST", 0, 3)
    assert "      0.003 s  client  BYE⏎" in block["text"]


def test_what_a_program_says_is_no_test(tmp_path: Path) -> None:
    found = parsed(RUNS["as commands"], tmp_path)
    (test,) = found["test"]
    assert not test.ok
    assert not test.skip
    assert "bail" not in found
    assert any("ok 1 - i" in line for line in test.yaml_block["text"])


def test_an_empty_run_is_skipped_as_a_whole(tmp_path: Path) -> None:
    (plan,) = parsed(RUNS["empty"], tmp_path)["plan"]
    assert plan.expected_tests == 0
    assert plan.skip


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_no_line_is_a_command_to_a_runner(run: Run) -> None:
    for line in tap.lines(run):
        assert "##[" not in line
        assert "##vso[" not in line
        assert "[[ATTACHMENT|" not in line
