from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from lxml import etree  # type: ignore[import-untyped]  # it has no stubs

from conformance.reports.run import junit
from conformance.verdict.model import Attempt, Level, Outcome, Run, WrongCall
from conformance.verdict.symptoms import Thrown
from conformance.verdict.violation import Fault
from kit.runs import (
    ALICE,
    BEHIND_A_DOUBT,
    BEHIND_A_FAULT,
    BYE_IN_LOWER_CASE,
    LEFT_OUT,
    NOISY,
    NOT_SHOWN,
    REACHABLE,
)

KINDS = {"failure": 1, "error": 1, "skipped": 2}
"""Of ALICE: one MUST fails, one is in doubt, one is not run, one SHOULD is advice."""


def cases(runs: list[Run]) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(junit.to_xml(runs).encode())
    return {str(case.get("name")): case for case in root.iter("testcase")}


def test_junitparser_counts_what_we_counted(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    junit.write([ALICE, replace(ALICE, submission="bob")], path)
    report = JUnitXml.fromfile(str(path))
    suites = list(report)
    assert [suite.name for suite in suites] == ["echo.alice", "echo.bob"]
    assert (report.tests, report.failures, report.errors, report.skipped) == (14, 2, 2, 4)
    for suite in suites:
        assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (7, 1, 1, 2)
        results = [result for case in suite for result in case.result]
        for kind, number in ((Failure, 1), (Error, 1), (Skipped, 2)):
            assert sum(isinstance(result, kind) for result in results) == number
    before = [suite.tests for suite in suites]
    report.update_statistics()  # type: ignore[no-untyped-call]  # it has no types
    assert [suite.tests for suite in suites] == before


def test_lxml_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    junit.write([ALICE], path)
    root = etree.parse(str(path)).getroot()
    assert root.tag == "testsuites"
    for tag, number in KINDS.items():
        assert len(root.findall(f".//testcase/{tag}")) == number
    suite = root.find("testsuite")
    assert suite is not None
    assert suite.get("timestamp") == "2026-11-22T14:19:00+00:00"
    assert suite.get("time") == "6.840"
    facts = {item.get("name"): item.get("value") for item in suite.find("properties")}
    assert facts["tier"] == "full"
    assert facts["seed"] == "20261122"
    assert facts["parameter.port"] == "2424"
    assert facts["provisional"] == "true"


def test_a_case_carries_its_clause_and_its_points() -> None:
    case = cases([ALICE])["4.1 hangs_up_after_bye"]
    assert case.get("classname") == "echo.alice"
    assert case.get("time") == "1.020"
    told = {item.get("name"): item.get("value") for item in case.iter("property")}
    assert told["clause"] == "4.1"
    assert told["level"] == "MUST"
    assert (told["points"], told["max_points"]) == ("0", "3")
    assert cases([ALICE])["3.2 answers_at_once"].find(".//property[@name='points']").get(  # type: ignore[union-attr]
        "value"
    ) == ""  # fmt: skip


def test_the_text_repeats_the_message_and_tells_all() -> None:
    failure = cases([ALICE])["4.1 hangs_up_after_bye"].find("failure")
    assert failure is not None
    message, text = failure.get("message"), failure.text
    assert message == "hangs up after bye: expected > BYE⏎, got > bye⏎"
    assert text is not None
    assert text.startswith(message)
    for part in ("  actual    > bye⏎\n              ^", "0.003 s  client  BYE⏎", "  hint  Is the",
                 "nc localhost 2323", "--only 4.1"):  # fmt: skip
        assert part in text


def test_sentences_stand_there_in_whole() -> None:
    told = "submission.toml: " + ", ".join(f"there is no key {n}" for n in range(12))
    verdict = BYE_IN_LOWER_CASE.with_attempt(expected="one program", actual=told)
    failure = cases([replace(ALICE, verdicts=(verdict,))])["4.1 hangs_up_after_bye"].find("failure")
    assert failure is not None
    assert told in str(failure.get("message"))
    assert told in " ".join(str(failure.text).split("actual", 1)[1].split())


def test_the_type_of_a_failure_is_its_fault() -> None:
    late = replace(ALICE, verdicts=(BYE_IN_LOWER_CASE.with_attempt(fault=Fault.LATE),))
    failure = cases([late])["4.1 hangs_up_after_bye"].find("failure")
    assert failure is not None
    assert failure.get("type") == "late"


def test_a_should_fails_only_where_it_counts() -> None:
    name = "1.2 reachable_from_other_hosts"
    skipped = cases([ALICE])[name].find("skipped")
    assert skipped is not None
    assert str(skipped.get("message")).startswith("advice, costs no points: ")
    assert "127.0.0.1 only" in str(skipped.text)
    assert cases([replace(ALICE, strict=True)])[name].find("failure") is not None


def test_both_attempts_stand_in_a_doubt() -> None:
    error = cases([ALICE])["3.2 answers_at_once"].find("error")
    assert error is not None
    assert "client  a⏎" in str(error.text)
    assert "client  b⏎" in str(error.text)


def test_what_is_open_behind_a_gate_is_an_error_once_the_gate_is_none() -> None:
    [gate, *behind] = cases([BEHIND_A_DOUBT]).values()
    assert gate.find("error") is not None
    assert all(case.find("skipped") is not None for case in behind)
    verdicts = (replace(BEHIND_A_DOUBT.verdicts[0], points=1), *BEHIND_A_DOUBT.verdicts[1:])
    [_, *behind] = cases([replace(BEHIND_A_DOUBT, verdicts=verdicts)]).values()
    for case in behind:
        error = case.find("error")
        assert error is not None
        assert str(error.get("message")).startswith("open: ")


def properties(element: ElementTree.Element) -> dict[str | None, str | None]:
    return {item.get("name"): item.get("value") for item in element.findall("properties/property")}


def test_what_was_not_shown_is_skipped_and_says_behind_which() -> None:
    found = cases([BEHIND_A_FAULT])
    case = found["5.2 serves_twenty_clients_at_once"]
    skipped = case.find("skipped")
    assert skipped is not None
    assert skipped.get("message") == (
        "not shown: serves twenty clients at once: it stands behind clause 3.1; mend that first"
    )
    told = properties(case)
    assert (told["points"], told["max_points"]) == ("0", "3")
    assert (told["blame"], told["behind"], told["kind"]) == ("program", "3.1", "form")
    left_out = found["4.1 hangs_up_after_bye"].find("skipped")
    assert left_out is not None
    assert str(left_out.get("message")).startswith("left out: hangs up after bye: with --connect")


def test_the_worth_is_whole_and_one_line_tells_what_is_missing() -> None:
    root = ElementTree.fromstring(junit.to_xml([BEHIND_A_FAULT]).encode())
    told = properties(root[0])
    assert (told["points"], told["max_points"], told["not_shown"]) == ("1", "9", "5")
    assert (told["note.1"], told["note.2"]) == (NOT_SHOWN, LEFT_OUT)


def test_what_was_not_shown_fails_where_nothing_else_does(tmp_path: Path) -> None:
    """It stands behind a SHOULD: nobody may take the run for a green one."""
    advice = replace(BYE_IN_LOWER_CASE, clause=REACHABLE, level=Level.SHOULD, possible=0)
    hidden = BEHIND_A_FAULT.verdicts[-1].with_attempt(behind=("1.2",))
    junit.write([replace(BEHIND_A_FAULT, verdicts=(advice, hidden))], tmp_path / "report.xml")
    report = JUnitXml.fromfile(str(tmp_path / "report.xml"))
    assert (report.tests, report.failures, report.skipped) == (2, 1, 1)
    [_, case] = cases([replace(BEHIND_A_FAULT, verdicts=(advice, hidden))]).values()
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("type") == "not shown"
    assert str(failure.get("message")).startswith("not shown: serves twenty clients at once: it")


def test_an_interrupted_run_does_not_look_complete() -> None:
    found = cases([replace(ALICE, interrupted=True)])
    assert len(found) == len(ALICE.verdicts) + 1
    assert found[junit.INTERRUPTED].find("error") is not None


def test_a_run_that_was_interrupted_at_once_is_a_report_too(tmp_path: Path) -> None:
    junit.write([replace(ALICE, verdicts=(), interrupted=True)], tmp_path / "report.xml")
    assert JUnitXml.fromfile(str(tmp_path / "report.xml")).errors == 1


def test_no_two_cases_have_one_name() -> None:
    root = ElementTree.fromstring(junit.to_xml([ALICE, ALICE, ALICE]).encode())
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(names)) == len(names)


def test_a_hostile_submission_is_text_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    junit.write([NOISY], path)
    root = etree.parse(str(path)).getroot()
    assert {element.tag for element in root.iter()} == {
        "testsuites", "testsuite", "testcase", "properties", "property",
        "failure", "error", "skipped",
    }  # fmt: skip
    failure = root.find(".//failure")
    assert failure is not None
    for part in ("\\u{1B}[2J", "]]>", "<script>alert(1)</script>", "\\xff\\x80", "\\u{D800}", "␀",
                 "\\u{202E}gnp.exe"):  # fmt: skip
        assert part in str(failure.text)
    assert JUnitXml.fromfile(str(path)).tests == len(NOISY.verdicts)
    assert "\n" not in str(failure.get("message"))


def test_a_flood_does_not_fill_the_disk() -> None:
    flood = BYE_IN_LOWER_CASE.with_attempt(actual="y\n" * 500_000, output="z" * 1_000_000)
    assert len(junit.to_xml([replace(ALICE, verdicts=(flood,))])) < 20_000


def test_what_was_there_stays_until_the_report_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.xml"
    junit.write([ALICE], path)
    before = path.read_text(encoding="utf-8")
    monkeypatch.setattr(junit, "to_xml", lambda runs, dialect: "<testsuites tests='1'/>")
    with pytest.raises(AssertionError, match="does not hold what it says"):
        junit.write([ALICE], path)
    assert path.read_text(encoding="utf-8") == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match=r"cannot write the report .*: No such file"):
        junit.write([ALICE], tmp_path / "nowhere" / "report.xml")


def test_every_outcome_is_a_kind_of_its_own() -> None:
    assert {verdict.outcome for verdict in ALICE.verdicts} == set(Outcome)


def test_captures_are_attached_and_nothing_else_is() -> None:
    first = Attempt(Outcome.FAILED, capture="evidence/4.1-bye-1.pcap")
    verdict = replace(
        BYE_IN_LOWER_CASE.with_attempt(capture="evidence/4.1-bye-2.pcap"), earlier=(first,)
    )
    run = replace(ALICE, verdicts=(verdict,))
    (case,) = cases([run]).values()
    attached = (case.findtext("system-out") or "").splitlines()
    assert attached == [
        f"[[ATTACHMENT|evidence/4.1-bye-{number}.{kind}]]"
        for number in (2, 1)
        for kind in ("pcap", "txt")
    ]
    text = case.findtext("failure") or ""
    assert "see it in Wireshark  evidence/4.1-bye-2.pcap" in text
    for folder in ("a]]\n[[ATTACHMENT|/etc", "a|b", "a\u202eb"):
        hostile = replace(verdict.with_attempt(capture=f"{folder}/passwd.pcap"), earlier=())
        (case,) = cases([replace(run, verdicts=(hostile,))]).values()
        assert case.find("system-out") is None


def test_a_failure_names_the_file_that_its_exception_arose_in() -> None:
    thrown = Thrown("KeyError", file="src/Echo.java", line=7)
    known = replace(ALICE, verdicts=(BYE_IN_LOWER_CASE.with_attempt(thrown=thrown),))
    assert cases([known])["4.1 hangs_up_after_bye"].get("file") == "src/Echo.java"
    assert cases([ALICE])["4.1 hangs_up_after_bye"].get("file") is None
