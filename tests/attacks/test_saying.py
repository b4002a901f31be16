"""Attacks by words: on whoever reads what the program said, and by knowing the answers."""

from __future__ import annotations

import json
import unicodedata
from xml.etree import ElementTree

from kit.arena import SOME, User, submission
from kit.desk import Desk

QUICK = ("--timeout-scale", "0.1")


def reports_on_it(desk: Desk, user: User) -> dict[str, str]:
    """Each report on a program that says nasty things, as its reader gets it."""
    junit, events = desk.reports / "junit.xml", desk.reports / "run.jsonl"
    server = submission(desk, "says_nasty_things")
    checked = desk.check(
        server, "--only", "1.1,3.1", *QUICK, "--junit", junit, "--events", events,
        command=user.words,
    )  # fmt: skip
    assert checked.outcomes == {"1.1": "passed", "3.1": "failed"}
    assert "owned" in checked.stdout  # shown, not hidden
    shown = desk.call("report", events, command=user.words)
    return {
        "console": checked.stdout,
        "errors": checked.stderr,
        "report": shown.stdout,
        "junit": junit.read_text(encoding="utf-8"),
        "json": (desk.reports / "report-1.json").read_text(encoding="utf-8"),
        "events": events.read_text(encoding="utf-8"),
    }


def test_nasty_things(desk: Desk, user: User) -> None:
    reports = reports_on_it(desk, user)
    nothing_steers_who_reads(reports)
    nothing_breaks_out_of_the_markup(reports)
    nothing_makes_a_line_of_the_run_its_own(reports)


def nothing_steers_who_reads(reports: dict[str, str]) -> None:
    """No escape sequence, no mark that turns a line round, no command for a CI runner."""
    for name, text in reports.items():
        steering = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cn", "Cs")}
        assert steering <= {"\n"}, (name, steering)
        for line in text.splitlines():
            assert not line.lstrip().startswith("::"), (name, line)
            if name not in ("json", "events"):  # no runner reads a file
                assert not line.lstrip().startswith(("##[", "##vso", "##teamcity")), (name, line)


def nothing_breaks_out_of_the_markup(reports: dict[str, str]) -> None:
    suite = ElementTree.fromstring(reports["junit"])
    names = [case.get("name") or "" for case in suite.iter("testcase")]
    assert len(names) == 2
    assert not any("owned" in name for name in names)
    assert not list(suite.iter("script"))
    assert "<script>" not in reports["junit"]
    # Jenkins attaches the file that such a line names.
    for text in ("".join(suite.itertext()), reports["console"]):
        assert not [line for line in text.splitlines() if line.startswith("[[ATTACHMENT")]


def nothing_makes_a_line_of_the_run_its_own(reports: dict[str, str]) -> None:
    """Each line of the events is one, and of the kinds that there are."""
    kinds = {json.loads(line)["event"] for line in reports["events"].splitlines()}
    assert kinds <= {"run", "basis", "note", "verdict", "end"}, kinds


def test_knows_the_examples_by_heart(desk: Desk, user: User) -> None:
    """What is sent is drawn anew for each run: who guesses does not pass."""
    checked = desk.check(submission(desk, "guesses"), *SOME, *QUICK, command=user.words)
    assert checked.outcomes["1.1"] == "passed"
    for number in ("3.1", "4.1"):
        assert checked.outcomes[number] in ("failed", "not_run"), checked.stdout
    assert "3.1" in checked.those("failed")
    assert checked.status == 1
