"""Annotations, read as GitHub's runner reads what a step prints."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest

from conformance.reports.ci.annotations import commands
from conformance.verdict.model import Clause, Level, Run, Verdict
from conformance.verdict.symptoms import Stood, Thrown
from kit.runs import ALICE, BYE_IN_LOWER_CASE
from reports.ci.samples import EVIL, RUNS


@dataclass
class Shown:
    level: str
    properties: dict[str, str]
    text: str


def read(line: str) -> Shown:
    """A line as the runner understands it (actions/runner, ActionCommand.TryParseV2)."""
    found = re.fullmatch(r"::(\w+)(?: (.*?))?::(.*)", line)
    assert found, line
    level, given, text = found.groups()
    properties = {}
    for each in filter(None, (given or "").split(",")):
        name, _, value = each.partition("=")
        for sign, code in ((":", "%3A"), (",", "%2C"), ("\n", "%0A"), ("\r", "%0D"), ("%", "%25")):
            value = value.replace(code, sign)
        properties[name] = value
    for sign, code in (("\n", "%0A"), ("\r", "%0D"), ("%", "%25")):
        text = text.replace(code, sign)
    return Shown(level, properties, text)


def shown(run: Run, root: str = "") -> list[Shown]:
    return [read(line) for line in commands(run, root)]


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_each_line_is_one_command_and_there_are_few_of_each(run: Run) -> None:
    lines = list(commands(run))
    assert all(line.isprintable() and "##[" not in line for line in lines)
    found = [read(line) for line in lines]
    assert {each.level for each in found} <= {"error", "warning", "notice"}
    assert all(set(each.properties) <= {"title", "file", "line"} for each in found)
    for level in ("error", "warning", "notice"):
        assert sum(each.level == level for each in found) <= 10


def test_a_failure_is_an_error_and_a_doubt_and_advice_are_warnings() -> None:
    told = [(each.level, each.properties["title"], each.text) for each in shown(ALICE)]
    assert told[0] == (
        "error",
        "4.1 hangs up after bye (0 of 3)",
        "expected > BYE⏎, got > bye⏎\nIs the line sent back before it is turned into upper case?"
        " Compare with what you do with every other line.",
    )
    assert [each[:2] for each in told[1:]] == [
        ("warning", "3.2 answers at once (? of 2)"),
        ("warning", "1.2 reachable from other hosts"),
    ]


def test_an_interrupted_run_says_so_first_among_the_warnings() -> None:
    warnings = [each for each in shown(RUNS["interrupted"]) if each.level == "warning"]
    assert warnings[0].properties == {"title": "run interrupted"}


def many(number: int) -> Run:
    def failed(place: int) -> Verdict:
        clause = Clause(f"7.{place}", Level.MUST, 1, f"does_{place}", "it does.")
        return replace(BYE_IN_LOWER_CASE, clause=clause)

    return replace(ALICE, verdicts=tuple(map(failed, range(1, number + 1))))


def test_of_many_the_last_names_those_that_are_left_out() -> None:
    assert len(shown(many(10))) == 10
    found = shown(many(13))
    assert len(found) == 10
    assert found[-1] == Shown("error", {"title": "4 more"}, "Also: 7.10 to 7.13.")


def test_it_stands_at_the_line_of_an_exception_or_where_the_program_stood() -> None:
    def where(root: str = "", **known: object) -> dict[str, str]:
        run = replace(ALICE, verdicts=(BYE_IN_LOWER_CASE.with_attempt(**known),))
        (each,) = shown(run, root)
        return {name: value for name, value in each.properties.items() if name != "title"}

    thrown = Thrown("KeyError", file="a,b:c.py", line=12)
    assert where(thrown=thrown) == {"file": "a,b:c.py", "line": "12"}
    assert where("hand-in/src", thrown=thrown)["file"] == "hand-in/src/a,b:c.py"
    stood = (Stood("waits in recv", file="Echo.java", line=40), Stood("sleeps"))
    assert where(stood=stood) == {"file": "Echo.java", "line": "40"}
    assert where(stood=(*stood, Stood("runs", file="Other.java", line=1))) == {}
    assert where(stood=stood, thrown=replace(thrown, after=True))["line"] == "40"
    assert where(thrown=replace(thrown, file=EVIL)) == {}
