"""Stored runs in French: no sentence of the suite's own is left in English."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from conformance.reports.run import junit
from conformance.reports.run.console import render
from conformance.verdict.events import from_lines, replay
from conformance.verdict.model import Run
from conformance.words import speaking
from conformance.words.messages import missing

GOLDEN = Path(__file__).parents[1] / "golden"
RUNS = sorted(GOLDEN.glob("runs/*.jsonl"))

NOT_OURS = re.compile(
    r"> |2 BDARJVDD |\{.time. :|\{.time.|Currently connected users:"  # lines of programs
    r"|This line is missing:- Tacpsxdvsu;"  # a hint that an older suite put together of these
    r"|.*\nERROR: Could not find"  # pip's own words
    r"|\S+\Z",  # names
    re.DOTALL,
)


def stored(events: Path) -> Run:
    with events.open(encoding="ascii") as file:
        return replay(from_lines(file))


def printed(run: Run, *, verbose: bool = False) -> str:
    out = io.StringIO()
    render(run, verbose=verbose, console=Console(file=out, width=100, highlight=False))
    return out.getvalue()


@pytest.mark.parametrize("events", RUNS, ids=lambda path: path.stem)
def test_all_that_the_suite_says_of_a_run_is_translated(events: Path) -> None:
    run = stored(events)
    with speaking("fr"), missing() as missed:
        shown = printed(run) + printed(run, verbose=True)
        document = junit.to_xml([run])
    assert shown != printed(run) + printed(run, verbose=True)
    assert document != junit.to_xml([run])
    assert [text for text in missed if not NOT_OURS.match(text)] == []


def test_a_clause_is_that_of_the_french_contract() -> None:
    run = stored(GOLDEN / "runs/echo-bad.jsonl")
    with speaking("fr"):
        shown = printed(run)
    assert "raccroche après BYE" in shown
    assert "puis le serveur ferme en 1 s au plus" in " ".join(shown.split())


def test_a_clause_of_another_year_is_shown_as_it_was() -> None:
    text = (GOLDEN / "runs/echo-bad.jsonl").read_text("ascii")
    changed = text.replace("then the server closes within 1 s", "then the server closes at once")
    assert changed != text
    run = replay(from_lines(changed.splitlines()))
    with speaking("fr"):
        shown = printed(run)
    assert "then the server closes at once" in " ".join(shown.split())


def test_lines_of_the_wire_are_never_translated() -> None:
    """Also where a program answers in the suite's own words."""
    text = (GOLDEN / "runs/echo-bad.jsonl").read_text("ascii")
    changed = text.replace("> WCFHKOLMQJ", "nothing within 5 s")
    assert changed != text
    run = replay(from_lines(changed.splitlines()))
    with speaking("fr"):
        assert "obtenu    nothing within 5 s\n" in printed(run)
