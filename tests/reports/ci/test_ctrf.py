"""CTRF as its own schema wants it, which comes with the package of that name."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from conformance.reports.ci import ctrf
from conformance.verdict.model import Run
from conformance.verdict.symptoms import Thrown
from kit.pages import TOP
from kit.runs import ALICE, BYE_IN_LOWER_CASE
from reports.ci.samples import RUNS

SCHEMA = TOP / ".venv/ctrf/node_modules/ctrf/dist/ctrf-schema-0.0.json"


@cache
def validator() -> Draft7Validator:
    if not SCHEMA.exists():
        why = "the package ctrf is not installed: ci/provision.sh --tests"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    return Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def written(run: Run, folder: Path) -> dict[str, Any]:
    path = folder / "ctrf.json"
    ctrf.write_run(run, path)
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_a_report_is_valid_and_its_sums_are_those_of_its_tests(run: Run, tmp_path: Path) -> None:
    report = written(run, tmp_path)
    assert [error.message for error in validator().iter_errors(report)] == []
    summary, tests = report["results"]["summary"], report["results"]["tests"]
    counted = Counter(test["status"] for test in tests)
    statuses = ("passed", "failed", "skipped", "pending", "other")
    assert {status: summary[status] for status in statuses} == {s: counted[s] for s in statuses}
    assert summary["tests"] == len(tests) == len(run.verdicts) + run.interrupted
    assert summary["stop"] - summary["start"] == round(run.seconds * 1000)


def test_each_outcome_has_its_status_and_its_evidence(tmp_path: Path) -> None:
    report = written(RUNS["ordinary"], tmp_path)
    tests = {test["name"].split()[0]: test for test in report["results"]["tests"]}
    assert {number: test["status"] for number, test in tests.items()} == {
        "1.1": "passed", "1.2": "skipped", "3.1": "passed", "3.2": "other", "4.1": "failed",
        "5.2": "skipped", "5.5": "passed",
    }  # fmt: skip
    failed = tests["4.1"]
    assert failed["name"] == "4.1 hangs up after bye"
    assert failed["message"] == "hangs up after bye: expected > BYE⏎, got > bye⏎"
    assert "client  BYE⏎" in failed["trace"]
    assert failed["extra"] == {"clause": "4.1", "points": 0, "maxPoints": 3}
    assert tests["3.2"]["retryAttempts"][0]["status"] == "failed"
    assert report["results"]["summary"]["start"] == 1795357140000


def test_what_was_interrupted_does_not_look_complete(tmp_path: Path) -> None:
    tests = written(RUNS["interrupted at once"], tmp_path)["results"]["tests"]
    assert [(test["name"], test["status"]) for test in tests] == [("run interrupted", "other")]


def test_a_failure_names_the_line_of_the_submission_where_it_is_known(tmp_path: Path) -> None:
    def of(file: str) -> dict[str, Any]:
        thrown = Thrown("KeyError", file=file, line=12)
        run = replace(ALICE, verdicts=(BYE_IN_LOWER_CASE.with_attempt(thrown=thrown),))
        (test,) = written(run, tmp_path)["results"]["tests"]
        return {key: test[key] for key in ("filePath", "line") if key in test}

    assert of("src/Echo.java") == {"filePath": "src/Echo.java", "line": 12}
    for elsewhere in ("/etc/passwd", "../../x.py", "javascript:alert(1)", "a\nb.py", "", "a" * 999):
        assert of(elsewhere) == {}


def test_captures_are_attached(tmp_path: Path) -> None:
    (test,) = written(RUNS["with captures"], tmp_path)["results"]["tests"]
    paths = [each["path"] for each in test["attachments"]]
    assert paths == ["evidence/4.1.pcap", "evidence/4.1.txt"]
