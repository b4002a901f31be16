"""Each dialect of JUnit XML is what its readers accept, by schemas and by a reader of others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from junitparser import JUnitXml
from lxml import etree  # type: ignore[import-untyped]  # it has no stubs

from conformance.classes.class_file import JUNIT_DIALECTS
from conformance.classes.model import Class
from conformance.cli.formats import JUNIT_DIALECT
from conformance.reports.classes import class_junit
from conformance.reports.run import junit
from conformance.reports.run.junit_dialects import DIALECTS
from conformance.verdict.model import Run
from kit.runs import ALICE, BEHIND_A_DOUBT, BEHIND_A_FAULT, BYE_IN_LOWER_CASE, NOISY
from kit.sample_class import CLASS, RESULTS, WORST_CLASS, WORST_RESULTS

SCHEMAS = Path(__file__).parent / "schemas"

RUNS = {
    "ordinary": ALICE,
    "hostile": NOISY,
    "behind a fault": BEHIND_A_FAULT,
    "inconclusive": replace(ALICE, verdicts=(ALICE.verdicts[3],) * 2),
    "gate in doubt": BEHIND_A_DOUBT,
    "interrupted": replace(ALICE, interrupted=True),
    "interrupted at once": replace(ALICE, verdicts=(), interrupted=True, started=""),
    "empty": replace(ALICE, verdicts=()),
    "with captures": replace(
        ALICE, verdicts=(BYE_IN_LOWER_CASE.with_attempt(capture="evidence/4.1.pcap"),)
    ),
}


def read(path: Path, dialect: str) -> Any:
    """The report as lxml reads it, by the schema of its dialect."""
    root = etree.parse(str(path)).getroot()
    schema = etree.XMLSchema(etree.parse(str(SCHEMAS / f"junit-{dialect}.xsd")))
    assert schema.validate(root), schema.error_log
    return root


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_a_run_is_valid_in_each_dialect(run: Run, dialect: str, tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    junit.write([run, replace(run, submission="other")], path, dialect)
    root = read(path, dialect)
    told = JUnitXml.fromfile(str(path))
    assert sum(suite.tests for suite in told) == len(root.findall(".//testcase"))
    for tag, of in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert sum(getattr(suite, of) for suite in told) == len(root.findall(f".//{tag}"))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_class_is_valid_in_each_dialect(dialect: str, tmp_path: Path) -> None:
    path = tmp_path / "class.xml"
    for graded, results in ((CLASS, RESULTS), (WORST_CLASS, WORST_RESULTS)):
        whole: Class = replace(graded, junit_dialect=dialect)
        class_junit.write(whole, results, path)
        read(path, dialect)
        for student in whole.students:
            class_junit.write_student(whole, student, results, path)
            read(path, dialect)


@pytest.mark.parametrize("dialect", ["jenkins", "ant"])
def test_what_a_case_may_not_hold_is_kept_in_its_suite(dialect: str, tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    junit.write([RUNS["with captures"]], path, dialect)
    suite = read(path, dialect)[0]
    facts = {each.get("name"): each.get("value") for each in suite.find("properties")}
    assert (facts["4.1.points"], facts["4.1.max_points"], facts["tier"]) == ("0", "3", "full")
    said = [each.text for each in suite.iter("system-out")]
    assert said == ["[[ATTACHMENT|evidence/4.1.pcap]]\n[[ATTACHMENT|evidence/4.1.txt]]"]


def test_a_class_file_can_name_each_dialect() -> None:
    assert JUNIT_DIALECTS == tuple(DIALECTS) == JUNIT_DIALECT.among


def test_ant_has_a_package_and_a_time_without_a_zone(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    junit.write([replace(ALICE, started="2026-11-22T15:19:00+01:00")], path, "ant")
    suite = read(path, "ant")[0]
    assert (suite.get("package"), suite.get("name"), suite.get("id")) == ("echo", "alice", "0")
    assert suite.get("timestamp") == "2026-11-22T14:19:00"
