"""What a check is about: --only, --except, --must, --failed, and what they leave out."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from conformance.cli.last_time import MOST, recall, remember
from conformance.verdict.model import Blame, Outcome
from kit.desk import Checked, Desk
from kit.runs import ALICE, BYE_IN_LOWER_CASE, HANGS_UP, UPPER_CASE, alone, passed

LOUD = """
    def answer(client, text):
        client.sendall(f"> {text.lower()}\\n".encode())
"""
FIRST_SECTIONS = "1,2,3.1,3.2"


def refused(desk: Desk, *arguments: object) -> str:
    """The sentence with which a call is refused."""
    checked = desk.call("check", desk.echo(), "--lab", "echo", *arguments)
    assert (checked.status, checked.stdout) == (2, "")
    assert checked.stderr.count("\n") == 1
    return checked.stderr.removeprefix("conformance: ").rstrip()


def test_what_contradicts_each_other_is_refused_in_one_sentence(desk: Desk) -> None:
    assert refused(desk, "--must", "--strict").endswith("give one")
    assert refused(desk, "--except", ",") == "--except names no clause"
    assert refused(desk, "--except", "3,9").startswith("--except 9: the lab echo has no such")
    left = "no clause is left to check by --only 3.1 and --except 3"
    assert refused(desk, "--only", "3.1", "--except", "3") == left
    assert refused(desk, "--only", "1.2", "--must").endswith("by --only 1.2 and --must")
    assert "no earlier check of" in refused(desk, "--failed")


def test_what_the_call_leaves_out_is_no_part_of_the_points(desk: Desk) -> None:
    checked = desk.check(desk.echo(), "--only", FIRST_SECTIONS, "--except", "3.2", "--must")
    assert checked.status == 0
    assert checked.outcomes == {
        "1.1": "passed", "1.2": "not_run", "2.1": "passed", "3.1": "passed", "3.2": "not_run",
    }  # fmt: skip
    left_out = [verdict for verdict in checked.verdicts.values() if verdict["blame"] == "call"]
    assert [verdict["max_points"] for verdict in left_out] == [0, 0]
    assert [verdict["reason"] for verdict in left_out] == [
        "ruled out by --must", "ruled out by --except 3.2",
    ]  # fmt: skip
    assert checked.run["points"] == checked.run["max_points"] == 5
    assert "2 points left out, for the call or the tier rules them out: 3.2" in checked.stdout
    assert "ruled out by --must" in checked.stdout


def test_what_is_left_out_and_needed_by_another_is_reported_if_it_fails(desk: Desk) -> None:
    checked = desk.check(desk.echo(LOUD), "--only", "3.1,3.2", "--except", "3.1")
    assert checked.outcomes["3.1"] == "failed"
    assert checked.verdicts["3.1"]["max_points"] == 0
    assert "not asked for" in checked.stdout


def test_only_what_did_not_pass_last_time(desk: Desk) -> None:
    def failed(*arguments: object) -> Checked:
        return desk.check(server, "--failed", *arguments)

    server = desk.echo(LOUD)
    desk.check(server, "--only", FIRST_SECTIONS)
    [file] = (desk.folder / "cache").rglob("*.json")
    assert [entry["failed"] for entry in json.loads(file.read_text())] == [["3.1"]]
    again = failed()
    assert again.outcomes == {"3.1": "failed"}
    assert "what did not pass last time: 1 of " in again.stdout
    assert "passes now" not in again.stderr
    desk.echo()  # it is mended
    mended = failed()
    assert mended.outcomes == {"3.1": "passed"}
    assert "All that did not pass before passes now. Check without --failed" in mended.stderr
    nothing = desk.call("check", server, "--lab", "echo", "--failed")
    assert nothing.status == 2
    assert "all that was checked last time passed" in nothing.stderr
    # Nothing is written where the student works.
    assert {path.name for path in desk.folder.iterdir()} <= {
        "server.py", "tmp", "reports", "cache", "home",
    }  # fmt: skip


# -- the file ---------------------------------------------------------------------------


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "conformance" / "last_checks.json"


@pytest.mark.parametrize(
    ("outcome", "blame"),
    [
        (Outcome.FAILED, None),
        (Outcome.INCONCLUSIVE, None),
        (Outcome.NOT_RUN, Blame.PROGRAM),
        (Outcome.NOT_RUN, Blame.SUITE),
    ],
)
def test_what_is_open_or_not_shown_is_remembered_too(
    cache: Path, outcome: Outcome, blame: Blame | None
) -> None:
    remember("host:1", alone(BYE_IN_LOWER_CASE.with_attempt(outcome=outcome, blame=blame)))
    assert recall("host:1") == {"echo": ["4.1"]}


def test_what_a_run_has_not_judged_stays_as_it_was(cache: Path) -> None:
    left_out = BYE_IN_LOWER_CASE.with_attempt(outcome=Outcome.NOT_RUN, blame=Blame.CALL)
    for verdict in (BYE_IN_LOWER_CASE, left_out, passed(UPPER_CASE)):
        remember("host:1", alone(verdict))
        assert recall("host:1") == {"echo": ["4.1"]}
    remember("host:1", alone(passed(HANGS_UP)))
    assert recall("host:1") == {"echo": []}


def test_a_path_is_the_same_by_whatever_name(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "server.py")
    remember(tmp_path / "server.py", ALICE)
    monkeypatch.chdir(tmp_path)
    assert recall(Path("link")) == recall(Path("server.py")) == recall(tmp_path / "server.py") != {}


def test_the_oldest_are_forgotten(cache: Path) -> None:
    for number in range(MOST + 2):
        remember(f"host:{number}", alone(BYE_IN_LOWER_CASE))
    assert recall("host:1") == {}
    assert recall("host:2") == recall(f"host:{MOST + 1}") == {"echo": ["4.1"]}


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"of": 1}', "[" * 100_000, '"\\ud800"', "\xff"])
def test_a_damaged_file_is_no_memory_and_is_replaced(cache: Path, text: str) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text(text, encoding="latin-1")
    assert recall("host:1") == {}
    remember("host:1", alone(BYE_IN_LOWER_CASE))
    assert recall("host:1") == {"echo": ["4.1"]}
    assert os.listdir(cache.parent) == [cache.name]


def test_where_nothing_can_be_written_nothing_is_remembered(cache: Path) -> None:
    cache.parent.parent.write_text("a file where the folder should be")
    remember("host:1", alone(BYE_IN_LOWER_CASE))
    assert recall("host:1") == {}
