"""Every format of a run is written for a run that was interrupted, one that is empty, and one of
which nothing could be judged; in each language."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.cli.formats import FORMATS
from golden.rendering import FORMATS as PINNED
from golden.rendering import RUNS

REASON = "the machine stood still for 0.21 s during the conversation"


def events_of(name: str) -> list[dict[str, Any]]:
    file = RUNS / f"{name}.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="ascii").splitlines()]


def unjudged(event: dict[str, Any]) -> dict[str, Any]:
    if event["event"] != "verdict":
        return event
    nothing = {"expected": "", "actual": "", "hint": "", "fault": None, "kind": None}
    return {**event, **nothing, "outcome": "inconclusive", "points": None, "reason": REASON}


STRANGE = {
    "interrupted": events_of("echo-interrupted"),
    "killed at once": events_of("echo-bad")[:1],
    "empty": [events_of("echo-bad")[0], events_of("echo-bad")[-1]],
    "all inconclusive": [unjudged(event) for event in events_of("echo-bad")],
}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_run_is_written_in_every_format(name: str, language: str, tmp_path: Path) -> None:
    events = tmp_path / "run.jsonl"
    events.write_text("".join(f"{json.dumps(event)}\n" for event in STRANGE[name]))
    files = {each.option: tmp_path / each.option.strip("-") for each in FORMATS}
    words = [word for option, file in files.items() for word in (option, str(file))]
    done = CliRunner().invoke(main, ["report", str(events), "--lang", language, *words])
    assert done.exit_code == (0 if name == "empty" else 3), done.output
    assert all(file.stat().st_size for option, file in files.items() if option != "--annotations")


def test_every_format_has_stored_renderings() -> None:
    assert {each.option for each in FORMATS} == PINNED.keys() - {"--json"}
