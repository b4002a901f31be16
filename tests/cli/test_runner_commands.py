"""On a runner of GitHub: of what is printed, only the annotations are commands."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from golden.rendering import RUNS
from kit.desk import Desk

BAD = RUNS / "echo-bad.jsonl"


def obeyed(output: str) -> list[str]:
    """The commands of the lines that GitHub's runner would obey (actions/runner,
    ActionCommandManager): none between `stop-commands` and the word that it names."""
    commands, word = [], ""
    for line in output.splitlines():
        found = re.match(r"\s*::([\w-]+)(?: .*?)?::(.*)", line)
        if found is None:
            assert "##[" not in line
        elif word:
            word = "" if found[1] == word else word
        elif found[1] == "stop-commands":
            word = found[2]
            assert len(word) >= 20
        else:
            commands.append(found[1])
    assert not word, "the runner obeys again at the end"
    return commands


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A stored run, of a server that sends commands."""
    text = BAD.read_text(encoding="ascii")
    file = tmp_path / "run.jsonl"
    file.write_text(text.replace('"submission":"', '"submission":"##[error]x ', 1))
    return file


def test_only_annotations_are_obeyed(desk: Desk, hostile: Path) -> None:
    called = desk.call("report", hostile, "--annotations", "-", GITHUB_ACTIONS="true")
    assert called.status == 1
    commands = obeyed(called.stdout)
    assert "error" in commands
    assert {*commands} <= {"error", "warning", "notice"}
    assert called.stdout.startswith("::stop-commands::")
    assert "echo" in called.stdout, "the report itself is printed, too"


def test_the_word_is_another_each_time(desk: Desk) -> None:
    words = {
        desk.call("report", BAD, GITHUB_ACTIONS="true").stdout.splitlines()[0] for _ in range(2)
    }
    assert len(words) == 2


def test_elsewhere_nothing_is_added(desk: Desk) -> None:
    assert "stop-commands" not in desk.call("report", BAD).stdout


def test_json_on_stdout_stays_json_and_holds_no_command(desk: Desk, hostile: Path) -> None:
    called = desk.call("report", hostile, "--json", "-", GITHUB_ACTIONS="true")
    assert json.loads(called.stdout)["submission"].startswith("##[error]x")
    assert obeyed(called.stdout) == []


def test_one_thing_on_stdout_is_enough(desk: Desk) -> None:
    refused = desk.call("report", BAD, "--json", "-", "--annotations", "-")
    assert refused.status == 2
    assert "both want stdout" in refused.stderr


def test_a_sentence_on_stderr_is_no_command(desk: Desk, tmp_path: Path) -> None:
    refused = desk.call("report", tmp_path / "##[error]x", GITHUB_ACTIONS="true")
    assert refused.status == 2
    assert "##[" not in refused.stderr


def test_the_file_of_an_annotation_stands_where_the_repository_has_it(
    desk: Desk, tmp_path: Path
) -> None:
    lines = BAD.read_text(encoding="ascii").splitlines()
    failed = next(i for i, line in enumerate(lines) if '"outcome":"failed"' in line)
    event = json.loads(lines[failed])
    event["thrown"] = {"name": "KeyError", "message": "", "file": "Echo.java", "line": 7}
    lines[failed] = json.dumps(event)
    run, written = tmp_path / "run.jsonl", tmp_path / "annotations.txt"
    run.write_text("\n".join(lines) + "\n", encoding="ascii")
    desk.call("report", run, "--annotations", written, "--source-root", "work/echo")
    assert "file=work/echo/Echo.java,line=7," in written.read_text(encoding="utf-8")
