"""`--junit-dialect`: of a run, and of a class whatever its own is."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from golden.rendering import RUNS, copied_results
from kit.desk import Desk


@pytest.mark.parametrize("dialect", ["common", "jenkins", "ant"])
def test_a_run_and_a_class_are_written_in_the_dialect_that_was_asked_for(
    desk: Desk, dialect: str, tmp_path: Path
) -> None:
    junit, results = tmp_path / "junit.xml", copied_results(tmp_path)
    asked = ("--junit-dialect", dialect)
    desk.call("report", RUNS / "echo-bad.jsonl", "--junit", junit, *asked)
    desk.call("report", results, *asked)
    for file in (junit, results / "class.xml", results / "students" / "bob.xml"):
        root = ElementTree.parse(file).getroot()
        told = "skipped" in root.attrib, root.find("testsuite/testcase/properties") is not None
        assert told == (dialect == "common", dialect == "common")
        assert (root[0].get("hostname") is not None) == (dialect == "ant")


def test_there_is_no_other_dialect(desk: Desk) -> None:
    refused = desk.call("report", RUNS / "echo-bad.jsonl", "--junit-dialect", "latin")
    assert refused.status == 2
    assert "'latin' is not one of 'common', 'jenkins', 'ant'" in " ".join(refused.stderr.split())
