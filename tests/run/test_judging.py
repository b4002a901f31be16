"""How the run deals with what its scenarios show: a lab of the tests' own, whose
scenarios fail when, and how, the test wants it."""

from __future__ import annotations

from textwrap import dedent

import pytest

from kit.desk import Checked, Desk

CONTRACT = """# pong: a lab for the tests

One paragraph.

## 1 Listening
- **1.1** MUST (1) `listens`: it listens.
- **1.2** MUST (2) `first`: the first of a few.
- **1.3** MUST (3) `second`: the second of a few.
- **1.4** SHOULD (4) `third`: the third of a few.
"""

LAB = """
import os
from pathlib import Path
from conformance import *
from conformance import Lab

SEEN = Path({seen!r})

pong = Lab("pong", __file__, parameters=[Parameter("port", 2323, "port")])

def held(name):
    "How often the scenario has been held, this time included."
    count = len(list(SEEN.glob(name + "-*"))) + 1
    (SEEN / f"{{name}}-{{count}}").touch()
    return count

@pong.scenario("1.1")
async def listens(server):
    "It listens."
    await server.expect_listening()

"""

PASSES = """
@pong.scenario("{number}"{more})
async def {name}(server):
    "It does."
"""


def check(desk: Desk, *scenarios: str, more: tuple[str, ...] = ()) -> Checked:
    """A run of the lab with these scenarios, from 1.2 on; those that are missing pass."""
    folder = desk.folder / "labs"
    seen = desk.reports / "seen"
    folder.mkdir(exist_ok=True)
    seen.mkdir(exist_ok=True)
    seen.chmod(0o1777)
    parts = [dedent(scenario) for scenario in scenarios]
    names = ("first", "second", "third")
    for number, name in list(enumerate(names, 2))[len(parts) :]:
        parts.append(PASSES.format(number=f"1.{number}", name=name, more=""))
    (folder / "pong.md").write_text(CONTRACT)
    (folder / "pong.py").write_text(LAB.format(seen=str(seen)) + "\n".join(parts))
    checked = desk.check(desk.echo(), "--labs", folder, *more, lab="pong")
    assert "Traceback" not in checked.stderr
    return checked


def times(desk: Desk, name: str) -> int:
    return len(list((desk.reports / "seen").glob(f"{name}-*")))


def failing(number: str, name: str, fault: str, when: str = "True", more: str = "") -> str:
    return f"""
        @pong.scenario("{number}"{more})
        async def {name}(server):
            "It does."
            count = held("{name}")
            if {when}:
                raise Violation("this", "that", hint="think", fault=Fault.{fault})
    """


def test_all_well(desk: Desk) -> None:
    checked = check(desk)
    assert set(checked.outcomes.values()) == {"passed"}
    assert (checked.status, checked.run["points"], checked.run["max_points"]) == (0, 6, 6)


def test_wrong_bytes_stand_at_once(desk: Desk) -> None:
    checked = check(desk, failing("1.2", "first", "WRONG", more=", alone=True"))
    assert checked.those("failed") == ["1.2"]
    assert checked.verdicts["1.2"]["earlier"] == []
    assert times(desk, "first") == 1
    assert (checked.status, checked.run["points"]) == (1, 4)


def test_wrong_bytes_on_a_used_server_are_seen_on_a_fresh_one_first(desk: Desk) -> None:
    checked = check(desk, PASSES.format(number="1.2", name="first", more=""),
                    failing("1.3", "second", "WRONG", when="count == 1"))  # fmt: skip
    assert checked.those("failed") == []
    assert times(desk, "second") >= 2
    assert checked.status == 0


@pytest.mark.parametrize("fault", ["LATE", "ABSENT"])
def test_what_may_be_the_machines_is_seen_again(desk: Desk, fault: str) -> None:
    checked = check(desk, failing("1.2", "first", fault, more=", alone=True"))
    assert checked.those("failed") == ["1.2"]
    assert checked.verdicts["1.2"]["earlier"]
    assert times(desk, "first") >= 2
    assert checked.status == 1


@pytest.mark.parametrize("fault", ["LATE", "ABSENT"])
def test_what_shows_once_only_is_not_judged(desk: Desk, fault: str) -> None:
    checked = check(desk, failing("1.2", "first", fault, when="count == 1", more=", alone=True"))
    verdict = checked.verdicts["1.2"]
    assert verdict["outcome"] == "inconclusive"
    assert [attempt["outcome"] for attempt in verdict["earlier"]] == ["failed", "passed"]
    assert (verdict["points"], verdict["max_points"]) == (None, 2)
    assert "provisional" in checked.stdout
    assert checked.status == 3


def test_status_3_also_when_others_failed(desk: Desk) -> None:
    checked = check(
        desk,
        failing("1.2", "first", "LATE", when="count == 1", more=", alone=True"),
        failing("1.3", "second", "WRONG", more=", alone=True"),
    )
    assert (checked.outcomes["1.2"], checked.outcomes["1.3"]) == ("inconclusive", "failed")
    assert checked.status == 3


def test_a_should_that_cannot_be_judged_matters_with_strict_only(desk: Desk) -> None:
    scenarios = (
        PASSES.format(number="1.2", name="first", more=""),
        PASSES.format(number="1.3", name="second", more=""),
        failing("1.4", "third", "LATE", when="count % 2 == 1", more=", alone=True"),
    )
    lenient = check(desk, *scenarios)
    assert (lenient.outcomes["1.4"], lenient.status) == ("inconclusive", 0)
    strict = check(desk, *scenarios, more=("--strict",))
    assert (strict.outcomes["1.4"], strict.status) == ("inconclusive", 3)


@pytest.mark.parametrize(
    ("stumble", "words", "again"),
    [
        ("1 / 0", "ZeroDivisionError", False),
        ("assert False, 'a bug of ours'", "a bug of ours", False),
        ("raise OSError('no room')", "no room", True),
        ("os._exit(1)", "worker failed", True),
        ("os.kill(os.getpid(), 9)", "worker failed", True),
        ("raise SystemExit(0)", "SystemExit", True),
    ],
)
def test_what_is_ours_costs_nothing(desk: Desk, stumble: str, words: str, again: bool) -> None:
    """It is repeated where it may not come again."""
    checked = check(
        desk,
        f"""
        @pong.scenario("1.2", alone=True)
        async def first(server):
            "It does."
            held("first")
            {stumble}
        """,
    )
    verdict = checked.verdicts["1.2"]
    assert verdict["outcome"] == "inconclusive"
    assert words in verdict["reason"]
    assert verdict["points"] is None
    assert (times(desk, "first") > 1) is again
    assert checked.outcomes["1.3"] == checked.outcomes["1.4"] == "passed"
    assert checked.status == 3


def test_a_shared_server_that_breaks_the_worker_costs_the_others_nothing(desk: Desk) -> None:
    checked = check(
        desk,
        """
        @pong.scenario("1.2")
        async def first(server):
            "It does."
            os._exit(1)
        """,
    )
    assert checked.those("inconclusive") == ["1.2"]
    assert checked.outcomes["1.3"] == checked.outcomes["1.4"] == "passed"


def test_a_conversation_that_broke_down_is_not_held_again_on_the_same_server(
    desk: Desk,
) -> None:
    """The server may still be busy with the client that was left in the middle of it."""
    conversation = """
        PROGRAM = []

        @pong.conversation
        async def talk(server):
            "Once on each server."
            if server.host.started_at in PROGRAM:
                raise Violation("a server that nobody has used", "a used one")
            PROGRAM.append(server.host.started_at)
            if held("talk") == 1:
                raise OSError("no room")
            return "evidence"

        @pong.scenario("1.2", of=talk)
        def first(evidence):
            "It does."
        """
    checked = check(
        desk,
        conversation,
        """
        @pong.scenario("1.3", of=talk)
        def second(evidence):
            "It does."
        """,
    )
    assert checked.those("passed") == ["1.1", "1.2", "1.3", "1.4"]
    assert times(desk, "talk") > 1


def test_a_conversation_in_which_the_lab_stumbles_is_held_once_for_all_its_clauses(
    desk: Desk,
) -> None:
    conversation = """
        @pong.conversation
        async def talk(server):
            held("talk")
            1 / 0

        @pong.scenario("1.2", of=talk)
        def first(evidence):
            "It does."
        """
    second = """
        @pong.scenario("1.3", of=talk)
        def second(evidence):
            "It does."
        """
    checked = check(desk, conversation, second)
    assert checked.those("inconclusive") == ["1.2", "1.3"]
    assert times(desk, "talk") == 1


def test_one_fault_costs_one_clause(desk: Desk) -> None:
    checked = check(
        desk,
        failing("1.2", "first", "WRONG", more=", alone=True"),
        failing("1.3", "second", "WRONG", more=", alone=True, builds_on=('1.2',)"),
    )
    assert checked.outcomes["1.3"] == "not_run"
    assert "1.2 (first)" in checked.verdicts["1.3"]["reason"]
    assert (checked.run["points"], checked.run["max_points"]) == (1, 6)


def test_a_fault_of_another_kind_costs_a_clause_of_its_own(desk: Desk) -> None:
    checked = check(
        desk,
        failing("1.2", "first", "WRONG", more=", alone=True"),
        failing("1.3", "second", "ABSENT", more=", alone=True, builds_on=('1.2',)"),
    )
    assert checked.those("failed") == ["1.2", "1.3"]


def test_what_is_needed_and_never_comes_excuses(desk: Desk) -> None:
    checked = check(
        desk,
        failing("1.2", "first", "ABSENT", more=", alone=True"),
        failing("1.3", "second", "ABSENT", more=", alone=True, needs=('1.2',)"),
    )
    assert checked.outcomes["1.3"] == "not_run"
    assert "1.2 (first)" in checked.verdicts["1.3"]["reason"]


def test_grounds_are_judged_unasked(desk: Desk) -> None:
    checked = check(
        desk,
        failing("1.2", "first", "WRONG", more=", alone=True"),
        failing("1.3", "second", "WRONG", more=", alone=True, builds_on=('1.2',)"),
        more=("--only", "1.3"),
    )
    assert checked.outcomes["1.3"] == "not_run"
    assert "1.4" not in checked.outcomes
    assert times(desk, "first") == 1
