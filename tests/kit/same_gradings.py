"""What of a grading is the same whenever the same class is graded, wherever that is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

_TRIAL = re.compile(r"-\d+$")
"""At the end of a capture's name: how often the machine made us hold the conversation."""

_NEW_EACH_TIME = re.compile(r"(less than )?\d+(?:[.:,]\d+)*|conformance-\w+")

_EVIDENCE = ("  conversation", "  the program's own last output", "  where it stood")
"""The headings of what was seen, up to an empty line: program and clients speak at once, so who
was first is a race on any machine."""

_AS_THE_CLIENT_DID = "  see it yourself"
"""A command, with the lines that go on below it. It sends what the client had sent by then."""


def captures(out: Path) -> dict[str, dict[str, str]]:
    """Of the runs in a graded folder, the captures that verdicts name: by author and lab, then by
    clause, the name without the trial's number. Each is there, and what was said beside it."""
    found: dict[str, dict[str, str]] = {}
    for file in out.glob("runs/*/*.jsonl"):
        who = f"{file.parent.name}/{file.stem}"
        for event in map(json.loads, file.read_text().splitlines()):
            if event["event"] == "verdict" and (name := event["capture"]):
                capture = Path(name)
                assert capture.parent == out / "evidence" / who
                assert capture.is_file()
                assert capture.with_suffix(".txt").is_file()
                found.setdefault(who, {})[event["clause"]] = _TRIAL.sub("", capture.stem)
    return found


def without_numbers(page: str) -> str:
    """A student's page of text without times, ports, and names of scratch folders."""
    return _NEW_EACH_TIME.sub("#", page)


def without_races(page: str) -> str:
    """A student's page of text without what was seen, and when: what was judged, and why. Where
    lines end is left out, too, since a longer number wraps a sentence elsewhere."""
    told = " ".join(_judgement(page.splitlines()))
    return " ".join(without_numbers(told).split())


def _judgement(lines: list[str]) -> Iterator[str]:
    evidence = command = False
    for line in lines:
        evidence = line.startswith(_EVIDENCE) or (evidence and bool(line))
        command = line.startswith(_AS_THE_CLIENT_DID) or (command and line.startswith(" " * 4))
        if not evidence and not command:
            yield line
